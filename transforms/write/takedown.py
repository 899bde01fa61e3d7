"""Take a page down: its text, its captures and what was made of them leave every file; a tombstone stays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from schemas.arrow import from_arrow
from schemas.memory import PageMemory
from schemas.records import Takedown, record
from transforms.addresses import key_of, url_key
from transforms.missing import TAKEN_DOWN
from transforms.write.forget import MemoryFiles, among, forget_pages, page_rows
from transforms.write.manifest import DataFile
from transforms.write.parquet import read_arrow
from transforms.write.rewrite import relocate, rewrite_rows, strip_warc
from transforms.write.store import Root

_BY_PAGE = ("dropped", "dead_letters")
"""Tables whose rows point to pages; what they tell of it in words is blanked, so that the counts of runs still hold."""

_TELLING: dict[str, tuple[str, ...]] = {
    "captures": ("capture_id", "warc_file"),
    "articles": ("article_id",),
    "stories": ("article_id",),
    "topic_tags": ("article_id",),
    **dict.fromkeys(_BY_PAGE, ("url_key", "capture_id")),
}
"""Tables that tell of pages, and the columns by which."""


@record
class Found:
    """What of a page is in a data set."""

    url_keys: frozenset[str]
    capture_ids: frozenset[str]
    article_ids: frozenset[str]
    warc_files: frozenset[str]
    pages: tuple[PageMemory, ...]

    @property
    def is_buried(self) -> bool:
        """Whether nothing is left but the word that it was taken down."""
        return not (self.capture_ids or self.article_ids) and all(page.outcome == TAKEN_DOWN for page in self.pages)


@record
class Removal:
    """The files that a removal staged, the paths of those they replace, and the memory files of the next version."""

    added: tuple[DataFile, ...]
    replaced: tuple[str, ...]
    memory: Mapping[str, tuple[DataFile, ...]]


def find_page(root: Root, files: Sequence[DataFile], memory: MemoryFiles, url: str) -> Found:
    """Everything at an address, and at addresses that led to it; all sets are empty if there is nothing."""
    keys = keys_of(root, memory, url_key(url))
    captures: set[str] = set()
    warcs: set[str] = set()
    columns = ["capture_id", "url_key", "requested_url", "url", "warc_file"]
    for rows in _batches(root, files, "captures", columns):
        for row in rows:
            if row["url_key"] in keys or {key_of(row["url"]), key_of(row["requested_url"])} & keys:
                captures.add(row["capture_id"])
                warcs.add(row["warc_file"])
    while more := _revisits(root, files, captures):  # their bytes lie in records that go
        captures |= more.keys()
        warcs |= set(more.values())
    articles = {
        row["article_id"]
        for rows in _batches(root, files, "articles", ["article_id", "capture_id", "url_key"])
        for row in rows
        if row["url_key"] in keys or row["capture_id"] in captures
    }
    pages = page_rows(root, memory, ds.field("url_key").isin(sorted(keys)))
    return Found(
        url_keys=frozenset(keys),
        capture_ids=frozenset(captures),
        article_ids=frozenset(articles),
        warc_files=frozenset(warcs - {None}),
        pages=tuple(from_arrow(PageMemory, pages)),
    )


def stage_removal(root: Root, files: Sequence[DataFile], memory: MemoryFiles, found: Found, *, run_id: str) -> Removal:
    """Stage every file that holds something of the page anew, without it."""
    added: list[DataFile] = []
    replaced: list[str] = []
    moved: dict[str, tuple[str, Mapping[int, int]]] = {}
    for shard, file in enumerate((file for file in files if file.path in found.warc_files), start=1):
        path = f"{PurePosixPath(file.path).parent}/{run_id}-{shard:05d}.warc.gz"
        stripped, places = strip_warc(root, file, found.capture_ids, path=path, run_id=run_id)
        added.append(stripped)
        replaced.append(file.path)
        moved[file.path] = path, places
    for shard, file in enumerate(files, start=1):
        if file.kind == "warc" or not _concerns(root, file, found):
            continue
        folder = str(PurePosixPath(file.path).parent)
        change = partial(_without, kind=file.kind, found=found, moved=moved)
        left = rewrite_rows(root, [file], folder=folder, run_id=run_id, shard=shard, change=change)
        added += [left] if left else []
        replaced.append(file.path)
    memory_after = forget_pages(root, memory, found.url_keys, found.article_ids, run_id=run_id)
    remembered = {file.path for kept in memory_after.values() for file in kept}
    replaced += [file.path for kept in memory.values() for file in kept if file.path not in remembered]
    return Removal(added=tuple(added), replaced=tuple(replaced), memory=memory_after)


def find_tombstone(root: Root, files: Iterable[DataFile], found: Found) -> Takedown | None:
    """The latest tombstone of these pages."""
    rows = [read_arrow(root, file.path) for file in files if file.kind == "takedowns"]
    stones = [stone for part in rows for stone in from_arrow(Takedown, part) if found.url_keys & set(stone.page_keys)]
    return max(stones, key=lambda stone: stone.taken_down_at, default=None)


def tombstone(found: Found, *, url: str, reason: str | None, run_id: str, now: datetime) -> Takedown:
    """The tombstone of what was found at an address."""
    return Takedown(
        run_id=run_id,
        taken_down_at=now,
        url=url,
        page_keys=tuple(sorted(found.url_keys)),
        reason=reason,
        article_ids=tuple(sorted(found.article_ids)),
        capture_ids=tuple(sorted(found.capture_ids)),
        first_seen_at=min((page.first_seen_at for page in found.pages), default=None),
    )


def keys_of(root: Root, memory: MemoryFiles, key: str) -> set[str]:
    """The key, where it is known to lead, and every key known to lead to one of these."""
    keys = {key}
    while True:
        wanted = pa.array(sorted(keys), type=pa.string())
        leads = ds.field("same_as").isin(wanted) | (ds.field("url_key").isin(wanted) & ds.field("same_as").is_valid())
        rows = page_rows(root, memory, leads).select(["url_key", "same_as"]).to_pylist()
        more = keys | {row[name] for row in rows for name in ("url_key", "same_as")}
        if more == keys:
            return keys
        keys = more


def _batches(root: Root, files: Iterable[DataFile], kind: str, columns: list[str]) -> Iterable[list[dict[str, Any]]]:
    schema = pa.schema([(name, pa.string()) for name in columns])
    for file in files:
        if file.kind == kind:
            yield read_arrow(root, file.path, schema=schema).to_pylist()


def _revisits(root: Root, files: Iterable[DataFile], captures: set[str]) -> dict[str, str]:
    """Captures, with their WARC files, whose payload another capture's record holds."""
    return {
        row["capture_id"]: row["warc_file"]
        for rows in _batches(root, files, "captures", ["capture_id", "payload_in", "warc_file"])
        for row in rows
        if row["payload_in"] in captures and row["capture_id"] not in captures
    }


def _mask(rows: pa.Table, kind: str, found: Found) -> Any:
    """Which rows of a table tell of the page."""
    wanted = partial(among, rows)
    if kind == "captures":
        return wanted("capture_id", found.capture_ids)
    if kind in _BY_PAGE:
        return pc.or_(wanted("url_key", found.url_keys), wanted("capture_id", found.capture_ids))
    return wanted("article_id", found.article_ids)


def _concerns(root: Root, file: DataFile, found: Found) -> bool:
    """Whether a file has rows of the page, or of captures whose records have moved; only what tells that is read."""
    columns = _TELLING.get(file.kind)
    if columns is None:
        return False
    rows = read_arrow(root, file.path, schema=pa.schema([(name, pa.string()) for name in columns]))
    concerned = _mask(rows, file.kind, found)
    if file.kind == "captures":
        concerned = pc.or_(concerned, among(rows, "warc_file", found.warc_files))
    return bool(pc.any(concerned).as_py())


def _without(
    rows: pa.Table, *, kind: str, found: Found, moved: Mapping[str, tuple[str, Mapping[int, int]]]
) -> pa.Table:
    mask = pc.fill_null(_mask(rows, kind, found), False)
    if kind in _BY_PAGE:
        at = rows.schema.get_field_index("detail")
        blank = pa.nulls(rows.num_rows, pa.string())
        return rows.set_column(at, rows.schema.field(at), pc.if_else(mask, blank, rows["detail"]))
    left = rows.filter(pc.invert(mask))
    if kind != "captures":
        return left

    def place(path: str, offset: int) -> tuple[str, int]:
        now, places = moved.get(path, (path, {}))
        return now, places.get(offset, offset)

    return relocate(left, place)
