"""What to remember of a page after a run: what was seen there, and when to look again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.memory import PageMemory, StoryMemory
from schemas.records import Article, Capture, DeadLetter, Dropped, KeptPayload, PageTurn, Story, Visit
from transforms.answer import UNASKED
from transforms.missing import TAKEN_DOWN, recheck_at
from transforms.write.coverage import turn_page
from transforms.write.forget import bare

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


STEADY_VISITS = 3
"""A page whose text was the same in so many visits in a row is looked at no more, whatever appointments are left."""

BLOCKED = frozenset({"http-401", "http-402", "http-403", "http-429", "http-451", "host-blocked"})
CHALLENGED = frozenset({"challenge", "consent"})
PARTIAL = frozenset({"paywalled", "teaser"})


def settle_page(outcomes: Mapping[str, Iterable[Any]], *, now: datetime) -> list[PageMemory | PageTurn]:
    """What one page's records of a run come to: its memory, and how its standing changed, if it did.

    `outcomes` holds visits, captures, articles, what was dropped, dead letters and leads by kind (`visit`, `capture`,
    …). Records of other stages whose input was no page come to nothing.
    """
    outcome = {name: min(records, key=_order, default=None) for name, records in outcomes.items()}
    visit, lead = outcome.pop("visit"), outcome.pop("lead")
    if visit is None:
        return []
    page = lead or remember_page(visit, now=now, **outcome)
    turn = turn_page(visit.known, page)
    return [page, turn] if turn else [page]


def _order(record: Any) -> tuple[bool, str]:
    """Of several records of one kind at one page the same comes first on every runner."""
    return getattr(record, "known", None) is None, repr(getattr(record, "entry", None) or record)


def remember_page(
    visit: Visit,
    *,
    now: datetime,
    capture: Capture | None = None,
    article: Article | None = None,
    dropped: Dropped | None = None,
    dead: DeadLetter | None = None,
) -> PageMemory:
    """The memory of a visited page, from the visit and the way it ended: article, dropped or dead, in that order.

    A failed page keeps its own appointment, so that a feed that answers "not modified" cannot make us forget it.
    """
    page = visit.known or PageMemory(
        url_key=visit.url_key,
        entry=visit.entry,
        publisher=visit.publisher,
        language=visit.language,
        needs_topic_filter=visit.needs_topic_filter,
        first_seen_at=now,
        listed_by=visit.entry.feed_id,
        listed_on=now.astimezone(UTC).date(),
    )
    page = replace(
        page,
        entry=visit.entry,
        listed_by=page.listed_by or page.entry.feed_id,
        needs_topic_filter=visit.needs_topic_filter,
        visits=page.visits + 1,
    )
    page = replace(page, outcome=judge_outcome(page, article, dropped, dead))
    if dropped is not None and dropped.reason == "postponed":
        return replace(page, fetch_at=now)
    if capture is not None:
        landed_at = capture.url if capture.redirects else None
        page = replace(page, fetched_at=capture.fetched_at, status=capture.status, landed_at=landed_at)
        page = replace(page, kept_payload=_kept_payload(capture) or page.kept_payload)
    if article is None and dropped is None and dead is not None:
        # Pages of a domain that asked for silence, or is down, were not asked for: that is no failure of theirs.
        failures = page.failures + (dead.error not in UNASKED)
        return replace(page, failures=failures, fetch_at=_retry_at(page.failures, dead, now))
    if dropped is not None and dropped.reason in ("missing", "deleted"):
        page = replace(page, missing_checks=page.missing_checks + 1, missing_since=page.missing_since or now)
        return replace(page, failures=0, fetch_at=None if dropped.reason == "deleted" else recheck_at(page, now))
    page = replace(page, missing_checks=0, missing_since=None, failures=0)
    if capture is not None:
        page = replace(page, content_sha256=capture.content_sha256)
    is_off_domain = dropped is not None and dropped.reason == "off-domain"
    article_id = article.article_id if article else dropped.article_id if dropped else None
    if article_id and not is_off_domain:  # a text not kept is no revision, should the page be wanted one day
        seen = page.article_ids if article_id in page.article_ids else (*page.article_ids, article_id)
        page = replace(page, article_ids=seen, latest_id=article_id)
    is_same = dropped is not None and dropped.reason in ("same-bytes", "unchanged")
    page = replace(page, steady=page.steady + 1 if is_same else 0)
    if dropped is not None and dropped.reason == TAKEN_DOWN:
        page = replace(page, entry=bare(page.entry))
    is_final = is_off_domain or (dropped is not None and dropped.reason in ("robots", TAKEN_DOWN))
    return replace(page, fetch_at=None if is_final else _revisit_at(page, now))


def _kept_payload(capture: Capture) -> KeptPayload | None:
    """Where the bytes of a capture are: in its own record, or, if that is a revisit record, in the one it refers to."""
    if capture.kept_payload is not None or capture.payload_in is not None or not capture.payload_bytes:
        return capture.kept_payload
    return KeptPayload(
        capture_id=capture.capture_id,
        url=capture.url,
        fetched_at=capture.fetched_at,
        status=capture.status,
        payload_sha256=capture.payload_sha256,
    )


def judge_outcome(
    page: PageMemory, article: Article | None, dropped: Dropped | None, dead: DeadLetter | None
) -> str | None:
    """How a page stands, as `coverage` counts it; a page once had stays had, whatever became of it later."""
    if article is not None:
        return "paywalled" if article.body_state in PARTIAL else "fetched"
    if page.article_ids:
        return page.outcome
    if dropped is not None:
        return {"robots": "blocked", "missing": "missing", "deleted": "missing"}.get(dropped.reason, dropped.reason)
    if dead is None:
        return page.outcome
    if dead.error in BLOCKED:
        return "blocked"
    return "challenged" if dead.error in CHALLENGED else "failed"


def _revisit_at(page: PageMemory, now: datetime) -> datetime | None:
    if page.steady >= STEADY_VISITS:
        return None
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
