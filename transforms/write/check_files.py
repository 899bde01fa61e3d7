"""Check that a file is there, whole, and byte for byte what its manifest says."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.arrow import schema_sha256
from schemas.records import record
from transforms.write.manifest import DataFile
from transforms.write.store import Store

FOLDERS = ("data", "captures")
"""Where readers who know nothing of manifests look for files; in others, what no manifest names harms nobody."""

_CHUNK = 1 << 20


@record
class Fault:
    """What is wrong with a file: it is missing, still staged (which the next start mends), or damaged."""

    kind: Literal["missing", "staged", "damaged"]
    problem: str


def check_file(store: Store, file: DataFile, passed: Callable[[int], None]) -> Fault | None:
    """The fault of a file, None if it has none; `passed` hears how many bytes were read."""
    digest = hashlib.sha256()
    size = 0
    try:
        with store.open(file.path) as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                passed(len(chunk))
        if size == file.bytes and digest.hexdigest() == file.sha256:
            told = _check_footer(store, file) if file.path.endswith(".parquet") else None
            return Fault(kind="damaged", problem=told) if told else None
    except FileNotFoundError:
        return _where_is_it(store, file)
    except (OSError, ValueError, pa.ArrowException) as error:
        told = str(getattr(error, "strerror", None) or error).partition("\n")[0]
        return Fault(kind="damaged", problem=f"cannot be read ({told})")
    return Fault(kind="damaged", problem=_compare(file, size, digest.hexdigest()))


def find_strays(store: Store, named: Iterable[str]) -> list[str]:
    """Files among the tables and captures that are not `named`."""
    known = set(named)
    return [path for folder in FOLDERS for path in store.list(folder) if path not in known]


def _check_footer(store: Store, file: DataFile) -> str | None:
    with store.open(file.path) as source:
        parquet = pq.ParquetFile(source)
        if parquet.metadata.num_rows != file.rows:
            return f"holds {parquet.metadata.num_rows} rows, and its manifest says {file.rows}"
        if file.schema_sha256 and schema_sha256(parquet.schema_arrow) != file.schema_sha256:
            return "has other columns than its manifest says"
    return None


def _where_is_it(store: Store, file: DataFile) -> Fault:
    try:
        if store.exists(file.staged):
            return Fault(kind="staged", problem="committed, but not in its place yet")
    except (OSError, ValueError):
        pass
    return Fault(kind="missing", problem="missing")


def _compare(file: DataFile, size: int, sha256: str) -> str:
    if not size:
        return f"empty (0 of {file.bytes} bytes)"
    if size < file.bytes:
        return f"cut short ({size} of {file.bytes} bytes)"
    if size > file.bytes:
        return f"too long ({size} bytes, not {file.bytes})"
    return f"changed (its sha256 is {sha256[:16]}…, not {file.sha256[:16]}…)"
