"""What a run must remember of earlier ones: rows in Parquet, committed with the articles they belong to.

Each memory is a few files, oldest first; of rows with equal keys the newest counts. A run adds one small file and
merges the tail while the file before is less than twice as large, so there are about log2(n) files and each row is
rewritten about log2(n) times over the life of the data set.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from schemas.arrow import arrow_schema, conform, from_arrow, to_arrow
from schemas.memory import Appointment, FeedMemory, PageMemory, StoryMemory
from schemas.records import Coverage, RobotsMemory, Silence, record
from transforms.retry_after import RETRY_AFTER_CAP_S
from transforms.write.appointments import SETTLED_WINDOW, is_due, make_appointments
from transforms.write.clocks import as_of
from transforms.write.manifest import DataFile, Manifest
from transforms.write.parquet import read_arrow, write_arrow
from transforms.write.store import Root

MEMORY = "memory"

STORY_WINDOW = timedelta(days=14)
"""Copies of a story are looked for this far back; wire copy appears within hours, retellings within days."""

COVERAGE_WINDOW = timedelta(days=7)
"""A feed's day is kept open for so long: pages that failed are retried for about four days."""

ROBOTS_WINDOW = timedelta(hours=24)
"""No robots.txt is believed for longer (RFC 9309, section 2.4)."""


@record
class MemoryKind:
    """One memory: its record, its key, and for how long a row is kept (None: for ever)."""

    row: type
    key: tuple[str, ...]
    kept_by: str | None = None
    kept_for: timedelta | None = None


KINDS: dict[str, MemoryKind] = {
    "feeds": MemoryKind(row=FeedMemory, key=("feed_id",)),
    "pages": MemoryKind(row=PageMemory, key=("url_key",)),
    "appointments": MemoryKind(row=Appointment, key=("url_key",), kept_by="settled_at", kept_for=SETTLED_WINDOW),
    "stories": MemoryKind(row=StoryMemory, key=("article_id",), kept_by="seen_at", kept_for=STORY_WINDOW),
    "coverage": MemoryKind(row=Coverage, key=("feed_id", "day"), kept_by="as_of", kept_for=COVERAGE_WINDOW),
    "silences": MemoryKind(row=Silence, key=("domain",), kept_by="until", kept_for=timedelta()),
    "robots": MemoryKind(row=RobotsMemory, key=("origin",), kept_by="asked_at", kept_for=ROBOTS_WINDOW),
}


@record
class Memory:
    """The memory of one version of a data set; read where it is asked, so that workers share nothing."""

    root: str
    files: Mapping[str, tuple[DataFile, ...]]

    @classmethod
    def of(cls, root: Root, manifest: Manifest | None) -> "Memory":
        """The memory as a manifest has it; empty without one."""
        return cls(root=str(root), files=manifest.memory if manifest else {})

    def feeds(self, now: datetime) -> dict[str, FeedMemory]:
        """Everything remembered of feeds, by feed_id."""
        return {row.feed_id: as_of(row, now) for row in from_arrow(FeedMemory, self._newest("feeds"))}

    def pages(self, url_keys: Sequence[str]) -> dict[str, PageMemory]:
        """What is remembered of these pages, by url_key; only row groups that can hold the keys are read."""
        if not url_keys:
            return {}
        return {row.url_key: row for row in from_arrow(PageMemory, self._pages(url_keys))}

    def due_pages(self, now: datetime) -> list[PageMemory]:
        """The pages to be fetched again by now: failed ones to be retried, known ones to be looked at again.

        See `appointments.is_due` for what a clock that was ahead has left.
        """
        appointments = self._newest("appointments" if "appointments" in self.files else "pages")
        due = appointments.filter(is_due(now))["url_key"].to_pylist()
        if not due:
            return []
        # The page itself has the last word: the row that hid an older appointment may have been forgotten by now.
        return [as_of(page, now) for page in from_arrow(PageMemory, self._pages(due).filter(is_due(now)))]

    def stories(self, now: datetime) -> list[StoryMemory]:
        """The sketches of the articles seen within STORY_WINDOW."""
        rows = from_arrow(StoryMemory, self._newest("stories", ds.field("seen_at") > now - STORY_WINDOW))
        return sorted(rows, key=lambda row: (row.seen_at, row.article_id))

    def coverage(self) -> dict[tuple[str, str], Coverage]:
        """Feeds' days as they were last written, by feed_id and day (2026-11-02)."""
        rows = from_arrow(Coverage, self._newest("coverage"))
        return {(row.feed_id, row.day.isoformat()): row for row in rows}

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """The domains still to be left alone; nobody is for longer than a day at a time."""
        longest = now + timedelta(seconds=RETRY_AFTER_CAP_S)
        return tuple(row for row in from_arrow(Silence, self._newest("silences")) if now < row.until <= longest)

    def robots(self, now: datetime) -> dict[str, RobotsMemory]:
        """The robots.txt that need not be asked for again, by origin."""
        rows = from_arrow(RobotsMemory, self._newest("robots", ds.field("asked_at") > now - ROBOTS_WINDOW))
        return {row.origin: row for row in rows}

    def _pages(self, url_keys: Sequence[str]) -> pa.Table:
        wanted = pa.array(sorted(set(url_keys)), type=pa.string())
        return self._newest("pages", ds.field("url_key").isin(wanted))

    def _newest(self, name: str, where: Any = None) -> pa.Table:
        kind = KINDS[name]
        files = self.files.get(name, ())
        tables = [conform(kind.row, read_arrow(self.root, file.path, where=where)) for file in files]
        return newest_rows(tables or [arrow_schema(kind.row).empty_table()], kind.key)


def newest_rows(tables: Sequence[pa.Table], key: Sequence[str]) -> pa.Table:
    """Of rows with equal keys the last, over tables given oldest first; sorted by key."""
    by_key = [(column, "ascending") for column in key]
    table = pa.concat_tables(tables)
    numbered = table.append_column("_row", pa.array(np.arange(table.num_rows)))
    last = numbered.group_by(list(key)).aggregate([("_row", "max")]).sort_by(by_key)["_row_max"]
    return table.take(last)


def write_memory(
    root: Root,
    before: Mapping[str, tuple[DataFile, ...]],
    rows: Mapping[str, Iterable[Any]],
    *,
    run_id: str,
    now: datetime,
) -> dict[str, tuple[DataFile, ...]]:
    """Stage what a run learnt, merged with the small files before it, and give the memory files of the next version."""
    after: dict[str, tuple[DataFile, ...]] = {}
    for name, kind in KINDS.items():
        files = list(before.get(name, ()))
        if kind.row is Appointment:
            added = _kept(_appointments(root, before, rows.get("pages", ())), kind, now)
        else:
            added = to_arrow(kind.row, rows.get(name, ()), kind.key)
        if added.num_rows:
            known_at = None
            while files and files[-1].rows < 2 * added.num_rows:
                older = conform(kind.row, read_arrow(root, files.pop().path))
                known_at = known_at or _latest(older, kind)
                added = _kept(newest_rows([older, added], kind.key), kind, min(now, known_at or now))
            path = f"{MEMORY}/{name}/{run_id}.parquet"
            files.append(write_arrow(root, added, path=path, kind=f"{MEMORY}/{name}", run_id=run_id))
        after[name] = tuple(files)
    return after


def _appointments(root: Root, before: Mapping[str, tuple[DataFile, ...]], pages: Iterable[PageMemory]) -> pa.Table:
    """The appointments of the pages of a run; of all pages, where an older icewire kept none."""
    kind = KINDS["pages"]
    older = () if "appointments" in before else before.get("pages", ())
    known = [conform(kind.row, read_arrow(root, file.path)) for file in older]
    return make_appointments(newest_rows([*known, to_arrow(kind.row, pages, kind.key)], kind.key))


def _latest(table: pa.Table, kind: MemoryKind) -> datetime | None:
    """What time it was by the rows of earlier runs: one run by a clock that is ahead must not forget them all."""
    return pc.max(table[kind.kept_by]).as_py() if kind.kept_by else None


def _kept(table: pa.Table, kind: MemoryKind, now: datetime) -> pa.Table:
    if kind.kept_by is None or kind.kept_for is None:
        return table
    oldest = pa.scalar(now - kind.kept_for, table[kind.kept_by].type)
    return table.filter(pc.fill_null(pc.greater(table[kind.kept_by], oldest), True))
