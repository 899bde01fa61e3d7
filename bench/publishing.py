"""When feeds publish: invented times, calibrated on measurements of real ones, or real times read from a file.

Real feeds of news sites publish at very different rates, by day and hardly by night, less at weekends, and in clumps:
an editor releases three pieces at once, a list is written once an hour. The constants below were found by a random
search until policies do on invented times about what they did on ten real days of 262 feeds (61,000 entries, lists of
20). The last two, which are not repeated here, steadied the search; no policy of ours took part in it.

| policy | useful polls | latency p50 / p90 / p99 | lost | invented, seeds 1 to 3 |
|---|---|---|---|---|
| fixed 15 min | 16 % | 8 / 14 / 16 min | 0.03 % | 16 %, 7 / 13 / 16, 0.03 % |
| fixed 60 min | 39 % | 30 / 54 / 62 min | 0.19 % | 38 %, 30 / 54 / 62, 0.24 % |
| fixed 360 min | 69 % | 158 / 314 / 371 min | 15.6 % | 73 %, 157 / 314 / 369, 15.4 % |
| Common Crawl's | 86 % | 68 / 213 / 924 min | 3.9 % | |
| Miniflux's | 59 % | 19 / 92 / 546 min | 0.18 % | |
"""

import json
import math
import random
from bisect import bisect
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schemas.errors import UserError

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS, FEEDS, ENTRIES = 10, 262, 61_000

SPREAD_OF_RATES, MOST_A_DAY = 1.2, 220
"""Standard deviation of the logarithm of a feed's entries a day, and their bound before bursts."""

NIGHT, WEEKEND = 0.3, 0.45
"""Rates at the quietest hour and on Saturday and Sunday, as shares of the busiest hour's and of a working day's."""

CLUMPED, CLUMP, CLUMP_MIN = 0.25, 2.6, 200
"""Share of entries that others follow, how many on average, and the typical minutes they are behind."""

BURSTS, BURST, BURST_MIN = 0.0010, 12, 3.7
"""The same for whole lists released at once: BURST / 2 to BURST * 2 entries."""

Times = list[list[datetime]]


def invent_times(seed: int) -> Times:
    """Publish times of FEEDS feeds over DAYS days from FIRST_DAY, each feed's in order."""
    chance = random.Random(seed)
    return [_invent_feed(chance, rate) for rate in _rates(chance)]


def read_times(path: Path) -> Times:
    """Publish times from JSON lines `{"feed": …, "at": [ISO instant, …]}`, each feed's in order."""
    times: Times = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            instants = [datetime.fromisoformat(at) for at in json.loads(line)["at"]]
            times.append(sorted(at.astimezone(UTC) for at in instants))
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f'{path}: line {number}: {error!r}; write {{"feed": "…", "at": ["2026-01-01T00:00Z"]}}'
            ) from None
    if not any(times):
        raise UserError(f"{path}: holds no publish times")
    return times


def _rates(chance: random.Random) -> list[float]:
    """Entries a day of each feed, which add up to ENTRIES over DAYS."""
    raw = [chance.lognormvariate(0, SPREAD_OF_RATES) for _ in range(FEEDS)]
    low, high = 0.0, 1_000.0
    for _ in range(50):
        scale = (low + high) / 2
        low, high = (scale, high) if sum(min(r * scale, MOST_A_DAY) for r in raw) < ENTRIES / DAYS else (low, scale)
    return [min(rate * low, MOST_A_DAY) for rate in raw]


def _invent_feed(chance: random.Random, rate: float) -> list[datetime]:
    until: list[float] = []  # sums of the hours' weights
    night = min(NIGHT * math.exp(chance.gauss(0, 0.7)), 1.0)
    weekend = min(WEEKEND * math.exp(chance.gauss(0, 0.3)), 1.0)
    busiest = 15 + chance.gauss(0, 3)
    for hour in range(DAYS * 24):
        light = ((1 + math.cos((hour - busiest) / 24 * 2 * math.pi)) / 2) ** 1.5
        is_weekend = (FIRST_DAY + timedelta(hours=hour)).weekday() >= 5
        until.append((until[-1] if until else 0) + (night + (1 - night) * light) * (weekend if is_weekend else 1))
    minutes: list[float] = []
    for _ in range(_poisson(chance, rate * DAYS / (1 + CLUMPED * (1 + CLUMP)))):
        hour = min(bisect(until, chance.random() * until[-1]), len(until) - 1)
        first = (hour + chance.random()) * 60
        minutes += [first, *(first + behind for behind in _followers(chance))]
    return sorted(FIRST_DAY + timedelta(minutes=each) for each in minutes if each < DAYS * 24 * 60)


def _followers(chance: random.Random) -> list[float]:
    """Minutes after an entry at which those come that belong to its clump."""
    if chance.random() < BURSTS:
        return [chance.expovariate(1 / BURST_MIN) for _ in range(chance.randint(BURST // 2, BURST * 2))]
    if chance.random() >= CLUMPED:
        return []
    slowness = CLUMP_MIN * math.exp(chance.gauss(0, 1))
    return [chance.expovariate(1 / slowness) for _ in range(1 + round(chance.expovariate(1 / CLUMP)))]


def _poisson(chance: random.Random, mean: float) -> int:
    """How often something happens that happens `mean` times on average."""
    count, passed = 0, chance.expovariate(1)
    while passed < mean:
        count, passed = count + 1, passed + chance.expovariate(1)
    return count
