"""What a call may cost, and the side of a guarded process that holds it to that."""

import multiprocessing
import os
import pickle
import resource
import signal
import threading
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

from schemas.errors import KindError
from schemas.records import record

OUT_OF_MEMORY = 77
"""Exit status of a process that met its memory limit; what could not be had may be missing anywhere in it."""

_fresh_bytes: int | None = None


@record
class Limits:
    """What one call may cost: CPU seconds, seconds in all, and bytes of address space on top of a fresh process."""

    cpu_s: int
    wall_s: float
    memory_bytes: int


class LimitError(KindError):
    """A call that did not end within its limits, so that its process was ended.

    `kind` is cpu, memory, time or died (it broke the process, as faults in C libraries do); `detail` says more.
    """


def prepare_process() -> None:
    """Make this process fit to be killed at any time: at once, without a core, and never outliving its parent."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a handler in Python would wait for the C code that is to end
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    threading.Thread(target=_end_with_parent, name="icewire-parent", daemon=True).start()


def run_limited(limits: Limits, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """Call within the limits on CPU and memory: a pickled pair of what came (None if it raised) and the exception.

    Ends the process with OUT_OF_MEMORY, or by SIGXCPU. The limits hold for pickling, too, and are lifted afterwards.
    """
    global _fresh_bytes
    if _fresh_bytes is None:
        _fresh_bytes = _address_space()  # with what the function imports, which was loaded to name it
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, ceil(usage.ru_utime + usage.ru_stime) + limits.cpu_s)
    _limit(resource.RLIMIT_AS, _fresh_bytes + limits.memory_bytes)
    try:
        return _pickled_outcome(function, args, kwargs)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException:  # such as SystemExit: what it asks for is given, and does not reach the caller's threads
        os._exit(1)
    finally:
        _limit(resource.RLIMIT_CPU, None)
        _limit(resource.RLIMIT_AS, None)


def _pickled_outcome(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    outcome: tuple[Any, Exception | None]
    try:
        outcome = function(*args, **kwargs), None
    except MemoryError:
        raise
    except Exception as error:
        outcome = None, error
    try:
        return pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except Exception as error:
        return pickle.dumps((None, TypeError(f"{function.__qualname__}: its outcome cannot be sent: {error}")))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _limit(kind: int, wanted: int | None) -> None:
    """Set the soft limit as wanted, or as high as it may be; the hard one stays, so that it can be raised again."""
    _, hard = resource.getrlimit(kind)
    soft = hard if wanted is None else wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (soft, hard))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
