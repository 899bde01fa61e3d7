"""What every stage's wiring shares: a dead letter points to what it was made of."""

import asyncio
from typing import Any

import apache_beam as beam
import pytest

from schemas.memory import FeedTurn
from schemas.records import Entry, LinkedArticle, Story
from tests.builders import NOON, PAGE, make_article, make_capture, make_feed, make_page, make_visit
from transforms.answer import Asker, WebSettings
from transforms.beam import AskInTurn
from transforms.dead_letter import dead_letter
from transforms.web_thread import WebThread

STORY = Story(
    story_id="a1", article_id="a1", url_key=PAGE, run_id="run-1", as_of=NOON, seen_at=NOON, role="independent"
)


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


def test_elements_whose_asking_was_cut_off_do_not_pass_for_done() -> None:
    """The loop that asks is cancelled when it ends; a bundle that took that for an end would lose pages silently."""

    async def cut_off(web: Asker, item: int) -> list[Any]:
        if item == 2:
            raise asyncio.CancelledError
        return []

    settings = WebSettings(user_agent="test", run_id="cut-off")
    step = AskInTurn(cut_off, Entry, rank=str, stage="download", run_id="run-1", now=NOON, settings=settings)
    with pytest.raises(RuntimeError, match="under way"), beam.Pipeline(runner="FnApiRunner") as root:
        _ = root | beam.Create([("news.example", (1, 2, 3))]) | step
    WebThread.shared().close_webs()
