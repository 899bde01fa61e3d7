"""Feeds that move: a redirect is believed when it has lasted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.memory import FeedMemory
from schemas.records import Redirect
from tests.builders import NOON, make_answer, make_feed_memory
from transforms.answer import Answer
from transforms.discover.moves import forget_move, note_move, permanent_target, tell_move

OLD, NEW, ELSEWHERE = "https://ledger.example/feed", "https://www.ledger.example/rss", "https://parked.example/"

HOP = Redirect(url=OLD, status=301)


def redirected(*statuses: int, to: str = NEW) -> Answer:
    return replace(make_answer(), url=to, redirects=tuple(Redirect(url=OLD, status=status) for status in statuses))


@pytest.mark.parametrize(
    ("answer", "target"),
    [
        (redirected(301), NEW),
        (redirected(308, 301), NEW),
        (redirected(301, 302), None),
        (redirected(302), None),
        (redirected(307), None),
        (redirected(), None),
        (redirected(301, to="http://ledger.example/feed"), None),
        (redirected(301, to="https://ledger.example/feed?token=abc"), None),
        (replace(redirected(301), redirects=(HOP, replace(HOP, url="http://ledger.example/feed"))), None),
    ],
    ids=["301", "308 then 301", "301 then 302", "302", "307", "none", "downgrade", "a secret address", "down and up"],
)
def test_only_permanent_redirects_lead_to_a_new_address(answer: Answer, target: str | None) -> None:
    assert permanent_target(OLD, answer) == target


def test_an_address_in_capitals_is_not_downgraded_either() -> None:
    assert permanent_target(OLD.replace("https", "HTTPS"), redirected(301, to="http://ledger.example/feed")) is None


def poll_at(memory: FeedMemory, hours: float, target: str | None = NEW, *, is_same_feed: bool = True) -> FeedMemory:
    now = NOON + timedelta(hours=hours)
    return note_move(memory, target, asked=OLD, is_same_feed=is_same_feed, now=now)


def test_an_address_is_adopted_after_three_polls_over_a_day() -> None:
    memory = poll_at(poll_at(make_feed_memory(), 0), 12)
    assert (memory.moved_to, memory.moved_polls, memory.adopted_url) == (NEW, 2, None)
    assert poll_at(memory, 23).adopted_url is None, "three polls, but not a day"
    assert poll_at(memory, 24).adopted_url == NEW


def test_a_move_is_told_since_the_feed_was_last_read_where_it_had_been() -> None:
    before = make_feed_memory(succeeded_at=NOON - timedelta(hours=3))
    first = poll_at(before, 0)
    (gap,) = tell_move(before, first, NOON)
    assert (gap.began_at, gap.ended_at) == (NOON - timedelta(hours=3), None)
    second = poll_at(replace(first, succeeded_at=NOON), 12)
    assert tell_move(first, second, NOON + timedelta(hours=12)) == (gap,)
    adopted_at = NOON + timedelta(hours=24)
    assert tell_move(second, poll_at(second, 24), adopted_at) == (replace(gap, ended_at=adopted_at),)


def test_a_move_that_is_told_no_longer_ends() -> None:
    first = poll_at(make_feed_memory(), 0)
    later = NOON + timedelta(hours=12)
    (ended,) = tell_move(first, poll_at(first, 12, target=None), later)
    assert (ended.cause, ended.ended_at) == (NEW, later)
    ended, lasting = tell_move(first, poll_at(replace(first, succeeded_at=NOON), 12, "https://ledger.example/2"), later)
    assert (ended.cause, ended.ended_at) == (NEW, later)
    assert (lasting.cause, lasting.began_at, lasting.ended_at) == ("https://ledger.example/2", NOON, None)


def test_a_poll_that_does_not_lead_there_starts_the_count_anew() -> None:
    memory = poll_at(poll_at(make_feed_memory(), 0), 12)
    assert poll_at(memory, 13, target=None).moved_polls == 0
    assert poll_at(memory, 13, target="https://ledger.example/other").moved_polls == 1


def test_another_domain_counts_only_if_the_same_entries_are_there() -> None:
    assert poll_at(make_feed_memory(), 0, ELSEWHERE, is_same_feed=False).moved_to is None
    assert poll_at(make_feed_memory(), 0, ELSEWHERE, is_same_feed=True).moved_to == ELSEWHERE
    assert poll_at(make_feed_memory(), 0, NEW, is_same_feed=False).moved_to == NEW, "the same domain"


def test_an_adopted_address_that_is_gone_is_given_up() -> None:
    memory = make_feed_memory(adopted_url=NEW, etag='"a"', validators_at=NOON)
    assert forget_move(memory, "timeout", NOON).adopted_url == NEW
    back = forget_move(memory, "http-404", NOON)
    assert (back.adopted_url, back.etag, back.validators_at) == (None, None, None)


@pytest.mark.parametrize("error", ["http-403", "http-401", "http-503", "connect", "timeout", "challenge", "empty"])
def test_so_is_one_that_fails_for_long_in_any_way(error: str) -> None:
    def after(failures: int, hours: int, **facts: object) -> str | None:
        memory = make_feed_memory(adopted_url=NEW, succeeded_at=NOON, failures=failures, **facts)
        return forget_move(memory, error, NOON + timedelta(hours=hours)).adopted_url

    assert after(3, 23) == NEW
    assert after(2, 240) == NEW
    assert after(3, 24) is None
    assert after(1, 1, parked="errors") is None
