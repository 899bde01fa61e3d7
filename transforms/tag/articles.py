"""Decide whether an article is ours, and tag it."""

from datetime import datetime
from typing import Any

from schemas.records import LinkedArticle
from transforms.outcomes import drop_article
from transforms.tag.rulebook import RuleBook
from transforms.tag.topics import tag_topics


def tag_article(
    linked: LinkedArticle, *, rulebook: RuleBook, keep_off_domain: bool, run_id: str, now: datetime
) -> list[Any]:
    """The Article, its Story and its TopicTags; Dropped as `off-domain` if it came from a broad feed and is not ours.

    A broad feed is one marked `needs_topic_filter`; feeds devoted to the subject keep everything.
    """
    article, story = linked.article, linked.story
    tagging = tag_topics(
        rulebook, article_id=article.article_id, run_id=run_id, now=now, title=article.title or "", text=article.text
    )
    if article.needs_topic_filter and not keep_off_domain and not tagging.domain.on_domain:
        detail = f"not about enforcing US immigration law (score {tagging.domain.score:.2f})"
        return [drop_article(article, stage="tag", reason="off-domain", detail=detail, run_id=run_id, now=now)]
    return [article, story, *tagging.tags]
