"""Compact a data set: the many small files of passes become few, in one commit, under running readers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.dataset as ds

from schemas.records import record
from transforms.write.manifest import DataFile
from transforms.write.merge import Merge, may_point_into, plan_merges
from transforms.write.parquet import read_arrow
from transforms.write.rewrite import join_warcs, relocate, rewrite_rows
from transforms.write.store import Root

Begins = Mapping[str, tuple[str, int]]
"""Of each WARC file that was merged: the file that holds it now, and where in it it begins."""


@record
class Compaction:
    """What merging came to: files staged, and the paths of those that they replace."""

    added: tuple[DataFile, ...]
    replaced: tuple[str, ...]


def stage_compaction(
    root: Root, files: Sequence[DataFile], *, today: date, run_id: str, tell: Callable[[int, int], None] | None = None
) -> Compaction:
    """Stage the merges that the files of a data set want; an empty Compaction if they are merged well already.

    Every row and every WARC record is kept; rows of `captures` are told where their records are now. `tell` is given
    how many of how many merges are done.
    """
    merges = plan_merges(files, today)
    warcs = [merge for merge in merges if merge.kind == "warc"]
    added, begins = _join(root, warcs, run_id)
    tables = [merge for merge in merges if merge.kind != "warc"]
    tables += _also_pointing(root, files, tables, may_point_into(warcs), begins)
    for shard, merge in enumerate(tables, start=1):
        change = partial(_point_anew, begins=begins) if merge.kind == "captures" else None
        file = rewrite_rows(root, merge.files, folder=merge.folder, run_id=run_id, shard=shard, change=change)
        added += [file] if file else []
        if tell:
            tell(shard, len(tables))
    replaced = {file.path for merge in tables for file in merge.files} | begins.keys()
    return Compaction(added=tuple(added), replaced=tuple(sorted(replaced)))


def _join(root: Root, merges: Iterable[Merge], run_id: str) -> tuple[list[DataFile], dict[str, tuple[str, int]]]:
    added = []
    begins: dict[str, tuple[str, int]] = {}
    for shard, merge in enumerate(merges, start=1):
        path = f"{merge.folder}/{run_id}-{shard:05d}.warc.gz"
        file, offsets = join_warcs(root, merge.files, path=path, run_id=run_id)
        added.append(file)
        begins |= {old: (path, begin) for old, begin in offsets.items()}
    return added, begins


def _also_pointing(
    root: Root, files: Iterable[DataFile], merges: Iterable[Merge], starts: tuple[str, ...], begins: Begins
) -> list[Merge]:
    """The files of table `captures` that are not merged, and yet point into merged WARC files: each is written anew."""
    merged = {file.path for merge in merges for file in merge.files}
    points = ds.field("warc_file").isin(sorted(begins))
    return [
        Merge(kind="captures", folder=str(PurePosixPath(file.path).parent), files=(file,))
        for file in files
        if file.kind == "captures" and file.path.startswith(starts) and file.path not in merged
        if begins and read_arrow(root, file.path, where=points).num_rows
    ]


def _point_anew(captures: pa.Table, begins: Begins) -> pa.Table:
    def moved(path: str, offset: int) -> tuple[str, int]:
        now, begin = begins.get(path, (path, 0))
        return now, begin + offset

    return relocate(captures, moved)
