"""Stage the rows that a replay changes, as files of its own run."""

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.records import Run
from schemas.tables import TABLES
from transforms.write.manifest import DataFile
from transforms.write.parquet import write_table
from transforms.write.store import Root

ROWS_A_FILE = 20_000
"""Rows wait in memory until they make a file: of articles, about 100 MB."""


class RowWriter:
    """Takes rows as they would be stored and makes them rows of its run; a dry one drops them."""

    def __init__(self, root: Root, run: Run, *, is_dry: bool) -> None:
        self._root, self._run, self._is_dry = root, run, is_dry
        self._rows: dict[str, list[Any]] = {}
        self._shards: dict[str, int] = {}
        self.files: list[DataFile] = []

    def write(self, table: str, row: Mapping[str, Any]) -> None:
        """Take a row; it gets the run's id and start."""
        if self._is_dry:
            return
        of_run = {"run_id": self._run.run_id, "as_of": self._run.started_at}
        self._rows.setdefault(table, []).append(msgspec.convert({**row, **of_run}, TABLES[table].row))
        if len(self._rows[table]) >= ROWS_A_FILE:
            self._stage(table)

    def finish(self) -> list[DataFile]:
        """Stage what is left; the files staged."""
        for table in list(self._rows):
            self._stage(table)
        return self.files

    def _stage(self, table: str) -> None:
        rows = self._rows.pop(table)
        shard = self._shards.get(table, 0)
        self._shards[table] = shard + 1
        place: dict[str, Any] = {"day": f"{self._run.started_at:%Y-%m-%d}", "run_id": self._run.run_id}
        self.files.append(write_table(self._root, TABLES[table], rows, shard=shard, **place))
