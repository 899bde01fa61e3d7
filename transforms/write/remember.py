"""What to remember of a page after a run: what was seen there, and when to look again."""

from dataclasses import replace
from datetime import datetime, timedelta

from schemas.records import Article, Capture, DeadLetter, Dropped, PageMemory, Story, StoryMemory, Visit

REVISIT_AGES = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(days=7),
    timedelta(days=30),
)
"""Ages of a page at which it is fetched again (GDELT's difference graph: 15 % of bodies change within a day)."""

RETRY_FIRST, RETRY_CAP, RETRIES = timedelta(minutes=15), timedelta(hours=24), 10
"""A page that could not be had is asked for again after 15 min x 2^n, at most a day later, ten times (over 3 days)."""


def remember_page(
    visit: Visit,
    *,
    now: datetime,
    capture: Capture | None = None,
    article: Article | None = None,
    dropped: Dropped | None = None,
    dead: DeadLetter | None = None,
) -> PageMemory:
    """The memory of a visited page, from the visit and the one way it ended: article, dropped or dead.

    A failed page keeps its own appointment, so that a feed that answers "not modified" cannot make us forget it.
    """
    page = visit.known or PageMemory(
        url_key=visit.url_key,
        entry=visit.entry,
        publisher=visit.publisher,
        language=visit.language,
        needs_topic_filter=visit.needs_topic_filter,
        first_seen_at=now,
    )
    page = replace(page, entry=visit.entry, visits=page.visits + 1)
    if capture is not None:
        page = replace(page, fetched_at=capture.fetched_at, status=capture.status)
    if dead is not None:
        return replace(page, failures=page.failures + 1, fetch_at=_retry_at(page.failures, dead, now))
    if capture is not None:
        page = replace(page, content_sha256=capture.content_sha256)
    article_id = article.article_id if article else dropped.article_id if dropped else None
    if article_id:
        seen = page.article_ids if article_id in page.article_ids else (*page.article_ids, article_id)
        page = replace(page, article_ids=seen, latest_id=article_id)
    final = dropped is not None and dropped.reason in ("robots", "off-domain")
    return replace(page, failures=0, fetch_at=None if final else _revisit_at(page, now))


def _revisit_at(page: PageMemory, now: datetime) -> datetime | None:
    return next((page.first_seen_at + age for age in REVISIT_AGES if page.first_seen_at + age > now), None)


def _retry_at(failures: int, dead: DeadLetter, now: datetime) -> datetime | None:
    if failures + 1 >= RETRIES:
        return None
    wait: timedelta = min(RETRY_FIRST * 2**failures, RETRY_CAP)
    return now + max(wait, timedelta(seconds=dead.retry_after_s or 0))


def remember_story(story: Story) -> StoryMemory:
    """What later runs must know of an article to recognise its copies."""
    return StoryMemory(
        article_id=story.article_id,
        story_id=story.story_id,
        url_key=story.url_key,
        seen_at=story.seen_at,
        sketch=story.sketch,
    )
