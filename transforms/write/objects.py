"""A data set in an object store (s3://, gs://, …), through fsspec and its driver for the store.

Objects are whole or not there, and a conditional put (`If-None-Match: *`, generation 0) makes one only if it is absent:
that is all the commit needs. Credentials, region and endpoint come from where the driver looks for them.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from typing import Any, BinaryIO, cast

import fsspec

from schemas.errors import UserError
from transforms.write.lease import Lease
from transforms.write.store import LOCK, LONGEST_RUN


class ObjectStore:
    """A prefix in an object store."""

    def __init__(self, url: str) -> None:
        try:
            # Another writer's objects must be seen at once, so no listing is kept.
            self.filesystem, self._root = fsspec.core.url_to_fs(url.rstrip("/"), use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise UserError(f"{url}: {error}; pip install 'icewire[s3]' brings the driver for s3://") from None
        self._url = url.rstrip("/")

    def inner(self, path: str) -> str:
        """See Store."""
        return f"{self._root}/{path}"

    def address(self, path: str) -> str:
        """See Store."""
        return f"{self._url}/{path}"

    def open(self, path: str) -> BinaryIO:
        """See Store."""
        return cast(BinaryIO, self.filesystem.open(self.inner(path), "rb"))

    def read(self, path: str) -> bytes:
        """See Store."""
        return cast(bytes, self.filesystem.cat_file(self.inner(path)))

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        """See Store. The file is written on the local disk and put in the store whole."""
        with tempfile.NamedTemporaryFile("w+b") as file:
            yield cast(BinaryIO, file)
            file.flush()
            self.filesystem.put_file(file.name, self.inner(path))

    def create(self, path: str, content: bytes, *, staged: str) -> bool:
        """See Store. Where the reply is lost, the driver asks again and is told that the object is there by now."""
        try:
            self.filesystem.pipe_file(self.inner(path), content, mode="create")
        except FileExistsError:
            return False
        return True

    def move(self, source: str, target: str) -> None:
        """See Store. The copy is made by the store, and whole before it is seen."""
        self.filesystem.cp_file(self.inner(source), self.inner(target))
        self.remove(source)

    def remove(self, path: str) -> None:
        """See Store."""
        with suppress(FileNotFoundError):
            self.filesystem.rm_file(self.inner(path))

    def exists(self, path: str) -> bool:
        """See Store."""
        return bool(self.filesystem.exists(self.inner(path)))

    def list(self, folder: str) -> Sequence[str]:
        """See Store."""
        return [path for path, _ in self._ages(folder)]

    def hold(self, holder: str) -> AbstractContextManager[None]:
        """See Store. A lease; should two runs believe to hold one, the conditional put still lets only one commit."""
        return Lease(self, LOCK, holder)

    def replace(self, path: str, content: bytes) -> None:
        """Write a small object, whatever was there."""
        self.filesystem.pipe_file(self.inner(path), content)

    def link(self, source: str, target: str) -> bool:
        """See Store."""
        return False

    def remove_folder(self, folder: str) -> None:
        """See Store."""
        for path in self.list(folder):
            self.remove(path)

    def sweep(self, folder: str) -> None:
        """See Store. A lease can be lost where a lock cannot, so only what is old goes, by the store's own clock."""
        lease = dict(self._ages(LOCK)).get(LOCK)
        for path, changed_at in self._ages(folder):
            if lease is None or changed_at is None or changed_at < lease - LONGEST_RUN:
                self.remove(path)

    def exchange(self, folder: str, other: str) -> bool:
        """See Store."""
        return False

    def _ages(self, folder: str) -> Sequence[tuple[str, datetime | None]]:
        try:
            found: Any = self.filesystem.find(self.inner(folder), detail=True)
        except FileNotFoundError:
            return []
        root = len(self._root) + 1
        return sorted((name[root:], each.get("LastModified") or each.get("updated")) for name, each in found.items())
