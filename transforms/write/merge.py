"""Decide which files to merge: what can no longer grow becomes one file, what still grows a few of growing size."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from schemas.records import record
from schemas.tables import TABLES
from transforms.write.manifest import DataFile
from transforms.write.shards import BYTES_A_WARC

BYTES_A_FILE = 128_000_000
"""A table's file is not merged beyond this: zstd makes about a quarter of what it holds, and a merge holds it whole."""

LEAST_TAIL = 4
"""So many small files of a folder that still grows are worth a merge."""


@record
class Merge:
    """Files of one kind that become one, in a folder that may be another than theirs."""

    kind: str
    folder: str
    files: tuple[DataFile, ...]


def plan_merges(files: Iterable[DataFile], today: date) -> list[Merge]:
    """The merges of the files of a data set (oldest first) that spare readers most; none if all is merged well.

    Days and months before today's are closed. WARC files are merged by the month, since a day rarely fills one.
    """
    folders: defaultdict[tuple[str, str], list[DataFile]] = defaultdict(list)
    for file in files:
        folders[file.kind, _merged_folder(file)].append(file)
    merges = []
    for (kind, folder), held in sorted(folders.items()):
        limit = BYTES_A_WARC if kind == "warc" else BYTES_A_FILE
        is_open = _is_open(kind, folder, today)
        groups = [_growing_tail(held, limit)] if is_open else _fill(held, limit)
        merges += [Merge(kind=kind, folder=folder, files=tuple(group)) for group in groups if len(group) > 1]
    return merges


def may_point_into(merges: Iterable[Merge]) -> tuple[str, ...]:
    """How the paths begin of those files of table `captures` whose rows may point into WARC files that are merged.

    Those of a day stand in a folder of that day, those merged before in one of the month.
    """
    times = {file.path.split("/")[1] for merge in merges if merge.kind == "warc" for file in merge.files}
    return tuple(sorted(f"data/captures/{TABLES['captures'].partition_column}={time}" for time in times))


def _merged_folder(file: DataFile) -> str:
    folder = file.path.rpartition("/")[0]
    return folder[: len("captures/2026-11")] if file.kind == "warc" else folder


def _is_open(kind: str, folder: str, today: date) -> bool:
    is_month = kind == "warc" or TABLES[kind].partition == "month"
    return folder.endswith((f"{today:%Y-%m}", f"{today:%Y-%m}-01") if is_month else f"{today:%Y-%m-%d}")


def _growing_tail(files: Sequence[DataFile], limit: int) -> list[DataFile]:
    """The newest files, as long as the one before is less than twice as large as they are together.

    So each row is rewritten about log2(n) times, and about log2(n) files are there.
    """
    tail: list[DataFile] = []
    total = 0
    for file in reversed(files):
        if total + file.bytes > limit or (len(tail) >= LEAST_TAIL and file.bytes >= 2 * total):
            break
        tail.insert(0, file)
        total += file.bytes
    return tail if len(tail) >= LEAST_TAIL else []


def _fill(files: Sequence[DataFile], limit: int) -> list[list[DataFile]]:
    """The files in order, in groups of up to the limit; what is nearly full already is left alone."""
    groups: list[list[DataFile]] = []
    total = 0
    for file in files:
        if file.bytes > limit * 3 // 4:
            continue
        if not groups or total + file.bytes > limit:
            groups.append([])
            total = 0
        groups[-1].append(file)
        total += file.bytes
    return groups
