"""What every stage's wiring shares: a dead letter points to what it was made of."""

from typing import Any

import pytest

from schemas.records import FeedTurn, LinkedArticle, Story
from tests.builders import NOON, PAGE, make_article, make_capture, make_feed, make_page, make_visit
from transforms.beam import dead_letter

STORY = Story(story_id="a1", article_id="a1", url_key=PAGE, run_id="run-1", seen_at=NOON, role="independent")


@pytest.mark.parametrize(
    "element",
    [
        make_visit(),
        make_page(),
        make_capture(),
        LinkedArticle(article=make_article(url=PAGE, url_key=PAGE), story=STORY),
    ],
    ids=["visit", "page", "capture", "linked article"],
)
def test_the_dead_letter_of_a_bug_names_its_page_so_that_it_is_asked_for_again(element: Any) -> None:
    letter = dead_letter("tag", "run-1", NOON, element, ValueError("a bug"))
    assert (letter.error, letter.url, letter.url_key, letter.feed_id) == ("bug", PAGE, PAGE, "ledger")


def test_the_dead_letter_of_a_feeds_turn_names_the_feed() -> None:
    letter = dead_letter("discover", "run-1", NOON, FeedTurn(feed=make_feed()), ValueError("a bug"))
    assert (letter.feed_id, letter.url) == ("ledger", "https://ledger.example/feed")
