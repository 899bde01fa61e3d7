"""Read a data set as strangers do, without the code under test: by the manifests' JSON, or by a plain glob."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb

from bench.crash.passes import NAMES
from schemas.arrow import arrow_schema
from schemas.records import record
from schemas.tables import TABLES
from transforms.write.memory import KINDS

Rows = dict[str, Counter[str]]
"""By table how often each row is there, told by a hash of its columns or by what names it."""

MOVING = {"captures": ("warc_file", "warc_offset", "warc_length")}
"""Columns that change as files are merged; `check_places` follows them instead."""

_FILES = "read_parquet(?, hive_partitioning=true)"

_SPOKEN = {"options": "''", "run_id": "regexp_replace(run_id, '^\\d{8}T\\d{6}Z-(\\w+)-[0-9a-f]{6}$', '\\1')"}
"""Columns that differ between two runs of one verb, and what they are compared by."""


class Torn(Exception):
    """A file that cannot be read, or is not what its manifest says."""


@record
class Named:
    """What the newest manifest says is the data set: files of tables and captures, and of memory, by path."""

    version: int
    files: dict[str, dict[str, Any]]
    memory: dict[str, list[dict[str, Any]]]
    earlier_memory: frozenset[str] = frozenset()
    """What earlier manifests name as memory; it may stay until the next start."""

    @property
    def paths(self) -> set[str]:
        """Every path that may be in data/, captures/ and memory/."""
        return set(self.files) | {each["path"] for those in self.memory.values() for each in those}


def read_named(root: Path) -> Named:
    """Follow the manifests from the newest to one that lists all; version 0 if there is none."""
    numbers = sorted(int(path.stem) for path in (root / "_commits").glob("*.json"))
    if not numbers:
        return Named(version=0, files={}, memory={})
    chain: list[dict[str, Any]] = []
    for number in range(numbers[-1], 0, -1):
        try:
            chain.append(json.loads((root / f"_commits/{number:08d}.json").read_bytes()))
        except (OSError, ValueError) as error:
            raise Torn(f"manifest {number}: {error}") from None
        if chain[-1].get("kept") is not None:
            break
    files: dict[str, dict[str, Any]] = {}
    for manifest in reversed(chain):
        for path in manifest["replaced"]:
            files.pop(path, None)
        files |= {each["path"]: each for each in [*(manifest.get("kept") or ()), *manifest["added"]]}
    earlier = {each["path"] for manifest in chain for those in manifest["memory"].values() for each in those}
    return Named(version=numbers[-1], files=files, memory=chain[0]["memory"], earlier_memory=frozenset(earlier))


def place_of(root: Path, file: dict[str, Any]) -> Path:
    """Where a committed file is now: at its path, or still staged; Torn if it is nowhere or not what was committed."""
    for path in (root / file["path"], root / file["staged"]):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        if (len(content), hashlib.sha256(content).hexdigest()) != (file["bytes"], file["sha256"]):
            raise Torn(f"{file['path']} is not what its manifest says")
        return path
    raise Torn(f"{file['path']} is nowhere")


class Reader:
    """Reads data sets; what a file was found to hold is kept by the hash of its bytes, since copies are read often."""

    def __init__(self) -> None:
        self._database = duckdb.connect(config={"threads": 1, "enable_external_file_cache": False})
        self._known: dict[tuple[str, str, str], list[tuple[Any, ...]]] = {}
        self._placed: set[tuple[str, str]] = set()

    def rows_by_manifest(self, root: Path, named: Named) -> Rows:
        """The rows of every table by the manifests, each file checked against its hash."""
        rows: Rows = {}
        for file in named.files.values():
            place = place_of(root, file)
            if file["kind"] != "warc":
                found = self._query_file(_hashing(file["kind"]), file, place)
                rows.setdefault(file["kind"], Counter()).update(row for (row,) in found)
        return rows

    def rows_by_glob(self, root: Path) -> Rows:
        """The rows of every table as whoever knows nothing of manifests reads them."""
        tables = sorted(path for path in (root / "data").glob("*") if any(path.rglob("*.parquet")))
        return {
            path.name: Counter(row for (row,) in self._query(_hashing(path.name), f"{path}/**/*.parquet"))
            for path in tables
        }

    def warc_files_by_glob(self, root: Path) -> list[str]:
        """The WARC files that rows of `captures` point to, by the glob."""
        if not any((root / "data/captures").rglob("*.parquet")):
            return []
        query = f"SELECT DISTINCT warc_file FROM {_FILES} WHERE warc_file IS NOT NULL ORDER BY ALL"
        return [path for (path,) in self._query(query, f"{root}/data/captures/**/*.parquet")]

    def names_by_manifest(self, root: Path, named: Named) -> Rows:
        """What names the rows of every table that passes write."""
        names: Rows = {}
        for file in named.files.values():
            if columns := NAMES.get(file["kind"]):
                found = self._query_file(f"SELECT {', '.join(columns)} FROM {_FILES}", file, place_of(root, file))
                names.setdefault(file["kind"], Counter()).update("/".join(map(str, row)) for row in found)
        return names

    def memory_rows(self, root: Path, named: Named) -> dict[str, dict[str, str]]:
        """Every memory as the next pass finds it: by key a hash of the newest row."""
        found: dict[str, dict[str, str]] = {}
        for name, files in named.memory.items():
            rows = found.setdefault(name, {})
            query = f"SELECT concat_ws('/', {', '.join(KINDS[name].key)}), md5(t::VARCHAR) FROM {_FILES} t"
            for file in files:
                rows |= dict(self._query_file(query, file, place_of(root, file)))
        return found

    def page_outcomes(self, root: Path, named: Named) -> dict[str, str]:
        """By url_key the outcome that the memory of pages tells of."""
        found: dict[str, str] = {}
        for file in named.memory.get("pages", ()):
            query = f"SELECT url_key, outcome FROM {_FILES}"
            found |= dict(self._query_file(query, file, place_of(root, file)))
        return found

    def check_places(self, root: Path, named: Named) -> None:
        """Follow every row of `captures` to its WARC record; Torn if the payload there is not the row's."""
        columns = "warc_file, warc_offset, warc_length, payload_sha256, capture_id"
        query = f"SELECT {columns} FROM {_FILES} WHERE warc_file IS NOT NULL ORDER BY ALL"
        for file in named.files.values():
            if file["kind"] != "captures":
                continue
            for path, rows in groupby(self._query_file(query, file, place_of(root, file)), key=itemgetter(0)):
                if path not in named.files:
                    raise Torn(f"{file['path']} points to {path}, which no manifest names")
                held = (file["sha256"], named.files[path]["sha256"])
                if held not in self._placed:
                    _check_records(place_of(root, named.files[path]).read_bytes(), path, rows)
                    self._placed.add(held)

    def _query_file(self, query: str, file: dict[str, Any], place: Path) -> list[tuple[Any, ...]]:
        key = (query, file["sha256"], str(PurePosixPath(file["path"]).parent))  # the folder tells the partition
        if key not in self._known:
            self._known[key] = self._query(query, str(place))
        return self._known[key]

    def _query(self, query: str, paths: str) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(query, [paths]).fetchall()
        except duckdb.Error as error:
            raise Torn(str(error).partition("\n")[0]) from None


def leftovers(root: Path, named: Named, *, may_stay: frozenset[str] = frozenset()) -> list[str]:
    """Files that no manifest names, and what is left of staging."""
    found = (path for folder in ("data", "captures", "memory", "_staging") for path in (root / folder).rglob("*"))
    files = (path.relative_to(root).as_posix() for path in found if path.is_file())
    strays = [path.name for path in root.glob("_commits/*") if not path.stem.isdecimal() or path.suffix != ".json"]
    return sorted(set(files) - named.paths - may_stay) + strays


def _check_records(warc: bytes, path: str, rows: Iterable[tuple[Any, ...]]) -> None:
    for _, offset, length, payload, capture_id in rows:
        where = f"capture {capture_id} at {path}:{offset}"
        try:
            record = gzip.decompress(warc[offset : offset + length])
        except (OSError, EOFError) as error:
            raise Torn(f"{where}: {error}") from None
        if f"WARC-Payload-Digest: sha256:{payload}".encode() not in record:
            raise Torn(f"{where}: another record is there")
        body = record.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n", 2)[-1]
        if b"WARC-Type: response" in record and hashlib.sha256(body).hexdigest() != payload:
            raise Torn(f"{where}: the payload is not the row's")


@cache
def _hashing(table: str) -> str:
    """The query that gives a hash of each row of a table, over all that is to stay as it is."""
    columns = [f"* EXCLUDE ({', '.join(MOVING[table])})"] if table in MOVING else ["*"]
    spoken = sorted(_SPOKEN.keys() & set(arrow_schema(TABLES[table].row).names))
    if spoken:
        columns.append(f"REPLACE ({', '.join(f'{_SPOKEN[name]} AS {name}' for name in spoken)})")
    return f"SELECT md5(t::VARCHAR) FROM (SELECT {' '.join(columns)} FROM {_FILES}) t"
