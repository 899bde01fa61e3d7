"""Calls in guarded processes: what fetched content costs or breaks there is no loss here."""

import asyncio
import atexit
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from transforms.guarded_process import START_S, GuardedProcess, cannot_start
from transforms.limits import Limits

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class _Call:
    limits: Limits
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outcome: "Future[Any]" = field(default_factory=Future)


_Calls = queue.SimpleQueue[_Call | None]


class GuardedCaller:
    """Calls functions in several `GuardedProcess`es at once, or aside from an event loop.

    What it says of functions and their arguments holds here, too. Any thread may call. Processes start with the first
    call and end with `close` or this process.
    """

    def __init__(self, processes: int = 1) -> None:
        self._count = processes
        self._lock = threading.Lock()
        self._calls: _Calls = queue.SimpleQueue()
        self._serving: list[tuple[GuardedProcess, threading.Thread]] = []

    def submit(self, limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """The future result of a call; waiting for a free process does not count against the limits.

        Raises what the function raises, LimitError, or UserError if this machine cannot start a process.
        """
        call = _Call(limits, function, args, kwargs)
        with self._lock:
            while len(self._serving) < self._count:
                self._start_one()
            self._calls.put(call)
        return call.outcome

    async def call_guarded(self, limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a coroutine; the event loop goes on meanwhile."""
        return await asyncio.wrap_future(self.submit(limits, function, *args, **kwargs))

    def _start_one(self) -> None:
        process = GuardedProcess()
        thread = threading.Thread(target=_serve, args=(process, self._calls), name="icewire-guard", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread to be had
            raise cannot_start(error) from error
        self._serving.append((process, thread))
        if len(self._serving) == 1:
            atexit.register(self.close)

    def close(self) -> None:
        """End the processes; calls waiting or under way are cancelled. The next call starts anew."""
        with self._lock:
            calls, self._calls = self._calls, queue.SimpleQueue()
            serving, self._serving = self._serving, []
        while not calls.empty():
            if (call := calls.get()) is not None:
                call.outcome.cancel()
        for process, _ in serving:
            calls.put(None)
            process.close()
        for _, thread in serving:
            thread.join(START_S)
        atexit.unregister(self.close)


def _serve(process: GuardedProcess, calls: _Calls) -> None:
    while (call := calls.get()) is not None:
        if not call.outcome.set_running_or_notify_cancel():
            continue
        try:
            result = process.call(call.limits, call.function, *call.args, **call.kwargs)
        except BaseException as error:  # whatever it is, whoever waits for the outcome must hear of it
            call.outcome.set_exception(error)
        else:
            call.outcome.set_result(result)
    process.close()
