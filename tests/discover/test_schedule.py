"""When a feed is asked again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.memory import FeedMemory, FeedTurn
from schemas.records import Feed
from tests.builders import NOON, make_feed, make_feed_memory
from transforms.discover.schedule import (
    BACK_OFF_CAP,
    PARKED_AT,
    PROBE_GONE,
    PROBE_PARKED,
    WISH_CAP,
    Observation,
    after_failure,
    after_success,
    bounds,
    is_due,
    wait_order,
)

HOUR = timedelta(hours=1)


def minutes(memory: FeedMemory) -> int:
    assert memory.interval_s is not None
    return memory.interval_s // 60


def pause(memory: FeedMemory, now: datetime = NOON) -> float:
    """Minutes until the feed is due."""
    assert memory.next_due_at is not None
    return (memory.next_due_at - now) / timedelta(minutes=1)


def follow(feed: Feed, polls: int, news_an_hour: float, **first: Any) -> FeedMemory:
    """The memory after polls, each at its due time, of a feed with a steady rate."""
    memory = after_success(feed, make_feed_memory(), Observation(listed=20, new=20, **first), NOON)
    for _ in range(polls):
        assert memory.next_due_at is not None
        assert memory.succeeded_at is not None
        hours = (memory.next_due_at - memory.succeeded_at) / HOUR
        seen = Observation(listed=20, new=min(round(news_an_hour * hours), 20))
        memory = after_success(feed, memory, seen, memory.next_due_at)
    return memory


def test_a_feed_of_which_nothing_is_known_is_due() -> None:
    assert is_due(None, NOON)
    assert is_due(make_feed_memory(), NOON)


def test_after_its_first_poll_it_waits_about_an_hour() -> None:
    memory = after_success(make_feed(), make_feed_memory(), Observation(listed=20, new=20), NOON)
    assert 54 <= pause(memory) <= 66


def test_a_first_listing_with_many_entries_an_hour_is_read_again_sooner() -> None:
    memory = after_success(make_feed(), make_feed_memory(), Observation(listed=20, new=20, first_rate=4.0), NOON)
    assert minutes(memory) == 30
    assert memory.usual_rate == 4.0


@pytest.mark.parametrize(
    ("rate", "tier", "kind", "expected"),
    [(0.0, 2, "national", 165), (0.0, 2, "research", 360), (6.0, 2, "national", 30), (6.0, 1, "national", 15)],
    ids=["silent news", "silent research", "busy", "busy and important"],
)
def test_the_interval_follows_the_rate_within_the_bounds_of_its_kind(
    rate: float, tier: int, kind: str, expected: int
) -> None:
    assert minutes(follow(make_feed(tier=tier, kind=kind), polls=30, news_an_hour=rate)) == expected


def test_a_feed_with_one_entry_an_hour_is_read_about_every_hour() -> None:
    assert 45 <= minutes(follow(make_feed(), polls=30, news_an_hour=1.0)) <= 90


def test_a_list_that_is_half_new_is_read_twice_as_often_at_once() -> None:
    memory = replace(make_feed_memory(), succeeded_at=NOON - 3 * HOUR, interval_s=3 * 3600, rate=0.1, usual_rate=0.1)
    assert minutes(after_success(make_feed(), memory, Observation(listed=20, new=10), NOON)) == 90


def test_a_servers_wish_to_be_read_seldom_is_kept_up_to_a_cap() -> None:
    feed, memory = make_feed(kind="research"), make_feed_memory()
    wished = after_success(feed, memory, Observation(listed=1, new=1, wish=timedelta(minutes=240)), NOON)
    greedy = after_success(feed, memory, Observation(listed=1, new=1, wish=timedelta(days=365)), NOON)
    assert 216 <= pause(wished) <= 264
    assert pause(greedy) <= WISH_CAP / timedelta(minutes=1) * 1.1


def test_a_wish_that_was_seen_to_lose_entries_is_not_kept() -> None:
    memory = make_feed_memory(succeeded_at=NOON - HOUR, interval_s=3600, rate=1.0, usual_rate=1.0)
    seen = Observation(listed=20, new=20, rolled_over=True, wish=timedelta(hours=3))
    assert pause(after_success(make_feed(), memory, seen, NOON)) <= 33


def test_a_wish_to_be_read_at_any_moment_is_no_reason_to_ask_more_often_than_we_ever_do() -> None:
    memory = make_feed_memory(succeeded_at=NOON - HOUR, interval_s=3600, rate=1.0, usual_rate=1.0)
    seen = Observation(listed=20, new=20, rolled_over=True, wish=timedelta(seconds=1))
    assert pause(after_success(make_feed(), memory, seen, NOON)) >= 27


def test_hours_and_days_that_a_feed_asks_to_be_left_out_are_left_out() -> None:
    memory = make_feed_memory(skip_hours=(12, 13, 14), skip_days=(0,))  # NOON is a Monday
    due = after_success(make_feed(), memory, Observation(listed=1, new=1), NOON).next_due_at
    assert due == datetime.fromisoformat("2026-11-03T00:00:00+00:00")


def test_a_feed_due_shortly_after_this_pass_is_read_now() -> None:
    memory = make_feed_memory(next_due_at=NOON + timedelta(minutes=9), interval_s=3600)
    assert is_due(memory, NOON)
    assert not is_due(memory, NOON - timedelta(minutes=5))


def test_a_time_that_no_rule_puts_so_far_ahead_has_come() -> None:
    """A pass under a clock that was a year ahead would silence every feed for a year."""
    for parked, days in ((None, 8), ("gone", 34)):
        memory = make_feed_memory(parked=parked, next_due_at=NOON + timedelta(days=days))
        assert not is_due(memory, NOON)
        assert is_due(memory, NOON - timedelta(hours=1))


def test_no_time_between_two_polls_says_nothing_of_the_rate() -> None:
    memory = make_feed_memory(succeeded_at=NOON, rate=2.0, usual_rate=1.0, interval_s=1800)
    after = after_success(make_feed(), memory, Observation(listed=20, new=5), NOON)
    assert (after.rate, after.usual_rate) == (2.0, 1.0)


def test_feeds_of_a_domain_not_asked_for_the_longest_come_first() -> None:
    polled = {"a": NOON, "b": NOON, "c": NOON - timedelta(hours=1), "d": None}
    turns = [
        FeedTurn(feed=make_feed(feed_id), memory=make_feed_memory(feed_id=feed_id, polled_at=at))
        for feed_id, at in polled.items()
    ]
    turns.append(FeedTurn(feed=make_feed("e")))
    assert [turn.feed.feed_id for turn in sorted(turns, key=wait_order)] == ["d", "e", "c", "a", "b"]


def test_a_pause_after_a_failure_is_kept_to_the_second() -> None:
    memory = make_feed_memory(next_due_at=NOON, interval_s=3600, errors=0.5)
    assert not is_due(memory, NOON - timedelta(seconds=1))
    assert is_due(memory, NOON)


def test_failures_in_a_row_double_the_pause_up_to_a_day() -> None:
    memory, pauses = make_feed_memory(interval_s=3600), []
    for _ in range(12):
        memory = after_failure(make_feed(), memory, "http-500", NOON)
        pauses.append(pause(memory))
    assert 54 <= pauses[0] <= 66, "one soft failure changes nothing"
    assert 108 <= pauses[1] <= 132, "two weigh as much as one hard one"
    assert max(pauses) <= BACK_OFF_CAP / timedelta(minutes=1) * 1.1
    assert memory.failures == 12


def test_a_good_poll_forgives_all_failures() -> None:
    failed = after_failure(make_feed(), make_feed_memory(interval_s=3600), "timeout", NOON)
    good = after_success(make_feed(), failed, Observation(listed=3, new=0), NOON + HOUR)
    assert (good.errors, good.failures, good.last_error, good.parked) == (0.0, 0, None, None)


def test_a_feed_that_keeps_failing_is_parked_and_probed_once_a_week() -> None:
    memory = make_feed_memory(errors=PARKED_AT - 0.5)
    parked = after_failure(make_feed(), memory, "http-404", NOON)
    assert parked.parked == "errors"
    assert 0.9 <= pause(parked) / (PROBE_PARKED / timedelta(minutes=1)) <= 1.1


def test_gone_is_believed_after_three_polls_over_a_week() -> None:
    memory = make_feed_memory(interval_s=3600)
    for days in (0, 1, 7):
        memory = after_failure(make_feed(), memory, "http-410", NOON + timedelta(days=days))
        assert memory.parked == ("gone" if days == 7 else None)
    assert pause(memory, NOON + timedelta(days=7)) >= PROBE_GONE / timedelta(minutes=1) * 0.9


@pytest.mark.parametrize(("asked_s", "at_least", "at_most"), [(0, 10, 70), (3600, 60, 120), (86400, 1440, 1500)])
def test_retry_after_is_kept_with_a_floor_and_spread(asked_s: int, at_least: int, at_most: int) -> None:
    memory = after_failure(make_feed(), make_feed_memory(), "http-429", NOON, retry_after_s=asked_s)
    assert at_least <= pause(memory) <= at_most


def test_what_our_request_is_to_blame_for_counts_more_than_what_time_may_cure() -> None:
    errors = [
        after_failure(make_feed(), make_feed_memory(), kind, NOON).errors for kind in ("dns", "timeout", "http-400")
    ]
    assert errors == sorted(errors)
    assert len(set(errors)) == 3


observations = st.builds(
    Observation,
    listed=st.integers(0, 2000),
    new=st.integers(0, 2000),
    rolled_over=st.booleans(),
    first_rate=st.none() | st.floats(0, 1e6),
    wish=st.none() | st.timedeltas(timedelta(), timedelta(days=4000)),
)


@given(
    st.lists(st.tuples(observations, st.timedeltas(timedelta(seconds=1), timedelta(days=60))), max_size=8),
    st.integers(1, 3),
    st.sampled_from(["national", "research"]),
)
def test_whatever_is_seen_the_interval_stays_within_bounds(
    polls: list[tuple[Observation, timedelta]], tier: int, kind: str
) -> None:
    feed, memory, now = make_feed(tier=tier, kind=kind), make_feed_memory(), NOON
    shortest, longest = bounds(feed)
    for seen, later in polls:
        now += later
        memory = after_success(feed, memory, seen, now)
        assert shortest <= timedelta(seconds=memory.interval_s or 0) <= longest
        assert now + shortest * 0.85 <= (memory.next_due_at or now) <= now + longest * 1.1
