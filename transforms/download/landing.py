"""Know a page by where its address led: two addresses that redirect to one page are one page, captured once.

A redirect is believed if it leads to what the entry announces (`agreement`), or else if it is permanent and stands
alone (`strays`): sites send everything to one page while they are down, or for all who are not logged in.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from yarl import URL

from schemas.memory import PageLookup, PageMemory
from schemas.records import Capture, DeadLetter, Dropped, Landing, Visit
from transforms.addresses import key_of, redact, refusal, url_key
from transforms.download.agreement import agrees, news_marks
from transforms.download.plan import follow_pages
from transforms.download.strays import has_article, is_permanent, judge_strays
from transforms.missing import TAKEN_DOWN


def landing_key(capture: Capture, lookup: PageLookup) -> str:
    """Key of the page that a capture shows: that of the address that answered, or where that is known to lead.

    An error page is no landing.
    """
    if not 200 <= capture.status < 300 or not capture.redirects or refusal(capture.url):
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
    key, news = landing_key(capture, lookup), news_marks(capture.entry)
    own = Landing(url_key=capture.url_key, news=news)
    if key == capture.url_key:
        # The page may have been asked for by its own address, too, in the turn of another domain.
        return [replace(own, stray=capture)] if _is_led(capture) else [capture, own]
    is_doubted = not agrees(capture.entry, capture)
    stray = Landing(url_key=key, news=news, stray=capture, is_doubted=is_doubted)
    # Others that were led to the address of a page that may keep its key must not be captured as that page, too.
    may_stay = has_article(capture) or (is_doubted and not is_permanent(capture))
    return [own, stray] if may_stay else [stray]


def refuse_removed(capture: Capture, *, lookup: PageLookup, run_id: str, now: datetime) -> list[Any]:
    """The Capture, or Dropped (`taken-down`) if an unknown address led to a page that was removed: it is not kept."""
    key = landing_key(capture, lookup)
    page = lookup([key]).get(key) if key != capture.url_key else None
    if page is None or page.outcome != TAKEN_DOWN:
        return [capture]
    detail = f"leads to {redact(capture.url)}, which was taken down"
    pointer = _pointer(capture, run_id, now) | {"capture_id": None}
    return [Dropped(reason=TAKEN_DOWN, detail=detail, **pointer)]


def land_strays(
    key_and_landings: tuple[str, Iterable[Landing]], *, lookup: PageLookup, run_id: str, now: datetime
) -> list[Any]:
    """What becomes of the strays that led to one page; it does not depend on their order.

    Those that were led astray are DeadLetters (`led-astray`); those that may not be believed pass under the key of
    their own address. Of the others, if the page was captured by its own address, each is Dropped (`duplicate`); else
    one is the page's Capture, with a Visit of the page. If one of them has an article and nothing is known of the page,
    its address has changed: it keeps its key, and the new address is remembered to lead there. The PageMemory of every
    other stray's address says where it leads.
    """
    key, landings = key_and_landings
    arrived = list(landings)
    if all(landing.stray is None for landing in arrived):
        return []
    page = lookup([key]).get(key)
    arrived, outcomes = _settle_led(key, arrived, run_id, now)
    judged = judge_strays(arrived, page)
    outcomes += [
        DeadLetter(error="led-astray", detail=detail, **_pointer(capture, run_id, now))
        for capture, detail in judged.astray
    ]
    outcomes += judged.kept
    strays = list(judged.believed)
    moved = next((capture for capture in strays if has_article(capture)), None)
    target = key
    if strays and all(landing.stray is not None for landing in arrived):
        if moved is not None and page is None:
            strays.remove(moved)
            target = moved.url_key
            outcomes += [moved, _visit(moved, key, None), _lead(replace(moved, url_key=key, known=None), target, now)]
        else:
            first = strays.pop(0)
            visit = _visit(first, key, page)
            captured = replace(first, url_key=key, known=page, needs_topic_filter=visit.needs_topic_filter)
            outcomes += [captured, visit, _lead(first, key, now, is_double=page is not None)]
    for stray in strays:
        detail = f"leads to {redact(stray.url)}, as does another entry"
        outcomes.append(Dropped(reason="duplicate", detail=detail, **_pointer(stray, run_id, now)))
        outcomes.append(_lead(stray, target, now, is_double=True))
    return outcomes


def _settle_led(key: str, arrived: list[Landing], run_id: str, now: datetime) -> tuple[list[Landing], list[Any]]:
    """The landings, with one arrival for all captures of a known page, and what becomes of those by other addresses.

    If the page was captured by its own address, each is Dropped (`duplicate`); else one is the page's Capture.
    """
    led = [landing.stray for landing in arrived if landing.stray is not None and landing.stray.url_key == key]
    if not led:
        return arrived, []
    led.sort(key=lambda capture: (capture.needs_topic_filter, capture.requested_url))
    rest = [landing for landing in arrived if landing.stray is None or landing.stray.url_key != key]
    outcomes: list[Any] = []
    if all(landing.stray is not None for landing in rest):
        first = led.pop(0)
        outcomes.append(first)
        rest.append(Landing(url_key=key, news=news_marks(first.entry)))
    for capture in led:
        # It is known by the address asked, since the page's own visit tells how the page stands.
        pointer = _pointer(capture, run_id, now) | {"url_key": url_key(capture.entry.url or "")}
        detail = f"shows {redact(capture.url)}, as does another visit"
        outcomes.append(Dropped(reason="duplicate", detail=detail, **pointer))
    return rest, outcomes


def _is_led(capture: Capture) -> bool:
    """Whether a known page was asked for by an address that is not its own."""
    return capture.known is not None and key_of(capture.entry.url) not in (None, capture.url_key)


def _is_sent_home(capture: Capture) -> bool:
    if not capture.redirects or refusal(capture.url) or refusal(capture.requested_url):
        return False
    asked, answered = URL(capture.requested_url), URL(capture.url)
    return answered.path == "/" and not answered.query_string and (asked.path != "/" or bool(asked.query_string))


def _lead(capture: Capture, key: str, now: datetime, *, is_double: bool = False) -> PageMemory:
    """The memory of an address that leads to a page; `is_double` if the page would have been had without it.

    A page that was had stays had: what its address showed before is remembered, but it has no appointments any more.
    """
    known = capture.known
    if known is not None and known.article_ids:
        return replace(known, fetched_at=capture.fetched_at, fetch_at=None, visits=known.visits + 1, same_as=key)
    return PageMemory(
        url_key=capture.url_key,
        entry=capture.entry,
        publisher=capture.publisher,
        language=capture.language,
        needs_topic_filter=capture.needs_topic_filter,
        first_seen_at=known.first_seen_at if known else now,
        fetched_at=capture.fetched_at,
        visits=(known.visits if known else 0) + 1,
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
