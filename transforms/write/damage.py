"""Tell which rows of a damaged Parquet file are touched, in a process of its own: damaged bytes may break a reader."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.arrow import schema_sha256
from schemas.records import record
from transforms.guarded import GuardedCaller
from transforms.limits import LimitError, Limits
from transforms.write.manifest import DataFile
from transforms.write.store import Root, open_store

LIMITS = Limits(cpu_s=300, idle_s=300, memory_bytes=4_000_000_000)
"""Far more than reading any file of ours costs; met by lengths and counts that damage made up."""

_IDS = ("capture_id", "article_id")
_ERRORS = (OSError, ValueError, RuntimeError, pa.ArrowException, MemoryError, OverflowError)


@record
class Damage:
    """Which rows of a Parquet file cannot be read any more."""

    touches: str
    """In words; rows are counted from 1."""
    capture_ids: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    """Those of the rows concerned, where they can still be read."""


_guard = GuardedCaller()


def tell_damage(root: Root, file: DataFile) -> Damage:
    """The damage of a file that is not what its manifest says."""
    try:
        return _guard.submit(LIMITS, locate_damage, root, file).result()
    except LimitError as met:
        return Damage(touches=f"all {file.rows} rows: reading it breaks the reader ({met.kind})")


def read_anyway(root: Root, path: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Some columns of a file that nobody vouches for; none if it cannot be read."""
    try:
        return _guard.submit(LIMITS, read_columns, root, path, columns).result()
    except LimitError:
        return []


def locate_damage(root: Root, file: DataFile) -> Damage:
    """Which row groups of a file cannot be read, by the checksums of its pages; all rows if its footer is damaged."""
    try:
        with open_store(root).open(file.path) as source:
            return _locate(source, file)
    except _ERRORS as error:
        return Damage(touches=f"all {file.rows} rows: its footer cannot be read ({_told(error)})")


def read_columns(root: Root, path: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Some columns of a file, row by row; none if it cannot be read or has none of them."""
    try:
        with open_store(root).open(path) as source:
            parquet = _open(source)
            names = [name for name in columns if name in parquet.schema_arrow.names]
            rows: list[dict[str, Any]] = parquet.read(columns=names).to_pylist() if names else []
            return rows
    except _ERRORS:
        return []


def _open(source: BinaryIO) -> pq.ParquetFile:
    return pq.ParquetFile(source, page_checksum_verification=True)


def _locate(source: BinaryIO, file: DataFile) -> Damage:
    parquet = _open(source)
    rows, groups = parquet.metadata.num_rows, parquet.metadata.num_row_groups
    if rows != file.rows or (file.schema_sha256 and schema_sha256(parquet.schema_arrow) != file.schema_sha256):
        return Damage(touches=f"all {file.rows} rows: its footer is not what was written")
    lost: list[str] = []
    ids: dict[str, list[str]] = {name: [] for name in _IDS}
    first = 1
    for number in range(groups):
        size = parquet.metadata.row_group(number).num_rows
        columns = list(_unreadable(parquet, number))
        if columns:
            lost.append(
                f"row group {number + 1} of {groups}, rows {first} to {first + size - 1} of {rows}"
                f" (cannot be read: {', '.join(columns)})"
            )
            for name in _IDS:
                if name in parquet.schema_arrow.names and name not in columns:
                    found = parquet.read_row_group(number, columns=[name])[name].to_pylist()
                    ids[name] += [each for each in found if each]
        first += size
    if not lost:
        return Damage(touches=f"all {rows} rows: each can still be read, but its footer or headers have changed")
    return Damage(
        touches="; ".join(lost),
        capture_ids=tuple(dict.fromkeys(ids["capture_id"])),
        article_ids=tuple(dict.fromkeys(ids["article_id"])),
    )


def _unreadable(parquet: pq.ParquetFile, group: int) -> Iterator[str]:
    for name in parquet.schema_arrow.names:
        try:
            parquet.read_row_group(group, columns=[name])
        except _ERRORS:
            yield name


def _told(error: BaseException) -> str:
    return (str(error).partition("\n")[0] or type(error).__name__)[:200]
