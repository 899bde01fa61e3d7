"""Judge the captures that redirects led to one page: which show their article, and which stand before a wall."""

from collections.abc import Sequence

from schemas.memory import PageMemory
from schemas.records import Capture, Landing, record
from transforms.addresses import redact, url_key
from transforms.download.agreement import agrees, is_wall, news_marks, tells_news

PERMANENT = frozenset({301, 308})
"""Statuses by which a server says that an address has changed for good."""


@record
class Judged:
    """What strays at one page are taken for, each in the order in which they count.

    `believed` show the page they were led to, `kept` pass under the key of their own address, and `astray`, with the
    reason, show something else than what was asked for.
    """

    believed: tuple[Capture, ...]
    kept: tuple[Capture, ...]
    astray: tuple[tuple[Capture, str], ...]


def judge_strays(arrived: Sequence[Landing], page: PageMemory | None) -> Judged:
    """Judge all that arrived at one page, of which `page` is remembered; the order of arrival does not matter.

    A doubted stray is no longer doubted if others arrived with the same news, or the page is remembered with it. Of
    those that remain, several with different news cannot all be right; neither is one that met a wall. Alone, a
    permanent redirect is believed, unless the page is not even the one that it is remembered as. A temporary one is not
    believed: its stray is kept apart, unless the page is another's, or shows up in place of an article that was had.
    """
    sure = {mark for landing in arrived if not landing.is_doubted for mark in landing.news}
    doubted = [landing for landing in arrived if landing.is_doubted]
    trusted = _spread(sure | set(news_marks(page.entry) if page else ()), doubted)
    doubted = [landing for landing in doubted if trusted.isdisjoint(landing.news)]
    is_crowd = _is_crowd(doubted)
    doubted_keys = {landing.stray.url_key for landing in doubted if landing.stray}
    strays = [landing.stray for landing in arrived if landing.stray is not None]
    believed: list[Capture] = []
    kept: list[Capture] = []
    astray: list[tuple[Capture, str]] = []
    for capture in sorted(strays, key=lambda capture: (capture.needs_topic_filter, capture.url_key)):
        is_doubted = capture.url_key in doubted_keys
        if is_doubted and (reason := _why_astray(capture, page, is_crowd=is_crowd, is_shared=bool(trusted))):
            astray.append((capture, f"leads to {redact(capture.url)}, {reason}"))
        elif _keeps_key(capture, is_doubted):
            kept.append(capture)
        else:
            believed.append(capture)
    return Judged(believed=tuple(believed), kept=tuple(kept), astray=tuple(astray))


def is_permanent(capture: Capture) -> bool:
    """Whether every hop on the way says that the address has changed for good."""
    return all(hop.status in PERMANENT for hop in capture.redirects)


def has_article(capture: Capture) -> bool:
    """Whether the page asked for has given an article before."""
    return capture.known is not None and bool(capture.known.article_ids)


def _keeps_key(capture: Capture, is_doubted: bool) -> bool:
    """Whether a stray passes as the page that was asked for, not as the one it was led to.

    A page that has an article moves only to what is surely the same news, for good; one without, unless in doubt.
    """
    if has_article(capture):
        return is_doubted or not is_permanent(capture)
    return is_doubted and not is_permanent(capture)


def _why_astray(capture: Capture, page: PageMemory | None, *, is_crowd: bool, is_shared: bool) -> str | None:
    """Why a doubted stray does not show its article, or None if it may; `is_shared` if others' news stands there."""
    if is_crowd:
        return "as do entries about something else, none of which it agrees with"
    if is_wall(capture.url):
        return "which is no article's address and does not agree with the entry"
    if is_permanent(capture):
        is_told = page is not None and tells_news(news_marks(page.entry)) and tells_news(news_marks(capture.entry))
        is_astray = is_told and page is not None and not agrees(page.entry, capture)
        return "where another entry was led before; it agrees with neither" if is_astray else None
    if is_shared:
        return "which is the page of another entry"
    if has_article(capture) and not _is_as_ever(capture):
        return "for now, which does not agree with the entry, whose article was had before"
    return None


def _is_crowd(doubted: Sequence[Landing]) -> bool:
    """Whether strays were to show different news: by titles that tell it, or as different entries of one feed.

    Entries of different feeds of which one has no such title may well be the same.
    """
    told = [landing for landing in doubted if tells_news(landing.news)]
    feeds: dict[str, list[Landing]] = {}
    for landing in doubted:
        if landing.stray is not None:
            feeds.setdefault(landing.stray.feed_id, []).append(landing)
    for alike in (told, *feeds.values()):
        if len(alike) > 1:
            one = _spread(set(alike[0].news), doubted)
            if any(one.isdisjoint(landing.news) for landing in alike):
                return True
    return False


def _is_as_ever(capture: Capture) -> bool:
    """Whether the address led to the same place when it was last had."""
    landed_at = capture.known.landed_at if capture.known else None
    return landed_at is not None and url_key(landed_at) == url_key(capture.url)


def _spread(marks: set[str], landings: Sequence[Landing]) -> set[str]:
    """The marks, and all those of landings that share one with them, directly or through others."""
    while more := {mark for landing in landings if not marks.isdisjoint(landing.news) for mark in landing.news} - marks:
        marks = marks | more
    return marks
