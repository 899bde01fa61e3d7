"""Gaps: what kept us from seeing everything, from when and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.records import Gap
from tests.builders import NOON, make_feed_memory
from transforms.discover.gaps import after_error, after_recovery, gap_kind, last_listed

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("http-503", "outage"),
        ("connect", "outage"),
        ("dns", "outage"),
        ("timeout", "slow"),
        ("http-403", "blocked"),
        ("robots", "blocked"),
        ("robots-unreachable", "outage"),
        ("challenge", "challenged"),
        ("http-410", "gone"),
        ("not-a-feed", "unreadable"),
        ("never heard of", "outage"),
    ],
)
def test_every_error_belongs_to_a_kind_of_gap(error: str, kind: str) -> None:
    assert gap_kind(error) == kind


def test_a_gap_begins_with_the_last_good_poll_and_ends_with_the_next() -> None:
    memory = make_feed_memory(succeeded_at=NOON, polled_at=NOON)
    memory, told = after_error(memory, "http-503", NOON + HOUR)
    assert told == (Gap(kind="outage", cause="http-503", began_at=NOON),)
    memory, told = after_error(memory, "connect", NOON + 2 * HOUR)
    assert told[0].cause == "http-503", "the same outage still"
    memory, told = after_error(memory, "robots-unreachable", NOON + 2.5 * HOUR)
    assert told[0].cause == "http-503", "a server that is down has no robots.txt either"
    memory, told = after_recovery(memory, NOON + 3 * HOUR)
    assert told == (Gap(kind="outage", cause="http-503", began_at=NOON, ended_at=NOON + 3 * HOUR),)
    assert memory.gap is None


def test_a_gap_of_another_kind_ends_the_one_before() -> None:
    memory, _ = after_error(make_feed_memory(succeeded_at=NOON), "http-503", NOON + HOUR)
    memory = replace(memory, polled_at=NOON + HOUR)
    _, told = after_error(memory, "http-403", NOON + 2 * HOUR)
    assert [(gap.kind, gap.began_at, gap.ended_at) for gap in told] == [
        ("outage", NOON, NOON + 2 * HOUR),
        ("blocked", NOON + HOUR, None),
    ]


def test_a_feed_that_never_worked_has_a_gap_since_it_was_first_asked() -> None:
    _, told = after_error(make_feed_memory(), "http-404", NOON)
    assert told == (Gap(kind="gone", cause="http-404", began_at=NOON),)


def test_a_good_poll_without_a_gap_tells_nothing() -> None:
    assert after_recovery(make_feed_memory(), NOON)[1] == ()


def test_a_lie_proves_nothing_of_when_entries_were_listed_last() -> None:
    whole_at = NOON - 6 * HOUR
    memory = make_feed_memory(listed_at=NOON, succeeded_at=NOON, validators_at=whole_at)
    assert last_listed(memory, has_lied=False) == NOON
    assert last_listed(memory, has_lied=True) == whole_at
    emptied = replace(memory, listed_at=whole_at - HOUR)
    assert last_listed(emptied, has_lied=True) == whole_at - HOUR, "the last whole answer had listed nothing"
    assert last_listed(make_feed_memory(succeeded_at=NOON), has_lied=False) == NOON, "memory of an older icewire"


def test_a_list_without_entries_is_emptied_only_where_some_were_listed() -> None:
    assert make_feed_memory(changed_at=NOON).emptied is None
    assert make_feed_memory(marks=("a",), listed_at=NOON, changed_at=NOON - HOUR).emptied is None
    gap = make_feed_memory(marks=("a",), listed_at=NOON, changed_at=NOON + HOUR).emptied
    assert gap == Gap(kind="truncated", cause="the list is empty", began_at=NOON)
