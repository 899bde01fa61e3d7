"""What a record costs on its way through Beam: our frozen dataclass (pickled) beside a registered row, in one run.

python bench/records.py [--records 20000]
"""

import argparse
import time
from datetime import UTC, datetime
from typing import NamedTuple, Optional

import apache_beam as beam
from apache_beam import coders
from apache_beam.options.pipeline_options import PipelineOptions

from schemas.records import Dropped

ROUNDS = 3


class DroppedRow(NamedTuple):
    """The same fields as Beam's row coder wants them."""

    run_id: str
    stage: str
    reason: str
    detail: Optional[str]  # noqa: UP045 - the row coder pickles PEP 604 unions
    at: int
    feed_id: Optional[str]  # noqa: UP045
    url: Optional[str]  # noqa: UP045
    url_key: Optional[str]  # noqa: UP045
    entry_id: Optional[str]  # noqa: UP045
    capture_id: Optional[str]  # noqa: UP045
    article_id: Optional[str]  # noqa: UP045


coders.registry.register_row(DroppedRow)

_NOW = datetime(2026, 11, 2, tzinfo=UTC)
_TEXT = "x" * 1500


def make_dropped(number: int) -> Dropped:
    """A record of about 1.9 KB, as a dataclass."""
    url = f"https://news.example/{number}"
    return Dropped(
        run_id="r", stage="tag", reason="off-domain", detail=_TEXT, at=_NOW, feed_id="f", url=url, url_key=url
    )


def make_row(number: int) -> DroppedRow:
    """The same as a registered row."""
    url = f"https://news.example/{number}"
    return DroppedRow("r", "tag", "off-domain", _TEXT, 1_793_577_600_000_000, "f", url, url, None, None, None)


def cpu_per_record_us(make: object, kind: type, records: int) -> float:
    """CPU microseconds a record through a Reshuffle and a GroupByKey."""
    started = time.process_time()
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as root:
        _ = (
            root
            | beam.Create(range(records))
            | beam.Map(make).with_output_types(kind)
            | beam.Reshuffle()
            | "Key" >> beam.Map(lambda row: (row.url_key[-2:], row))
            | beam.GroupByKey()
            | "Count" >> beam.Map(lambda group: sum(1 for _ in group[1]))
        )
    return (time.process_time() - started) / records * 1e6


def main() -> None:
    """Print the CPU per record of both, interleaved, and their difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    records = parser.parse_args().records
    rounds = [
        (cpu_per_record_us(make_dropped, Dropped, records), cpu_per_record_us(make_row, DroppedRow, records))
        for _ in range(ROUNDS)
    ]
    dataclass_us, row_us = (sorted(column)[ROUNDS // 2] for column in zip(*rounds, strict=True))
    print(
        f"dataclass {dataclass_us:.0f} us, registered row {row_us:.0f} us a record, ratio {dataclass_us / row_us:.2f}"
    )


if __name__ == "__main__":
    main()
