"""Count the file operations of this process below a folder, and at one of them die or let it fail.

Opens, links, renames and removals are seen by Python's audit events, whichever module calls them; writes, syncs and
exchanges of folders, which have none, by standing in for the functions that do them.
"""

import builtins
import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from schemas.records import record

KILL = "SIGKILL"
ERRORS = ("ENOSPC", "EIO", "EROFS")

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TAKES_SPACE = frozenset({"open", "write", "fsync", "mkdir", "link"})
"""What fails on a full disk; renames and removals go on."""


@record
class Fault:
    """What befalls the operation of this number, counted from 1, and if it lasts, all that follow; 0 befalls none."""

    kind: str = KILL
    at: int = 0
    lasts: bool = False

    def __str__(self) -> str:
        return f"{self.kind}{' from then on' if self.lasts else ''}"


class Watch:
    """The file operations below `root`, each written as a line to the descriptor `log` before it is done."""

    def __init__(self, root: str, fault: Fault, log: int) -> None:
        self._root, self._fault, self._log = os.path.abspath(root), fault, log
        self._seen = 0
        self._open = io.open

    def begin(self) -> None:
        """See every operation from now on; there is no end to it but that of the process."""
        sys.addaudithook(self._audit)
        io.open = builtins.open = self._open_watched  # type: ignore[assignment]
        os.fsync = self._before("fsync", os.fsync)
        from transforms.write import store

        store.exchange_folders = self._before("exchange", store.exchange_folders)

    def step(self, what: str, path: Any, folder: int = -1) -> None:
        """One operation is about to be done."""
        where = _absolute(path, folder)
        if not (where == self._root or where.startswith(f"{self._root}/")):
            return
        self._seen += 1
        os.write(self._log, f"{self._seen} {what} {where.removeprefix(self._root)}\n".encode())
        fault = self._fault
        if not fault.at or self._seen < fault.at or (self._seen > fault.at and not fault.lasts):
            return
        if fault.kind == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if fault.kind == "ENOSPC" and what not in _TAKES_SPACE:
            return
        number = getattr(errno, fault.kind)
        raise OSError(number, os.strerror(number), where)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if flags & _WRITING and not isinstance(path, int):
                self.step("open", path)
        elif event == "os.mkdir":
            self.step("mkdir", args[0], args[2])
        elif event in ("os.rename", "os.link"):
            self.step(event[3:], args[1], args[3])
        elif event in ("os.remove", "os.rmdir"):
            self.step(event[3:], args[0], args[1])

    def _before(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(first: Any, *rest: Any) -> Any:
            self.step(what, first)
            return function(first, *rest)

        return watched

    def _open_watched(self, file: Any, mode: str = "r", buffering: int = -1, *args: Any, **kwargs: Any) -> Any:
        plain = set(mode) <= {"r", "b", "t"} or isinstance(file, int)
        if plain or not _absolute(file, -1).startswith(f"{self._root}/"):
            return self._open(file, mode, buffering, *args, **kwargs)
        raw = _WatchedFile(file, mode.replace("b", "").replace("t", ""), self)
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *args, **kwargs)


class _WatchedFile(io.FileIO):
    """A file that tells each write before it is done."""

    def __init__(self, file: Any, mode: str, watch: Watch) -> None:
        self._watch = watch
        super().__init__(file, mode)

    def write(self, content: Any) -> int:
        self._watch.step("write", self.name)
        return super().write(content)

    def truncate(self, size: int | None = None) -> int:
        self._watch.step("truncate", self.name)
        return super().truncate(size)


def _absolute(path: Any, folder: int) -> str:
    if isinstance(path, int):
        return os.readlink(f"/proc/self/fd/{path}")
    name = os.fsdecode(path)
    return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name) if folder >= 0 else os.path.abspath(name)
