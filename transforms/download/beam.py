"""Download, wired: entries that feeds list, and pages that are due, become captures."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.memory import PageLookup, PageMemory
from schemas.records import Capture, Feed, Itinerary, Landing, PageTurn, Silence, Visit
from transforms.answer import WebSettings
from transforms.beam import AskInTurn, attempt
from transforms.download.fetch import fetch_page
from transforms.download.landing import land_strays, refuse_removed, sort_capture
from transforms.download.plan import Candidate, domain_of, plan_domain


class Downloaded(NamedTuple):
    """What downloading gives: the visits, all their captures and those that count, and what did not pass.

    `turns` are new entries that no visit counts, `leads` the memory of addresses that led to other pages, `learnt` what
    servers asked of us; `not_visited` did not pass before a visit, `dropped` and `dead` after one.
    """

    visits: Any
    turns: Any
    captures: Any
    landed: Any
    leads: Any
    learnt: Any
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
        self._refuse = partial(refuse_removed, lookup=lookup, run_id=run_id, now=now)
        self._sort = partial(sort_capture, lookup=lookup, run_id=run_id, now=now)
        self._land = partial(land_strays, lookup=lookup, run_id=run_id, now=now)
        self._settings = settings
        self._where: dict[str, Any] = {"stage": "download", "run_id": run_id, "now": now}

    def expand(self, candidates: Any) -> Any:
        planned = (
            candidates
            | "ByDomain" >> beam.Map(_by_domain)
            | "GroupDomains" >> beam.GroupByKey()
            | "PlanDomain" >> attempt(self._plan, Itinerary, PageTurn, Silence, **self._where)
        )
        fetched = (
            planned.Itinerary
            | "InTurn" >> beam.Map(_in_turn)
            | "FetchPages"
            >> AskInTurn(
                self._fetch,
                Capture,
                rank=_url_key,
                settings=self._settings,
                silences=planned.Silence,
                **self._where,
            )
        )
        kept = fetched.Capture | "RefuseRemoved" >> attempt(self._refuse, Capture, **self._where)
        # Only the captures that were led elsewhere are shuffled, not the bytes of all the others.
        sorted_ = kept.Capture | "SortCapture" >> attempt(self._sort, Capture, Landing, is_shown=False, **self._where)
        landed = (
            sorted_.Landing
            | "ByPage" >> beam.Map(lambda landing: (landing.url_key, landing))
            | "GroupPages" >> beam.GroupByKey()
            | "LandStrays" >> attempt(self._land, Capture, Visit, PageMemory, is_shown=False, **self._where)
        )
        planned_visits = planned.Itinerary | "PlannedVisits" >> beam.FlatMap(_visits)
        return Downloaded(
            visits=(planned_visits, landed.Visit) | "Visits" >> beam.Flatten(),
            turns=planned.PageTurn,
            captures=kept.Capture,
            landed=(sorted_.Capture, landed.Capture) | "Landed" >> beam.Flatten(),
            leads=landed.PageMemory,
            learnt=(fetched.Silence, fetched.RobotsMemory) | "Learnt" >> beam.Flatten(),
            not_visited=planned.Dropped,
            dropped=(fetched.Dropped, kept.Dropped, landed.Dropped) | "NotPassed" >> beam.Flatten(),
            dead=(planned.DeadLetter, fetched.DeadLetter, kept.DeadLetter, sorted_.DeadLetter, landed.DeadLetter)
            | "Dead" >> beam.Flatten(),
        )


def _by_domain(candidate: Candidate) -> tuple[str, Candidate]:
    return domain_of(candidate), candidate


def _in_turn(itinerary: Itinerary) -> tuple[str, tuple[Silence | Visit, ...]]:
    return itinerary.domain, (*itinerary.silences, *itinerary.visits)


def _url_key(visit: Visit) -> str:
    return visit.url_key


def _visits(itinerary: Itinerary) -> tuple[Visit, ...]:
    return itinerary.visits
