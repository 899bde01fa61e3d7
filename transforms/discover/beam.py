"""Discover, wired: the feeds of a run become polls and entries."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

import apache_beam as beam

from schemas.memory import FeedMemory, FeedTurn
from schemas.records import Entry, Poll
from transforms.addresses import registrable_domain
from transforms.answer import WebSettings
from transforms.beam import AskInTurn
from transforms.discover.poll import poll_feed
from transforms.discover.schedule import wait_order

SHARE = 0.5
"""Of a domain's time of a pass: what its feeds may use, so that some is left for its pages."""


class PollFeeds(beam.PTransform):
    """FeedTurn -> outputs Poll, Entry, FeedMemory, Silence, RobotsMemory, Dropped, DeadLetter.

    A domain's feeds are asked in turn, domains at once.
    """

    def __init__(self, *, run_id: str, now: datetime, settings: WebSettings) -> None:
        super().__init__()
        self._run_id, self._now, self._settings = run_id, now, settings

    def expand(self, turns: Any) -> Any:
        poll = partial(poll_feed, run_id=self._run_id)
        return (
            turns
            | "ByDomain" >> beam.Map(_by_domain)
            | "GroupDomains" >> beam.GroupByKey()
            | "InTurn" >> beam.Map(_in_turn)
            | "PollFeed"
            >> AskInTurn(
                poll,
                Poll,
                Entry,
                FeedMemory,
                rank=_feed_id,
                stage="discover",
                run_id=self._run_id,
                now=self._now,
                settings=self._settings,
                share=SHARE,
            )
        )


def _by_domain(turn: FeedTurn) -> tuple[str, FeedTurn]:
    return registrable_domain(turn.recalled.adopted_url or turn.feed.url), turn


def _in_turn(group: tuple[str, Iterable[FeedTurn]]) -> tuple[str, list[FeedTurn]]:
    """A domain's feeds in a fixed order: if the domain silences us midway, every runner stops at the same feed."""
    return group[0], sorted(group[1], key=wait_order)


def _feed_id(turn: FeedTurn) -> str:
    return turn.feed.feed_id
