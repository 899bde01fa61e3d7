"""Captures of real passes, read back from their WARC files."""

from argparse import Namespace
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from warcio.checker import Checker

from pipelines.newsroom.server import serve
from schemas.arrow import conform, from_arrow
from schemas.records import Capture
from seeds.newsroom.newsroom import clock_on, load_newsroom
from tests.pipelines.conftest import run_pass
from transforms.write.dataset import open_dataset
from transforms.write.parquet import read_arrow
from transforms.write.read_warc import read_capture
from transforms.write.store import open_store
from transforms.write.warc_records import WarcRecord, walk_records

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newsroom's first day, read three times: two hours apart nothing has changed."""
    data = tmp_path_factory.mktemp("captures") / "data"
    with serve(load_newsroom()) as running:
        for hours in (0, 2, 8):
            run_pass(running, data, now=clock_on(1) + timedelta(hours=hours))
    return data


def rows(data: Path) -> list[Capture]:
    paths = sorted((data / "data" / "captures").rglob("*.parquet"))
    tables = [read_arrow(data, str(path.relative_to(data))) for path in paths]
    return [row for table in tables for row in from_arrow(Capture, conform(Capture, table))]


def records(data: Path) -> Iterator[WarcRecord]:
    for path in sorted((data / "captures").rglob("*.warc.gz")):
        with path.open("rb") as file:
            yield from walk_records(file)


def test_every_capture_of_every_pass_is_read_back_from_its_record(twice: Path) -> None:
    store, whole = open_store(twice), dict[str, Capture]()
    for row in sorted(rows(twice), key=lambda row: row.fetched_at):
        assert row.warc_file is not None
        with store.open(row.warc_file) as file:
            whole[row.capture_id] = read_capture(file, row, whole.get(row.payload_in or ""))
    assert len(whole) == len(rows(twice)) > 80
    assert sum(len(capture.body) for capture in whole.values()) == sum(row.payload_bytes for row in rows(twice))


def test_a_page_that_stays_the_same_is_kept_once(twice: Path) -> None:
    captures = {row.capture_id: row for row in rows(twice)}
    again = [row for row in captures.values() if row.payload_in]
    assert len(again) > 40, "two later passes found some twenty pages unchanged"
    for row in again:
        original = captures[row.payload_in or ""]
        assert original.payload_in is None, "a revisit record refers to bytes, never to another"
        assert (original.payload_sha256, original.status) == (row.payload_sha256, row.status)
        assert original.fetched_at < row.fetched_at
    seen = [(row.url_key, row.status, row.payload_sha256) for row in captures.values() if not row.payload_in]
    full = [key for key in seen if seen.count(key) > 1]
    assert not full


def test_every_redirect_on_the_way_has_its_records(twice: Path) -> None:
    found = list(records(twice))
    hops = sum(len(row.redirects) for row in rows(twice))
    kinds = [record.kind for record in found]
    captures = rows(twice)
    again = sum(row.payload_in is not None for row in captures)
    assert hops > 0
    assert (kinds.count("revisit"), kinds.count("response")) == (again, len(captures) - again + hops)
    assert kinds.count("request") == len(captures) + hops
    assert all(record.problem is None for record in found)


def test_warcio_checks_the_files_of_passes(twice: Path) -> None:
    files = [str(path) for path in (twice / "captures").rglob("*.warc.gz")]
    assert len(files) == 3
    assert Checker(Namespace(inputs=files, verbose=False)).process_all() == 0
    assert open_dataset(twice).version == 3
