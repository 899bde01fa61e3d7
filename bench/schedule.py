"""How policies of asking feeds compare: polls spent, latency and entries lost, over ten days of publish times.

    python -m bench.schedule [--seed S] [--times FILE]

A feed shows its newest 20 entries. An entry is lost if 20 newer ones push it out between two polls; its latency is the
time from its publication to the poll that shows it. The first two days teach the policies and are not scored. Answers
"not modified" and servers' wishes are not modelled. The seed makes the publish times and the jitter.
"""

import argparse
import math
import random
import sys
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bench.publishing import Times, invent_times, read_times
from schemas.errors import UserError
from schemas.memory import FeedMemory
from schemas.records import Entry, Feed, record
from transforms.discover.reading import listed_rate
from transforms.discover.schedule import Observation, after_success, is_due

LISTED = 20
"""Entries a feed shows."""

UNSCORED = timedelta(days=2)

PASS_EVERY = timedelta(minutes=15)
"""How often the scheduler of the machine starts a pass, where polls can happen in passes only."""


class Policy(Protocol):
    """What decides when one feed is asked next; made anew for each feed."""

    def ask_again(self, now: datetime, shown: list[datetime], new: int) -> None:
        """Note a poll: the publish times it showed, oldest first, and how many of the entries were new."""

    def is_due(self, now: datetime) -> bool:
        """Whether a pass that starts now asks the feed."""

    def due_at(self) -> datetime:
        """When the feed is asked, where polls need no pass."""


class Fixed:
    """The same interval always, give or take a tenth."""

    def __init__(self, interval: timedelta, chance: random.Random, now: datetime) -> None:
        self._interval, self._chance = interval, chance
        self._due_at = now + interval * chance.random()

    def ask_again(self, now: datetime, shown: list[datetime], new: int) -> None:
        """See Policy."""
        self._due_at = now + self._interval * self._chance.uniform(0.9, 1.1)

    def is_due(self, now: datetime) -> bool:
        """See Policy."""
        return now >= self._due_at

    def due_at(self) -> datetime:
        """See Policy."""
        return self._due_at


class Ours:
    """transforms.discover.schedule, as polls use it."""

    def __init__(self, feed: Feed, chance: random.Random, now: datetime) -> None:
        self._feed = feed
        first = now + timedelta(hours=chance.random())
        self._memory = FeedMemory(feed_id=feed.feed_id, url=feed.url, next_due_at=first)

    def ask_again(self, now: datetime, shown: list[datetime], new: int) -> None:
        """See Policy."""
        is_first = self._memory.succeeded_at is None
        entries = [Entry(feed_id="f", entry_id=f"{at}", url=None, published_at=at) for at in shown] if is_first else []
        seen = Observation(
            listed=len(shown) if new else 0,  # an unchanged answer lists nothing
            new=new,
            rolled_over=not is_first and 0 < len(shown) <= new,
            first_rate=listed_rate(entries),
        )
        self._memory = after_success(self._feed, self._memory, seen, now)

    def is_due(self, now: datetime) -> bool:
        """See Policy."""
        return is_due(self._memory, now)

    def due_at(self) -> datetime:
        """See Policy."""
        assert self._memory.next_due_at is not None
        return self._memory.next_due_at


Make = Callable[[str, random.Random, datetime], Policy]


@record
class Score:
    """What a policy did: polls a day and feed, share of them that showed something new, latencies, share lost."""

    polls: float
    useful: float
    latencies: tuple[timedelta, ...]
    lost: float

    def latency_min(self, share: float) -> float:
        """The latency in minutes that this share of the entries did not exceed; NaN without entries."""
        if not self.latencies:
            return math.nan
        return self.latencies[int(share * (len(self.latencies) - 1))] / timedelta(minutes=1)


def main() -> None:
    """Print one line a policy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=Path, help='read publish times: JSON lines {"feed": …, "at": [ISO instant, …]}')
    options = parser.parse_args()
    try:
        times = read_times(options.times) if options.times else invent_times(options.seed)
    except (UserError, OSError) as error:
        sys.exit(str(error))
    if max(each[-1] for each in times if each) <= min(each[0] for each in times if each) + UNSCORED:
        sys.exit(f"{options.times}: its publish times must span more than the {UNSCORED.days} days that are not scored")
    print(f"{len(times)} feeds, {sum(map(len, times)):,} entries, seed {options.seed}")
    print("policy                     polls/day  useful    p50   p90   p99 min    lost")
    for name, (make, every) in POLICIES.items():
        score = simulate(times, make, options.seed, every)
        latencies = "".join(f"{score.latency_min(share):6.0f}" for share in (0.5, 0.9, 0.99))
        print(f"{name:26}{score.polls:10.1f}{score.useful:8.0%} {latencies}    {score.lost:8.2%}")


def simulate(times: Times, make: Make, seed: int, pass_every: timedelta | None = None) -> Score:
    """Poll every feed from its first to its last publish time, at any instant or in passes only."""
    begins = min(each[0] for each in times if each)
    ends = max(each[-1] for each in times if each)
    polls = useful = lost = 0
    latencies: list[timedelta] = []
    for number, published in enumerate(times):
        policy = make(f"feed-{number}", random.Random(f"{seed}/{number}"), begins)
        seen, now = 0, begins
        while (now := _next_poll(policy, now, pass_every)) <= ends:
            there = bisect_right(published, now)
            new, first = there - seen, max(there - LISTED, 0)
            if now >= begins + UNSCORED:
                polls += 1
                useful += new > 0
            scored = [at for at in published[seen:there] if at >= begins + UNSCORED]
            caught = [now - at for at in published[max(seen, first) : there] if at >= begins + UNSCORED]
            lost += len(scored) - len(caught)
            latencies += caught
            policy.ask_again(now, published[first:there], new)
            seen = there
    days = (ends - begins - UNSCORED) / timedelta(days=1)
    return Score(
        polls=polls / days / len(times),
        useful=useful / max(polls, 1),
        latencies=tuple(sorted(latencies)),
        lost=lost / max(lost + len(latencies), 1),
    )


def _next_poll(policy: Policy, now: datetime, pass_every: timedelta | None) -> datetime:
    """When a feed is asked next: at its time, or in the first pass in which it is due."""
    if pass_every is None:
        return policy.due_at()
    beat = datetime.fromtimestamp(
        now.timestamp() // pass_every.total_seconds() * pass_every.total_seconds(), now.tzinfo
    )
    while True:
        beat += pass_every
        if policy.is_due(beat):
            return beat


def _fixed(minutes: int) -> Make:
    return lambda feed_id, chance, now: Fixed(timedelta(minutes=minutes), chance, now)


def _ours(tier: int, kind: str) -> Make:
    def make(feed_id: str, chance: random.Random, now: datetime) -> Policy:
        return Ours(Feed(feed_id=feed_id, url="https://f.example/", publisher="F", tier=tier, kind=kind), chance, now)

    return make


POLICIES: dict[str, tuple[Make, timedelta | None]] = {
    "fixed 15 min": (_fixed(15), None),
    "fixed 60 min": (_fixed(60), None),
    "fixed 360 min": (_fixed(360), None),
    "ours, tier 1": (_ours(1, "national"), None),
    "ours, tier 2": (_ours(2, "national"), None),
    "ours, slow kinds": (_ours(2, "research"), None),
    "ours, tier 1, in passes": (_ours(1, "national"), PASS_EVERY),
    "ours, tier 2, in passes": (_ours(2, "national"), PASS_EVERY),
}


if __name__ == "__main__":
    main()
