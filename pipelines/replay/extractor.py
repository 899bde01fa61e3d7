"""Extract captures again, spread over processes that a page may break: what one costs or breaks there is told."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Any

from schemas.errors import UserError
from schemas.records import Capture, record
from seeds.publishers import load_publishers
from transforms.dead_letter import dead_letter
from transforms.extract.capture import extract_capture, has_page
from transforms.guarded import GuardedCaller
from transforms.limits import LimitError, Limits
from transforms.write.history import History
from transforms.write.read_warc import DamagedRecord

Extract = Callable[..., list[Any]]
"""`extract_capture`, or another importable function that makes of a capture what it makes."""

PAGE_LIMITS = Limits(cpu_s=120, idle_s=60, memory_bytes=2_000_000_000)
"""A hundred times what the dearest page of the corpora takes: met only by one that would never end."""

AHEAD = 4
"""Pages under way for each process: one is read, the others wait so that it never does."""


@record
class LeftAlone:
    """Why a capture could not be extracted again, so that what is stored of it stays as it is."""

    detail: str


class Extractor:
    """Extracts captures in `jobs` processes; close it in the end."""

    def __init__(
        self, history: History, *, jobs: int, run_id: str, now: datetime, extract: Extract | None = None
    ) -> None:
        self._history = history
        self._extract = extract or partial(extract_capture, publishers=load_publishers())
        self._where: dict[str, Any] = {"run_id": run_id, "now": now}
        self._guard = GuardedCaller(jobs)
        self._ahead = AHEAD * jobs

    def extract_all(self, rows: Sequence[Capture]) -> Iterator[tuple[Capture, Any]]:
        """Each row with its Article, Dropped, DeadLetter or LeftAlone, in order; bytes are read where it takes any."""
        bodies = self._history.bodies([row for row in rows if has_page(row)])
        under_way: deque[tuple[Capture, Future[list[Any]] | LeftAlone]] = deque()
        for row in rows:
            under_way.append((row, self._begin(row, bodies)))
            if len(under_way) >= self._ahead:
                yield self._end(*under_way.popleft())
        while under_way:
            yield self._end(*under_way.popleft())

    def close(self) -> None:
        """End the processes."""
        self._guard.close()

    def _begin(self, row: Capture, bodies: Iterator[Capture | DamagedRecord]) -> "Future[list[Any]] | LeftAlone":
        capture = next(bodies) if has_page(row) else row
        if isinstance(capture, DamagedRecord):
            return LeftAlone(detail=str(capture))
        return self._guard.submit(PAGE_LIMITS, self._extract, capture, **self._where)

    def _end(self, row: Capture, outcome: "Future[list[Any]] | LeftAlone") -> tuple[Capture, Any]:
        if isinstance(outcome, LeftAlone):
            return row, outcome
        try:
            (made,) = outcome.result()
        except LimitError as met:
            return row, LeftAlone(detail=f"capture {row.capture_id} of {row.url}: {met}")
        except UserError:
            raise
        except Exception as error:  # as in a pass
            made = dead_letter("extract", self._where["run_id"], self._where["now"], row, error)
        return row, made
