"""Run a verb of the real command line in a child process under a fault, and tell how it ended."""

import io
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.crash.hook import Fault, Watch
from schemas.records import record

PATIENCE_S = 120.0
"""A verb that takes longer hangs."""

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["bench.crash.verbs", "s3fs"])  # a child starts with all loaded, and in no thread


@record
class Outcome:
    """How a child ended: its exit status (negative: the signal), what it said, and the operations it began."""

    status: int
    said: str
    operations: tuple[str, ...]
    seconds: float

    @property
    def is_killed(self) -> bool:
        """Whether it was killed."""
        return self.status == -signal.SIGKILL

    @property
    def last(self) -> str:
        """The last file operation that it began."""
        return self.operations[-1] if self.operations else "none"


Setting = Callable[[], None]
"""Something that the child arranges before it begins, such as to make the lock ineffective."""


class Child:
    """A verb running in a process of its own; its operations below `root` are watched."""

    def __init__(
        self,
        argv: Sequence[str],
        root: Path | str,
        fault: Fault,
        *,
        settings: Sequence[Setting] = (),
        hold: bool = False,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="crash-child-")
        self._go = CONTEXT.Event() if hold else None
        self._started = time.monotonic()
        where = Path(self._folder.name)
        self.process = CONTEXT.Process(
            target=_run, args=(list(argv), str(root), fault, str(where), tuple(settings), self._go)
        )
        self.process.start()

    def go(self) -> None:
        """Let a child that was told to hold begin."""
        assert self._go is not None
        self._started = time.monotonic()
        self._go.set()

    def kill(self) -> None:
        """Kill it, as if the machine had lost power but for what the kernel holds."""
        self.process.kill()

    def wait(self, timeout_s: float = PATIENCE_S) -> Outcome:
        """How it ended; TimeoutError if it hangs, and then it is killed."""
        self.process.join(timeout_s)
        is_hung = self.process.is_alive()
        if is_hung:
            self.process.kill()
            self.process.join()
        where = Path(self._folder.name)
        said = (where / "said").read_text(errors="replace") if (where / "said").exists() else ""
        log = (where / "log").read_text(errors="replace") if (where / "log").exists() else ""
        outcome = Outcome(
            status=self.process.exitcode or 0,
            said=said,
            operations=tuple(log.splitlines()),
            seconds=time.monotonic() - self._started,
        )
        self._folder.cleanup()
        self.process.close()
        if is_hung:
            raise TimeoutError(f"the verb hangs after {outcome.last}; it said {said!r}")
        return outcome


def run_verb(
    argv: Sequence[str], root: Path | str, fault: Fault | None = None, *, settings: Sequence[Setting] = ()
) -> Outcome:
    """Run a verb to its end, or to what the fault makes of it."""
    return Child(argv, root, fault or Fault(), settings=settings).wait()


def run_killed_after(argv: Sequence[str], root: Path | str, seconds: float) -> Outcome:
    """Run a verb and kill it after so long, if it still runs then."""
    child = Child(argv, root, Fault(), hold=True)
    child.go()
    child.process.join(seconds)
    child.kill()
    return child.wait()


def run_well(argv: Sequence[str], root: Path | str) -> Outcome:
    """Run a verb without a fault; RuntimeError if it fails all the same."""
    outcome = run_verb(argv, root)
    if outcome.status:
        raise RuntimeError(f"{' '.join(argv)} failed without a fault, status {outcome.status}: {outcome.said}")
    return outcome


def draw(seed: int, *about: object) -> random.Random:
    """The chance that a seed gives one trial, whatever other trials are run."""
    return random.Random("/".join(map(str, (seed, *about))))


def _run(argv: list[str], root: str, fault: Fault, where: str, settings: tuple[Setting, ...], go: object) -> None:
    with _written_to(f"{where}/said"):
        from bench.crash.verbs import main

        log = os.open(f"{where}/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for arrange in settings:
            arrange()
        Watch(root, fault, log).begin()
        if go is not None:
            go.wait(PATIENCE_S)  # type: ignore[attr-defined]
        main(argv)


@contextmanager
def _written_to(path: str) -> Iterator[None]:
    """Let what is said on standard error go to a file, and let standard output go nowhere."""
    said, nowhere = os.open(path, os.O_WRONLY | os.O_CREAT), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(said, 2)
    sys.stdout, sys.stderr = io.TextIOWrapper(io.FileIO(1, "w")), io.TextIOWrapper(io.FileIO(2, "w"))
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
