"""Extract, wired: captures become articles."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import apache_beam as beam

from schemas.errors import UserError
from schemas.publishers import Publishers
from schemas.records import Article, Capture, DeadLetter, Dropped
from transforms import progress
from transforms.beam import output_in_place
from transforms.dead_letter import dead_letter
from transforms.extract.capture import extract_capture, has_page, page_of
from transforms.extract.extract import Extraction
from transforms.extract.guarded_read import GROUP_BYTES, GROUP_PAGES, read_guarded
from transforms.limits import Outcome


class ExtractArticles(beam.PTransform):
    """Capture -> outputs Article, Dropped, DeadLetter; spread over the workers, since it is nearly all the CPU.

    Each worker reads pages in a guarded process of its own, which it keeps from bundle to bundle.
    """

    def __init__(self, *, publishers: Publishers, run_id: str, now: datetime) -> None:
        super().__init__()
        self._publishers = publishers
        self._where: dict[str, Any] = {"run_id": run_id, "now": now}

    def expand(self, captures: Any) -> Any:
        names = [kind.__name__ for kind in (Article, Dropped, DeadLetter)]
        extract = beam.ParDo(_ExtractFn(self._publishers, self._where)).with_outputs(*names)
        return captures | "Spread" >> beam.Reshuffle() | "ExtractCapture" >> extract


class _ExtractFn(beam.DoFn):
    """Gathers captures into groups, whose pages are read at once, and passes on what came of them, in their order."""

    def __init__(self, publishers: Publishers, where: dict[str, Any]) -> None:
        self._publishers = publishers
        self._where = where

    def start_bundle(self) -> None:
        self._group: list[tuple[Capture, Any]] = []
        self._bytes = 0

    def process(
        self, element: Capture, window: Any = beam.DoFn.WindowParam, timestamp: Any = beam.DoFn.TimestampParam
    ) -> Iterator[Any]:
        self._group.append((element, (timestamp, window)))
        self._bytes += len(element.body)
        if len(self._group) >= GROUP_PAGES or self._bytes >= GROUP_BYTES:
            yield from self._extract_group()

    def finish_bundle(self) -> Iterator[Any]:
        yield from self._extract_group()

    def _extract_group(self) -> Iterator[Any]:
        group, self._group, self._bytes = self._group, [], 0
        pages = [page_of(capture, self._publishers) for capture, _ in group if has_page(capture)]
        outcomes = iter(read_guarded(pages) if pages else ())
        for capture, place in group:
            for output in self._end(capture, next(outcomes) if has_page(capture) else (None, None)):
                progress.note("extract", output)
                yield output_in_place(output, place)

    def _end(self, capture: Capture, outcome: Outcome) -> list[Any]:
        def read(**_: Any) -> Extraction:
            extraction, error = outcome
            if error is not None:
                raise error
            return extraction

        try:
            return extract_capture(capture, publishers=self._publishers, read=read, **self._where)
        except UserError:
            raise
        except Exception as error:  # nobody foresaw it; nothing is lost and nothing stops
            return [dead_letter("extract", self._where["run_id"], self._where["now"], capture, error)]
