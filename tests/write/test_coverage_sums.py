"""Sums over feeds' days: each page stands once, whatever becomes of it, whoever lists it, and whenever that is."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.memory import PageMemory
from schemas.records import Coverage, DeadLetter, Dropped, PageTurn, record
from tests.builders import NOON, make_article, make_capture, make_entry, make_feed, make_visit
from transforms.write.clocks import as_of
from transforms.write.coverage import COUNTED, cover_day, turn_day
from transforms.write.memory import COVERAGE_WINDOW
from transforms.write.remember import settle_page

DAY = timedelta(days=1)
FEEDS = ("broad", "devoted", "mirror")
PAGES = tuple(f"https://ledger.example/{number}" for number in range(3))
KINDS = ("visit", "capture", "article", "dropped", "dead", "lead")


@record
class Step:
    """One visit in a run: which feed lists which page, and how it ends."""

    page: str
    feed_id: str
    ending: str


def end(step: Step, now: datetime) -> dict[str, Sequence[Any]]:
    """The records in which a visit ends."""
    if step.ending in ("article", "teaser"):
        state = "full" if step.ending == "article" else "teaser"
        return {"capture": [make_capture(step.page, fetched_at=now)], "article": [make_article(body_state=state)]}
    if step.ending in ("off-domain", "missing", "robots", "postponed"):
        return {"dropped": [Dropped(run_id="run-1", stage="tag", reason=step.ending, at=now)]}
    return {"dead": [DeadLetter(run_id="run-1", stage="download", error=step.ending, at=now)]}


class Passes:
    """Runs over a few pages: what is remembered of them, and how each feed's day stands."""

    def __init__(self) -> None:
        self.pages: dict[str, PageMemory] = {}
        self.days: dict[tuple[str, str], Coverage] = {}
        self.forgotten: set[tuple[str, str]] = set()

    def run(self, now: datetime, steps: Sequence[Step]) -> None:
        self._forget_days(now)
        turns: dict[tuple[str, str], list[PageTurn]] = {}
        for step in {step.page: step for step in steps}.values():
            known = self.pages.get(step.page)
            entry = make_entry(step.page, feed_id=step.feed_id)
            visit = make_visit(step.page, entry=entry, known=as_of(known, now) if known else None)
            for each in settle_page(dict.fromkeys(KINDS, ()) | {"visit": [visit]} | end(step, now), now=now):
                if isinstance(each, PageTurn):
                    turns.setdefault(turn_day(each), []).append(each)
                else:
                    self.pages[step.page] = each
        for key, events in turns.items():
            feed = make_feed(key[0])
            if row := cover_day(key, events, before=self.days.get(key), feed=feed, run_id="run-1", now=now):
                self.days[key] = row

    def _forget_days(self, now: datetime) -> None:
        known_at = min([now, *sorted(row.as_of for row in self.days.values())[-1:]])
        for key in [key for key, row in self.days.items() if row.as_of <= known_at - COVERAGE_WINDOW]:
            self.forgotten.add(key)
            del self.days[key]


STEPS = st.builds(
    Step,
    page=st.sampled_from(PAGES),
    feed_id=st.sampled_from(FEEDS),
    ending=st.sampled_from(
        ("article", "teaser", "off-domain", "missing", "robots", "postponed", "timeout", "http-403", "challenge")
    ),
)
INSTANTS = st.integers(0, 20).map(lambda days: NOON + days * DAY / 2)
RUNS = st.lists(st.tuples(INSTANTS, st.lists(STEPS, max_size=4)), max_size=12)
AHEAD = st.sampled_from((timedelta(), 3 * DAY, 365 * DAY))


def standing(passes: Passes) -> Counter[str]:
    """How many pages stand how, by their memory, of days that are still kept."""
    owners = {page.url_key: (page.listed_by or "", f"{page.listed_on}") for page in passes.pages.values()}
    return Counter(
        COUNTED[page.outcome or ""]
        for page in passes.pages.values()
        if page.outcome in COUNTED and owners[page.url_key] not in passes.forgotten
    )


@given(RUNS)
def test_the_days_of_all_feeds_add_up_to_the_pages_known(runs: list[tuple[datetime, list[Step]]]) -> None:
    passes = Passes()
    for now, steps in sorted(runs, key=lambda run: run[0]):
        passes.run(now, steps)
        assert all(getattr(row, column) >= 0 for row in passes.days.values() for column in COUNTED.values())
    summed = {column: sum(getattr(row, column) for row in passes.days.values()) for column in COUNTED.values()}
    assert +Counter(summed) == standing(passes)


@given(st.lists(st.tuples(INSTANTS, AHEAD, st.lists(STEPS, max_size=4)), max_size=8))
def test_they_add_up_though_the_clock_was_ahead_at_times(runs: list[tuple[datetime, timedelta, list[Step]]]) -> None:
    passes = Passes()
    for now, ahead, steps in sorted(runs, key=lambda run: run[0]):
        passes.run(now + ahead, steps)
        assert all(getattr(row, column) >= 0 for row in passes.days.values() for column in COUNTED.values())
