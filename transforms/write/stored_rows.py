"""The rows of a table that count, by key and as hashes, so that a table of any size can be compared in one go."""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import pyarrow as pa

from schemas.arrow import arrow_schema, to_arrow
from schemas.tables import Table
from transforms.write.history import History
from transforms.write.secrets import without_secrets

OF_THE_RUN = frozenset({"run_id", "as_of", "withdrawn", "withdrawn_as", "ruleset_version", "extractor"})
"""Columns that tell who made a row and by which versions, and not what it says."""

_BATCH = 4096
_EPOCH = datetime.fromtimestamp(0, UTC)
_PACKED = struct.Struct(">q?16s")
"""as_of in microseconds, whether withdrawn, hash of the row: a third of what a tuple takes."""

Match = Literal["same", "altered", "added"]


class StoredRows:
    """The newest row of each key; those taken are gone, so that what is left was not found again.

    About 200 bytes a row.
    """

    def __init__(self, history: History, table: Table) -> None:
        self._history, self._table = history, table
        self._left: dict[bytes, bytes] = {}
        self._altered: dict[bytes, bytes] = {}
        self._revived: dict[bytes, bytes] = {}
        self.said = [name for name in arrow_schema(table.row).names if name not in OF_THE_RUN]
        """The columns that are compared."""
        self.latest = _EPOCH
        """The latest `as_of` of all rows."""
        for row in self._rows():
            key, as_of = self._key(row), _microseconds(row)
            before = self._left.get(key)
            if before is None or _PACKED.unpack(before)[0] < as_of:
                self._left[key] = _PACKED.pack(as_of, bool(row["withdrawn"]), self._hash(row))
            self.latest = max(self.latest, _EPOCH + timedelta(microseconds=as_of))

    def match(self, rows: Iterable[Any]) -> Iterator[tuple[Match, dict[str, Any]]]:
        """Records as they would be stored, and how each compares to what is stored under its key, which is taken."""
        for row in to_arrow(self._table.row, map(without_secrets, rows)).to_pylist():
            key = self._key(row)
            before = self._left.pop(key, None)
            if before is None:
                yield "added", row
                continue
            _, is_withdrawn, said = _PACKED.unpack(before)
            if is_withdrawn:
                yield "added", row
            elif said == self._hash(row):
                yield "same", row
            else:
                self._altered[key] = before
                yield "altered", row

    def holds(self, key: Iterable[str]) -> bool:
        """Whether a row of that key is stored and not taken."""
        return _key(key) in self._left

    def keep(self, key: Iterable[str]) -> None:
        """Take the row of a key as it is; if it was withdrawn, it is revived."""
        name = _key(key)
        before = self._left.pop(name, None)
        if before is not None and _PACKED.unpack(before)[1]:
            self._revived[name] = before

    def left(self) -> Iterator[dict[str, Any]]:
        """The rows that count and were not taken."""
        counting = {key: packed for key, packed in self._left.items() if not _PACKED.unpack(packed)[1]}
        return self._again(counting)

    def revived(self) -> Iterator[dict[str, Any]]:
        """The rows that were withdrawn, and kept all the same."""
        return self._again(self._revived)

    def altered(self) -> Iterator[dict[str, Any]]:
        """The rows that count, of those found to be altered."""
        return self._again(self._altered)

    def _again(self, wanted: Mapping[bytes, bytes]) -> Iterator[dict[str, Any]]:
        for row in self._rows() if wanted else ():
            packed = wanted.get(self._key(row))
            if packed is not None and _PACKED.unpack(packed)[0] == _microseconds(row):
                yield row

    def _rows(self) -> Iterator[dict[str, Any]]:
        for part in self._history.read(self._table.name):
            yield from _dicts(part)

    def _key(self, row: Mapping[str, Any]) -> bytes:
        return _key(row[name] for name in self._table.key)

    def _hash(self, row: Mapping[str, Any]) -> bytes:
        said = msgspec.json.encode([row[name] for name in self.said])
        return hashlib.blake2b(said, digest_size=16).digest()


def _dicts(part: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in part.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


def _key(values: Iterable[str]) -> bytes:
    return hashlib.blake2b("\0".join(values).encode(), digest_size=16).digest()


def _microseconds(row: Mapping[str, Any]) -> int:
    as_of: datetime | None = row["as_of"]
    return (as_of - _EPOCH) // timedelta(microseconds=1) if as_of else 0
