"""Read a data set in the order in which it came about: the runs, their captures, and as which page each counted."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.dataset as ds

from schemas.arrow import arrow_schema, conform, from_arrow
from schemas.records import Article, Capture, Run, record
from schemas.tables import TABLES, partition_of
from transforms.addresses import key_of
from transforms.write.manifest import DataFile
from transforms.write.parquet import read_arrow
from transforms.write.read_warc import DamagedRecord, read_capture
from transforms.write.store import Root, open_store

AFTER_DOWNLOAD = ("extract", "link", "tag")
"""Stages in which a capture that download passed on can end."""

OFF_DOMAIN = "off-domain"


@record
class History:
    """The tables of a data set, read run by run."""

    root: Root
    files: tuple[DataFile, ...]

    def count(self, table: str) -> int:
        """How many rows the files of a table hold."""
        return sum(file.rows for file in self.files if file.kind == table)

    def days(self) -> Iterator[list[Run]]:
        """The passes in the order of their versions, those that follow each other within one UTC day together.

        Without their counts and versions.
        """
        rows = (run for part in self.read("runs") for run in from_arrow(Run, part))
        runs = [replace(run, counts=(), versions="") for run in rows if run.verb == "ingest"]
        runs.sort(key=lambda run: run.data_version)
        for _, day in groupby(runs, key=lambda run: f"{run.started_at:%Y-%m-%d}"):
            yield list(day)

    def captures(self, runs: Sequence[Run]) -> list[Capture]:
        """The captures of runs that began on one day, sorted by run and page; without bodies."""
        rows = self._of_day("captures", Capture, runs, ds.field("run_id").isin(_ids(runs)))
        version = {run.run_id: run.data_version for run in runs}
        rows.sort(key=lambda row: (version[row.run_id], row.url_key, row.capture_id, *_rank(row)))
        # By a clock that stands still, two visits of a page have one id; the page's own address counts, as in download.
        return list({row.capture_id: row for row in reversed(rows)}.values())[::-1]

    def page_keys(self, runs: Sequence[Run]) -> dict[str, str]:
        """The key under which each capture of runs that began on one day went on to extraction, by capture_id.

        Each that did ended once: as an article, or dropped or dead in a later stage. Those that download kept back, as
        they led to another page, or astray, have none.
        """
        ran = ds.field("run_id").isin(_ids(runs))
        ended = ran & ds.field("stage").isin(AFTER_DOWNLOAD) & ds.field("capture_id").is_valid()
        return {
            row["capture_id"]: row["url_key"]
            for name, where in (("articles", ran), ("dropped", ended), ("dead_letters", ended))
            for row in self._dicts(name, ["capture_id", "url_key"], where, self._partition(name, runs))
        }

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

    def article_ids(self) -> frozenset[str]:
        """Ids of the articles whose text is at hand: those that count, and those that nothing but rules withdrew."""
        rows = self._dicts("articles", ["article_id", "withdrawn", "withdrawn_as"], None, "")
        return frozenset(row["article_id"] for row in rows if is_text(row["withdrawn"], row["withdrawn_as"]))

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


def is_text(withdrawn: bool | None, withdrawn_as: str | None) -> bool:
    """Whether an article's row holds a text that its bytes give: nothing, or nothing but rules, withdrew it."""
    return not withdrawn or withdrawn_as == OFF_DOMAIN


def _rank(row: Capture) -> tuple[bool, bool, str]:
    """Which of several captures of a page at one instant counts, as landing has it."""
    return key_of(row.entry.url) != row.url_key, row.needs_topic_filter, row.requested_url


def _ids(runs: Sequence[Run]) -> pa.Array:
    return pa.array([run.run_id for run in runs], type=pa.string())
