"""Read a data set as strangers do, without the code under test: by the manifests' JSON, or by a plain glob."""

import gzip
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from bench.crash.passes import NAMES
from schemas.records import record

Rows = dict[str, Counter[str]]
"""By table how often each row is there, told by a hash of its columns or by what names it."""

MOVING = {"captures": ("warc_file", "warc_offset", "warc_length")}
"""Columns that change as files are merged; `check_places` follows them instead."""

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
    return Named(version=numbers[-1], files=files, memory=chain[0]["memory"])


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


def rows_by_manifest(root: Path, named: Named) -> Rows:
    """The rows of every table by the manifests, each file checked against its hash."""
    paths: dict[str, list[str]] = {}
    for file in named.files.values():
        place = place_of(root, file)
        if file["kind"] != "warc":
            paths.setdefault(file["kind"], []).append(str(place))
    return {table: _hash_rows(table, those) for table, those in sorted(paths.items())}


def rows_by_glob(root: Path) -> Rows:
    """The rows of every table as whoever knows nothing of manifests reads them."""
    tables = sorted(path for path in (root / "data").glob("*") if any(path.rglob("*.parquet")))
    return {path.name: _hash_rows(path.name, f"{path}/**/*.parquet") for path in tables}


def names_by_manifest(root: Path, named: Named) -> Rows:
    """What names the rows of every table that passes write."""
    names: Rows = {}
    for file in named.files.values():
        if file["kind"] in NAMES:
            columns = NAMES[file["kind"]]
            found = _query(f"SELECT {', '.join(columns)} FROM read_parquet(?)", str(place_of(root, file)))
            names.setdefault(file["kind"], Counter()).update("/".join(map(str, row)) for row in found)
    return names


def memory_rows(root: Path, named: Named) -> dict[str, dict[str, str]]:
    """Every memory as the next pass finds it: by key a hash of the newest row."""
    keys = {"feeds": "feed_id", "pages": "url_key", "stories": "article_id", "coverage": "feed_id || day",
            "silences": "domain", "robots": "origin"}  # fmt: skip
    found: dict[str, dict[str, str]] = {}
    for name, files in named.memory.items():
        rows = found.setdefault(name, {})
        for file in files:
            query = f"SELECT ({keys[name]})::VARCHAR, md5(t::VARCHAR) FROM read_parquet(?) t"
            rows |= dict(_query(query, str(place_of(root, file))))
    return found


def page_outcomes(root: Path, named: Named) -> dict[str, str]:
    """By url_key the outcome that the memory of pages tells of."""
    found: dict[str, str] = {}
    for file in named.memory.get("pages", ()):
        found |= dict(_query("SELECT url_key, outcome FROM read_parquet(?)", str(place_of(root, file))))
    return found


def check_places(root: Path, named: Named) -> None:
    """Follow every row of `captures` to its WARC record; Torn if the payload there is not the row's."""
    warcs = {file["path"]: place_of(root, file).read_bytes() for file in named.files.values() if file["kind"] == "warc"}
    columns = "capture_id, warc_file, warc_offset, warc_length, payload_sha256"
    for file in named.files.values():
        if file["kind"] != "captures":
            continue
        query = f"SELECT {columns} FROM read_parquet(?) WHERE warc_file IS NOT NULL"
        for capture_id, path, offset, length, payload in _query(query, str(place_of(root, file))):
            if path not in warcs:
                raise Torn(f"capture {capture_id} points to {path}, which no manifest names")
            try:
                record = gzip.decompress(warcs[path][offset : offset + length])
            except (OSError, EOFError) as error:
                raise Torn(f"capture {capture_id} at {path}:{offset}: {error}") from None
            if f"WARC-Payload-Digest: sha256:{payload}".encode() not in record:
                raise Torn(f"capture {capture_id} at {path}:{offset}: another record is there")
            body = record.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n", 2)[-1]
            if b"WARC-Type: response" in record and hashlib.sha256(body).hexdigest() != payload:
                raise Torn(f"capture {capture_id} at {path}:{offset}: the payload is not the row's")


def leftovers(root: Path, named: Named) -> list[str]:
    """Files that no manifest names, and what is left of staging."""
    found = (path for folder in ("data", "captures", "memory", "_staging") for path in (root / folder).rglob("*"))
    files = (path.relative_to(root).as_posix() for path in found if path.is_file())
    strays = [path.name for path in root.glob("_commits/*") if not path.stem.isdecimal() or path.suffix != ".json"]
    return sorted(set(files) - named.paths) + strays


def _hash_rows(table: str, paths: str | list[str]) -> Counter[str]:
    columns = [f"* EXCLUDE ({', '.join(MOVING[table])})"] if table in MOVING else ["*"]
    known = _columns(table)
    replaced = ", ".join(f"{_SPOKEN[name]} AS {name}" for name in sorted(_SPOKEN.keys() & known))
    if replaced:
        columns.append(f"REPLACE ({replaced})")
    query = f"SELECT md5(t::VARCHAR) FROM (SELECT {' '.join(columns)} FROM read_parquet(?, hive_partitioning=true)) t"
    return Counter(row for (row,) in _query(query, paths))


def _columns(table: str) -> set[str]:
    from schemas.arrow import arrow_schema
    from schemas.tables import TABLES

    return set(arrow_schema(TABLES[table].row).names)


def _query(query: str, paths: str | list[str]) -> list[tuple[Any, ...]]:
    try:
        with duckdb.connect() as database:
            return database.execute(query, [paths]).fetchall()
    except duckdb.Error as error:
        raise Torn(str(error).partition("\n")[0]) from None
