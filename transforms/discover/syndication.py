"""RSS 0.90 to 2.0, RSS 1.0, Atom 0.3 and 1.0, and CDF, read by feedparser; the only file that knows it."""

import io
from collections.abc import Mapping
from typing import Any

import feedparser

from transforms.discover.entries import FeedContext, clean_language, make_entry
from transforms.discover.guards import MAX_ENTRIES, MAX_NAMES, MAX_TITLE
from transforms.discover.links import usable_url
from transforms.discover.listing import Listing, RawEntry, RawLink
from transforms.discover.plain import plain_text
from transforms.discover.wishes import read_skips

_KINDS = {"rss": "rss", "channel": "rss", "feed": "atom", "entry": "atom"}
# Minutes of sy:updatePeriod (RSS 1.0 syndication module).
_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_LONGEST_MINUTES = 525_600


def read_syndication(markup: str, root: str | None, url: str, context: FeedContext) -> Listing | None:
    """Read a repaired document; None if feedparser neither knows the format nor finds an entry.

    May raise anything: feedparser lets KeyError, TypeError and others out on hostile input.
    """
    is_atom = root in ("feed", "entry")
    headers = {"content-type": "application/xml; charset=utf-8"}
    if is_atom and usable_url(url):
        headers["content-location"] = url  # the base of relative links (RFC 4287, 4.2.7); RSS has its own below
    document = b'<?xml version="1.0" encoding="utf-8"?>\n' + markup.encode("utf-8", "replace")
    # BytesIO, since feedparser opens a file or a URL where bytes or text look like one. We store text, so neither
    # sanitizing nor resolving links inside of HTML is needed; the sanitizer is also quadratic on hostile input.
    parsed = feedparser.parse(
        io.BytesIO(document), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    feed = parsed.feed
    kind = parsed.get("version") or ""
    if not parsed.entries and not kind and root not in _KINDS:
        return None
    language = clean_language(_text(feed, "language")) or context.language
    inner = FeedContext(
        feed_id=context.feed_id,
        # RSS says nothing of relative links; readers in use take the site, which is right behind feed proxies too.
        base=usable_url(url) if is_atom else usable_url(_text(feed, "link"), url) or usable_url(url),
        language=language,
        now=context.now,
    )
    skip_hours, skip_days = read_skips(markup)
    return Listing(
        kind=kind or _KINDS.get(root or "", "rss"),
        title=plain_text(_text(feed, "title"), MAX_TITLE),
        language=language,
        entries=tuple(make_entry(_read_entry(item, is_atom), inner) for item in parsed.entries[:MAX_ENTRIES]),
        refresh_minutes=_refresh_minutes(feed),
        skip_hours=skip_hours,
        skip_days=skip_days,
        truncated_at=MAX_ENTRIES if len(parsed.entries) > MAX_ENTRIES else None,
    )


def _read_entry(item: Mapping[str, Any], is_atom: bool) -> RawEntry:
    title = _detail(item, "title_detail")
    summary = _detail(item, "summary_detail") or next(iter(_list(item, "content")), {})
    published = _text(item, "published") or _text(item, "created")
    # Past feedparser's own lookup, which lets `published` stand in for a missing `updated`.
    updated = _text(dict(item.items()), "updated")
    return RawEntry(
        entry_id=_text(item, "id"),
        # Atom's id is declared to be no link, yet where there is no other an http id is one in practice.
        permalink=_text(item, "id") if is_atom or item.get("guidislink") else None,
        links=_read_links(item),
        title=_text(item, "title"),
        title_is_text=is_atom and title.get("type") == "text/plain",
        summary=_text(summary, "value"),
        summary_is_text=is_atom and summary.get("type") == "text/plain",
        authors=tuple(_text(author, "name") for author in _list(item, "authors")) or (_text(item, "author"),),
        categories=tuple(_text(tag, "label") or _text(tag, "term") for tag in _list(item, "tags")),
        language=title.get("language"),
        published_raw=published or updated,
        updated_raw=updated,
    )


def _read_links(item: Mapping[str, Any]) -> tuple[RawLink, ...]:
    """The entry's links; first the one that a feed proxy replaced, since the proxy may be gone and tracks readers."""
    original = _text(item, "feedburner_origlink")
    links = [RawLink(href=original)] if original else []
    for link in _list(item, "links"):
        links.append(
            RawLink(
                href=_text(link, "href"),
                rel=_text(link, "rel") or "alternate",
                type=_text(link, "type"),
                hreflang=_text(link, "hreflang"),
            )
        )
    return tuple(links)


def _refresh_minutes(feed: Mapping[str, Any]) -> int | None:
    """How seldom the feed asks to be read: the longer of ttl and update period, at most a year."""
    ttl = _text(feed, "ttl")
    period = _PERIODS.get(_text(feed, "sy_updateperiod").lower())
    frequency = _text(feed, "sy_updatefrequency")
    wishes = [int(ttl)] if ttl.isdecimal() and len(ttl) < 8 else []
    if period:
        wishes.append(period // max(int(frequency), 1) if frequency.isdecimal() and len(frequency) < 8 else period)
    return min(max(wishes), _LONGEST_MINUTES) or None if wishes else None


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""


def _detail(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = values.get(key)
    return value if isinstance(value, Mapping) else {}


def _list(values: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = values.get(key)
    return [each for each in value[:MAX_NAMES] if isinstance(each, Mapping)] if isinstance(value, list) else []
