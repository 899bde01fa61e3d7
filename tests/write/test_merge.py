"""How many files a data set has after a long time, by the plan of merges alone."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import PurePosixPath

from schemas.tables import TABLES, partition_of
from transforms.write.manifest import DataFile
from transforms.write.merge import plan_merges

START = datetime(2026, 1, 1)
BYTES = {
    "polls": 20_000, "captures": 30_000, "articles": 60_000, "stories": 10_000, "topic_tags": 15_000,
    "coverage": 20_000, "dead_letters": 5_000, "dropped": 10_000, "runs": 12_000, "warc": 1_500_000,
}  # fmt: skip
"""What a pass over some hundred feeds writes, with 20 new pages."""


def files_of_pass(at: datetime, number: int) -> list[DataFile]:
    day = f"{at:%Y-%m-%d}"
    folders = {name: f"data/{name}/{partition_of(TABLES[name], day)}" for name in BYTES if name != "warc"}
    folders["warc"] = f"captures/{day}"
    return [
        DataFile(path=f"{folders[name]}/{number}", staged="", kind=name, rows=20, bytes=size, sha256="")
        for name, size in BYTES.items()
    ]


def merge_all(files: list[DataFile], today: date, numbers: Iterator[int]) -> list[DataFile]:
    for merge in plan_merges(files, today):
        gone = {file.path for file in merge.files}
        at = min(place for place, file in enumerate(files) if file.path in gone)
        merged = DataFile(
            path=f"{merge.folder}/m{next(numbers)}",
            staged="",
            kind=merge.kind,
            rows=sum(file.rows for file in merge.files),
            bytes=sum(file.bytes for file in merge.files),
            sha256="",
        )
        kept = [file for file in files if file.path not in gone]
        files = [*kept[:at], merged, *kept[at:]]
    return files


def test_a_year_of_quarter_hour_passes_merged_every_six_hours_stays_under_2000_files() -> None:
    files: list[DataFile] = []
    numbers = count()
    most = 0
    for number in range(365 * 96):
        at = START + timedelta(minutes=15 * number)
        files += files_of_pass(at, number)
        most = max(most, len(files))
        if number % 24 == 23:
            files = merge_all(files, at.date(), numbers)
    assert sum(file.rows for file in files if file.kind == "articles") == 20 * 365 * 96
    assert most < 2_000
    by_kind = Counter(file.kind for file in files)
    assert by_kind["articles"] < 365 + 10
    assert by_kind["polls"] < 12 + 20
    assert all(file.bytes <= 1_000_000_000 for file in files)
    assert {PurePosixPath(file.path).parts[1] for file in files if file.kind == "warc"} >= {"2026-01", "2026-11"}
