"""One guarded process and the thread that feeds it: a call at a time, and a new process after one that had to end."""

import os
import pickle
import queue
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from pebble import ProcessExpired, ProcessPool

from schemas.errors import UserError
from transforms.fresh_process import FreshContext
from transforms.limits import OUT_OF_MEMORY, LimitError, Limits, prepare_process, run_limited

START_S = 60.0
"""Seconds a process may take to start, and a call's arguments and answer to pass; a start costs some 0.3 s of CPU."""


@dataclass
class Call:
    """A function to call within limits, and the future its outcome goes to."""

    limits: Limits
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outcome: "Future[Any]" = field(default_factory=Future)


class GuardedProcess:
    """Takes calls from a queue that it may share, in a thread of its own, until it takes a None or is closed.

    The pool has one process and is never given a second call before the first has ended: so it is known which call a
    process died of, and no other is lost with it. After such a death the whole pool goes, with its pipes and locks.
    """

    def __init__(self, calls: "queue.SimpleQueue[Call | None]") -> None:
        self._calls = calls
        self._pool: ProcessPool | None = None
        self._under_way: Future[Any] | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, name="icewire-guard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Begin to end the process; a call under way is cancelled."""
        self._is_closed = True
        if self._under_way is not None:
            self._under_way.cancel()
        self._calls.put(None)

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join(START_S)

    def _serve(self) -> None:
        while not self._is_closed and (call := self._calls.get()) is not None:
            if call.outcome.set_running_or_notify_cancel():
                self._answer(call)
        self._drop_pool()

    def _answer(self, call: Call) -> None:
        error: BaseException | None
        try:
            result, error = pickle.loads(self._run(call))  # noqa: S301 — written by our own process
        except BaseException as raised:  # whatever it is, whoever waits for the outcome must hear of it
            result, error = None, raised
        if error is None:
            call.outcome.set_result(result)
        else:
            call.outcome.set_exception(error)

    def _run(self, call: Call) -> bytes:
        try:
            return self._try(call)
        except RuntimeError:  # the process died before it had said that it took the call, and maybe long before
            self._drop_pool()
        try:
            return self._try(call)
        except RuntimeError as error:
            self._drop_pool()
            raise LimitError("died", f"it ended the process: {error}") from None

    def _try(self, call: Call) -> bytes:
        """The answer; RuntimeError (BrokenProcessPool is one) if the process died without taking the call."""
        limits = call.limits
        pool = self._started_pool()
        arguments = (limits, call.function, call.args, call.kwargs)
        try:
            answer: bytes = self._wait(pool, run_limited, arguments, limits.wall_s)
            return answer
        except TimeoutError:
            met = LimitError("time", f"it took more than {limits.wall_s:g} s")
        except ProcessExpired as ended:
            met = _limit_met(limits, ended.exitcode)
        self._drop_pool()
        raise met

    def _started_pool(self) -> ProcessPool:
        """A pool whose process has answered before, so that what happens to it next is the next call's doing."""
        if self._pool is not None and self._pool.active:
            return self._pool
        self._drop_pool()
        self._pool = ProcessPool(max_workers=1, initializer=prepare_process, context=FreshContext())
        try:
            self._wait(self._pool, os.getpid, (), START_S)
        except (OSError, RuntimeError, AssertionError) as error:  # ProcessExpired and BrokenProcessPool are among them
            self._drop_pool()
            raise cannot_start(error) from error
        return self._pool

    def _wait(self, pool: ProcessPool, function: Callable[..., Any], args: tuple[Any, ...], wall_s: float) -> Any:
        future = self._under_way = pool.schedule(function, args=args, timeout=wall_s)
        if self._is_closed:
            future.cancel()  # type: ignore[no-untyped-call]
        return future.result(timeout=wall_s + START_S)  # the pool's own clock runs from when the process takes the call

    def _drop_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def cannot_start(error: BaseException) -> UserError:
    """The error of a machine that starts no process, or no thread to feed one."""
    reason = str(error.__cause__ or error) or type(error).__name__
    remedy = "raise the limits on processes, open files and memory"
    return UserError(f"no process can be started to read documents in ({reason}); {remedy}")


def _limit_met(limits: Limits, exit_code: int) -> LimitError:
    if exit_code == OUT_OF_MEMORY:
        return LimitError("memory", f"it took more than {limits.memory_bytes:,} bytes of memory")
    if exit_code == -signal.SIGXCPU:
        return LimitError("cpu", f"it took more than {limits.cpu_s} s of CPU time")
    how = f"signal {-exit_code}" if exit_code < 0 else f"exit status {exit_code}"
    return LimitError("died", f"it ended the process with {how}")
