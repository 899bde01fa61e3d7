"""The simulation of polling: what is caught, when, and what is lost."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.publishing import ENTRIES, FEEDS, FIRST_DAY, invent_times, read_times
from bench.schedule import LISTED, Policy, simulate
from schemas.errors import UserError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Hourly:
    """Asks at every full hour."""

    def __init__(self, now: datetime) -> None:
        self._due_at = now

    def ask_again(self, now: datetime, shown: list[datetime], new: int) -> None:
        self._due_at = now + HOUR

    def is_due(self, now: datetime) -> bool:
        return now >= self._due_at

    def due_at(self) -> datetime:
        return self._due_at


def hourly(feed_id: str, chance: random.Random, now: datetime) -> Policy:
    return Hourly(now)


def test_what_a_list_cannot_hold_is_lost() -> None:
    burst = [FIRST_DAY + 3 * DAY + timedelta(minutes=minute) for minute in range(1, LISTED + 6)]
    score = simulate([[FIRST_DAY, *burst, FIRST_DAY + 4 * DAY]], hourly, seed=1)
    assert score.lost == pytest.approx(5 / (LISTED + 6))
    assert (score.polls, score.latency_min(1.0)) == (pytest.approx(49 / 2), 60 - 6)
    assert score.useful == 2 / 49


def test_the_first_two_days_are_not_scored() -> None:
    early = [FIRST_DAY + timedelta(seconds=second) for second in range(100)]
    score = simulate([[*early, FIRST_DAY + 3 * DAY]], hourly, seed=1)
    assert (score.lost, score.latencies) == (0.0, (timedelta(),))


def test_in_passes_a_feed_waits_for_the_next() -> None:
    times = [FIRST_DAY, FIRST_DAY + 2 * DAY + timedelta(minutes=41), FIRST_DAY + 3 * DAY]
    at_any_instant = simulate([times], hourly, seed=1)
    in_passes = simulate([times], hourly, seed=1, pass_every=timedelta(minutes=40))  # due every 60: asked every 80
    assert (at_any_instant.latency_min(1.0), in_passes.latency_min(1.0)) == (60 - 41, 120 - 41)


def test_invented_times_depend_on_the_seed_alone() -> None:
    times = invent_times(1)
    assert times == invent_times(1)
    assert times != invent_times(2)
    assert len(times) == FEEDS
    assert sum(map(len, times)) == pytest.approx(ENTRIES, rel=0.05)
    assert all(each == sorted(each) for each in times)


def test_real_times_are_read_from_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "times.jsonl"
    file.write_text('{"feed": "a", "at": ["2026-01-02T00:00:00Z", "2026-01-01T10:00:00-05:00"]}\n')
    assert read_times(file) == [[datetime(2026, 1, 1, 15, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]]
    file.write_text('{"feed": "a"}\n')
    with pytest.raises(UserError, match="line 1"):
        read_times(file)
