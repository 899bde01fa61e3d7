"""Write, wired: the records of a run become staged files, and one last step commits them all."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import AsIter

from schemas.records import (
    Capture,
    Coverage,
    Feed,
    Run,
)
from schemas.tables import TABLES
from transforms.write.coverage import FeedDay, cover_day
from transforms.write.finish import finish_run
from transforms.write.manifest import DataFile
from transforms.write.memory import KINDS
from transforms.write.parquet import write_table
from transforms.write.remember import settle_page
from transforms.write.shards import BYTES_A_WARC, split_shards
from transforms.write.store import Root
from transforms.write.warc import write_warc

ROWS_A_FILE = 50_000
"""One file per table and run unless a run is large: 50,000 articles are about 250 MB before compression."""

_TABLE_OF = {table.row: table.name for table in TABLES.values()}
_MEMORY_OF = {kind.row: name for name, kind in KINDS.items()}


class RememberPages(beam.PTransform):
    """{visit, capture, article, dropped, dead, lead: PCollections with url_key} -> outputs PageMemory, PageTurn."""

    def __init__(self, *, now: datetime) -> None:
        super().__init__()
        self._now = now

    def expand(self, outcomes: Any) -> Any:
        keyed = {
            name: records | f"Key_{name}" >> beam.Map(lambda record: (record.url_key, record))
            for name, records in outcomes.items()
        }
        return (
            keyed
            | "JoinOutcomes" >> beam.CoGroupByKey()
            | "RememberPage" >> beam.FlatMap(self._remember).with_outputs("PageMemory", "PageTurn")
        )

    def _remember(self, group: tuple[str | None, Mapping[str, Iterable[Any]]]) -> Iterator[Any]:
        for record in settle_page(group[1], now=self._now):
            yield beam.pvalue.TaggedOutput(type(record).__name__, record)


class CoverDays(beam.PTransform):
    """(Feed's day, Poll, PageTurn or Gap) -> Coverage of every feed's day that the run touches."""

    def __init__(
        self, *, recall: Callable[[], Mapping[FeedDay, Coverage]], feeds: Mapping[str, Feed], run_id: str, now: datetime
    ) -> None:
        super().__init__()
        self._cover = _CoverDayFn(recall, partial(cover_day, run_id=run_id, now=now), feeds)

    def expand(self, events: Any) -> Any:
        return events | "GroupDays" >> beam.GroupByKey() | "CoverDay" >> beam.ParDo(self._cover)


class _CoverDayFn(beam.DoFn):
    """Recalls the days of all feeds once: they are few, and each reading of memory opens its files."""

    def __init__(
        self,
        recall: Callable[[], Mapping[FeedDay, Coverage]],
        cover: Callable[..., Coverage | None],
        feeds: Mapping[str, Feed],
    ) -> None:
        self._recall, self._cover, self._feeds = recall, cover, feeds

    def setup(self) -> None:
        self._before = self._recall()

    def process(self, group: tuple[FeedDay, Iterable[Any]]) -> Iterator[Coverage]:
        key, events = group
        if day := self._cover(key, events, before=self._before.get(key), feed=self._feeds.get(key[0])):
            yield day


class KeptCaptures(NamedTuple):
    """Captures with their place in a WARC file, and those files."""

    captures: Any
    files: Any


class KeepCaptures(beam.PTransform):
    """Capture -> KeptCaptures: the bytes go to WARC, the rows go on without them."""

    def __init__(self, *, root: Root, day: str, run_id: str) -> None:
        super().__init__()
        self._root, self._where = root, {"day": day, "run_id": run_id}

    def expand(self, captures: Any) -> Any:
        kept = (
            captures
            | "OneGroup" >> beam.WithKeys(0)
            | "GatherCaptures" >> beam.GroupByKey()
            | "WriteWarc" >> beam.FlatMap(self._write).with_outputs("DataFile", main="Capture")
        )
        return KeptCaptures(captures=kept.Capture, files=kept.DataFile)

    def _write(self, group: tuple[int, Iterable[Capture]]) -> Iterator[Any]:
        ordered = sorted(group[1], key=lambda capture: (capture.url_key, capture.capture_id))
        chunks = split_shards(ordered, BYTES_A_WARC, size=lambda capture: len(capture.body))
        for shard, chunk in enumerate(chunks):
            placed, file = write_warc(self._root, chunk, shard=shard, **self._where)
            yield from placed
            yield beam.pvalue.TaggedOutput("DataFile", file)


class StageTables(beam.PTransform):
    """Records of any table -> DataFile: one staged Parquet file a table, more where a run is large."""

    def __init__(self, *, root: Root, day: str, run_id: str) -> None:
        super().__init__()
        self._root, self._where = root, {"day": day, "run_id": run_id}

    def expand(self, rows: Any) -> Any:
        return (
            rows
            | "ByTable" >> beam.Map(lambda row: (_TABLE_OF[type(row)], row))
            | "GatherTables" >> beam.GroupByKey()
            | "WriteTable" >> beam.FlatMap(self._write)
        )

    def _write(self, group: tuple[str, Iterable[Any]]) -> Iterator[DataFile]:
        name, rows = group
        for shard, chunk in enumerate(split_shards(rows, ROWS_A_FILE, size=lambda _: 1)):
            yield write_table(self._root, TABLES[name], chunk, shard=shard, **self._where)


class CommitRun(beam.PTransform):
    """The root -> Run: waits for every file, count and memory row, then commits them as one version."""

    def __init__(
        self,
        *,
        root: Root,
        day: str,
        run: Run,
        memory_before: Mapping[str, tuple[DataFile, ...]],
        clock: Callable[[], datetime],
        files: Any,
        counts: Any,
        memory_rows: Any,
    ) -> None:
        super().__init__()
        self._run = run
        self._commit = partial(_commit_run, root=root, day=day, memory_before=memory_before, clock=clock)
        self._files, self._counts, self._memory_rows = files, counts, memory_rows

    def expand(self, root: Any) -> Any:
        return (
            root
            | "Run" >> beam.Create([self._run], reshuffle=False)
            | "Commit"
            >> beam.Map(
                self._commit,
                # A Map between a tagged output and a side input: one local runner mixes the tags up otherwise.
                AsIter(self._files | "Files" >> beam.Map(_as_is)),
                AsIter(self._counts | "Counts" >> beam.Map(_as_is)),
                AsIter(self._memory_rows | "MemoryRows" >> beam.Map(_as_is)),
            )
        )


def _commit_run(
    run: Run,
    files: Iterable[DataFile],
    counts: Iterable[tuple[str, int]],
    memory_rows: Iterable[Any],
    *,
    clock: Callable[[], datetime],
    **where: Any,
) -> Run:
    by_memory: dict[str, list[Any]] = {}
    for row in memory_rows:
        by_memory.setdefault(_MEMORY_OF[type(row)], []).append(row)
    return finish_run(run=run, files=files, counts=counts, memory_rows=by_memory, finished_at=clock(), **where)


def _as_is(element: Any) -> Any:
    return element
