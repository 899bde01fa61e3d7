"""Read a data set as its manifests define it."""

from schemas.errors import UserError
from schemas.records import record
from transforms.write.manifest import live_files, newest_version
from transforms.write.store import Root, open_store


@record
class DataSet:
    """One version of a data set: the files of each table, as addresses that DuckDB, pandas or Polars take."""

    root: str
    version: int
    tables: dict[str, tuple[str, ...]]
    warc_files: tuple[str, ...]


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
    for file in live_files(root, chosen):
        tables.setdefault(file.kind, []).append(store.address(file.path))
    warc_files = tuple(tables.pop("warc", ()))
    return DataSet(
        root=store.address("").rstrip("/"),
        version=chosen,
        tables={name: tuple(paths) for name, paths in tables.items()},
        warc_files=warc_files,
    )
