"""Hold a data set in an object store: one object that its holder keeps changing, so that others see whether it lives.

No clock is compared. Whoever finds a lease watches it for longer than a living holder leaves it unchanged: if it
changes, the data set is held; if it does not, its holder was killed, and the lease is taken over.
"""

import secrets
import threading
from types import TracebackType
from typing import Protocol

from transforms.write.store import Held

BEAT_S = 5.0
"""Seconds between two changes by a living holder."""

WATCH_S = 30.0
"""A lease that did not change for so long is nobody's: six beats, against a store or a machine that is slow."""


class Objects(Protocol):
    """What a lease needs of an object store."""

    def create(self, path: str, content: bytes, *, staged: str) -> bool:
        """Make an object if it is absent."""

    def replace(self, path: str, content: bytes) -> None:
        """Write an object, whatever was there."""

    def read(self, path: str) -> bytes:
        """An object's content; FileNotFoundError."""

    def remove(self, path: str) -> None:
        """Remove an object."""


class Lease:
    """A context that holds `path` of a store; Held if a living holder has it."""

    def __init__(
        self, store: Objects, path: str, holder: str, *, beat_s: float = BEAT_S, watch_s: float = WATCH_S
    ) -> None:
        self._store, self._path, self._holder = store, path, holder
        self._beat_s, self._watch_s = beat_s, watch_s
        self._written = b""
        self._ended = threading.Event()
        self._beats = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> None:
        self._written = self._words()
        while not self._store.create(self._path, self._written, staged=self._path):
            if self._read() == self._written:
                break  # our own, of which the reply was lost
            self._wait_for_the_dead()
        self._beats.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._beats.join()
        if self._read() == self._written:
            self._store.remove(self._path)

    def _wait_for_the_dead(self) -> None:
        found = self._read()
        waited_s = 0.0
        while found is not None and waited_s < self._watch_s:
            self._ended.wait(pause_s := self._beat_s / 2)
            waited_s += pause_s
            now = self._read()
            if now is not None and now != found:
                raise Held(now.decode("utf-8", "replace").partition("\n")[0])
            if now is None:
                return
        if self._read() == found:
            self._store.remove(self._path)

    def _beat(self) -> None:
        """Change the lease until the end, or until somebody who took us for dead has it; the commit tells who won."""
        while not self._ended.wait(self._beat_s):
            try:
                if self._read() != self._written:
                    return
                words = self._words()
                self._store.replace(self._path, words)
                self._written = words
            except OSError:
                continue  # the next beat may succeed; if none does, the lease is lost, and the commit tells who won

    def _read(self) -> bytes | None:
        try:
            return self._store.read(self._path)
        except FileNotFoundError:
            return None

    def _words(self) -> bytes:
        return f"{self._holder}\n{secrets.token_hex(8)}\n".encode()
