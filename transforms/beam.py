"""What every stage's wiring shares: run a thinking function, and send its records where their type says.

A function yields records; each goes to the output named after its type, so that `outputs.Capture` are the captures and
`outputs.Dropped` and `outputs.DeadLetter` are what did not pass. An exception becomes a dead letter that points to the
input; nothing is lost and nothing stops the pipeline. (Beam's own `with_exception_handling` would keep pipelines off
Prism and carries whole elements into the dead letter; see docs/decisions.)
"""

import asyncio
import queue
from collections import namedtuple
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

from schemas.errors import UserError
from schemas.records import DeadLetter, Dropped, RobotsMemory, Silence
from transforms import progress
from transforms.answer import Asker, WebSettings
from transforms.dead_letter import dead_letter
from transforms.turn import ROUNDS, Onward, begin_item
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


class AskInTurn(beam.PTransform):
    """(domain, items) -> outputs of the types in `emits`, Dropped, DeadLetter, and what the web learnt of hosts.

    `function` makes records of an item and may ask the web. A domain's items are begun in turn, domains at once. An
    item that leads to another domain goes on in that one's turn, whichever worker has it, in the order of `rank`. Among
    items may be Silence, as in `silences`: who asked for it is asked nothing more. `share` is the part of a domain's
    time that may be used up by then.
    """

    def __init__(
        self,
        function: Callable[[Asker, Any], Awaitable[list[Any]]],
        *emits: type,
        rank: Callable[[Any], str],
        stage: str,
        run_id: str,
        now: datetime,
        settings: WebSettings,
        share: float = 1.0,
        silences: Any = None,
    ) -> None:
        super().__init__()
        self._ask = partial(_AskInTurnFn, function, stage, run_id, now, settings, share)
        self._emits, self._rank = (*emits, Dropped, DeadLetter, Silence, RobotsMemory), rank
        self._silences = () if silences is None else (silences,)

    def expand(self, turns: Any) -> Any:
        names = [kind.__name__ for kind in self._emits]
        rounds: list[Any] = []
        for number in range(1, ROUNDS + 1):
            if rounds:
                silences = (*self._silences, *(each.Silence for each in rounds))
                turns = (
                    (rounds[-1].Onward, *silences)
                    | f"Onward{number}" >> beam.Flatten()
                    | f"ByDomain{number}" >> beam.WithKeys(_domain)
                    | f"GroupDomains{number}" >> beam.GroupByKey()
                    | f"InOrder{number}" >> beam.Map(_in_order, self._rank)
                )
            asked = beam.ParDo(self._ask(number == ROUNDS)).with_outputs(*names, Onward.__name__)
            rounds.append(turns | f"Ask{number}" >> asked)
        outputs = [[each[name] for each in rounds] | f"All{name}" >> beam.Flatten() for name in names]
        return namedtuple("Outputs", names)(*outputs)


def _domain(item: Silence | Onward) -> str:
    return item.domain


def _in_order(turn: tuple[str, Iterable[Any]], rank: Callable[[Any], str]) -> tuple[str, list[Any]]:
    domain, items = turn
    arrived = list(items)
    onward = [item for item in arrived if isinstance(item, Onward)]
    silences = [item for item in arrived if isinstance(item, Silence)]
    return domain, [*silences, *sorted(onward, key=lambda each: rank(each.item))]


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


class _AskInTurnFn(beam.DoFn):
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
        share: float,
        is_last: bool,
    ) -> None:
        self._function = function
        self._where = (stage, run_id, now)
        self._settings = settings
        self._how: dict[str, Any] = {"where": self._where, "share": share, "is_last": is_last}

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
        self._thread.submit(self._take_turn(element, self._place, self._arrived))
        while self._under_way > MAX_IN_FLIGHT or not self._arrived.empty():
            yield from self._pass_on(self._arrived.get())

    def finish_bundle(self) -> Iterator[Any]:
        while self._under_way:
            yield from self._pass_on(self._arrived.get())
        for learnt in self._web.learnt() if self._place else ():
            yield output_in_place(learnt, self._place)

    def _pass_on(self, arrival: "_Arrival") -> Iterator[Any]:
        place, outcome = arrival
        if outcome is None:
            self._under_way -= 1
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            for output in outcome:
                yield output_in_place(output, place)

    async def _take_turn(
        self, element: tuple[str, Iterable[Any]], place: Any, arrived: "queue.SimpleQueue[_Arrival]"
    ) -> None:
        try:
            for item in element[1]:
                outcome = await begin_item(self._function, self._web, item, domain=element[0], **self._how)
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


def output_in_place(record: Any, place: Any) -> TaggedOutput:
    timestamp, window = place
    return TaggedOutput(type(record).__name__, WindowedValue(record, timestamp, (window,)))
