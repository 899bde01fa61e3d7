"""A month of news: the bundled newsroom's pieces, published again and again at each outlet's own pace."""

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines.newsroom.layouts import page_path
from pipelines.newsroom.parts import localize, say_date
from seeds.newsroom.newsroom import Newsroom, Outlet, Piece, PieceRevision
from seeds.newsroom.outlet_file import FIRST_DAY

START = datetime.combine(FIRST_DAY, time(), tzinfo=UTC)

BACKLOG_DAYS = 7
"""Days before START whose pieces are there already, so that even the slowest feed begins full."""

RATES = (3.0, 4.0, 4.0, 5.0, 5.0, 6.0, 8.0, 10.0, 12.0, 18.0)
"""Pieces a day: from a small office to a busy desk, yet none that outruns its feed's window between two passes."""

TWINS = ("national-courier", "continental-wire")
"""Outlets of which a second edition publishes on its own: no fault befalls at least two feeds."""

WEEKEND, SPREAD = 0.6, 0.25
"""What is published on a Saturday or Sunday, as a share; standard deviation of a day's number, as a share."""

FIRST_HOUR, BUSIEST_HOUR, LAST_HOUR = 5, 13, 23
"""The local hours in which an outlet publishes."""

NEAR = 40
"""Newest pieces that a page or feed can show; the older ones exist at their own addresses."""


class Archive:
    """One outlet's pieces of the month, and what of them is there at an instant."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = replace(outlet, pieces=tuple(sorted(outlet.pieces, key=lambda piece: piece.published_at)))
        self._published = [piece.published_at for piece in self.outlet.pieces]
        self._by_path = {page_path(outlet, piece): piece for piece in outlet.pieces}

    def newest(self, now: datetime, count: int) -> tuple[Piece, ...]:
        """The newest pieces by now, the newest last."""
        end = bisect_right(self._published, now)
        return self.outlet.pieces[max(end - count, 0) : end]

    def between(self, since: datetime, until: datetime) -> tuple[Piece, ...]:
        """The pieces published after `since`, up to and with `until`."""
        return self.outlet.pieces[bisect_right(self._published, since) : bisect_right(self._published, until)]

    def at(self, now: datetime, path: str) -> Outlet:
        """The outlet as its pages and its feed show it now: the newest pieces and, however old, the one at `path`."""
        shown = {piece.slug: piece for piece in self.newest(now, NEAR)}
        asked = self._by_path.get(path)
        if asked is not None and asked.published_at <= now:
            shown[asked.slug] = asked
        return replace(self.outlet, pieces=tuple(_as_of(piece, now) for piece in shown.values()))


def write_month(
    outlets: Sequence[Outlet], days: int, bursts: Mapping[str, Sequence[datetime]], chance: random.Random
) -> tuple[Outlet, ...]:
    """The outlets with all they publish: each day at their own pace, and at the instants of `bursts` besides."""
    rates = chance.sample(RATES, len(outlets))
    return tuple(
        _fill(outlet, [*_instants(outlet, rate, days, chance), *bursts.get(outlet.slug, ())], chance)
        for outlet, rate in zip(outlets, rates, strict=True)
    )


def list_outlets(newsroom: Newsroom) -> tuple[Outlet, ...]:
    """The outlets of the month: those of the newsroom, and second editions of TWINS."""
    twins = [
        replace(outlet, slug=f"{outlet.slug}-west", name=f"{outlet.name} West")
        for outlet in newsroom.outlets
        if outlet.slug in TWINS
    ]
    return (*newsroom.outlets, *twins)


def _instants(outlet: Outlet, rate: float, days: int, chance: random.Random) -> list[datetime]:
    instants = []
    for number in range(-BACKLOG_DAYS, days):
        midnight = datetime.combine(FIRST_DAY + timedelta(days=number), time(), tzinfo=ZoneInfo(outlet.time_zone))
        usual = rate * (WEEKEND if midnight.weekday() >= 5 else 1.0)
        for _ in range(max(1, round(chance.gauss(usual, usual * SPREAD)))):
            hours = chance.triangular(FIRST_HOUR, LAST_HOUR, BUSIEST_HOUR)
            instants.append((midnight + timedelta(seconds=int(hours * 3600))).astimezone(UTC))
    return instants


def _fill(outlet: Outlet, instants: Sequence[datetime], chance: random.Random) -> Outlet:
    order = list(outlet.pieces)
    chance.shuffle(order)
    # No two at one instant, which would leave open which of them the feed's window holds.
    distinct = sorted(set(instants))
    pieces = (_publish(outlet, order[number % len(order)], at, number) for number, at in enumerate(distinct))
    return replace(outlet, pieces=tuple(pieces))


def _publish(outlet: Outlet, piece: Piece, published_at: datetime, number: int) -> Piece:
    """A piece published anew at an address of its own, with the day in its headline and its first words."""
    day = say_date(localize(outlet, published_at), outlet.language)
    delay = published_at - piece.published_at

    def reword(text: PieceRevision) -> PieceRevision:
        first, *others = text.paragraphs
        return replace(
            text,
            day=1,
            title=f"{text.title} ({day}, {number})",
            paragraphs=(f"{day}, {number}. {first}", *others),
            modified_at=text.modified_at and text.modified_at + delay,
        )

    return replace(
        piece,
        slug=f"{piece.slug}-{number}",
        published_at=published_at,
        revisions=tuple(reword(text) for text in piece.revisions),
    )


def _as_of(piece: Piece, now: datetime) -> Piece:
    texts = tuple(text for text in piece.revisions if text.modified_at is None or text.modified_at <= now)
    return replace(piece, revisions=texts)
