"""Rows are compared by what they say, under their key, with the newest row that is stored."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Article
from schemas.tables import TABLES
from tests.builders import NOON, make_article
from transforms.write.history import History
from transforms.write.parquet import write_table
from transforms.write.stored_rows import StoredRows

ARTICLES = TABLES["articles"]


def store(root: Path, *batches: list[Article]) -> StoredRows:
    """What is stored of articles that several runs wrote."""
    files = [write_table(root, ARTICLES, rows, day="2026-11-02", run_id=f"run-{n}") for n, rows in enumerate(batches)]
    placed = [replace(file, path=file.staged) for file in files]  # read where they were staged
    return StoredRows(History(root=root, files=tuple(placed)), ARTICLES)


def later(article: Article, hours: int = 1, **facts: Any) -> Article:
    return replace(article, as_of=NOON + timedelta(hours=hours), run_id=f"run-{hours}", **facts)


def test_what_tells_of_the_run_is_not_compared(tmp_path: Path) -> None:
    one = make_article("a1")
    stored = store(tmp_path, [one])
    assert [match for match, _ in stored.match([later(one, extractor="newer")])] == ["same"]
    assert list(stored.left()) == []


def test_a_row_is_altered_added_or_left(tmp_path: Path) -> None:
    one, two = make_article("a1"), make_article("a2")
    stored = store(tmp_path, [one, two])
    matches = stored.match([replace(one, section="Politics"), make_article("a3")])
    assert [(match, row["article_id"]) for match, row in matches] == [("altered", "a1"), ("added", "a3")]
    assert [row["section"] for row in stored.altered()] == [None]
    assert [row["article_id"] for row in stored.left()] == ["a2"]


def test_the_newest_row_of_a_key_counts_in_whatever_order_files_are(tmp_path: Path) -> None:
    one = make_article("a1")
    new = later(one, section="Politics")
    for order in ([[one], [new]], [[new], [one]], [[new, one]]):
        stored = store(tmp_path, *order)
        assert stored.latest == new.as_of
        assert [match for match, _ in stored.match([new])] == ["same"]
        assert [match for match, _ in store(tmp_path, *order).match([one])] == ["altered"]
        assert [row["section"] for row in store(tmp_path, *order).left()] == ["Politics"]


def test_what_was_withdrawn_is_not_missed_and_can_come_back(tmp_path: Path) -> None:
    one = make_article("a1")
    gone = later(one, withdrawn=True, withdrawn_as="off-domain")
    assert list(store(tmp_path, [one], [gone]).left()) == []
    assert [match for match, _ in store(tmp_path, [one], [gone]).match([one])] == ["added"]
    stored = store(tmp_path, [one], [gone])
    stored.keep([one.capture_id])
    assert [row["withdrawn"] for row in stored.revived()] == [True]


@given(st.lists(st.text(max_size=20), unique=True, max_size=8))
def test_every_row_matches_itself(tmp_path_factory: Any, texts: list[str]) -> None:
    rows = [make_article(f"a{n}", text=text.encode("utf-8", "replace").decode()) for n, text in enumerate(texts)]
    stored = store(tmp_path_factory.mktemp("rows"), rows)
    assert [match for match, _ in stored.match(reversed(rows))] == ["same"] * len(rows)
    assert list(stored.left()) == []
