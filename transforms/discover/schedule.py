"""When to ask a feed again: as often as it has something new, as seldom as its server wishes, and less after failures.

The constants were compared on ten days of publish times of 262 feeds: of the policies tried, following each feed's rate
within these bounds loses the fewest entries for the fewest polls. `python -m bench.schedule` repeats that.
"""

import hashlib
import math
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from schemas.memory import FeedMemory, FeedTurn
from schemas.records import Feed, record

MIN_TIER_1, MIN = timedelta(minutes=15), timedelta(minutes=30)
"""The shortest intervals: for feeds of tier 1, and for all others."""

MAX_NEWS, MAX_SLOW = timedelta(minutes=165), timedelta(minutes=360)
"""The longest intervals the rate alone leads to: for news, and for kinds that publish seldom."""

SLOW_KINDS = frozenset({"research", "legal_advocacy", "advocacy"})

START = timedelta(minutes=60)
"""Interval of a feed of which nothing is known yet."""

WISH_CAP = timedelta(minutes=300)
"""No wish of a server to be read seldom is believed beyond this; some ask for years."""

RETRY_AFTER_FLOOR, RETRY_AFTER_SPREAD = timedelta(minutes=10), timedelta(minutes=60)
"""A host that asked us to slow down is never asked sooner than this, nor by everyone at the same instant."""

BACK_OFF_CAP = timedelta(hours=24)
PARKED_AT, PROBE_PARKED = 15.0, timedelta(days=7)
"""At this weight of failures in a row a feed is parked: probed once a week."""

GONE_POLLS, GONE_FOR, PROBE_GONE = 3, timedelta(days=7), timedelta(days=30)
"""A feed that said 410 in so many polls over so long is gone: probed once a month."""

HARD, SOFT, LIGHT, GONE = 1.0, 0.5, 0.25, 3.0
_LIGHT = frozenset({"dns"})
_SOFT = frozenset({
    "http-401", "http-403", "http-404", "http-408", "http-425", "http-429", "http-451", "timeout", "connect", "tls",
    "protocol", "truncated", "bad-coding", "unasked-coding", "robots", "robots-unreachable", "challenge", "empty",
    "not-a-feed", "unreadable", "limits", "too-large", "parse-limit", "unasked-304", "redirects",
})  # fmt: skip

LONGEST_WAIT, LONGEST_PROBE = timedelta(days=8), timedelta(days=34)
"""No rule here puts a feed off for longer: days to skip at most a week, and a feed that is gone a month."""

SLACK, SLACK_CAP = 0.2, timedelta(minutes=15)
"""A feed due within this share of its interval is read now: the next pass may be a whole beat of the scheduler away."""

USUAL = timedelta(days=7)
"""Time constant of the usual rate: long enough to hold weekdays and weekends."""


@record
class Observation:
    """What a good poll saw of a feed's pace.

    `first_rate` is entries an hour judged by the dates of a first listing, `rolled_over` that nothing listed before was
    left, `wish` how seldom the server wishes to be asked.
    """

    listed: int
    new: int
    rolled_over: bool = False
    first_rate: float | None = None
    wish: timedelta | None = None


def is_due(memory: FeedMemory | None, now: datetime) -> bool:
    """Whether a feed's time has come; a pause after a failure or at a server's wish is kept to the second.

    A time further ahead than any rule puts one was set by a clock that was wrong, and has come.
    """
    if memory is None or memory.next_due_at is None:
        return True
    if memory.next_due_at > now + (LONGEST_PROBE if memory.parked else LONGEST_WAIT):
        return True
    slack = timedelta()
    if memory.errors == 0 and memory.interval_s:
        slack = min(timedelta(seconds=memory.interval_s * SLACK), SLACK_CAP)
    return now >= memory.next_due_at - slack


def wait_order(turn: FeedTurn) -> tuple[bool, str, str]:
    """Sorts a domain's feeds: those not asked for the longest first, then by id.

    So what a slow domain has no time for is not the same in every pass.
    """
    polled_at = turn.recalled.polled_at
    return polled_at is not None, f"{polled_at:%Y-%m-%dT%H:%M:%S.%f}" if polled_at else "", turn.feed.feed_id


def after_success(feed: Feed, memory: FeedMemory, seen: Observation, now: datetime) -> FeedMemory:
    """The memory with rates, interval and next_due_at after a poll that went well; failures are forgiven."""
    shortest, longest = bounds(feed)
    rate, usual_rate = _rates(memory, seen, now)
    before = timedelta(seconds=memory.interval_s) if memory.interval_s else START
    want = before if rate is None else _want(rate, longest)
    if memory.succeeded_at and seen.listed and seen.new >= 0.5 * seen.listed:  # the window nearly overflowed
        want = min(want, before / 2)
    interval = _clamp(_clamp(want, before / 2, before * 1.5), shortest, longest)
    pause = interval
    if seen.wish is not None:
        wish = min(seen.wish, WISH_CAP, longest)
        # A server's wish is kept, unless keeping it was seen to lose entries.
        pause = max(min(interval, wish), shortest) if seen.rolled_over else max(interval, wish)
    due = now + pause * _jitter(feed.feed_id, now, 0.9, 1.1)
    return replace(
        memory,
        rate=rate,
        usual_rate=usual_rate,
        interval_s=int(interval.total_seconds()),
        next_due_at=_allowed(due, memory.skip_hours, memory.skip_days),
        succeeded_at=now,
        errors=0.0,
        failures=0,
        last_error=None,
        gone_polls=0,
        gone_since=None,
        parked=None,
    )


def after_failure(
    feed: Feed, memory: FeedMemory, error: str, now: datetime, *, retry_after_s: int | None = None
) -> FeedMemory:
    """The memory after a poll that failed: the interval doubles with the weight of failures, then the feed is parked.

    `error` is the kind of the dead letter; `retry_after_s` what the server asked for.
    """
    errors = memory.errors + weight(error)
    interval = timedelta(seconds=memory.interval_s) if memory.interval_s else START
    pause = min(interval * 2 ** min(math.floor(errors), 10), BACK_OFF_CAP)
    gone_polls, gone_since = (memory.gone_polls + 1, memory.gone_since or now) if error == "http-410" else (0, None)
    parked = None
    if gone_since and gone_polls >= GONE_POLLS and now - gone_since >= GONE_FOR:
        parked, pause = "gone", PROBE_GONE
    elif errors >= PARKED_AT:
        parked, pause = "errors", PROBE_PARKED
    due = now + pause * _jitter(feed.feed_id, now, 0.9, 1.1)
    if retry_after_s is not None:
        asked = max(timedelta(seconds=retry_after_s), RETRY_AFTER_FLOOR)
        due = max(due if parked else now, now + asked + RETRY_AFTER_SPREAD * _jitter(feed.feed_id, now, 0.0, 1.0))
    return replace(
        memory,
        polled_at=now,
        next_due_at=due,
        errors=errors,
        failures=memory.failures + 1,
        last_error=error,
        gone_polls=gone_polls,
        gone_since=gone_since,
        parked=parked,
    )


def bounds(feed: Feed) -> tuple[timedelta, timedelta]:
    """The shortest and the longest interval of a feed."""
    return MIN_TIER_1 if feed.tier == 1 else MIN, MAX_SLOW if feed.kind in SLOW_KINDS else MAX_NEWS


def weight(error: str) -> float:
    """How much a failure counts: what time or the server's mending may cure counts less than what our request is."""
    if error == "http-410":
        return GONE
    if error in _LIGHT:
        return LIGHT
    return SOFT if error in _SOFT or error.startswith("http-5") else HARD


def _rates(memory: FeedMemory, seen: Observation, now: datetime) -> tuple[float | None, float | None]:
    """Entries an hour, of late and as usual; a first poll judges by the dates it saw, if there are any."""
    if memory.succeeded_at is None:
        return seen.first_rate, seen.first_rate
    if memory.succeeded_at >= now:
        return memory.rate, memory.usual_rate
    hours = max((now - memory.succeeded_at) / timedelta(hours=1), 1 / 60)
    rate = seen.new / hours
    if memory.rate is None or memory.usual_rate is None:
        return rate, rate
    weight_of_now = 1 - math.exp(-timedelta(hours=hours) / USUAL)
    return 0.7 * memory.rate + 0.3 * rate, memory.usual_rate + (rate - memory.usual_rate) * weight_of_now


def _want(rate: float, longest: timedelta) -> timedelta:
    """The time in which one new entry comes."""
    return min(timedelta(hours=1 / rate), longest) if rate > 1e-6 else longest


def _clamp(value: timedelta, low: timedelta, high: timedelta) -> timedelta:
    return max(low, min(value, high))


def _jitter(feed_id: str, now: datetime, low: float, high: float) -> float:
    """A number between two, spread over feeds and polls, yet the same for the same poll: a rerun plans the same."""
    digest = hashlib.sha256(f"{feed_id} {now.isoformat()}".encode()).digest()
    return low + (high - low) * int.from_bytes(digest[:4], "big") / 2**32


def _allowed(due: datetime, skip_hours: Collection[int], skip_days: Collection[int]) -> datetime:
    """The first hour at or after `due` that the feed does not ask to be left out (GMT; at most a week on)."""
    for _ in range(7 * 24):
        if due.hour not in skip_hours and due.weekday() not in skip_days:
            return due
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due
