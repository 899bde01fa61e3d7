"""The account of a feed's day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.memory import FeedTurn
from schemas.records import Coverage, Dropped, Gap, PageTurn, Poll
from tests.builders import NOON, make_entry, make_feed, make_feed_memory, make_page
from transforms.write.coverage import (
    COUNTED,
    cover_day,
    earlier_days,
    lasting_gap,
    merge_gaps,
    poll_day,
    standing_gap,
    turn_day,
    turn_page,
    unread_day,
)

DAY, HOUR = date(2026, 11, 2), timedelta(hours=1)
OUTAGE = Gap(kind="outage", cause="http-503", began_at=NOON - HOUR)


def poll(**facts: Any) -> Poll:
    known: dict[str, Any] = {
        "run_id": "run-1",
        "feed_id": "ledger",
        "publisher": "The Ledger",
        "url": "https://ledger.example/feed",
        "polled_at": NOON,
        "outcome": "entries",
        "entries_new": 2,
        "overlap": 0.9,
        "usual_rate": 1.0,
    }
    return Poll(**(known | facts))


def turn(before: str | None, after: str | None) -> PageTurn:
    return PageTurn(feed_id="ledger", day=DAY, before=before, after=after)


def cover(*events: Any, before: Coverage | None = None, day: date = DAY) -> Coverage | None:
    key = ("ledger", day.isoformat())
    return cover_day(key, events, before=before, feed=make_feed(), run_id="run-1", now=NOON)


def covered(*events: Any, before: Coverage | None = None) -> Coverage:
    row = cover(*events, before=before)
    assert row is not None
    return row


def test_a_quiet_hour_of_a_good_day() -> None:
    row = covered(poll(), turn(None, "fetched"), turn(None, "paywalled"))
    assert (row.state, row.polls, row.seen, row.fetched, row.paywalled) == ("ok", 1, 2, 1, 1)
    assert row.expected == 12.0, "one an hour since midnight"


def test_a_later_run_adds_to_the_day() -> None:
    morning = covered(poll(), turn(None, "failed"))
    noon = covered(poll(entries_new=3), turn("failed", "fetched"), before=morning)
    assert (noon.polls, noon.seen, noon.failed, noon.fetched) == (2, 5, 0, 1)


def test_a_gap_names_the_day_with_cause_and_interval() -> None:
    failed = poll(outcome="error", entries_new=0, gaps=(OUTAGE,))
    row = covered(failed)
    assert (row.state, row.polls_failed, row.gaps) == ("outage", 1, (OUTAGE,))
    ended = replace(OUTAGE, ended_at=NOON)
    assert covered(poll(gaps=(ended,)), before=row).gaps == (ended,)


def test_the_day_is_named_after_its_worst_gap() -> None:
    moved = Gap(kind="moved", cause="https://ledger.example/new", began_at=NOON)
    rolled = Gap(kind="rolled-over", cause="all of 20 entries new", began_at=NOON - HOUR, ended_at=NOON)
    assert covered(poll(gaps=(moved,))).state == "moved"
    assert covered(poll(gaps=(moved, rolled))).state == "rolled-over"
    assert covered(poll(gaps=(moved, rolled, OUTAGE))).state == "outage"


def test_far_fewer_entries_than_usual_are_told_even_if_nothing_seems_wrong() -> None:
    assert covered(poll(entries_new=0, outcome="not-modified", overlap=None)).state == "quiet"
    assert covered(poll(entries_new=0, outcome="not-modified", overlap=None, usual_rate=0.5)).state == "ok", "by chance"


def test_on_its_first_day_nothing_is_expected_of_a_feed() -> None:
    assert covered(poll(overlap=None, entries_new=30)).expected is None


def test_a_day_no_longer_kept_is_not_begun_anew() -> None:
    assert cover(turn("failed", "fetched"), day=DAY - timedelta(days=30)) is None


def test_a_gap_that_lasts_is_told_on_days_without_a_poll() -> None:
    memory = make_feed_memory(gap=OUTAGE, parked="errors")
    ((key, gap),) = lasting_gap(FeedTurn(feed=make_feed(), memory=memory), NOON + timedelta(days=3))
    assert (key, gap) == (("ledger", "2026-11-05"), OUTAGE)
    mended = make_feed(url="https://ledger.example/mended")
    assert [gap for _, gap in lasting_gap(FeedTurn(feed=mended, memory=memory), NOON)] == [OUTAGE], "until it is read"


def test_a_move_that_is_not_adopted_yet_lasts_too() -> None:
    moved = make_feed_memory(moved_to="https://ledger.example/new", moved_since=NOON, moved_after=NOON - HOUR)
    ((_, gap),) = lasting_gap(FeedTurn(feed=make_feed(), memory=moved), NOON)
    assert gap == Gap(kind="moved", cause="https://ledger.example/new", began_at=NOON - HOUR)


def test_a_gap_found_in_the_morning_belongs_to_the_evening_before_as_well() -> None:
    rolled = Gap(kind="rolled-over", cause="all new", began_at=NOON - 20 * HOUR, ended_at=NOON)
    assert list(earlier_days(poll(gaps=(rolled,)))) == [(("ledger", "2026-11-01"), rolled)]
    same_day = replace(rolled, began_at=NOON - HOUR)
    assert list(earlier_days(poll(gaps=(same_day,)))) == []


def test_days_no_longer_kept_are_not_told_of_a_gap() -> None:
    long = replace(OUTAGE, began_at=NOON - timedelta(days=30), ended_at=NOON)
    days = [day for (_, day), _ in earlier_days(poll(gaps=(long,)))]
    assert days == [f"2026-10-{number}" for number in range(26, 32)] + ["2026-11-01"]


def test_a_gap_told_of_later_changes_the_state_of_its_day_and_nothing_else() -> None:
    yesterday = DAY - timedelta(days=1)
    before = replace(covered(poll()), day=yesterday)
    rolled = Gap(kind="rolled-over", cause="all new", began_at=NOON - 20 * HOUR, ended_at=NOON)
    row = cover(rolled, before=before, day=yesterday)
    assert row is not None
    assert row == replace(before, state="rolled-over", gaps=(rolled,), as_of=row.as_of)
    assert row.as_of > before.as_of, "of the two rows of the day this one stands"


def test_a_gap_is_told_once_and_does_not_open_again() -> None:
    ended = replace(OUTAGE, ended_at=NOON)
    assert merge_gaps([OUTAGE, ended, OUTAGE]) == (ended,)


def test_a_move_that_follows_another_is_told_although_both_began_after_the_same_poll() -> None:
    one = Gap(kind="moved", cause="https://ledger.example/1", began_at=NOON, ended_at=NOON + HOUR)
    other = Gap(kind="moved", cause="https://ledger.example/2", began_at=NOON)
    assert merge_gaps([one, other]) == (one, other)


def test_a_page_turns_on_the_day_it_was_first_seen() -> None:
    page = make_page(first_seen_at=NOON - timedelta(days=2), outcome="fetched")
    was = replace(page, outcome="failed")
    assert turn_page(was, page) == PageTurn(feed_id="ledger", day=date(2026, 10, 31), before="failed", after="fetched")
    assert turn_page(page, page) is None
    assert turn_day(turn("failed", "fetched")) == ("ledger", "2026-11-02")


def test_a_page_stays_with_the_feed_that_listed_it_first() -> None:
    """A devoted feed lists a page that a broad feed had led to; counted for either, one of them would fall below 0."""
    was = make_page(outcome="off-domain", listed_by="broad", entry=make_entry(feed_id="broad"))
    turned = turn_page(was, replace(was, outcome="fetched", entry=make_entry(feed_id="devoted")))
    assert turned == PageTurn(feed_id="broad", day=DAY, before="off-domain", after="fetched")
    unnamed = turn_page(replace(was, listed_by=None), replace(was, outcome="fetched", listed_by="broad"))
    assert unnamed == turned, "memory of an older icewire"


def test_a_run_that_goes_on_after_midnight_belongs_to_the_day_on_which_it_began() -> None:
    late = poll(polled_at=NOON + 13 * HOUR)
    assert poll_day(late, NOON) == ("ledger", "2026-11-02")
    row = covered(late)
    assert (row.polls, row.seen, row.expected) == (1, 2, 25.0)


def test_a_feed_of_a_silenced_domain_tells_of_it_though_it_was_not_asked() -> None:
    blocked = Gap(kind="blocked", cause="host-blocked", began_at=NOON - HOUR)
    ((key, gap),) = standing_gap(make_feed_memory(gap=blocked), NOON)
    row = cover(gap)
    assert key == ("ledger", "2026-11-02")
    assert row is not None
    assert (row.state, row.polls, row.gaps) == ("blocked", 0, (blocked,))
    assert list(standing_gap(make_feed_memory(), NOON)) == []


def test_a_feed_that_was_due_and_not_asked_has_a_row_without_polls() -> None:
    put_off = Dropped(run_id="run-1", stage="discover", reason="postponed", at=NOON, feed_id="ledger")
    ((key, dropped),) = unread_day(put_off, NOON)
    row = cover(dropped)
    assert key == ("ledger", "2026-11-02")
    assert row is not None
    assert (row.polls, row.seen) == (0, 0)
    assert list(unread_day(replace(put_off, reason="not-due"), NOON)) == []


def test_a_day_that_was_forgotten_is_counted_from_nothing_and_not_from_less() -> None:
    assert covered(turn("failed", "fetched")).failed == 0
    assert cover(turn("failed", "fetched"), day=DAY + timedelta(days=365)) is None, "a clock was a year ahead"


OUTCOMES = st.sampled_from(sorted(COUNTED))


@given(st.lists(st.lists(OUTCOMES, min_size=1, max_size=5), max_size=10), st.randoms())
def test_pages_are_counted_once_whatever_they_go_through_and_in_any_order(pages: list[list[str]], chance: Any) -> None:
    steps = [
        (number, before, after)
        for number, page in enumerate(pages)
        for before, after in zip([None, *page], page, strict=False)
    ]
    row: Coverage | None = None
    while steps or row is None:
        size = chance.randint(1, 5)
        row = covered(*(turn(before, after) for _, before, after in steps[:size]), before=row)
        steps = steps[size:]
    for outcome, column in COUNTED.items():
        assert getattr(row, column) == sum(page[-1] == outcome for page in pages)
