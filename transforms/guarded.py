"""Calls in guarded processes: what fetched content costs or breaks there is no loss here."""

import asyncio
import atexit
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

from transforms.guarded_process import Call, GuardedProcess, cannot_start
from transforms.limits import Limits

P = ParamSpec("P")
T = TypeVar("T")


class GuardedCaller:
    """Calls functions within Limits, in processes that are kept warm, one call at a time in each.

    Functions are importable, at the top of a module; arguments, results and exceptions can be pickled. Any thread may
    call. Processes start with the first call, are replaced when one had to end, and end with `close` or this process.
    """

    def __init__(self, processes: int = 1) -> None:
        self._count = processes
        self._lock = threading.Lock()
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._processes: list[GuardedProcess] = []

    def submit(self, limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """The future result of a call; waiting for a free process does not count against the limits.

        Raises what the function raises, LimitError, or UserError if this machine cannot start a process.
        """
        call = Call(limits, function, args, kwargs)
        with self._lock:
            while len(self._processes) < self._count:
                self._start_one()
            self._calls.put(call)
        return call.outcome

    async def call_guarded(self, limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a coroutine; the event loop goes on meanwhile."""
        return await asyncio.wrap_future(self.submit(limits, function, *args, **kwargs))

    def _start_one(self) -> None:
        try:
            self._processes.append(GuardedProcess(self._calls))
        except RuntimeError as error:  # no thread to be had
            raise cannot_start(error) from error
        if len(self._processes) == 1:
            atexit.register(self.close)

    def close(self) -> None:
        """End the processes; calls waiting or under way are cancelled. The next call starts anew."""
        with self._lock:
            calls, self._calls = self._calls, queue.SimpleQueue()
            processes, self._processes = self._processes, []
        while not calls.empty():
            if (call := calls.get()) is not None:
                call.outcome.cancel()
        for process in processes:
            process.close()  # all of them first: each wakes one, but not necessarily itself
        for process in processes:
            process.join()
        atexit.unregister(self.close)
