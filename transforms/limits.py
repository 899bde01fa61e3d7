"""What a call may cost, and the side of a guarded process that holds it to that."""

import multiprocessing
import os
import pickle
import resource
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from schemas.errors import KindError
from schemas.records import record

OUT_OF_MEMORY = 77
"""Exit status of a process that met its memory limit; what could not be had may be missing anywhere in it."""

OUT_OF_CPU = -signal.SIGPROF
"""Exit status of one that met its limit on CPU time."""

WORN_BYTES = 400_000_000
"""A process that ever took so much address space more than it began with is replaced after the call: what earlier
calls left behind must not decide what a later one may have."""


@record
class Limits:
    """What one call may cost, whatever else the machine does meanwhile.

    `cpu_s` are seconds of CPU time; `idle_s` seconds in which it neither computes nor waits for the CPU, as what hangs
    does; `memory_bytes` is address space on top of what the process has when the call begins.
    """

    cpu_s: float
    idle_s: float
    memory_bytes: int


class LimitError(KindError):
    """A call that did not end within its limits, so that its process was ended.

    `kind` is cpu, memory, time (it hung) or died (it broke the process, as faults in C libraries do).
    """


def limit_met(limits: Limits, status: int | None) -> LimitError:
    """The limit that a call met whose process ended with this exit status, negative for a signal."""
    if status == OUT_OF_MEMORY:
        return LimitError("memory", f"it took more than {limits.memory_bytes:,} bytes of memory")
    if status == OUT_OF_CPU:
        return LimitError("cpu", f"it took more than {limits.cpu_s:g} s of CPU time")
    how = f"signal {-status}" if status is not None and status < 0 else f"exit status {status}"
    return LimitError("died", f"it ended the process with {how}")


Outcome = tuple[Any, Exception | None]
"""What a call returned, None if it raised, and what it raised."""


def serve_calls(calls: Connection, begun: Connection, answers: Connection, prepare: Callable[[], None] | None) -> None:
    """Prepare, say who serves, then answer groups of calls until nobody is there to make them.

    A group is a pickled (limits, function, [(args, kwargs), …]); for each call that begins a byte is written to
    `begun`; an answer is a pickled ([pickled Outcome, …], is worn), of fewer calls if the process is worn by then.
    """
    prepare_process()
    if prepare is not None:
        prepare()
    meter = _Meter()
    try:
        answers.send(os.getpid())
        while True:
            answers.send_bytes(_answer_group(calls.recv_bytes(), begun.fileno(), meter))
    except (EOFError, OSError):  # whoever called has ended or hung up
        return


def prepare_process() -> None:
    """Make this process fit to be killed at any time: at once, without a core, and never outliving its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to every process of a terminal; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a handler in Python would wait for the C code that is to end
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    threading.Thread(target=_end_with_parent, name="icewire-parent", daemon=True).start()


class _Meter:
    """The address space of this process, in bytes."""

    def __init__(self) -> None:
        self._status = os.open("/proc/self/status", os.O_RDONLY)
        self._first: int | None = None

    def now(self) -> int:
        """What it has."""
        size = self._read(b"VmSize:")
        self._first = size if self._first is None else self._first  # with what the first function imports
        return size

    def peak(self) -> int:
        """The most it ever had."""
        return self._read(b"VmPeak:")

    def is_worn(self, peak: int, limits: Limits) -> bool:
        """Whether that is much more than it had before its first call, for such limits."""
        return self._first is not None and peak - self._first > min(WORN_BYTES, limits.memory_bytes // 2)

    def _read(self, name: bytes) -> int:
        return int(os.pread(self._status, 4096, 0).partition(name)[2].split(maxsplit=1)[0]) * 1024


def _answer_group(group: bytes, begun: int, meter: _Meter) -> bytes:
    try:
        limits, function, calls = pickle.loads(group)  # noqa: S301 — written by our parent
    except Exception as error:
        return pickle.dumps(([_pickle((None, error))], False))
    outcomes: list[bytes] = []
    is_worn = False
    for args, kwargs in calls:
        os.write(begun, b".")
        outcome, is_worn = _answer_within(limits, function, args, kwargs, meter)
        outcomes.append(outcome)
        if is_worn:
            break
    return pickle.dumps((outcomes, is_worn), pickle.HIGHEST_PROTOCOL)


def _answer_within(
    limits: Limits, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], meter: _Meter
) -> tuple[bytes, bool]:
    """Call within the limits on CPU and memory, which hold for pickling, too, and are lifted afterwards.

    Ends the process with OUT_OF_MEMORY, or by SIGPROF.
    """
    most = meter.now() + limits.memory_bytes
    # Libraries take a refusal for an error of the document, or for its end. So nothing is refused before twice the
    # limit, and what took more than the limit has met it, whatever it says.
    _limit_memory(most + limits.memory_bytes)
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_s)
    try:
        outcome = _pickle(_outcome(function, args, kwargs))
        if (peak := meter.peak()) > most:
            raise MemoryError
        return outcome, meter.is_worn(peak, limits)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException:  # such as SystemExit: what it asks for is given, and does not reach the caller's threads
        os._exit(1)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _limit_memory(None)


def _outcome(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Outcome:
    try:
        return function(*args, **kwargs), None
    except MemoryError:
        raise
    except Exception as error:
        return None, error


def _pickle(outcome: Outcome) -> bytes:
    try:
        return pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except Exception as error:
        return pickle.dumps((None, TypeError(f"the outcome of a call cannot be sent: {error}")))


def _limit_memory(wanted: int | None) -> None:
    """Set the soft limit as wanted, or as high as it may be; the hard one stays, so that it can be raised again."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = hard if wanted is None else wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
