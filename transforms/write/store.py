"""Where a data set lies: a folder on a local disk, or a prefix in an object store. Everything goes by relative paths.

A store promises what the commit is built on: a file is there whole or not at all, and of many who create one file under
one name exactly one succeeds.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from transforms.write.durable import link_if_absent, move_durably, sync_folder, write_durably
from transforms.write.exchange import exchange_folders

Root = Path | str
"""What a user names a data set by: a folder, or an address such as s3://bucket/corpus."""

LOCK = "_lock"

LONGEST_RUN = timedelta(days=1)
"""Where a lock or lease may not keep others out, staged files older than this are no living run's."""


class Held(Exception):
    """Somebody else holds the data set; the message is the holder's name."""


class Store(Protocol):
    """The operations on files that a data set needs; paths are relative to its root, with "/" between names."""

    filesystem: Any
    """What pyarrow opens `inner` paths with; None for the local disk."""

    def inner(self, path: str) -> str:
        """The path as pyarrow and `filesystem` take it."""

    def address(self, path: str) -> str:
        """The path as people, DuckDB and Polars take it: absolute."""

    def open(self, path: str) -> BinaryIO:
        """A file to read from, seekable; FileNotFoundError."""

    def read(self, path: str) -> bytes:
        """A file's content; FileNotFoundError."""

    def writing(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file to write to and read back, there and durable once the context ends without error."""

    def create(self, path: str, content: bytes, *, staged: str) -> bool:
        """Make a whole file unless there is one of that name, which gives False: the one atomic step of a commit.

        A store that needs two steps writes it to `staged` first.
        """

    def move(self, source: str, target: str) -> None:
        """Give a file its final name, replacing what has it."""

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""

    def exists(self, path: str) -> bool:
        """Whether a file of that name is there."""

    def list(self, folder: str) -> Sequence[str]:
        """Paths of all files below a folder, sorted; none if there is no such folder."""

    def hold(self, holder: str) -> AbstractContextManager[None]:
        """Hold the data set for one writer; Held if another has it, OSError if nothing can be written there."""

    def link(self, source: str, target: str) -> bool:
        """Give a file a second name, which it may have already; False if the store has no such thing."""

    def remove_folder(self, folder: str) -> None:
        """Remove all files below a folder."""

    def sweep(self, folder: str) -> None:
        """Remove all files below a folder that a run which ended has left there."""

    def exchange(self, folder: str, other: str) -> bool:
        """Let two folders change places in one step; False if the store cannot."""


@cache
def _open_object_store(url: str) -> Store:
    from transforms.write.objects import ObjectStore  # only who keeps a data set there needs fsspec's drivers

    return ObjectStore(url)


def is_address(root: Root) -> bool:
    """Whether a root names an object store."""
    return isinstance(root, str) and "://" in root


def open_store(root: Root) -> Store:
    """The store that a root names."""
    return _open_object_store(str(root)) if is_address(root) else LocalStore(Path(root))


def absolute(root: Root) -> Root:
    """The root for workers, whose working folder may be another."""
    return root if is_address(root) else Path(root).resolve()


class LocalStore:
    """A folder on a local disk; what is written is synced, so that it survives a power cut."""

    filesystem: Any = None

    def __init__(self, root: Path) -> None:
        self._root = root

    def inner(self, path: str) -> str:
        """See Store."""
        return str(self._root / path)

    def address(self, path: str) -> str:
        """See Store."""
        return str(self._root.resolve() / path)

    def open(self, path: str) -> BinaryIO:
        """See Store."""
        return (self._root / path).open("rb")

    def read(self, path: str) -> bytes:
        """See Store."""
        return (self._root / path).read_bytes()

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        """See Store."""
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        sync_folder(target.parent)

    def create(self, path: str, content: bytes, *, staged: str) -> bool:
        """See Store. The whole file is linked to its name, so a killed writer leaves no half one there."""
        write_durably(self._root / staged, content)
        return link_if_absent(self._root / staged, self._root / path)

    def move(self, source: str, target: str) -> None:
        """See Store."""
        move_durably(self._root / source, self._root / target)

    def remove(self, path: str) -> None:
        """See Store."""
        (self._root / path).unlink(missing_ok=True)

    def exists(self, path: str) -> bool:
        """See Store."""
        return (self._root / path).exists()

    def list(self, folder: str) -> Sequence[str]:
        """See Store."""
        top = self._root / folder
        files = (Path(where) / name for where, _, names in os.walk(top) for name in names)
        return sorted(file.relative_to(self._root).as_posix() for file in files)

    @contextmanager
    def hold(self, holder: str) -> Iterator[None]:
        """See Store. An advisory lock that the kernel drops with the process: a killed run never locks anybody out."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / LOCK).open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise Held(lock.read().strip() or "another run") from None
            lock.truncate(0)
            lock.write(holder)
            lock.flush()
            yield

    def link(self, source: str, target: str) -> bool:
        """See Store."""
        link_if_absent(self._root / source, self._root / target)
        return True

    def remove_folder(self, folder: str) -> None:
        """See Store."""
        shutil.rmtree(self._root / folder, ignore_errors=True)

    def sweep(self, folder: str) -> None:
        """See Store. Whoever holds the data set is alone, so all goes; where locks do nothing, only what is old."""
        if self._locks():
            return self.remove_folder(folder)
        oldest = (self._root / LOCK).stat().st_mtime - LONGEST_RUN.total_seconds()
        for run in (self._root / folder).glob("*"):
            with suppress(FileNotFoundError):  # a living run moves its files
                if all(each.lstat().st_mtime < oldest for each in (run, *run.rglob("*"))):
                    self.remove_folder(f"{folder}/{run.name}")

    def _locks(self) -> bool:
        """Whether the lock that is held keeps others out; on some file systems anybody gets it."""
        with (self._root / LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def exchange(self, folder: str, other: str) -> bool:
        """See Store."""
        return exchange_folders(self._root / folder, self._root / other)
