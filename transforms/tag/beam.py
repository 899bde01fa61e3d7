"""Tag, wired: linked articles get topic tags, and off-domain ones of broad feeds fall away."""

from datetime import datetime
from functools import partial
from typing import Any

import apache_beam as beam

from schemas.records import Article, Story, TopicTag
from transforms.beam import attempt
from transforms.tag.articles import tag_article
from transforms.tag.rulebook import RuleBook


class TagTopics(beam.PTransform):
    """LinkedArticle -> outputs Article, Story, TopicTag, Dropped, DeadLetter."""

    def __init__(self, *, rulebook: RuleBook, keep_off_domain: bool, run_id: str, now: datetime) -> None:
        super().__init__()
        self._rules: dict[str, Any] = {"rulebook": rulebook, "keep_off_domain": keep_off_domain}
        self._where: dict[str, Any] = {"run_id": run_id, "now": now}

    def expand(self, linked: Any) -> Any:
        tag = partial(tag_article, **self._rules, **self._where)
        return linked | "TagArticle" >> attempt(tag, Article, Story, TopicTag, stage="tag", **self._where)
