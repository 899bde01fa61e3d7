"""Know a page by where its address led: two addresses that redirect to one page are one page, captured once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from yarl import URL

from schemas.records import Capture, DeadLetter, Dropped, PageLookup, PageMemory, Visit
from transforms.addresses import redact, refusal, url_key
from transforms.download.plan import follow_pages


def landing_key(capture: Capture) -> str:
    """Key of the page that a capture shows: that of the address that answered.

    A page known already stays what it was, whatever its address leads to by now, and an error page is no landing.
    """
    is_known = capture.known is not None and bool(capture.known.article_ids)
    if is_known or not 200 <= capture.status < 300 or not capture.redirects or refusal(capture.url):
        return capture.url_key
    return url_key(capture.url)


def land_captures(
    key_and_captures: tuple[str, Iterable[Capture]], *, lookup: PageLookup, run_id: str, now: datetime
) -> list[Any]:
    """Of the captures that led to one page, the Capture that counts; a Dropped (`duplicate`) for each of the others.

    A capture that came by another address than its page's own is put down to the page: a Visit of the page, and a
    PageMemory of the address that says where it leads. An article that now leads to its site's front page is a
    DeadLetter (`redirected-home`). Which capture counts does not depend on their order.
    """
    key, captures = key_and_captures
    captures = sorted(captures, key=lambda each: each.url_key)
    outcomes: list[Any] = [_sent_home(capture, run_id, now) for capture in captures if _is_sent_home(capture)]
    landed = [capture for capture in captures if not _is_sent_home(capture)]
    if not landed:
        return outcomes
    is_asked = any(capture.url_key == key for capture in landed)
    page = None if is_asked else follow_pages(lookup, [key]).get(key)
    own_key = page.url_key if page else key
    first, *others = sorted(landed, key=lambda each: (each.url_key != own_key, each.needs_topic_filter, each.url_key))
    if first.url_key != own_key:
        visit = _visit(first, own_key, page)
        outcomes += [_lead(first, own_key, now, is_double=page is not None), visit]
        first = replace(first, url_key=own_key, known=page, needs_topic_filter=visit.needs_topic_filter)
    for other in others:
        outcomes.append(_dropped(other, run_id, now))
        if other.url_key != first.url_key:
            outcomes.append(_lead(other, first.url_key, now, is_double=True))
    return [first, *outcomes]


def _is_sent_home(capture: Capture) -> bool:
    if not capture.redirects or refusal(capture.url) or refusal(capture.requested_url):
        return False
    asked, answered = URL(capture.requested_url), URL(capture.url)
    return answered.path == "/" and not answered.query_string and (asked.path != "/" or bool(asked.query_string))


def _lead(capture: Capture, key: str, now: datetime, *, is_double: bool) -> PageMemory:
    """The memory of an address that leads to a page; `is_double` if the page would have been had without it."""
    return PageMemory(
        url_key=capture.url_key,
        entry=capture.entry,
        publisher=capture.publisher,
        language=capture.language,
        needs_topic_filter=capture.needs_topic_filter,
        first_seen_at=capture.known.first_seen_at if capture.known else now,
        fetched_at=capture.fetched_at,
        visits=(capture.known.visits if capture.known else 0) + 1,
        status=capture.status,
        outcome="duplicate" if is_double else None,
        same_as=key,
    )


def _visit(capture: Capture, key: str, page: PageMemory | None) -> Visit:
    return Visit(
        entry=capture.entry,
        url_key=key,
        publisher=page.publisher if page else capture.publisher,
        language=page.language if page else capture.language,
        needs_topic_filter=capture.needs_topic_filter and (page is None or page.needs_topic_filter),
        reason="revisit" if page else "new",
        known=page,
    )


def _sent_home(capture: Capture, run_id: str, now: datetime) -> DeadLetter:
    return DeadLetter(
        error="redirected-home",
        detail="the article's address leads to the front page",
        **_pointer(capture, run_id, now),
    )


def _dropped(capture: Capture, run_id: str, now: datetime) -> Dropped:
    detail = f"leads to {redact(capture.url)}, as does another entry"
    return Dropped(reason="duplicate", detail=detail, **_pointer(capture, run_id, now))


def _pointer(capture: Capture, run_id: str, now: datetime) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "stage": "download",
        "at": now,
        "feed_id": capture.feed_id,
        "url": redact(capture.requested_url),
        "url_key": capture.url_key,
        "entry_id": capture.entry.entry_id,
        "capture_id": capture.capture_id,
    }
