"""What rows say of each other, over all files of a data set at once; DuckDB holds it, on disk where it is large."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from schemas.arrow import arrow_schema, to_arrow
from schemas.tables import TABLES
from transforms.write.check_warc import Place
from transforms.write.manifest import DataFile
from transforms.write.store import Root, open_store

MEMORY_LIMIT = "1GB"

_LOADED = {
    "captures": ("capture_id", "warc_file", "warc_offset", "warc_length", "payload_in", "payload_sha256"),
    "articles": ("article_id", "capture_id"),
}
"""Tables that are asked for single rows, and the columns it takes."""

_SCANNED = {
    "texts": ("articles", ("article_id", "title", "text", "capture_id", "as_of", "withdrawn")),
    "topic_tags": ("topic_tags", ("article_id", "topic", "as_of", "withdrawn", "evidence")),
    "stories": ("stories", ("article_id", "as_of", "withdrawn", "evidence")),
}
"""Tables that are read once, as streams."""


class RowIndex:
    """The rows of those files of a data set that can be believed; close it in the end."""

    def __init__(self, root: Root, files: Sequence[DataFile]) -> None:
        self._root, self._files = root, files
        self._folder = tempfile.TemporaryDirectory(prefix="icewire-verify-")
        limits: dict[str, Any] = {"memory_limit": MEMORY_LIMIT, "temp_directory": f"{self._folder.name}/spill"}
        self._database = duckdb.connect(Path(self._folder.name) / "rows.duckdb", config=limits)
        for table, columns in _LOADED.items():
            self._database.register("loaded", self.dataset(table, columns))
            self._database.execute(f"CREATE TABLE {table} AS SELECT * FROM loaded")  # noqa: S608 — our own names
            self._database.unregister("loaded")
        for name, (table, columns) in _SCANNED.items():
            self._database.register(name, self.dataset(table, columns))

    def dataset(self, table: str, columns: Iterable[str] | None = None) -> Any:
        """A table's files as one Arrow dataset, null where a file is older than a column."""
        schema = arrow_schema(TABLES[table].row)
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        paths = [file.path for file in self._files if file.kind == table]
        if not paths:
            return to_arrow(TABLES[table].row, []).select(schema.names)
        store = open_store(self._root)
        inner = [store.inner(path) for path in paths]
        return ds.dataset(inner, schema=schema, format="parquet", filesystem=store.filesystem)

    def select(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._database.execute(query, parameters).fetchall()

    def places(self, warc_file: str) -> list[Place]:
        """Where the rows of `captures` say that the answers in a WARC file are."""
        rows = self.select(
            "SELECT capture_id, warc_offset, warc_length FROM captures WHERE warc_file = ? AND warc_offset IS NOT NULL"
            " ORDER BY warc_offset",
            [warc_file],
        )
        return [Place(capture_id=each[0], offset=each[1], length=each[2] or 0) for each in rows]

    def articles_of(self, capture_ids: Sequence[str]) -> tuple[str, ...]:
        """Ids of the articles that were made of captures, or of their bytes where a later capture had the same."""
        rows = self.select(
            "SELECT DISTINCT article_id FROM articles JOIN captures USING (capture_id)"
            " WHERE capture_id IN (SELECT unnest(?)) OR payload_in IN (SELECT unnest(?)) ORDER BY article_id",
            [list(capture_ids), list(capture_ids)],
        )
        return tuple(each[0] for each in rows)

    def close(self) -> None:
        """Remove what was held beside."""
        self._database.close()
        self._folder.cleanup()
