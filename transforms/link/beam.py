"""Link, wired: articles get their revision number and their place in a story."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.memory import StoryMemory
from schemas.records import Article, LinkedArticle, Story
from transforms.beam import attempt
from transforms.link.revisions import number_revision
from transforms.link.stories import SketchedArticle, link_stories, sketch_article


class Linked(NamedTuple):
    """What linking gives: articles in their stories, and what did not pass."""

    articles: Any
    dropped: Any
    dead: Any


class LinkArticles(beam.PTransform):
    """Article -> Linked. Only sketches (about 1 KB each) meet in one place; articles join their story by id."""

    def __init__(self, *, remembered: Callable[[datetime], Iterable[StoryMemory]], run_id: str, now: datetime) -> None:
        super().__init__()
        self._remembered = remembered
        self._where: dict[str, Any] = {"run_id": run_id, "now": now}

    def expand(self, articles: Any) -> Any:
        number = partial(number_revision, **self._where)
        numbered = articles | "NumberRevision" >> attempt(number, Article, stage="link", **self._where)
        stories = (
            numbered.Article
            | "SketchArticle" >> beam.Map(_sketch, self._where["now"])
            | "GatherSketches" >> beam.GroupByKey()
            | "LinkStories" >> beam.FlatMap(self._link)
        )
        joined = (
            {
                "article": numbered.Article | "ByArticle" >> beam.Map(lambda article: (article.article_id, article)),
                "story": stories,
            }
            | "JoinStory" >> beam.CoGroupByKey()
            | "Linked" >> beam.FlatMap(_linked)
        )
        return Linked(articles=joined, dropped=numbered.Dropped, dead=numbered.DeadLetter)

    def _link(self, group: tuple[None, Iterable[SketchedArticle]]) -> list[tuple[str, Story]]:
        remembered = self._remembered(self._where["now"])
        stories = link_stories(group[1], remembered, **self._where)
        return [(story.article_id, story) for story in stories]


def _linked(group: tuple[str, dict[str, Iterable[Any]]]) -> list[LinkedArticle]:
    article, story = group[1]["article"], group[1]["story"]
    return [LinkedArticle(article=each, story=one) for each, one in zip(article, story, strict=True)]


def _sketch(article: Article, now: datetime) -> tuple[None, SketchedArticle]:
    return None, sketch_article(article, now)
