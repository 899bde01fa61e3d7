"""One guarded process: a call at a time, and a new process after one that had to end."""

import os
import pickle
import select
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from schemas.errors import UserError
from transforms.fresh_process import FreshContext
from transforms.limits import LimitError, Limits, Outcome, limit_met, serve_calls

P = ParamSpec("P")
T = TypeVar("T")

Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]
"""Of one call: by position and by name."""

START_S = 60.0
"""Seconds a process may take to start or to end; a start costs some 0.1 s of CPU, and what functions import on top."""

LOOK_S = 0.25
"""How often it is looked whether a process under a call still does something."""

MAX_GROUP = 4_000
"""Calls that are sent at once: what has begun is told in a byte each, and a pipe takes no fewer on any machine."""

_AT_WORK = "RDZ"
"""States in proc(5) of what computes or waits for the CPU, waits for memory or a disk, or has ended."""


class GuardedProcess:
    """Calls importable functions within Limits in a process of its own, for any thread, one call at a time.

    The process starts with the first call, and anew after one that it did not survive. Arguments, results and
    exceptions can be pickled. A call during which the process died is made once more: another's fault may have killed
    it, so functions do nothing that must not be done twice.
    """

    def __init__(self, prepare: Callable[[], None] | None = None) -> None:
        self._prepare = prepare
        """Loads in a new process, before any limit holds, what the first call would pay for; importable."""
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._is_closed = False

    def call(self, limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function returns or raises.

        Raises LimitError, UserError if this machine cannot start a process, and CancelledError once closed.
        """
        ((result, error),) = self.call_each(limits, function, [(args, kwargs)])
        if error is not None:
            raise error
        answer: T = result
        return answer

    def call_each(self, limits: Limits, function: Callable[..., Any], calls: Sequence[Arguments]) -> list[Outcome]:
        """The outcomes of calls with each of these arguments, LimitError among them; each has the limits for itself.

        One group costs hardly more than one call: both processes wake once for all of it.
        """
        with self._lock:
            try:
                return self._answer_all(limits, function, calls)
            except BaseException:  # KeyboardInterrupt, too: an answer that nobody waits for is not the next call's
                self._drop()
                raise

    def close(self) -> None:
        """End the process for good; a call under way in another thread is cancelled."""
        self._is_closed = True
        if (child := self._child) is not None:
            child.kill()
        with self._lock:
            self._drop()

    def _answer_all(self, limits: Limits, function: Callable[..., Any], calls: Sequence[Arguments]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        while len(outcomes) < len(calls):
            outcomes += self._answer_some(limits, function, calls[len(outcomes) :])
        return outcomes

    def _answer_some(self, limits: Limits, function: Callable[..., Any], calls: Sequence[Arguments]) -> list[Outcome]:
        """The outcomes of the first calls, at least one; if the process ends, what it had done is done again."""
        group = pickle.dumps((limits, function, calls[:MAX_GROUP]), pickle.HIGHEST_PROTOCOL)
        for is_last in (False, True):
            try:
                return self._try(group, limits)
            except _EndedError as ended:
                met, begun = ended.met, ended.begun
            if begun > 1:
                before = self._answer_all(limits, function, calls[: begun - 1])
                return before if met.kind == "died" else [*before, (None, met)]
            if is_last or met.kind != "died":
                break
        return [(None, met)]

    def _try(self, group: bytes, limits: Limits) -> list[Outcome]:
        if self._child is None and not self._is_closed:
            self._child = _Child(self._prepare)
        child = self._child
        if child is None or self._is_closed:  # asked only now: `close` may not have seen the child
            raise CancelledError
        try:
            outcomes, is_worn = child.answer(group, limits)
        except (EOFError, OSError, LimitError) as error:
            if self._is_closed:
                raise CancelledError from None
            begun = child.count_begun()
            self._child, status = None, child.end()
            raise _EndedError(error if isinstance(error, LimitError) else limit_met(limits, status), begun) from None
        if is_worn:
            self._drop()
        return [_unpickle(outcome) for outcome in outcomes]

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


class _EndedError(Exception):
    """The process had to end, or ended, during the last of so many calls that it had begun."""

    def __init__(self, met: LimitError, begun: int) -> None:
        super().__init__(met)
        self.met, self.begun = met, begun


class _Child:
    """A process that serves calls, and the pipes to it. Raises UserError if it does not begin."""

    def __init__(self, prepare: Callable[[], None] | None) -> None:
        context = FreshContext()
        try:
            calls_end, self._calls = context.Pipe(duplex=False)
            self._begun, begun_end = context.Pipe(duplex=False)
            self._answers, answers_end = context.Pipe(duplex=False)
            ends = (calls_end, begun_end, answers_end)
            self._process = context.Process(target=serve_calls, args=(*ends, prepare), name="icewire-guarded")
            self._process.start()
        except (OSError, RuntimeError) as error:
            raise cannot_start(error) from error
        for end in ends:  # so that the end of the process is seen as the end of its pipes
            end.close()
        os.set_blocking(self._begun.fileno(), False)
        self._poll = select.poll()
        self._poll.register(self._answers.fileno(), select.POLLIN)
        try:  # what happens to it from here on is the next call's doing
            if not self._poll.poll(START_S * 1000):
                raise TimeoutError(f"it does not begin within {START_S:g} s")
            self._pid: int = self._answers.recv()
        except (EOFError, OSError) as error:
            told = str(error)
            raise cannot_start(RuntimeError(told or f"it ended with exit status {self.end()}")) from error

    def answer(self, group: bytes, limits: Limits) -> tuple[list[bytes], bool]:
        """The answer to a group of calls; LimitError if one hangs, EOFError or OSError if the process ends."""
        self._calls.send_bytes(group)
        look_s = min(LOOK_S, limits.idle_s)
        idle_s, before = 0.0, -1
        while not self._poll.poll(look_s * 1000):
            state, ticks = _look(self._pid)
            idle_s += look_s if ticks == before and state not in _AT_WORK else 0.0
            if idle_s >= limits.idle_s:
                raise LimitError("time", f"it did nothing for {limits.idle_s:g} s")
            before = ticks
        answer: tuple[list[bytes], bool] = pickle.loads(self._answers.recv_bytes())  # noqa: S301 — our own
        self.count_begun()
        return answer

    def count_begun(self) -> int:
        """How many calls have begun since this was asked last."""
        try:
            return len(os.read(self._begun.fileno(), MAX_GROUP))
        except BlockingIOError:
            return 0

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def end(self) -> int | None:
        """The same, if it has not ended by itself, and its pipes; its exit status, negative for a signal."""
        if self._calls.closed:
            return None
        self._process.kill()  # of one that hung up the status is settled already
        self._process.join(START_S)
        status = self._process.exitcode
        for pipe in (self._calls, self._begun, self._answers):
            pipe.close()
        return status


def cannot_start(error: BaseException) -> UserError:
    """The error of a machine that starts no process, or no thread to feed one."""
    reason = str(error.__cause__ or error) or type(error).__name__
    remedy = "raise the limits on processes, open files and memory"
    return UserError(f"no process can be started to read documents in ({reason}); {remedy}")


def _unpickle(outcome: bytes) -> Outcome:
    try:
        told: Outcome = pickle.loads(outcome)  # noqa: S301 — written by our own process
    except Exception as error:  # an exception that does not pickle as it should
        return None, error
    return told


def _look(pid: int) -> tuple[str, int]:
    """The state of a process, and the CPU time it has used, in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return fields[0], int(fields[11]) + int(fields[12])
