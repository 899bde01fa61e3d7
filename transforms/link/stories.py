"""Find which articles tell the same news in the same words: copies, cut copies and retellings that quote at length."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from schemas.memory import StoryMemory
from schemas.records import Article, Story, record
from transforms.link.sketch import shared_passages, sketch_text

COPY_CONTAINMENT = 0.7
"""Both texts stand in each other to at least this share: a copy, allowing for another lede and an added paragraph."""

PARTIAL_CONTAINMENT = 0.25
"""One of them stands in the other to at least this share: a cut copy or a long quotation."""

LEAST_SHARED = 8
"""Fewer shared sampled runs than this (about 32 runs of five words) say nothing: a short quotation or boilerplate."""

_WIRE_DATELINE = re.compile(r"\A[^\n(]{0,60}\(([A-Z][\w .&'’-]{1,40})\)\s*[—–-]")


@record
class SketchedArticle:
    """What linking needs of an article."""

    article_id: str
    url_key: str
    first_seen_at: datetime
    published_at: datetime | None
    text: str
    sketch: tuple[int, ...]


def sketch_article(article: Article, now: datetime) -> SketchedArticle:
    """Reduce an article to what linking needs; a page not known before was first seen now, at the run's start.

    All new pages of a run were thus seen at the same instant, and what was published first is the origin, not what
    happened to be fetched first.
    """
    return SketchedArticle(
        article_id=article.article_id,
        url_key=article.url_key,
        first_seen_at=article.known.first_seen_at if article.known else now,
        published_at=article.published_at,
        text=article.text,
        sketch=sketch_text(article.text),
    )


def link_stories(
    articles: Iterable[SketchedArticle],
    remembered: Iterable[StoryMemory],
    *,
    run_id: str,
    now: datetime,
    settled: Mapping[str, Story] | None = None,
) -> list[Story]:
    """Each article's place in a story, given the articles of earlier runs; independent of the order of both.

    Articles are placed oldest first, so an origin is what was published before its copies. A further revision of a page
    stays in its story and is compared only with articles seen before the page was. `settled` are places, by article,
    that are taken as they are, since words that they stand on are not at hand any more.
    """
    index = _Index()
    for memory in sorted(remembered, key=lambda each: (each.seen_at, each.article_id)):
        index.add(memory)
    stories: dict[str, Story] = {}
    for article in sorted(articles, key=_age):
        story = (settled or {}).get(article.article_id) or _place(article, index, run_id, now)
        stories[article.article_id] = story
        index.add(_remember(article, story))
    origins = {story.origin_id for story in stories.values()}
    return [_as_origin(story) if story.article_id in origins else story for story in stories.values()]


def find_wire_credit(text: str) -> str | None:
    """The agency that the dateline credits, as in `EL PASO (Continental Wire) — …`."""
    match = _WIRE_DATELINE.match(text)
    return match.group(1).strip() if match else None


class _Index:
    """The articles placed so far, found by the runs they share."""

    def __init__(self) -> None:
        self._articles: list[StoryMemory] = []
        self._holders: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, article: StoryMemory) -> None:
        for value in article.sketch:
            self._holders[value].append(len(self._articles))
        self._articles.append(article)

    def shared(self, sketch: Iterable[int]) -> list[tuple[StoryMemory, int]]:
        """Every article that shares runs with the sketch and how many, in the order they were placed."""
        counts = Counter(place for value in sketch for place in self._holders.get(value, ()))
        return [(self._articles[place], shared) for place, shared in sorted(counts.items())]


def _place(article: SketchedArticle, index: _Index, run_id: str, now: datetime) -> Story:
    best: tuple[float, float, StoryMemory] | None = None
    story_id = article.article_id
    for other, shared in index.shared(article.sketch):  # oldest first: of equal candidates the origin is kept
        if other.url_key == article.url_key:
            story_id = other.story_id  # an earlier revision of the same page
        elif shared >= LEAST_SHARED and other.seen_at <= article.first_seen_at:
            here, there = shared / len(article.sketch), shared / len(other.sketch)
            if max(here, there) >= PARTIAL_CONTAINMENT and (best is None or (here, there) > best[:2]):
                best = here, there, other
    alone = Story(
        story_id=story_id,
        article_id=article.article_id,
        url_key=article.url_key,
        run_id=run_id,
        as_of=now,
        seen_at=article.first_seen_at,
        role="independent",
        wire_credit=find_wire_credit(article.text),
        sketch=article.sketch,
    )
    if best is None:
        return alone
    here, there, other = best
    return replace(
        alone,
        story_id=other.story_id if story_id == article.article_id else story_id,
        role="copy" if min(here, there) >= COPY_CONTAINMENT else "partial",
        origin_id=other.article_id,
        containment=round(here, 4),
        evidence=shared_passages(article.text, frozenset(other.sketch)),
    )


def _age(article: SketchedArticle) -> tuple[datetime, datetime, str]:
    return (article.first_seen_at, article.published_at or article.first_seen_at, article.article_id)


def _remember(article: SketchedArticle, story: Story) -> StoryMemory:
    return StoryMemory(
        article_id=article.article_id,
        story_id=story.story_id,
        url_key=article.url_key,
        seen_at=article.first_seen_at,
        sketch=article.sketch,
    )


def _as_origin(story: Story) -> Story:
    return replace(story, role="origin") if story.role == "independent" else story
