"""Download, wired: entries that feeds list, and pages that are due, become captures."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.records import Capture, Feed, Itinerary, PageLookup, Visit
from transforms.answer import WebSettings
from transforms.beam import attempt, attempt_online
from transforms.download.fetch import fetch_page
from transforms.download.plan import Candidate, domain_of, plan_domain


class Downloaded(NamedTuple):
    """What downloading gives: the visits planned, their captures, and what did not pass before and after a visit."""

    visits: Any
    captures: Any
    not_visited: Any
    dropped: Any
    dead: Any


class DownloadPages(beam.PTransform):
    """Entry, PageMemory (due) or Silence -> Downloaded; one page of a domain at a time, domains at once."""

    def __init__(
        self, *, feeds: Mapping[str, Feed], lookup: PageLookup, run_id: str, now: datetime, settings: WebSettings
    ) -> None:
        super().__init__()
        self._plan = partial(plan_domain, feeds=feeds, lookup=lookup, run_id=run_id, now=now)
        self._fetch = partial(fetch_page, run_id=run_id)
        self._settings = settings
        self._where: dict[str, Any] = {"stage": "download", "run_id": run_id, "now": now}

    def expand(self, candidates: Any) -> Any:
        planned = (
            candidates
            | "ByDomain" >> beam.Map(_by_domain)
            | "GroupDomains" >> beam.GroupByKey()
            | "PlanDomain" >> attempt(self._plan, Itinerary, **self._where)
        )
        fetched = (
            planned.Itinerary
            | "InTurn" >> beam.Map(_in_turn)
            | "FetchPage" >> attempt_online(self._fetch, Capture, settings=self._settings, **self._where)
        )
        return Downloaded(
            visits=planned.Itinerary | "Visits" >> beam.FlatMap(_visits),
            captures=fetched.Capture,
            not_visited=planned.Dropped,
            dropped=fetched.Dropped,
            dead=(planned.DeadLetter, fetched.DeadLetter) | "Dead" >> beam.Flatten(),
        )


def _by_domain(candidate: Candidate) -> tuple[str, Candidate]:
    return domain_of(candidate), candidate


def _in_turn(itinerary: Itinerary) -> tuple[str, tuple[Visit, ...]]:
    return itinerary.domain, itinerary.visits


def _visits(itinerary: Itinerary) -> tuple[Visit, ...]:
    return itinerary.visits
