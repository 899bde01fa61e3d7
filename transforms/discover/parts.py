"""Which parts of a sitemap index to read: those that may hold the newest entries first, by what the index tells."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from schemas.records import Entry, record
from transforms.discover.listing import Listing

NEWS_KEPT = timedelta(days=2)
"""How long a news sitemap holds an article (the rule of Google News); a part unchanged for longer holds no news."""

_DATED_NAME = re.compile(
    r"(?<!\d)(20\d\d)(?:[-_/.]|&\w{1,5}=)?(0[1-9]|1[0-2])(?:(?:[-_/.]|&\w{1,5}=)?(0[1-9]|[12]\d|3[01]))?(?!\d)"
)
"""A month or a day in a part's address, such as sitemap-2026-11.xml, 20261102.xml or ?yyyy=2026&mm=11&dd=02."""


@record
class Parts:
    """The parts of an index in the order of reading: those changed of late, those that tell no date, the others.

    Parts that tell no date begin with the last of the index, since nearly all generators append.
    """

    fresh: tuple[Entry, ...] = ()
    undated: tuple[Entry, ...] = ()
    older: tuple[Entry, ...] = ()

    @property
    def all(self) -> tuple[Entry, ...]:
        """All of them, in that order."""
        return (*self.fresh, *self.undated, *self.older)


def order_parts(documents: Sequence[Entry], now: datetime, changed_since: datetime | None = None) -> Parts:
    """The parts of an index that may have changed since, in order; among equals news sitemaps come first."""
    dated: list[tuple[datetime, Entry]] = []
    undated: list[Entry] = []
    for part in {part.url: part for part in documents}.values():
        at = changed_at(part)
        if at is None and part.url:
            undated.append(part)
        elif at is not None and part.url and (changed_since is None or at >= changed_since):
            dated.append((at, part))
    undated.reverse()
    dated.sort(key=lambda pair: (-pair[0].timestamp(), not _is_news(pair[1])))
    return Parts(
        fresh=tuple(part for at, part in dated if at >= now - NEWS_KEPT),
        undated=tuple(sorted(undated, key=lambda part: not _is_news(part))),
        older=tuple(part for at, part in dated if at < now - NEWS_KEPT),
    )


def changed_at(part: Entry) -> datetime | None:
    """When a part was changed last, by its lastmod; else the end of the month or day that its address names."""
    if part.updated_at is not None:
        return part.updated_at
    names = list(_DATED_NAME.finditer(part.url or ""))
    if not names:
        return None
    year, month, day = (int(number) if number else 0 for number in names[-1].groups())
    try:
        if day:
            return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    except ValueError:  # the 31st of a month that has none
        return None


def dates_of(listing: Listing) -> list[datetime]:
    """The dates of a listing's entries, in its order: of publication, or else of change."""
    return [at for entry in listing.entries if (at := entry.published_at or entry.updated_at)]


def is_stale(listing: Listing, since: datetime) -> bool:
    """Whether all of a part's entries are certainly older."""
    dates = dates_of(listing)
    return bool(dates) and len(dates) == len(listing.entries) and max(dates) < since


def reaches_back(listings: Iterable[Listing], since: datetime) -> bool:
    """Whether one of these parts begins before an instant, so that those behind it hold nothing since."""
    return any(min(dates, default=since) < since for dates in map(dates_of, listings))


def is_cut(listing: Listing, since: datetime) -> bool:
    """Whether a cap may have kept us from entries since: not if it cut the oldest off of a list in order of time."""
    dates = dates_of(listing)
    is_newest_first = len(dates) > 1 and dates == sorted(dates, reverse=True)
    return listing.truncated_at is not None and not (is_newest_first and dates[-1] < since)


def _is_news(part: Entry) -> bool:
    return "news" in (part.url or "").lower()
