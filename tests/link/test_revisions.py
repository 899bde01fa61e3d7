"""Numbering the distinct texts seen at one page."""

from typing import Any

import pytest

from schemas.records import Article, Dropped
from tests.builders import NOON, make_article, make_page
from transforms.link.revisions import number_revision


def number(article_id: str, seen: tuple[str, ...] | None) -> Any:
    known = None if seen is None else make_page(article_ids=seen, latest_id=seen[-1] if seen else None)
    (outcome,) = number_revision(make_article(article_id, known=known), run_id="run-1", now=NOON)
    return outcome


@pytest.mark.parametrize(
    ("seen", "revision", "previous"), [(None, 1, None), ((), 1, None), (("a1",), 2, "a1"), (("a1", "a2"), 3, "a2")]
)
def test_a_text_not_seen_before_is_the_next_revision(
    seen: tuple[str, ...] | None, revision: int, previous: str | None
) -> None:
    article = number("a9", seen)
    assert isinstance(article, Article)
    assert (article.revision, article.previous_article_id) == (revision, previous)


@pytest.mark.parametrize(("article_id", "reason"), [("a2", "unchanged"), ("a1", "reverted")])
def test_a_text_seen_before_is_dropped(article_id: str, reason: str) -> None:
    dropped = number(article_id, ("a1", "a2"))
    assert isinstance(dropped, Dropped)
    assert (dropped.reason, dropped.article_id, dropped.capture_id) == (reason, article_id, f"capture-{article_id}")
    assert dropped.detail == f"title and text are those of revision {article_id[1]}"


def test_after_a_reversion_the_earlier_text_is_the_one_that_stays_unchanged() -> None:
    known = make_page(article_ids=("a1", "a2"), latest_id="a1")
    reasons = {}
    for article_id in ("a1", "a2"):
        (dropped,) = number_revision(make_article(article_id, known=known), run_id="run-1", now=NOON)
        assert isinstance(dropped, Dropped)
        reasons[article_id] = dropped.reason
    assert reasons == {"a1": "unchanged", "a2": "reverted"}
