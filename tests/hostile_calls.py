"""Functions for a guarded process that do it harm; importable, and light, since the process loads this module."""

import os
import signal
import sys
import time


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
