"""Forget pages: their memory is written anew, with nothing but the word that they were taken down."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrow import conform, from_arrow, to_arrow
from schemas.memory import PageMemory
from schemas.records import Entry
from transforms.missing import TAKEN_DOWN
from transforms.write.manifest import DataFile
from transforms.write.memory import KINDS, MEMORY
from transforms.write.parquet import read_arrow, write_arrow
from transforms.write.store import Root

MemoryFiles = Mapping[str, Sequence[DataFile]]
"""Files of each memory, as manifests have them."""


def page_rows(root: Root, memory: MemoryFiles, where: Any) -> pa.Table:
    """Rows of the memory of pages, with those that newer ones replaced, oldest first."""
    parts = [conform(PageMemory, read_arrow(root, file.path, where=where)) for file in memory.get("pages", ())]
    return pa.concat_tables(parts) if parts else to_arrow(PageMemory, [])


def forget_pages(
    root: Root, memory: MemoryFiles, url_keys: AbstractSet[str], article_ids: AbstractSet[str], *, run_id: str
) -> dict[str, tuple[DataFile, ...]]:
    """Stage the memory without these pages and articles; files that do not tell of them stay as they are.

    A newer row hides older ones and does not remove them, so every file is looked at.
    """
    forgotten = {
        "pages": ("url_key", url_keys),
        "appointments": ("url_key", url_keys),
        "stories": ("article_id", article_ids),
    }
    after: dict[str, tuple[DataFile, ...]] = {}
    for name, files in memory.items():
        column, values = forgotten.get(name, ("", frozenset()))
        after[name] = tuple(
            _without(root, file, name, column, values, f"{MEMORY}/{name}/{run_id}-{number:02d}.parquet", run_id)
            if column
            else file
            for number, file in enumerate(files)
        )
    return after


def bury(page: PageMemory) -> PageMemory:
    """What stays in memory of a page that was taken down: its address, and that it is not to be visited."""
    return PageMemory(
        url_key=page.url_key,
        entry=bare(page.entry),
        publisher=page.publisher,
        language=page.language,
        needs_topic_filter=page.needs_topic_filter,
        first_seen_at=page.first_seen_at,
        listed_by=page.listed_by,
        listed_on=page.listed_on,
        outcome=TAKEN_DOWN,
        same_as=page.same_as,
    )


def bare(entry: Entry) -> Entry:
    """An entry without what the feed says of the page."""
    return replace(entry, title=None, summary=None, authors=(), categories=())


def among(rows: pa.Table, column: str, values: Iterable[str]) -> Any:
    """Which rows have one of these values in a column of strings."""
    return pc.is_in(rows[column], pa.array(sorted(values), type=pa.string()))


def _without(
    root: Root, file: DataFile, name: str, column: str, values: AbstractSet[str], path: str, run_id: str
) -> DataFile:
    kind = KINDS[name]
    rows = conform(kind.row, read_arrow(root, file.path))
    mask = among(rows, column, values)
    if not pc.any(mask).as_py():
        return file
    left = rows.filter(pc.invert(mask))
    if name == "pages":
        buried = [bury(page) for page in from_arrow(PageMemory, rows.filter(mask))]
        left = pa.concat_tables([left, to_arrow(PageMemory, buried)])
    left = left.sort_by([(each, "ascending") for each in kind.key])
    return write_arrow(root, left, path=path, kind=f"{MEMORY}/{name}", run_id=run_id)
