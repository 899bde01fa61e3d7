"""What every stage's wiring shares: run a thinking function, and send its records where their type says.

A function yields records; each goes to the output named after its type, so that `outputs.Capture` are the captures and
`outputs.Dropped` and `outputs.DeadLetter` are what did not pass. An exception becomes a dead letter that points to the
input; nothing is lost and nothing stops the pipeline. (Beam's own `with_exception_handling` would keep pipelines off
Prism and carries whole elements into the dead letter; see docs/decisions.)
"""

import asyncio
import queue
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

from schemas.errors import UserError
from schemas.records import DeadLetter, Dropped, RobotsMemory, Silence
from transforms import progress
from transforms.answer import Asker, WebSettings
from transforms.web_thread import WebThread

MAX_IN_FLIGHT = 2000
"""Asynchronous elements a bundle may have under way before it waits for the oldest."""


def attempt(
    function: Callable[[Any], Iterable[Any]],
    *emits: type,
    stage: str,
    run_id: str,
    now: datetime,
    is_shown: bool = True,
) -> beam.ParDo:
    """A ParDo over a function that yields records of the types in `emits`, Dropped or DeadLetter.

    `is_shown` tells whether its outputs count as the stage's progress.
    """
    return _with_outputs(_AttemptFn(function, stage, run_id, now, is_shown), emits)


def attempt_online(
    function: Callable[[Asker, Any], Awaitable[list[Any]]],
    *emits: type,
    stage: str,
    run_id: str,
    now: datetime,
    settings: WebSettings,
) -> beam.ParDo:
    """The same for a coroutine that may ask the web, over (domain, items): items in turn, domains at once.

    What the web learnt of hosts meanwhile goes to the outputs Silence and RobotsMemory.
    """
    return _with_outputs(_AttemptOnlineFn(function, stage, run_id, now, settings), (*emits, Silence, RobotsMemory))


def dead_letter(stage: str, run_id: str, now: datetime, element: Any, error: Exception) -> DeadLetter:
    """The dead letter of an element that a function failed on without saying why."""
    element = getattr(element, "article", element)  # a linked article
    entry = getattr(element, "entry", None) or getattr(element, "feed", None)  # a visit's or capture's; a feed's turn
    return DeadLetter(
        run_id=run_id,
        stage=stage,
        error="bug",
        detail=f"{type(error).__name__}: {error}"[:1000],
        at=now,
        feed_id=getattr(element, "feed_id", None) or getattr(entry, "feed_id", None),
        url=getattr(element, "url", None) or getattr(entry, "url", None),
        url_key=getattr(element, "url_key", None),
        entry_id=getattr(entry, "entry_id", None),
        capture_id=getattr(element, "capture_id", None),
    )


def _with_outputs(function: beam.DoFn, emits: tuple[type, ...]) -> beam.ParDo:
    return beam.ParDo(function).with_outputs(*(kind.__name__ for kind in (*emits, Dropped, DeadLetter)))


class _AttemptFn(beam.DoFn):
    def __init__(
        self, function: Callable[[Any], Iterable[Any]], stage: str, run_id: str, now: datetime, is_shown: bool
    ) -> None:
        self._function = function
        self._where = (stage, run_id, now)
        self._is_shown = is_shown

    def process(self, element: Any) -> Iterator[Any]:
        try:
            outputs = list(self._function(element))  # whole, so that a late failure does not leave half behind
        except UserError:
            raise  # of the data set, not of this element: no element can be trusted to end right
        except Exception as error:
            outputs = [dead_letter(*self._where, element, error)]
        for output in outputs:
            if self._is_shown:
                progress.note(self._where[0], output)
            yield TaggedOutput(type(output).__name__, output)


class _AttemptOnlineFn(beam.DoFn):
    """Submits in `process`, drains in `finish_bundle`: many elements wait for the network at once, in one thread.

    Outputs are passed on as items end, not as elements do: what follows works while the network is waited for.
    """

    def __init__(
        self,
        function: Callable[[Asker, Any], Awaitable[list[Any]]],
        stage: str,
        run_id: str,
        now: datetime,
        settings: WebSettings,
    ) -> None:
        self._function = function
        self._where = (stage, run_id, now)
        self._settings = settings

    def setup(self) -> None:
        self._thread = WebThread.shared()
        self._web = self._thread.web(self._settings)

    def start_bundle(self) -> None:
        self._arrived: queue.SimpleQueue[_Arrival] = queue.SimpleQueue()
        self._under_way = 0
        self._place: tuple[Any, Any] | None = None

    def process(
        self, element: Any, window: Any = beam.DoFn.WindowParam, timestamp: Any = beam.DoFn.TimestampParam
    ) -> Iterator[Any]:
        self._place = (timestamp, window)
        self._under_way += 1
        self._thread.submit(self._attempt(element, self._place, self._arrived))
        while self._under_way > MAX_IN_FLIGHT or not self._arrived.empty():
            yield from self._pass_on(self._arrived.get())

    def finish_bundle(self) -> Iterator[Any]:
        while self._under_way:
            yield from self._pass_on(self._arrived.get())
        for learnt in self._web.learnt() if self._place else ():
            yield _output(learnt, self._place)

    def _pass_on(self, arrival: "_Arrival") -> Iterator[Any]:
        place, outcome = arrival
        if outcome is None:
            self._under_way -= 1
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            for output in outcome:
                yield _output(output, place)

    async def _attempt(
        self, element: tuple[str, Iterable[Any]], place: Any, arrived: "queue.SimpleQueue[_Arrival]"
    ) -> None:
        try:
            for item in element[1]:
                try:
                    outcome = await self._function(self._web, item)
                except UserError:
                    raise
                except Exception as error:
                    outcome = [dead_letter(*self._where, item, error)]
                for output in outcome:
                    progress.note(self._where[0], output)
                arrived.put((place, outcome))
        except UserError as error:
            arrived.put((place, error))
        except asyncio.CancelledError:  # the loop ends: what was not asked must not pass for done
            arrived.put((place, RuntimeError("the web's thread ended while pages were under way")))
            raise
        else:
            arrived.put((place, None))


_Arrival = tuple[Any, list[Any] | Exception | None]
"""Where an element stands (timestamp, window), and what came of an item, or why no more will; None at its end."""


def _output(record: Any, place: Any) -> TaggedOutput:
    timestamp, window = place
    return TaggedOutput(type(record).__name__, WindowedValue(record, timestamp, (window,)))
