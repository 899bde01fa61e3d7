"""Read a data set as its manifests define it."""

from pathlib import Path

from schemas.errors import UserError
from schemas.records import record
from transforms.write.manifest import newest_version, read_manifest


@record
class DataSet:
    """One version of a data set: the files of each table, as absolute paths that DuckDB, pandas or Polars take."""

    root: str
    version: int
    tables: dict[str, tuple[str, ...]]
    warc_files: tuple[str, ...]


def open_dataset(root: Path | str, version: int | None = None) -> DataSet:
    """The files of a version (the newest if None); UserError if there is no data set or no such version."""
    root = Path(root)
    newest = newest_version(root)
    if newest == 0:
        raise UserError(f"{root}: no data set here; make one with: icewire ingest --feeds FILE --data {root}")
    chosen = newest if version is None else version
    read_manifest(root, chosen)
    tables: dict[str, list[str]] = {}
    for number in range(1, chosen + 1):
        for file in read_manifest(root, number).added:
            tables.setdefault(file.kind, []).append(str(root.resolve() / file.path))
    warc_files = tuple(tables.pop("warc", ()))
    return DataSet(
        root=str(root.resolve()),
        version=chosen,
        tables={name: tuple(paths) for name, paths in tables.items()},
        warc_files=warc_files,
    )
