"""Read a data set as its manifests define it."""

from schemas.arrow import arrow_schema
from schemas.errors import UserError
from schemas.records import record
from schemas.tables import TABLES
from transforms.write.manifest import STAGING, live_files, newest_version, read_manifest
from transforms.write.store import Root, open_store


@record
class DataSet:
    """One version of a data set: the files of each table, as addresses that DuckDB, pandas or Polars take."""

    root: str
    version: int
    tables: dict[str, tuple[str, ...]]
    warc_files: tuple[str, ...]

    def current(self, table: str) -> str:
        """SQL for DuckDB that gives the rows of a table that count: the latest of each key, unless it is withdrawn.

        For FROM, as in f"SELECT topic FROM {data_set.current('topic_tags')}". UserError if the table has no rows.
        """
        if not self.tables.get(table):
            raise UserError(f"{self.root}: version {self.version} has no rows in a table {table!r}")
        files = ", ".join("'{}'".format(path.replace("'", "''")) for path in self.tables[table])
        return counting_rows(table, f"read_parquet([{files}], hive_partitioning = true, union_by_name = true)")


def counting_rows(table: str, source: str) -> str:
    """SQL for DuckDB, for FROM: of a table's rows in `source` the latest of each key, unless it is withdrawn.

    In files that are older than a column it is null.
    """
    rows = f"SELECT * FROM {source}"  # noqa: S608 - the source is our own
    if key := TABLES[table].key:
        rows += f" QUALIFY row_number() OVER (PARTITION BY {', '.join(key)} ORDER BY as_of DESC NULLS LAST) = 1"
    if "withdrawn" in arrow_schema(TABLES[table].row).names:
        rows = f"SELECT * FROM ({rows}) WHERE withdrawn IS NOT TRUE"  # noqa: S608
    return f"({rows})"


def open_dataset(root: Root, version: int | None = None) -> DataSet:
    """The files of a version (the newest if None); UserError if there is no data set or no such version.

    The files stay as they are until `compact` or `takedown` replaces them; who finds one missing opens anew.
    """
    store = open_store(root)
    newest = newest_version(root)
    if newest == 0:
        raise UserError(f"{root}: no data set here; make one with: icewire ingest --feeds FILE --data {root}")
    chosen = newest if version is None else version
    tables: dict[str, list[str]] = {}
    staged = set(store.list(f"{STAGING}/{read_manifest(root, chosen).run_id}"))  # a killed run may have left it there
    for file in live_files(root, chosen):
        is_in_place = file.staged not in staged or store.exists(file.path)
        tables.setdefault(file.kind, []).append(store.address(file.path if is_in_place else file.staged))
    warc_files = tuple(tables.pop("warc", ()))
    return DataSet(
        root=store.address("").rstrip("/"),
        version=chosen,
        tables={name: tuple(paths) for name, paths in tables.items()},
        warc_files=warc_files,
    )
