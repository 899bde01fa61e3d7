"""Find the row that a person means, by its id or the beginning of it."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from schemas.arrow import arrow_schema, conform, from_arrow
from schemas.errors import UserError
from schemas.records import Article, Capture, Run, record
from schemas.tables import TABLES
from transforms.write.history import History
from transforms.write.manifest import DataFile, files_of, newest_version, read_manifests
from transforms.write.memory import Memory
from transforms.write.parquet import read_arrow
from transforms.write.store import Root, absolute

LEAST_PREFIX = 8
_BATCH = 1024


@record
class Shelf:
    """One version of a data set, to look rows up in."""

    version: int
    sha256: str
    """Hash of the manifest of that version."""
    history: History
    memory: Memory

    @classmethod
    def at(cls, data: Root) -> "Shelf":
        """The newest version; UserError if there is no data set, or a manifest is damaged."""
        root = absolute(data)
        version = newest_version(root)
        if not version:
            raise UserError(f"{data}: no data set here; make one with: icewire ingest --feeds FILE --data {data}")
        manifests = list(read_manifests(root, version))
        return cls(
            version=version,
            sha256=manifests[0].sha256,
            history=History(root=root, files=tuple(files_of(manifests))),
            memory=Memory.of(root, manifests[0]),
        )

    def rows(self, table: str, where: Any, columns: Iterable[str]) -> list[Any]:
        """The records of a table that a filter over some columns lets pass, with those that later ones replaced.

        Of files that hold none only these columns are read.
        """
        row, names = TABLES[table].row, list(columns)
        found: list[Any] = []
        for file in self.history.files:
            if file.kind == table and self.holds(file, where, names):
                found += from_arrow(row, conform(row, read_arrow(self.history.root, file.path, where=where)))
        return found

    def holds(self, file: DataFile, where: Any, columns: Iterable[str]) -> bool:
        """Whether a file has rows that a filter over some columns lets pass."""
        return bool(read_arrow(self.history.root, file.path, where=where, schema=_part(file.kind, columns)).num_rows)

    def columns(self, table: str, columns: Iterable[str], where: Any = None) -> Iterator[dict[str, Any]]:
        """Some columns of the rows of a table that a filter over them lets pass."""
        schema = _part(table, columns)
        for file in self.history.files:
            if file.kind == table:
                for batch in read_arrow(self.history.root, file.path, where=where, schema=schema).to_batches(_BATCH):
                    yield from batch.to_pylist()

    def current(self, table: str, where: Any, columns: Iterable[str]) -> list[Any]:
        """Those of them that count: the latest of each key, unless it is withdrawn."""
        newest: dict[tuple[Any, ...], Any] = {}
        for each in sorted(self.rows(table, where, columns), key=_as_of):
            newest[tuple(getattr(each, name) for name in TABLES[table].key)] = each
        return [each for each in newest.values() if not each.withdrawn]

    def capture(self, capture_id: str) -> Capture | None:
        """The row of a capture."""
        return next(iter(self.rows("captures", ds.field("capture_id") == capture_id, ["capture_id"])), None)

    def run(self, run_id: str) -> Run | None:
        """The row of a run."""
        return next(iter(self.rows("runs", ds.field("run_id") == run_id, ["run_id"])), None)


def find_row(shelf: Shelf, wanted: str) -> tuple[Capture, Article | None]:
    """The capture that an id or its beginning names, or that of the article it names, and the article made of it.

    UserError if it names none, or several.
    """
    if len(wanted) < LEAST_PREFIX or not wanted.isalnum():
        raise UserError(f"{wanted!r}: give an article_id or capture_id, or at least its first 8 characters")
    captures = {row.capture_id: row for row in shelf.rows("captures", _begins("capture_id", wanted), ["capture_id"])}
    articles = shelf.rows("articles", _begins("article_id", wanted), ["article_id"])
    names = captures.keys() | {article.article_id for article in articles}
    if not names:
        raise UserError(f"{wanted!r}: no article_id or capture_id of the data set begins so")
    if len(names) > 1:
        raise UserError(f"{wanted!r}: begins several ids ({', '.join(sorted(names)[:5])}); give more of it")
    if captures:
        (capture,) = captures.values()
        made = shelf.rows("articles", ds.field("capture_id") == capture.capture_id, ["capture_id"])
        return capture, max(made, key=_as_of, default=None)
    article = max(articles, key=_as_of)
    found = shelf.capture(article.capture_id)
    if found is None:
        raise UserError(f"{wanted!r}: capture {article.capture_id} of the article is not in the data set")
    return found, article


def _part(table: str, columns: Iterable[str]) -> pa.Schema:
    schema = arrow_schema(TABLES[table].row)
    return pa.schema([schema.field(name) for name in columns])


def _begins(column: str, prefix: str) -> Any:
    return pc.starts_with(pc.field(column), pattern=prefix)


def _as_of(row: Any) -> tuple[bool, Any]:
    return row.as_of is not None, row.as_of
