"""Know a page by where its address led: two addresses that redirect to one page are one page, captured once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from yarl import URL

from schemas.records import Capture, DeadLetter, Dropped, Landing, PageLookup, PageMemory, Visit
from transforms.addresses import redact, refusal, url_key
from transforms.download.plan import follow_pages


def landing_key(capture: Capture, lookup: PageLookup) -> str:
    """Key of the page that a capture shows: that of the address that answered, or where that is known to lead.

    A page known already stays what it was, whatever its address leads to by now, and an error page is no landing.
    """
    is_known = capture.known is not None and bool(capture.known.article_ids)
    if is_known or not 200 <= capture.status < 300 or not capture.redirects or refusal(capture.url):
        return capture.url_key
    key = url_key(capture.url)
    page = follow_pages(lookup, [key]).get(key) if key != capture.url_key else None
    return page.url_key if page else key


def sort_capture(capture: Capture, *, lookup: PageLookup, run_id: str, now: datetime) -> list[Any]:
    """The Capture and its Landing, if its own address showed the page; else a Landing at the page it was led to.

    An article that leads to its site's front page by now is a DeadLetter (`redirected-home`).
    """
    if _is_sent_home(capture):
        detail = "the article's address leads to the front page"
        return [DeadLetter(error="redirected-home", detail=detail, **_pointer(capture, run_id, now))]
    key = landing_key(capture, lookup)
    if key == capture.url_key:
        return [capture, Landing(url_key=key)]
    return [Landing(url_key=key, stray=capture)]


def land_strays(
    key_and_landings: tuple[str, Iterable[Landing]], *, lookup: PageLookup, run_id: str, now: datetime
) -> list[Any]:
    """What becomes of the strays that led to one page; which of them counts does not depend on their order.

    If the page was captured by its own address, each is Dropped (`duplicate`). Otherwise one is the page's Capture, and
    comes with a Visit of the page. The PageMemory of each stray's address says where it leads.
    """
    key, landings = key_and_landings
    arrived = list(landings)
    strays = [landing.stray for landing in arrived if landing.stray is not None]
    strays.sort(key=lambda capture: (capture.needs_topic_filter, capture.url_key))
    outcomes: list[Any] = []
    if strays and len(strays) == len(arrived):
        page = lookup([key]).get(key)
        first = strays.pop(0)
        visit = _visit(first, key, page)
        outcomes = [
            replace(first, url_key=key, known=page, needs_topic_filter=visit.needs_topic_filter),
            visit,
            _lead(first, key, now, is_double=page is not None),
        ]
    for stray in strays:
        detail = f"leads to {redact(stray.url)}, as does another entry"
        outcomes.append(Dropped(reason="duplicate", detail=detail, **_pointer(stray, run_id, now)))
        outcomes.append(_lead(stray, key, now, is_double=True))
    return outcomes


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
