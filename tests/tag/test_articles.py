"""Which articles stay, and what they take with them."""

from datetime import datetime
from typing import Any

import pytest

from schemas.records import Article, Dropped, LinkedArticle, Story, TopicTag
from seeds.topics import load_topics
from tests.builders import NOON, make_article
from transforms.tag.articles import tag_article
from transforms.tag.rulebook import RuleBook, compile_rules

OURS = "ICE officers in Denver were told to make 3,000 immigration arrests a day, four deportation officers said."
HOCKEY = "The rink opens on Friday. The Ledger's hockey club hopes that the ice will hold until spring."


@pytest.fixture(scope="module")
def rulebook() -> RuleBook:
    return compile_rules(load_topics())


def outcome(rulebook: RuleBook, text: str, keep: bool = False, now: datetime = NOON, **facts: Any) -> list[Any]:
    article = make_article("a1", text, **facts)
    story = Story(
        story_id="a1",
        article_id="a1",
        url_key=article.url_key,
        run_id="run-1",
        as_of=now,
        seen_at=now,
        role="independent",
    )
    linked = LinkedArticle(article=article, story=story)
    return tag_article(linked, rulebook=rulebook, keep_off_domain=keep, run_id="run-1", now=now)


def test_an_article_takes_its_story_and_tags_along(rulebook: RuleBook) -> None:
    article, story, *tags = outcome(rulebook, OURS, needs_topic_filter=True)
    assert isinstance(article, Article)
    assert isinstance(story, Story)
    assert "arrest-quotas" in {tag.topic for tag in tags if isinstance(tag, TopicTag)}


def test_a_broad_feed_loses_what_is_off_the_domain(rulebook: RuleBook) -> None:
    (dropped,) = outcome(rulebook, HOCKEY, needs_topic_filter=True)
    assert isinstance(dropped, Dropped)
    assert (dropped.reason, dropped.article_id, dropped.capture_id) == ("off-domain", "a1", "capture-a1")


@pytest.mark.parametrize(("keep", "broad"), [(True, True), (False, False)], ids=["asked to keep it", "devoted feed"])
def test_off_domain_articles_stay_where_nobody_wants_them_dropped(rulebook: RuleBook, keep: bool, broad: bool) -> None:
    kinds = [type(record) for record in outcome(rulebook, HOCKEY, keep=keep, needs_topic_filter=broad)]
    assert kinds == [Article, Story]
