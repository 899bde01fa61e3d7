"""What goes wrong in the month: seven faults, each on a feed of its own at a seeded instant, and what must be told."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from bench.month_news import START
from pipelines.newsroom.fault_rules import HABITS
from pipelines.newsroom.feeds import LISTED
from schemas.records import record
from seeds.newsroom.newsroom import Outlet

FaultName = Literal[
    "outage", "403", "202 challenge", "roll-over", "roll-over, sitemap", "slow feed", "lying 304", "moved feed"
]

FULL_DAYS = 12
"""Days from which the faults last their full time; in a shorter run all are shortened alike."""

ADOPTION = timedelta(hours=24)
"""A redirect is believed no sooner than this, so the old address of a moved feed stays longer."""

BURST_SPREAD = timedelta(minutes=40)


@record
class FaultKind:
    """A fault as it is injected, and the gap that must be told of it.

    `lasts` is its length in a full run; `recovers` the time, as a share of its length, after which even a poller that
    backs off has come back.
    """

    name: FaultName
    gap: str
    cause: str
    lasts: timedelta
    recovers: float = 0.7


KINDS = (
    FaultKind(name="outage", gap="outage", cause="http-503", lasts=timedelta(days=2)),
    FaultKind(name="403", gap="blocked", cause="http-403", lasts=timedelta(days=3)),
    FaultKind(name="202 challenge", gap="challenged", cause="challenge", lasts=timedelta(days=2)),
    FaultKind(name="slow feed", gap="slow", cause="timeout", lasts=timedelta(days=1)),
    FaultKind(name="lying 304", gap="lying-304", cause="http-304", lasts=timedelta(days=5), recovers=0.0),
    FaultKind(name="moved feed", gap="moved", cause="", lasts=timedelta(days=4), recovers=0.0),
    FaultKind(name="roll-over", gap="rolled-over", cause=f"all of {LISTED} entries new", lasts=BURST_SPREAD),
    FaultKind(name="roll-over, sitemap", gap="rolled-over", cause=f"all of {LISTED} entries new", lasts=BURST_SPREAD),
)


@record
class PlannedFault:
    """One fault of the month: whose feed it befalls, and from when until when."""

    kind: FaultKind
    slug: str
    began_at: datetime
    ended_at: datetime

    def is_on(self, now: datetime) -> bool:
        """Whether it befalls a request made now."""
        return self.began_at <= now < self.ended_at


def plan_faults(
    outlets: Sequence[Outlet], days: int, passes: Sequence[datetime], chance: random.Random
) -> tuple[PlannedFault, ...]:
    """Every kind of fault once; which feed it befalls, and when, is drawn. `passes` are the instants of the run.

    A feed without validators can tell no lie by 304; nor can a lie of a day or two be proved where dates name no zone,
    since they may be as far off. So none of those is drawn for it.
    """
    habits = {outlet.slug: HABITS[outlet.layout] for outlet in outlets}
    liar = chance.choice([slug for slug, has in habits.items() if has.validators and has.dates != "no-zone"])
    others = chance.sample([outlet.slug for outlet in outlets if outlet.slug != liar], len(KINDS) - 1)
    drawn = [liar if kind.name == "lying 304" else others.pop() for kind in KINDS]
    step = timedelta(days=days) / len(passes)
    return tuple(_plan(kind, slug, days, step, passes, chance) for kind, slug in zip(KINDS, drawn, strict=True))


def burst_instants(fault: PlannedFault, chance: random.Random) -> tuple[datetime, ...]:
    """When a roll-over's pieces appear: more than a feed lists, all between two passes."""
    count = LISTED + chance.randint(4, 12)
    span = int((fault.ended_at - fault.began_at).total_seconds())
    return tuple(fault.began_at + timedelta(seconds=second) for second in chance.sample(range(1, span), count))


def _plan(
    kind: FaultKind, slug: str, days: int, step: timedelta, passes: Sequence[datetime], chance: random.Random
) -> PlannedFault:
    earliest = START + max(timedelta(days=days / 10), timedelta(hours=12), 2 * step)
    end = START + timedelta(days=days)
    if kind.lasts == BURST_SPREAD:
        at = chance.choice([number for number in range(len(passes) - 3) if passes[number] >= earliest])
        middle = passes[at] + (passes[at + 1] - passes[at]) / 2
        began_at = middle - BURST_SPREAD / 2
        return PlannedFault(kind=kind, slug=slug, began_at=began_at, ended_at=began_at + BURST_SPREAD)
    lasts = max(kind.lasts * min(1.0, days / FULL_DAYS), 1.5 * step)
    if kind.gap == "moved":
        lasts = max(lasts, ADOPTION + 4 * step)
    latest = end - lasts - lasts * kind.recovers - 2 * step
    began_at = earliest + max(latest - earliest, timedelta()) * chance.random()
    began_at = began_at.replace(microsecond=0)
    return PlannedFault(kind=kind, slug=slug, began_at=began_at, ended_at=began_at + lasts)
