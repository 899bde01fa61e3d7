"""Read a data set in the order in which it came about: the runs, their captures, and how each capture ended."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.dataset as ds

from schemas.arrow import arrow_schema, conform, from_arrow
from schemas.records import Article, Capture, Run, record
from schemas.tables import TABLES, partition_of
from transforms.write.manifest import DataFile
from transforms.write.parquet import read_arrow
from transforms.write.read_warc import DamagedRecord, read_capture
from transforms.write.store import Root, open_store

AFTER_DOWNLOAD = ("extract", "link", "tag")
"""Stages in which a capture that download passed on can end; each ends once."""


@record
class Ending:
    """How a capture that download passed on ended, and under which key: as an article, dropped or dead."""

    url_key: str
    reason: str | None = None
    """The reason or error; None of an article."""
    article_id: str | None = None


@record
class History:
    """The tables of a data set, read run by run."""

    root: Root
    files: tuple[DataFile, ...]

    def days(self) -> Iterator[list[Run]]:
        """The passes in the order of their versions, those that follow each other within one UTC day together."""
        runs = [run for part in self.read("runs") for run in from_arrow(Run, part) if run.verb == "ingest"]
        runs.sort(key=lambda run: run.data_version)
        for _, day in groupby(runs, key=lambda run: f"{run.started_at:%Y-%m-%d}"):
            yield list(day)

    def captures(self, runs: Sequence[Run]) -> list[Capture]:
        """The captures of runs that began on one day, sorted by run and page; without bodies."""
        rows = self._of_day("captures", Capture, runs, ds.field("run_id").isin(_ids(runs)))
        version = {run.run_id: run.data_version for run in runs}
        return sorted(rows, key=lambda row: (version[row.run_id], row.url_key, row.capture_id))

    def endings(self, runs: Sequence[Run]) -> dict[str, Ending]:
        """How the captures of runs that began on one day ended then, by capture_id; none that download kept back."""
        ran = ds.field("run_id").isin(_ids(runs))
        ended = ran & ds.field("stage").isin(AFTER_DOWNLOAD) & ds.field("capture_id").is_valid()
        found: dict[str, Ending] = {}
        for name, why, where in (
            ("articles", None, ran),
            ("dropped", "reason", ended),
            ("dead_letters", "error", ended),
        ):
            columns = [column for column in ("capture_id", "url_key", "article_id", why) if column]
            for row in self._dicts(name, columns, where, self._partition(name, runs)):
                ending = Ending(
                    url_key=row["url_key"], reason=row.get(why) if why else None, article_id=row.get("article_id")
                )
                found[row["capture_id"]] = ending
        return found

    def articles(self, capture_ids: Iterable[str], captured: tuple[datetime, datetime]) -> dict[str, Article]:
        """The newest row of each capture that has one, withdrawn or not; `captured` bounds when they were fetched."""
        wanted = ds.field("capture_id").isin(pa.array(sorted(capture_ids), type=pa.string()))
        instants = [pa.scalar(at, pa.timestamp("us", tz="UTC")) for at in captured]
        fetched = (ds.field("captured_at") >= instants[0]) & (ds.field("captured_at") <= instants[1])
        newest: dict[str, Article] = {}
        for part in self.read("articles", where=fetched & wanted):
            for row in from_arrow(Article, part):
                before = newest.get(row.capture_id)
                if before is None or before.as_of < row.as_of:
                    newest[row.capture_id] = row
        return newest

    def taken_down(self) -> frozenset[str]:
        """Ids of the articles that were taken down."""
        rows = self._dicts("takedowns", ["article_ids"], None, "")
        return frozenset(each for row in rows for each in row["article_ids"] or ())

    def bodies(self, rows: Sequence[Capture]) -> Iterator[Capture | DamagedRecord]:
        """The captures of rows with their bodies as received, in order; what is wrong with those that are damaged."""
        elsewhere = {row.payload_in for row in rows if row.payload_in}
        originals = {row.capture_id: row for row in self._named(elsewhere)} if elsewhere else {}
        with ExitStack() as stack:
            opened: dict[str, BinaryIO] = {}
            for row in rows:
                try:
                    original = originals.get(row.payload_in or "")
                    kept = self._body(original, None, opened, stack) if original else None
                    yield self._body(row, kept, opened, stack)
                except DamagedRecord as damage:
                    yield damage

    def read(self, table: str, where: Any = None, partition: str = "") -> Iterator[pa.Table]:
        """The rows of a table, file by file, as its schema is now."""
        for file in self.files:
            if file.kind == table and partition in file.path:
                yield conform(TABLES[table].row, read_arrow(self.root, file.path, where=where))

    def _of_day(self, table: str, row: Any, runs: Sequence[Run], where: Any) -> list[Any]:
        parts = self.read(table, where, self._partition(table, runs))
        return [each for part in parts for each in from_arrow(row, part)]

    def _dicts(self, table: str, columns: list[str], where: Any, partition: str) -> Iterator[dict[str, Any]]:
        schema = arrow_schema(TABLES[table].row)
        # What the filter asks for must be in the schema, too, or it is asked for in vain.
        asked = [*columns, *(name for name in ("run_id", "stage") if name in schema.names and name not in columns)]
        part = pa.schema([schema.field(name) for name in asked])
        for file in self.files:
            if file.kind == table and partition in file.path:
                yield from read_arrow(self.root, file.path, where=where, schema=part).to_pylist()

    def _partition(self, table: str, runs: Sequence[Run]) -> str:
        return f"/{partition_of(TABLES[table], f'{runs[0].started_at:%Y-%m-%d}')}/"

    def _named(self, capture_ids: set[str]) -> Iterator[Capture]:
        where = ds.field("capture_id").isin(pa.array(sorted(capture_ids), type=pa.string()))
        for part in self.read("captures", where):
            yield from from_arrow(Capture, part)

    def _body(self, row: Capture, original: Capture | None, opened: dict[str, BinaryIO], stack: ExitStack) -> Capture:
        path = row.warc_file or ""
        if path not in opened:
            try:
                opened[path] = stack.enter_context(open_store(self.root).open(path))
            except OSError as error:
                told = error.strerror or error
                raise DamagedRecord(f"{path}: the record of capture {row.capture_id} cannot be read: {told}") from None
        return read_capture(opened[path], row, original)


def _ids(runs: Sequence[Run]) -> pa.Array:
    return pa.array([run.run_id for run in runs], type=pa.string())
