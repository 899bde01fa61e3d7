"""Filling gaps: which entries of a sitemap belong to which gap, and what is kept so that none is taken twice."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Entry, Gap
from tests.builders import NOON, make_entry, make_feed, make_feed_memory
from transforms.discover.backfill import MARGIN, MAX_PAST_MARKS, past_marks, sort_entries
from transforms.discover.reading import Reading, entry_marks

HOUR = timedelta(hours=1)
GAPS = [
    Gap(kind="rolled-over", cause="all new", began_at=NOON, ended_at=NOON + 6 * HOUR),
    Gap(kind="rolled-over", cause="all new", began_at=NOON + 6 * HOUR, ended_at=NOON + 8 * HOUR),
]


def entry(number: int, hours: float | None) -> Entry:
    at = None if hours is None else NOON + hours * HOUR
    return make_entry(f"https://ledger.example/{number}", published_at=at)


@given(st.lists(st.tuples(st.integers(0, 9), st.none() | st.floats(-4, 12)), max_size=30), st.sets(st.integers(0, 9)))
def test_an_entry_belongs_to_one_gap_that_is_near_and_is_taken_once(
    rows: list[tuple[int, float | None]], known: set[int]
) -> None:
    marks = {mark for number in known for mark in entry_marks([entry(number, 0)])[0]}
    found = sort_entries([entry(number, hours) for number, hours in rows], GAPS, known=marks)
    assert list(found) == GAPS
    taken = [each.url for entries in found.values() for each in entries]
    assert len(set(taken)) == len(taken)
    near = {number for number, hours in rows if hours is not None and -1 <= hours <= 9}
    assert set(taken) == {entry(number, 0).url for number in near - known}
    for gap, entries in found.items():
        for each in entries:
            assert each.published_at is not None
            assert gap.began_at - MARGIN <= each.published_at <= gap.ended_at + MARGIN  # type: ignore[operator]


def test_an_entry_within_a_gap_is_not_given_to_its_neighbour() -> None:
    found = sort_entries([entry(1, 5.5), entry(2, 6.5), entry(3, -0.5), entry(4, 8.5)], GAPS, known=set())
    numbers = [[(each.url or "")[-1] for each in entries] for entries in found.values()]
    assert numbers == [["1", "3"], ["2", "4"]]


def test_what_is_listed_no_longer_stays_known_of_feeds_with_a_sitemap() -> None:
    memory = make_feed_memory(marks=("a", "b"), past_marks=("z", *(f"{n}" for n in range(MAX_PAST_MARKS))))
    reading = Reading(outcome="entries", marks=("b", "c"))
    assert past_marks(make_feed(), memory, reading, []) == ()
    kept = past_marks(make_feed(sitemap="https://ledger.example/news.xml"), memory, reading, [entry(1, 0)])
    filled = sorted(entry_marks([entry(1, 0)])[0])
    assert kept[: len(filled) + 2] == (*filled, "a", "z")
    assert len(kept) == MAX_PAST_MARKS
