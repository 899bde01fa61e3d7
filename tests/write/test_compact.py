"""Compaction keeps every row and every record, and leaves few files."""

import gzip
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clock import Clock
from pipelines.keep.compact import compact_data_set
from schemas.arrow import arrow_schema
from schemas.errors import UserError
from schemas.records import Article
from schemas.tables import TABLES
from tests.builders import NOON
from tests.write.archive import table_rows, write_days, write_pass
from transforms.write.dataset import open_dataset
from transforms.write.hold import hold_data_set
from transforms.write.manifest import DataFile, live_files, newest_version, read_manifest, versions
from transforms.write.memory import Memory
from transforms.write.merge import plan_merges

WRITTEN = ("polls", "captures", "articles", "stories", "topic_tags", "dead_letters")
LATER = NOON + timedelta(days=40)


def at(now: datetime) -> Clock:
    return Clock(fixed=now)


def record_types(root: Path) -> dict[str, str]:
    """Of every capture the first line of the record that its row points to."""
    rows = duckdb.sql(
        f"SELECT capture_id, warc_file, warc_offset, warc_length FROM '{root}/data/captures/**/*.parquet'"
    )
    found = {}
    for capture_id, file, offset, length in rows.fetchall():
        record = gzip.decompress((root / file).read_bytes()[offset : offset + length])
        found[capture_id] = record.partition(b"WARC-Target-URI: ")[2].partition(b"\r")[0].decode()
    return found


def test_closed_days_become_one_file_each_with_all_their_rows(tmp_path: Path) -> None:
    write_days(tmp_path, days=3, passes=6)
    rows, records = {name: table_rows(tmp_path, name) for name in WRITTEN}, record_types(tmp_path)
    done = compact_data_set(tmp_path, clock=at(LATER))
    assert {name: table_rows(tmp_path, name) for name in WRITTEN} == rows
    assert record_types(tmp_path) == records
    assert len(records) == 54
    assert len(list(tmp_path.glob("data/articles/*/*"))) == 3
    assert len(list(tmp_path.glob("data/polls/*/*"))) == 1
    assert [path.parent.name for path in tmp_path.glob("captures/*/*")] == ["2026-11"]
    assert (done.before, done.after) == (18 * 8, 3 * 4 + 2 + 1 + 2)  # by day; by month; WARC; runs of both months
    assert versions(tmp_path) == [19]


def test_the_manifest_says_what_the_glob_shows(tmp_path: Path) -> None:
    write_days(tmp_path, days=2, passes=5)
    compact_data_set(tmp_path, clock=at(LATER))
    write_pass(tmp_path, 99, at=LATER)
    corpus = open_dataset(tmp_path)
    for table, paths in corpus.tables.items():
        assert sorted(paths) == sorted(map(str, (tmp_path / "data" / table).resolve().rglob("*.parquet")))
    assert sorted(corpus.warc_files) == sorted(map(str, (tmp_path / "captures").resolve().rglob("*.gz")))
    with hold_data_set(tmp_path, "next") as version:
        manifest = read_manifest(tmp_path, version)
        assert (
            len(Memory.of(tmp_path, manifest).pages([f"https://ledger.example/pass-0003/{n}" for n in range(3)])) == 3
        )


def test_merging_again_changes_nothing(tmp_path: Path) -> None:
    write_days(tmp_path, days=2, passes=5)
    compact_data_set(tmp_path, clock=at(LATER))
    version = newest_version(tmp_path)
    assert compact_data_set(tmp_path, clock=at(LATER)).rows == 0
    assert newest_version(tmp_path) == version


def test_an_open_day_is_merged_as_it_grows(tmp_path: Path) -> None:
    for number in range(40):
        write_pass(tmp_path, number, at=NOON + timedelta(minutes=15 * number))
        if number % 4 == 3:
            compact_data_set(tmp_path, clock=at(NOON + timedelta(minutes=15 * number)))
    assert len(table_rows(tmp_path, "articles")) == 120
    assert len(list(tmp_path.glob("data/articles/*/*"))) <= 8
    assert len(record_types(tmp_path)) == 120


def test_an_earlier_version_that_was_merged_says_so(tmp_path: Path) -> None:
    write_days(tmp_path, days=1, passes=5)
    compact_data_set(tmp_path, clock=at(LATER))
    with pytest.raises(UserError, match=r"version 3 was merged into version 6; .*data_version <= 3"):
        open_dataset(tmp_path, 3)


def test_files_of_an_older_icewire_are_merged_with_the_columns_that_came_later(tmp_path: Path) -> None:
    write_days(tmp_path, days=1, passes=5)
    for number, path in enumerate(sorted(tmp_path.glob("data/articles/*/*"))):
        if number % 2:
            pq.write_table(pq.ParquetFile(path).read().drop_columns(["withdrawn", "section"]), path)
    counted = duckdb.sql(f"SELECT count(*) FROM {open_dataset(tmp_path).current('articles')}").fetchall()
    assert counted == [(15,)], "rows of files older than the column count"
    compact_data_set(tmp_path, clock=at(LATER))
    (path,) = tmp_path.glob("data/articles/*/*")
    assert pq.ParquetFile(path).schema_arrow.equals(arrow_schema(Article))
    assert duckdb.sql(f"SELECT withdrawn, section, count(*) FROM '{path}' GROUP BY ALL").fetchall() == [
        (False, None, 15)
    ]


def test_columns_of_a_newer_icewire_are_not_lost(tmp_path: Path) -> None:
    write_days(tmp_path, days=1, passes=5)
    path = next(tmp_path.glob("data/articles/*/*"))
    table = pq.ParquetFile(path).read()
    pq.write_table(table.append_column("mood", table["title"]), path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.parquet")}
    with pytest.raises(UserError, match=r"does not know \(mood\); upgrade icewire"):
        compact_data_set(tmp_path, clock=at(LATER))
    with hold_data_set(tmp_path, "next"):
        assert {file: file.read_bytes() for file in tmp_path.rglob("*.parquet")} == before


@given(
    st.lists(st.tuples(st.sampled_from(["articles", "polls", "warc"]), st.integers(0, 40), st.integers(1, 10**9))),
    st.integers(0, 45),
)
def test_files_are_merged_within_their_folder_in_order_and_once(sizes: list[tuple[str, int, int]], now: int) -> None:
    start = date(2026, 11, 2)
    files = []
    for number, (kind, days, size) in enumerate(sorted(sizes, key=lambda each: each[1])):
        day = start + timedelta(days=days)
        folder = (
            f"captures/{day}" if kind == "warc"
            else f"data/{kind}/{TABLES[kind].partition_column}={day if kind == 'articles' else day.replace(day=1)}"
        )  # fmt: skip
        files.append(DataFile(path=f"{folder}/{number}", staged="", kind=kind, rows=1, bytes=size, sha256=str(number)))
    merges = plan_merges(files, start + timedelta(days=now))
    merged = [file.path for merge in merges for file in merge.files]
    assert len(set(merged)) == len(merged)
    order = [file.path for file in files]
    for merge in merges:
        places = [order.index(file.path) for file in merge.files]
        assert len(places) > 1
        assert places == sorted(places)
        assert {file.kind for file in merge.files} == {merge.kind}
        if merge.kind != "warc":
            assert {str(Path(file.path).parent) for file in merge.files} == {merge.folder}


def test_the_runs_of_merged_versions_are_still_told(tmp_path: Path) -> None:
    runs = write_days(tmp_path, days=1, passes=5)
    compact_data_set(tmp_path, clock=at(LATER))
    told = duckdb.sql(f"SELECT run_id, verb FROM '{tmp_path}/data/runs/**/*.parquet' ORDER BY data_version").fetchall()
    assert [run_id for run_id, _ in told[:-1]] == runs
    assert told[-1][1] == "compact"
    assert len([file for file in live_files(tmp_path, 6) if file.kind == "runs"]) == 2
