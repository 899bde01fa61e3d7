"""Write the rows of one table as one Parquet file in staging, and say what was written."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from schemas.arrow import schema_sha256, to_arrow
from schemas.errors import UserError
from schemas.tables import Table, partition_of
from transforms.write.manifest import DataFile
from transforms.write.secrets import without_secrets
from transforms.write.staging import stage_file
from transforms.write.store import Root, open_store

ROW_GROUP_ROWS = 16_384
"""Measured: groups of 8 to 16 thousand rows cost nothing in size (200 rows: 12 %) and prune well."""


def table_path(table: Table, day: str, run_id: str, shard: int) -> str:
    """Final path of a run's file of a table, derived from the run alone, so that a rerun overwrites and never adds."""
    return f"data/{table.name}/{partition_of(table, day)}/part-{run_id}-{shard:05d}.parquet"


def write_table(root: Root, table: Table, rows: Iterable[Any], *, day: str, run_id: str, shard: int = 0) -> DataFile:
    """Stage the rows of a table, without secrets, as one sorted Parquet file."""
    arrow = to_arrow(table.row, map(without_secrets, rows), table.sort_by)
    return write_arrow(root, arrow, path=table_path(table, day, run_id, shard), kind=table.name, run_id=run_id)


def write_arrow(root: Root, arrow: pa.Table, *, path: str, kind: str, run_id: str) -> DataFile:
    """Stage an Arrow table as one Parquet file that will be published at `path`."""

    def write(file: BinaryIO) -> int:
        pq.write_table(
            arrow,
            file,
            compression="zstd",
            compression_level=3,
            row_group_size=ROW_GROUP_ROWS,
            write_page_checksum=True,  # so that of a damaged file the readable row groups can be told
        )
        return int(arrow.num_rows)

    staged = stage_file(root, write, path=path, kind=kind, run_id=run_id)
    return replace(staged, schema_sha256=schema_sha256(arrow.schema))


def read_arrow(root: Root, path: str, *, where: Any = None, schema: pa.Schema | None = None) -> pa.Table:
    """Rows of one file as it was written, or the columns of `schema`, null where the file is older than a column.

    UserError if it cannot be read: a run without its memory would double rows.
    """
    store = open_store(root)
    try:
        # Not read_table: it takes the folders' names for columns.
        dataset = ds.dataset(store.inner(path), schema=schema, format="parquet", filesystem=store.filesystem)
        return dataset.to_table(filter=where)
    except (OSError, pa.ArrowException) as error:
        told = str(error).partition("\n")[0]
        raise UserError(
            f"{store.address(path)}: cannot be read ({told}); restore this file from a copy of the data set"
        ) from None
