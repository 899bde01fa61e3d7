"""Sitemaps beside and behind feeds: an index is followed to its newest parts, and a gap is filled from a sitemap."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.records import Entry, Feed
from transforms.answer import Asker, WebError
from transforms.discover.ask import read_document
from transforms.discover.listing import FeedError, Listing

MAX_PARTS = 5
"""Sitemaps of one index that a poll reads, the most recently changed first."""

MARGIN = timedelta(hours=1)
"""Entries dated so much before a gap began are asked for too: clocks differ, and dates are given before the listing."""


async def fill_gap(
    web: Asker, feed: Feed, *, since: datetime, until: datetime
) -> tuple[tuple[Entry, ...], WebError | FeedError | None]:
    """The entries that a feed's sitemap dates into a gap, and the error that kept it from being read whole, if any."""
    if feed.sitemap is None:
        return (), None
    try:
        listing, _ = await read_document(web, feed.sitemap, feed_id=feed.feed_id)
    except (WebError, FeedError) as refusal:
        return (), refusal
    entries, error = await read_parts(web, feed, listing, changed_since=since - MARGIN)
    return tuple(entry for entry in entries if _is_between(entry, since - MARGIN, until + MARGIN)), error


async def read_parts(
    web: Asker, feed: Feed, listing: Listing, *, changed_since: datetime | None = None
) -> tuple[tuple[Entry, ...], WebError | FeedError | None]:
    """The entries of a listing; of a sitemap index, those of its newest parts. An error keeps what was read so far."""
    if listing.kind != "sitemap-index":
        return listing.entries, None
    entries: list[Entry] = []
    for part in newest_parts(listing.documents, changed_since):
        try:
            read, _ = await read_document(web, part.url or "", feed_id=feed.feed_id)
        except (WebError, FeedError) as error:
            return tuple(entries), error
        entries += read.entries
    return tuple(entries), None


def newest_parts(documents: Sequence[Entry], changed_since: datetime | None = None) -> list[Entry]:
    """At most MAX_PARTS sitemaps of an index: those that may have changed since, the newest first.

    Those that tell no date come after those that do, news sitemaps before others.
    """
    parts = [part for part in documents if part.url]
    if changed_since is not None:
        parts = [part for part in parts if part.updated_at is None or part.updated_at >= changed_since]

    def rank(part: Entry) -> tuple[bool, float, bool]:
        at = part.updated_at
        return at is None, -at.timestamp() if at else 0.0, "news" not in (part.url or "").lower()

    return sorted(parts, key=rank)[:MAX_PARTS]


def _is_between(entry: Entry, since: datetime, until: datetime) -> bool:
    at = entry.published_at or entry.updated_at
    return at is not None and since <= at <= until
