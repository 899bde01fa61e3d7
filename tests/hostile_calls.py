"""Functions for a guarded process that do it harm; importable, and light, since the process loads this module."""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any


def burn() -> None:
    """Never end."""
    while True:
        pass


def spend(cpu_s: float) -> int:
    """Burn so much CPU time, and say in which process."""
    end = time.process_time() + cpu_s
    while time.process_time() < end:
        pass
    return os.getpid()


def allocate() -> int:
    """Ask for 3 GB."""
    return len(bytearray(3_000_000_000))


def hoard() -> int:
    """Ask for 3 GB in small pieces, and take a refusal for an ordinary error, as careless code does."""
    try:
        return len([bytearray(100_000) for _ in range(30_000)])
    except ValueError:
        return 0


def sleep(seconds: float) -> float:
    """Do nothing for so long."""
    time.sleep(seconds)
    return seconds


def leave(status: int) -> None:
    """End the process without a word."""
    os._exit(status)


def segfault() -> None:
    """End it as a fault in a C library does."""
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)


def quit_interpreter() -> None:
    """Raise what no caller means to catch."""
    sys.exit(4)


def unpicklable() -> object:
    """Give what cannot leave a process."""
    return lambda: None


def complain(what: str) -> None:
    """Fail as a function should."""
    raise LookupError(what)


def loaded() -> list[str]:
    """The top-level packages this process has loaded, and what its main module came from."""
    main = getattr(sys.modules["__main__"], "__file__", None)
    return [*sorted({name.partition(".")[0] for name in sys.modules}), f"main: {main}"]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do the harm that a request's id names, or answer with the id."""
    harm: dict[str, Callable[[], Any]] = {
        "burn": burn,
        "allocate": allocate,
        "segfault": segfault,
        "sleep": lambda: sleep(60),
    }
    if request["id"] in harm:
        harm[request["id"]]()
    return {"id": request["id"]}


def take(count: int) -> int:
    """Take so many bytes of memory and give them back; in which process."""
    del [bytearray(count)][0]
    return os.getpid()


def take_or_leave(count: int) -> int:
    """Take so many bytes, and get on without them if they cannot be had, as some libraries do."""
    try:
        return len(bytearray(count))
    except MemoryError:
        return 0


def do(harm: str) -> str:
    """Do the harm that is named."""
    named: dict[str, Callable[[], Any]] = {
        "burn": burn,
        "segfault": segfault,
        "allocate": allocate,
        "complain": lambda: complain("no such entry"),
    }
    if harm:
        named[harm]()
    return harm
