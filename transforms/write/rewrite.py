"""Write what is left of files anew, to replace them: rows and records are copied, never made."""

import shutil
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import BinaryIO

import pyarrow as pa

from schemas.arrow import conform, unknown_columns
from schemas.errors import UserError
from schemas.tables import TABLES
from transforms.write.manifest import DataFile
from transforms.write.parquet import read_arrow, write_arrow
from transforms.write.staging import stage_file
from transforms.write.store import Root, open_store
from transforms.write.warc_records import walk_records

Change = Callable[[pa.Table], pa.Table]


def rewrite_rows(
    root: Root, files: Sequence[DataFile], *, folder: str, run_id: str, shard: int, change: Change | None = None
) -> DataFile | None:
    """Stage the rows of some files of one table as one, sorted, after a change if one is given; None if none is left.

    Files of an older icewire become as they would be written now. UserError for those of a newer one, of which columns
    would be lost.
    """
    table = TABLES[files[0].kind]
    parts = []
    for file in files:
        part = read_arrow(root, file.path)
        if unknown := unknown_columns(table.row, part):
            raise UserError(
                f"{open_store(root).address(file.path)}: has columns that this icewire does not know"
                f" ({', '.join(unknown)}); upgrade icewire"
            )
        parts.append(conform(table.row, part))
    rows = pa.concat_tables(parts)
    rows = change(rows) if change else rows
    if not rows.num_rows:
        return None
    rows = rows.sort_by([(name, "ascending") for name in table.sort_by])
    path = f"{folder}/part-{run_id}-{shard:05d}.parquet"
    return write_arrow(root, rows, path=path, kind=table.name, run_id=run_id)


def join_warcs(root: Root, files: Sequence[DataFile], *, path: str, run_id: str) -> tuple[DataFile, dict[str, int]]:
    """Stage WARC files as one, byte for byte one after the other; with the offset at which each now begins."""
    store = open_store(root)
    begins: dict[str, int] = {}

    def write(target: BinaryIO) -> int:
        for file in files:
            begins[file.path] = target.tell()
            with store.open(file.path) as source:
                shutil.copyfileobj(source, target, 1 << 20)
        return sum(file.rows for file in files)

    return stage_file(root, write, path=path, kind="warc", run_id=run_id), begins


def relocate(captures: pa.Table, new_place: Callable[[str, int], tuple[str, int]]) -> pa.Table:
    """Rows of `captures` that point to where their records are now."""
    columns = captures.select(["warc_file", "warc_offset"]).to_pylist()
    places = [
        (each["warc_file"], each["warc_offset"])
        if each["warc_file"] is None or each["warc_offset"] is None
        else new_place(each["warc_file"], each["warc_offset"])
        for each in columns
    ]
    for number, name in enumerate(("warc_file", "warc_offset")):
        at = captures.schema.get_field_index(name)
        field = captures.schema.field(at)
        captures = captures.set_column(at, field, pa.array([place[number] for place in places], type=field.type))
    return captures


def strip_warc(
    root: Root, file: DataFile, capture_ids: AbstractSet[str], *, path: str, run_id: str
) -> tuple[DataFile, dict[int, int]]:
    """Stage a WARC file without the records of some captures; with the old and the new offset of each record kept.

    UserError for a damaged file: what cannot be read cannot be told apart from what has to go.
    """
    store = open_store(root)
    places: dict[int, int] = {}
    stripped: set[str] = set()

    def write(target: BinaryIO) -> int:
        with store.open(file.path) as source, store.open(file.path) as copied:
            for each in walk_records(source):
                if each.problem:
                    raise UserError(
                        f"{store.address(file.path)}: the record at {each.offset} {each.problem}; restore this file"
                        " from a copy, or see icewire verify"
                    )
                gone = next((capture_id for capture_id in capture_ids if each.is_of(capture_id)), None)
                if gone is not None:
                    stripped.add(gone)
                    continue
                places[each.offset] = target.tell()
                copied.seek(each.offset)
                target.write(copied.read(each.length))
        return file.rows - len(stripped)

    return stage_file(root, write, path=path, kind="warc", run_id=run_id), places
