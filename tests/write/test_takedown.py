"""What is taken down is in no file any more, and nothing else is missing."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.clock import Clock
from pipelines.keep.compact import compact_data_set
from pipelines.keep.takedown import take_down
from schemas.arrow import from_arrow
from schemas.errors import UserError
from schemas.memory import PageMemory
from tests.builders import NOON
from tests.write.archive import table_rows, write_days, write_pass
from transforms.missing import TAKEN_DOWN
from transforms.write.hold import hold_data_set
from transforms.write.manifest import newest_version, read_manifest, versions
from transforms.write.memory import Memory
from transforms.write.parquet import read_arrow
from transforms.write.warc_records import walk_records

URL = "https://ledger.example/pass-0002/1"
CLOCK = Clock(fixed=NOON + timedelta(days=1))


def every_text(root: Path) -> Iterator[tuple[Path, bytes]]:
    """All that the files hold, unpacked."""
    for path in root.rglob("*"):
        if path.suffix == ".gz":
            yield path, gzip.decompress(path.read_bytes())
        elif path.suffix == ".parquet":
            yield path, repr(duckdb.sql(f"FROM read_parquet('{path}')").fetchall()).encode()
        elif path.is_file():
            yield path, path.read_bytes()


def sentence(url: str) -> bytes:
    return f"arrest quota {url}".encode()


def test_its_words_are_in_no_file_any_more(tmp_path: Path) -> None:
    write_days(tmp_path, days=1, passes=5)
    assert [path for path, text in every_text(tmp_path) if sentence(URL) in text]
    take_down(tmp_path, URL, reason="court order", clock=CLOCK)
    assert not [path for path, text in every_text(tmp_path) if sentence(URL) in text]
    told = [path for path, text in every_text(tmp_path) if URL.encode() in text]
    assert {path.relative_to(tmp_path).parts[0] for path in told} == {"data", "memory"}
    assert {path.relative_to(tmp_path).parts[1] for path in told} == {"takedowns", "pages", "runs"}


def test_everything_else_is_as_it_was(tmp_path: Path) -> None:
    write_days(tmp_path, days=2, passes=3)
    tables = ("articles", "captures", "stories", "topic_tags", "polls", "dead_letters")
    before = {name: table_rows(tmp_path, name) for name in tables}
    stone = take_down(tmp_path, URL, reason=None, clock=CLOCK).tombstone
    (gone,) = stone.article_ids
    (capture,) = stone.capture_ids
    for name in tables:
        left = [row for row in before[name] if gone not in row and capture not in row]
        assert table_rows(tmp_path, name) == left
        assert len(before[name]) - len(left) == (name not in ("polls", "dead_letters"))
    rows = duckdb.sql(f"SELECT capture_id, warc_file, warc_offset FROM '{tmp_path}/data/captures/**/*.parquet'")
    for capture_id, file, offset in rows.fetchall():
        with (tmp_path / file).open("rb") as warc:
            (record,) = (each for each in walk_records(warc) if each.offset == offset)
        assert record.is_of(capture_id)


def test_a_tombstone_tells_what_was_there(tmp_path: Path) -> None:
    write_days(tmp_path, days=1, passes=5)
    stone = take_down(tmp_path, URL + "?utm_source=mail", reason="court order 26-1234", clock=CLOCK).tombstone
    assert (stone.page_keys, stone.reason, len(stone.article_ids)) == ((URL,), "court order 26-1234", 1)
    rows = duckdb.sql(f"SELECT page_keys, reason FROM '{tmp_path}/data/takedowns/**/*.parquet'").fetchall()
    assert rows == [([URL], "court order 26-1234")]


def test_no_pass_asks_for_it_again(tmp_path: Path) -> None:
    write_days(tmp_path, days=1, passes=5)
    take_down(tmp_path, URL, reason=None, clock=CLOCK)
    with hold_data_set(tmp_path, "next") as version:
        manifest = read_manifest(tmp_path, version)
    memory = Memory.of(tmp_path, manifest)
    page = memory.pages([URL])[URL]
    assert (page.outcome, page.fetch_at, page.article_ids, page.entry.title) == (TAKEN_DOWN, None, (), None)
    for file in manifest.memory["pages"]:  # nor is an older row left beneath
        rows = [row for row in from_arrow(PageMemory, read_arrow(tmp_path, file.path)) if row.url_key == URL]
        assert all(row.outcome == TAKEN_DOWN for row in rows)
    assert all(row.url_key != URL for row in memory.stories(NOON + timedelta(days=1)))


def test_what_was_merged_is_taken_down_all_the_same(tmp_path: Path) -> None:
    write_days(tmp_path, days=2, passes=5)
    compact_data_set(tmp_path, clock=Clock(fixed=NOON + timedelta(days=40)))
    take_down(tmp_path, URL, reason=None, clock=Clock(fixed=NOON + timedelta(days=41)))
    assert not [path for path, text in every_text(tmp_path) if sentence(URL) in text]
    assert len(table_rows(tmp_path, "articles")) == 29
    assert versions(tmp_path) == [12]
    write_pass(tmp_path, 77, at=NOON + timedelta(days=42))
    assert newest_version(tmp_path) == 13


def test_taking_down_again_changes_nothing(tmp_path: Path) -> None:
    write_days(tmp_path, days=1, passes=5)
    first = take_down(tmp_path, URL, reason=None, clock=CLOCK)
    version = newest_version(tmp_path)
    again = take_down(tmp_path, URL, reason="again", clock=CLOCK)
    assert (again.tombstone, first.was_done, again.was_done) == (first.tombstone, False, True)
    assert newest_version(tmp_path) == version


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://ledger.example/never-seen", "holds nothing of that page"),
        ("ftp://ledger.example/x", "is no address of a page"),
        ("no address", "is no address of a page"),
    ],
)
def test_what_is_not_there_changes_nothing(tmp_path: Path, url: str, told: str) -> None:
    write_pass(tmp_path, 1)
    with pytest.raises(UserError, match=told):
        take_down(tmp_path, url, reason=None, clock=CLOCK)
    assert newest_version(tmp_path) == 1


def test_the_last_article_of_a_day_leaves_no_file(tmp_path: Path) -> None:
    write_pass(tmp_path, 1, pages=1)
    take_down(tmp_path, "https://ledger.example/pass-0001/0", reason=None, clock=CLOCK)
    assert list(tmp_path.glob("data/articles/*/*.parquet")) == []
    with hold_data_set(tmp_path, "next") as version:
        assert version == 2


def test_a_data_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no data set here"):
        take_down(tmp_path / "none", URL, reason=None, clock=CLOCK)
