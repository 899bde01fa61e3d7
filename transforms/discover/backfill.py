"""Fill gaps from a feed's sitemap: what is still to be filled, what was found, and how each gap is told meanwhile."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from schemas.memory import FeedMemory
from schemas.records import Entry, Feed, Gap, record
from transforms.answer import Asker
from transforms.discover.parts import NEWS_KEPT
from transforms.discover.reading import Reading, entry_marks
from transforms.discover.sitemaps import Sitemap, read_sitemap

MARGIN = timedelta(hours=1)
"""Entries dated so much before a gap began are asked for too: clocks differ, and dates are given before the listing."""

MAX_PAST_MARKS = 2_000
"""Marks of earlier lists that are kept of a feed with a sitemap: two for each of its last thousand entries."""


@record
class BackFill:
    """The gaps as they are to be told, the entries found for them, and the gaps to be filled at the next polls."""

    gaps: tuple[Gap, ...] = ()
    entries: tuple[Entry, ...] = ()
    unfilled: tuple[Gap, ...] = ()
    error: str | None = None


async def fill_gaps(
    web: Asker, feed: Feed, memory: FeedMemory, reading: Reading, losses: Sequence[Gap], *, now: datetime
) -> BackFill:
    """Fill the gaps that a good poll found, and those that wait, from the feed's sitemap, if there are any.

    A sitemap that cannot be read is tried again at every good poll, for as long as news sitemaps hold their entries.
    """
    gaps = (*memory.unfilled, *losses)
    wanted = [gap for gap in gaps if feed.sitemap and _is_to_fill(gap, memory, reading) and not is_too_late(gap, now)]
    if not wanted:
        return BackFill(gaps=tuple(_give_up(gap, memory) for gap in gaps))
    sitemap = await read_sitemap(web, feed, since=min(gap.began_at for gap in wanted) - MARGIN, now=now)
    found = sort_entries(sitemap.entries, wanted, known={*reading.marks, *memory.marks, *memory.past_marks})
    filled = {gap: replace(gap, recovered=gap.recovered + len(found[gap])) for gap in wanted}
    error = sitemap.error.kind if sitemap.error else None
    told = []
    for gap in gaps:
        if gap not in filled:
            told.append(_give_up(gap, memory))
        elif error:
            told.append(tell_waiting(filled[gap], error))
        else:
            told.append(replace(filled[gap], cause=filled[gap].cause + _name_limits(sitemap)))
    return BackFill(
        gaps=tuple(told),
        entries=tuple(entry for entries in found.values() for entry in entries),
        unfilled=tuple(filled.values()) if error else (),
        error=error,
    )


def sort_entries(entries: Iterable[Entry], gaps: Sequence[Gap], *, known: set[str]) -> dict[Gap, list[Entry]]:
    """The entries not known yet, each once, by the gap that its date falls into; MARGIN aside, the nearest."""
    found: dict[Gap, list[Entry]] = {gap: [] for gap in gaps}
    listed, seen = list(entries), set(known)
    for entry, marks in zip(listed, entry_marks(listed), strict=True):
        at = entry.published_at or entry.updated_at
        if at is None or not seen.isdisjoint(marks):
            continue
        gap = min(gaps, key=lambda gap: _distance(gap, at))
        if _distance(gap, at) <= MARGIN:
            found[gap].append(entry)
            seen.update(marks)
    return found


def tell_waiting(gap: Gap, error: str | None) -> Gap:
    """A gap that the sitemap is still to fill, as it is told until then."""
    return replace(gap, ended_at=None, cause=f"{gap.cause}; the sitemap could not be read: {error}")


def is_too_late(gap: Gap, now: datetime) -> bool:
    """Whether a news sitemap no longer lists what a gap lost."""
    return now - (gap.ended_at or now) > NEWS_KEPT


def past_marks(feed: Feed, memory: FeedMemory, reading: Reading, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Marks of the entries back-filled now and of those no longer listed, the newest first; none without a sitemap."""
    if feed.sitemap is None:
        return ()
    listed = set(reading.marks)
    filled = [mark for marks in entry_marks(entries) for mark in sorted(marks)]
    gone = [mark for mark in memory.marks if mark not in listed]
    return tuple(dict.fromkeys((*filled, *gone, *memory.past_marks)))[:MAX_PAST_MARKS]


def _is_to_fill(gap: Gap, memory: FeedMemory, reading: Reading) -> bool:
    """Whether entries may have come and gone unseen: the list rolled over, or half of it came behind a lie."""
    if gap in memory.unfilled or gap.kind == "rolled-over":
        return True
    return gap.kind == "lying-304" and reading.overlap is not None and 0.0 < reading.overlap <= 0.5


def _give_up(gap: Gap, memory: FeedMemory) -> Gap:
    """A gap that is filled no further, as it is told at last."""
    if gap not in memory.unfilled:
        return gap
    return replace(gap, cause=f"{gap.cause}; given up, the sitemap could not be read: {memory.unfilled_error}")


def _name_limits(sitemap: Sitemap) -> str:
    cut = f"; the sitemap was cut at {sitemap.truncated_at} entries" if sitemap.truncated_at is not None else ""
    if not sitemap.left_out:
        return cut
    return f"{cut}; {sitemap.left_out} of {sitemap.parts} parts of the sitemap were not read"


def _distance(gap: Gap, at: datetime) -> timedelta:
    """How far an instant lies outside of a gap that has ended."""
    return max(gap.began_at - at, at - (gap.ended_at or at), timedelta())
