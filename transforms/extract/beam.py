"""Extract, wired: captures become articles."""

from datetime import datetime
from functools import partial
from typing import Any

import apache_beam as beam

from schemas.records import Article
from transforms.beam import attempt
from transforms.extract.capture import extract_capture


class ExtractArticles(beam.PTransform):
    """Capture -> outputs Article, Dropped, DeadLetter; spread over the workers, since it is nearly all the CPU."""

    def __init__(self, *, run_id: str, now: datetime) -> None:
        super().__init__()
        self._where: dict[str, Any] = {"run_id": run_id, "now": now}

    def expand(self, captures: Any) -> Any:
        extract = partial(extract_capture, **self._where)
        return (
            captures
            | "Spread" >> beam.Reshuffle()
            | "ExtractCapture" >> attempt(extract, Article, stage="extract", **self._where)
        )
