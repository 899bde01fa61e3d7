"""A replay tells what changes as a diff does."""

from collections import Counter
from datetime import timedelta

from pipelines.replay.tell import tell_altered, tell_counts, tell_row, tell_values
from tests.builders import NOON

TAG = {
    "article_id": "3f2a9c01d7be55",
    "topic": "arrest-quotas",
    "evidence": [{"field": "text", "start": 4, "end": 24, "quote": "3,000 arrests a day"}],
    "score": 0.5,
}


def test_counts_come_by_table_and_topic() -> None:
    counts = Counter({("topic_tags", "arrest-quotas", "added"): 2, ("topic_tags", "statistics", "removed"): 1})
    assert [line.split() for line in tell_counts(["articles", "topic_tags"], counts)] == [
        ["articles", "+0", "-0", "~0"],
        ["topic_tags", "+2", "-1", "~0"],
        ["arrest-quotas", "+2", "-0", "~0"],
        ["statistics", "+0", "-1", "~0"],
    ]


def test_a_tag_is_told_with_its_words() -> None:
    assert tell_row("+", "topic_tags", TAG) == "+ topic_tags 3f2a9c01d7be  arrest-quotas  «3,000 arrests a day»"


def test_an_altered_row_is_told_column_by_column() -> None:
    columns = ["published_at", "section", "text"]
    article = {"article_id": "3f2a9c01d7be55", "published_at": NOON, "section": None, "text": "x" * 500}
    after = article | {"published_at": NOON + timedelta(days=1), "section": "Politics"}
    told = tell_altered("articles", article, tell_values(article, columns), tell_values(after, columns))
    assert told == (
        "~ articles 3f2a9c01d7be  published_at: 2026-11-02T12:00:00Z -> 2026-11-03T12:00:00Z; section: none -> Politics"
    )


def test_long_values_that_differ_only_behind_what_is_shown_are_told_to_differ() -> None:
    before, after = ({"text": "x" * 500 + end} for end in "ab")
    assert tell_values(before, ["text"]) != tell_values(after, ["text"])
    assert len(tell_values(before, ["text"])["text"]) < 100


def test_fetched_words_cannot_steer_a_terminal() -> None:
    assert "\x1b" not in tell_row("-", "articles", {"article_id": "a", "title": "\x1b[2J", "text": ""})
