"""Keep account of each feed's day: what was expected, what was seen, what became of it, and which gaps touch it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from schemas.memory import FeedMemory, FeedTurn, PageMemory
from schemas.records import Coverage, Dropped, Feed, Gap, PageTurn, Poll
from transforms.write.memory import COVERAGE_WINDOW

WORST_FIRST = (
    "blocked", "challenged", "gone", "unreadable", "outage", "slow", "lying-304", "rolled-over", "truncated",
)  # fmt: skip
"""Kinds of gaps by how little we could see; a feed moved is no loss, so it only stands where nothing else does."""

QUIET_EXPECTED, QUIET_SHARE = 10.0, 0.1
"""A day with so many entries expected and at most this share of them seen is quiet; by chance alone it is rare."""

COUNTED = {"off-domain": "off_domain"} | {
    name: name for name in ("fetched", "paywalled", "duplicate", "missing", "blocked", "challenged", "failed")
}
"""Outcomes of pages (`remember.judge_outcome`) and the columns that count them."""

FeedDay = tuple[str, str]
"""feed_id and day, written as 2026-11-02: keys of a pipeline need a coder that gives equal bytes for equal days."""

Event = Poll | PageTurn | Gap | Dropped


def turn_page(before: PageMemory | None, after: PageMemory) -> PageTurn | None:
    """How a visit changed the standing of a page; None if it did not."""
    was = before.outcome if before else None
    if was == after.outcome:
        return None
    first = before or after
    day = first.listed_on or first.first_seen_at.astimezone(UTC).date()
    return PageTurn(feed_id=first.listed_by or first.entry.feed_id, day=day, before=was, after=after.outcome)


def turn_day(turn: PageTurn) -> FeedDay:
    """The feed's day that counts a page."""
    return turn.feed_id, turn.day.isoformat()


def poll_day(poll: Poll, now: datetime) -> FeedDay:
    """The feed's day that counts a poll: that on which the run began, at `now`, since it counts the new pages, too."""
    return poll.feed_id, now.date().isoformat()


def lasting_gap(turn: FeedTurn, now: datetime) -> Iterator[tuple[FeedDay, Gap]]:
    """The gaps that a feed is in when a run begins; so that a day on which it is not even asked tells of them, too."""
    for gap in (turn.recalled.gap, turn.recalled.move):
        if gap is not None:
            yield (turn.feed.feed_id, now.date().isoformat()), gap


def standing_gap(memory: FeedMemory, now: datetime) -> Iterator[tuple[FeedDay, Gap]]:
    """The gap that a feed is in after its turn, so that one of a silenced domain, which was not asked, tells of it."""
    if memory.gap is not None:
        yield (memory.feed_id, now.date().isoformat()), memory.gap


def unread_day(dropped: Dropped, now: datetime) -> Iterator[tuple[FeedDay, Dropped]]:
    """The day of a feed that was due and not asked, since its domain is silent or had its time: a row without polls."""
    if dropped.reason != "not-due" and dropped.feed_id is not None:
        yield (dropped.feed_id, now.date().isoformat()), dropped


def earlier_days(poll: Poll) -> Iterator[tuple[FeedDay, Gap]]:
    """The gaps of a poll for the days before it that they touch, as far as days are kept open.

    What was lost in an evening may be found out in the morning, and a gap that ends has touched days before.
    """
    oldest = (poll.polled_at - COVERAGE_WINDOW).date()
    for gap in poll.gaps:
        day = max(gap.began_at.date(), oldest)
        while day < poll.polled_at.date():
            yield (poll.feed_id, day.isoformat()), gap
            day += timedelta(days=1)


def cover_day(
    key: FeedDay, events: Iterable[Event], *, before: Coverage | None, feed: Feed | None, run_id: str, now: datetime
) -> Coverage | None:
    """A feed's day after a run: as it stood `before`, and what the run's events add; None for a day no longer kept.

    A run that goes on after midnight belongs to the day on which it began. No column falls below 0, even if an earlier
    form of the day was forgotten since a clock was ahead.
    """
    feed_id, day = key[0], date.fromisoformat(key[1])
    if before is None and day != now.date():
        return None
    events = list(events)
    polls = sorted((event for event in events if isinstance(event, Poll)), key=lambda poll: poll.polled_at)
    row = before or Coverage(
        run_id=run_id,
        feed_id=feed_id,
        publisher=feed.publisher if feed else "",
        day=day,
        as_of=now,
        state="",
        expected=None,
    )
    counted: dict[str, Any] = Counter({column: getattr(row, column) for column in COUNTED.values()})
    for event in events:
        if isinstance(event, PageTurn):
            counted[COUNTED.get(event.before or "", "")] -= 1
            counted[COUNTED.get(event.after or "", "")] += 1
    told = [event for event in events if isinstance(event, Gap)] + [gap for poll in polls for gap in poll.gaps]
    gaps = merge_gaps((*row.gaps, *told))
    row = replace(
        row,
        run_id=run_id,
        as_of=max(now, row.as_of + timedelta(microseconds=1)) if before else now,
        expected=_expected(row, polls),
        polls=row.polls + len(polls),
        polls_failed=row.polls_failed + sum(poll.outcome == "error" for poll in polls),
        seen=row.seen + sum(poll.entries_new for poll in polls),
        backfilled=row.backfilled + sum(poll.backfilled for poll in polls),
        truncated=row.truncated + sum(poll.truncated_at is not None for poll in polls),
        rolled_over=row.rolled_over + sum(poll.overlap == 0.0 for poll in polls),
        gaps=gaps,
        **{column: max(counted[column], 0) for column in COUNTED.values()},
    )
    return replace(row, state=judge_state(row))


def merge_gaps(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Each gap once, by kind, cause and begin, as it was told of last: a gap that has ended does not open again."""
    merged: dict[tuple[datetime, str, str], Gap] = {}
    for gap in gaps:
        key = (gap.began_at, gap.kind, gap.cause.partition("; ")[0])  # what follows tells how far it was filled
        if key not in merged or merged[key].ended_at is None:
            merged[key] = gap
    return tuple(merged[key] for key in sorted(merged))


def judge_state(row: Coverage) -> str:
    """The day in one word: its worst gap; quiet, if far fewer entries came than usual; moved; else ok."""
    kinds = {gap.kind for gap in row.gaps}
    worst = next((kind for kind in WORST_FIRST if kind in kinds), None)
    if worst is not None:
        return worst
    if row.expected is not None and row.expected >= QUIET_EXPECTED and row.seen <= row.expected * QUIET_SHARE:
        return "quiet"
    return "moved" if "moved" in kinds else "ok"


def _expected(row: Coverage, polls: list[Poll]) -> float | None:
    """What the feed's usual rate makes of the part of the day gone by; a first poll has no usual rate to go by."""
    told = [
        poll for poll in polls if poll.usual_rate is not None and (poll.overlap is not None or not poll.entries_new)
    ]
    if not told:
        return row.expected
    latest = told[-1]
    midnight = datetime.combine(row.day, time(), tzinfo=UTC)
    return (latest.usual_rate or 0.0) * ((latest.polled_at - midnight) / timedelta(hours=1))
