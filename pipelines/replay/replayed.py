"""What the captures of one run come to when they are replayed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from schemas.records import Article, DeadLetter, LinkedArticle, Story, TopicTag
from transforms.dead_letter import dead_letter
from transforms.tag.articles import tag_article
from transforms.tag.rulebook import RuleBook

DAMAGED = "damaged"
"""The error of a capture that cannot be read and of which no article is stored."""


@dataclass
class Replayed:
    """The rows of a run to be compared with those stored, and what of the stored ones stays as it is."""

    articles: list[Article] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    tags: list[TopicTag] = field(default_factory=list)
    kept_articles: list[Article] = field(default_factory=list)
    """Stored articles that stay without being compared."""
    kept_stories: list[str] = field(default_factory=list)
    """Articles whose stored place in a story stays without being compared."""
    left_alone: set[str] = field(default_factory=set)
    """Articles of which everything stays, since their captures cannot be read."""
    problems: list[str] = field(default_factory=list)
    """What is wrong with those captures."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why captures give no article, by capture_id."""
    counts: Counter[str] = field(default_factory=Counter)
    """in, out, dropped:<reason> and dead: each capture (or stored article) once."""

    @property
    def rows(self) -> tuple[list[Any], list[Any], list[Any]]:
        """What is to be compared: articles, stories, topic tags."""
        return self.articles, self.stories, self.tags

    def count(self, capture_id: str, outcome: Any) -> None:
        """Account for what a capture came to."""
        if isinstance(outcome, Article):
            self.counts["dead" if outcome.article_id in self.left_alone else "out"] += 1
            return
        reason = outcome.error if isinstance(outcome, DeadLetter) else outcome.reason
        self.counts["dead" if reason == DAMAGED else f"dropped:{reason}"] += 1
        if reason != DAMAGED:
            self.reasons[capture_id] = reason


@dataclass(frozen=True)
class Tagger:
    """Tags articles as the run that fetched them did, by a rule book that may be another."""

    rulebook: RuleBook
    run_id: str
    now: datetime

    def tag(self, linked: LinkedArticle, *, keep_off_domain: bool) -> tuple[Any, list[TopicTag]]:
        """The Article and its tags, or why it is not kept and none."""
        tag = partial(tag_article, rulebook=self.rulebook, keep_off_domain=keep_off_domain)
        outcome, *rest = self.attempt("tag", tag, linked)
        return outcome, [row for row in rest if isinstance(row, TopicTag)]

    def attempt(self, stage: str, function: Callable[..., Sequence[Any]], element: Any) -> Sequence[Any]:
        """What a stage's function gives, or the DeadLetter of one that fails, as in a pass."""
        try:
            return function(element, run_id=self.run_id, now=self.now)
        except Exception as error:
            return [dead_letter(stage, self.run_id, self.now, element, error)]
