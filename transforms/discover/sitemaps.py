"""Read sitemaps beside and behind feeds: an index is followed to its parts with the newest entries."""

from collections.abc import Sequence
from datetime import datetime

from schemas.records import Entry, Feed, record
from transforms.answer import UNASKED, Asker, WebError
from transforms.discover.ask import read_document
from transforms.discover.listing import FeedError, Listing
from transforms.discover.parts import NEWS_KEPT, changed_at, dates_of, is_cut, is_stale, order_parts, reaches_back

MAX_PARTS = 5
"""Sitemaps of one index whose entries a poll takes; one more may be looked at to find the end that is the newest."""

STALE_PARTS = 2
"""A search ends with so many older parts: a single one may be of another kind than its neighbours."""

NOT_ASKED = UNASKED | {"postponed"}
"""Errors of a domain that is left alone: its other parts would meet the same."""


@record
class Sitemap:
    """What was read of a sitemap: its entries, and what kept us from the rest.

    `left_out` counts those of an index's `parts` that were not read although they may hold entries since the instant
    that was asked for; `truncated_at` is the number of entries kept where a cap may have cut such entries off.
    """

    entries: tuple[Entry, ...] = ()
    error: WebError | FeedError | None = None
    parts: int = 0
    left_out: int = 0
    truncated_at: int | None = None


async def read_sitemap(web: Asker, feed: Feed, *, since: datetime, now: datetime) -> Sitemap:
    """What a feed's sitemap lists, as far as it may be dated since an instant; an error is told, not raised."""
    try:
        listing, _ = await read_document(web, feed.sitemap or "", feed_id=feed.feed_id)
    except (WebError, FeedError) as refusal:
        return Sitemap(error=refusal)
    return await read_parts(web, feed, listing, now=now, since=since, is_search=True)


async def read_parts(
    web: Asker, feed: Feed, listing: Listing, *, now: datetime, since: datetime | None = None, is_search: bool = False
) -> Sitemap:
    """The entries of a listing; of a sitemap index, those of its newest parts. A part that fails keeps from no other.

    A search for the entries since an instant leaves out parts that have not changed since, and ends where parts are
    older. Else the same parts are read each time, so that none seems new for having been left out before.
    """
    if listing.kind != "sitemap-index":
        is_short = since is not None and is_cut(listing, since)
        return Sitemap(entries=listing.entries, truncated_at=listing.truncated_at if is_short else None)
    index = _Index(web, feed, listing, now=now, since=since, is_search=is_search)
    await index.read()
    return index.tell()


class _Index:
    """A sitemap index on its way: the parts taken so far, and those only looked at."""

    def __init__(
        self, web: Asker, feed: Feed, listing: Listing, *, now: datetime, since: datetime | None, is_search: bool
    ) -> None:
        self._web, self._feed, self._listing = web, feed, listing
        self._since, self._is_search = since, is_search
        self._parts = order_parts(listing.documents, now, since if is_search else None)
        self._fresh_since = since if is_search and since is not None else now - NEWS_KEPT
        self._looked: dict[str, Listing] = {}
        self._taken: list[tuple[Entry, Listing]] = []
        self._errors: list[WebError | FeedError] = []

    async def read(self) -> None:
        """Take up to MAX_PARTS parts, of which some may fail."""
        await self._take(self._parts.fresh)
        await self._take(await self._newest_first())
        await self._take(self._parts.older)

    def tell(self) -> Sitemap:
        """What was read, and what was not."""
        entries = tuple(entry for _, read in self._taken for entry in read.entries)
        is_short = self._since is not None and any(is_cut(read, self._since) for _, read in self._taken)
        return Sitemap(
            entries=entries,
            error=next(iter(self._errors), None),
            parts=len(self._listing.documents),
            left_out=self._count_left_out(),
            truncated_at=len(entries) if is_short else None,
        )

    async def _take(self, parts: Sequence[Entry]) -> None:
        for part in parts:
            if self._room() <= 0 or (changed_at(part) is None and self._is_past()):
                return
            try:
                self._taken.append((part, await self._look(part)))
            except (WebError, FeedError) as error:
                self._errors.append(error)

    def _room(self) -> int:
        """Parts that may still be taken; none of a domain that is not to be asked."""
        is_shut = any(error.kind in NOT_ASKED for error in self._errors)
        return 0 if is_shut else MAX_PARTS - len(self._taken) - len(self._errors)

    async def _newest_first(self) -> tuple[Entry, ...]:
        """The parts without a date in the order of reading: from that end of the index where newer entries stand."""
        undated = self._parts.undated
        if not 0 < self._room() < len(undated):
            return undated
        try:
            last, first = await self._look(undated[0]), None
            if is_stale(last, self._fresh_since):
                first = await self._look(undated[-1])
        except (WebError, FeedError):
            return undated
        if first is None or (self._is_search and is_stale(first, self._fresh_since)):
            return undated
        # Compared with each other, ends change places only if the publisher turns its index round.
        last_at = max(dates_of(last))
        return undated[::-1] if max(dates_of(first), default=last_at) > last_at else undated

    async def _look(self, part: Entry) -> Listing:
        url = part.url or ""
        if url not in self._looked:
            self._looked[url], _ = await read_document(self._web, url, feed_id=self._feed.feed_id)
        return self._looked[url]

    def _is_past(self) -> bool:
        """Whether a search has come to parts that are older than what it looks for."""
        latest = self._taken_undated()[-STALE_PARTS:]
        return (
            self._is_search and len(latest) == STALE_PARTS and all(is_stale(each, self._fresh_since) for each in latest)
        )

    def _taken_undated(self) -> list[Listing]:
        return [read for part, read in self._taken if changed_at(part) is None]

    def _count_left_out(self) -> int:
        """Parts not taken that may hold entries since; parts without a date stand in order of time, as far as seen."""
        if self._since is None:
            return 0
        taken = {part.url for part, _ in self._taken}
        rest = [changed_at(part) for part in self._parts.all if part.url not in taken]
        undated = self._taken_undated()
        is_found = not self._is_search or any(not is_stale(each, self._since) for each in undated)
        is_settled = is_found and reaches_back(undated[-1:], self._since)
        return sum((not is_settled) if at is None else at >= self._since for at in rest)
