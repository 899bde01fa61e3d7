"""The newsroom over days with seven faults, in short: every fault told as it was, nothing else, and no silent loss."""

from dataclasses import replace

import pytest

from bench.month import Replay, run_month
from bench.month_account import account_for
from bench.month_verdict import false_alarms, judge_fault

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

DAYS, PASSES_PER_DAY = 3, 4


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """Three days of four passes, judged; `python -m bench.month` does a whole month."""
    return run_month(tmp_path_factory.mktemp("month") / "data", DAYS, PASSES_PER_DAY, seed=1)


def test_every_fault_is_told_with_its_kind_cause_and_interval(replay: Replay) -> None:
    told = {
        verdict.fault.kind.name: (verdict.gap and verdict.gap.kind, verdict.problems) for verdict in replay.verdicts
    }
    assert told == {
        "outage": ("outage", ()),
        "403": ("blocked", ()),
        "202 challenge": ("challenged", ()),
        "slow feed": ("slow", ()),
        "lying 304": ("lying-304", ()),
        "moved feed": ("moved", ()),
        "roll-over": ("rolled-over", ()),
        "roll-over, sitemap": ("rolled-over", ()),
    }
    assert len({verdict.fault.slug for verdict in replay.verdicts}) == len(told), "each on a feed of its own"


def test_nothing_else_is_told(replay: Replay) -> None:
    assert replay.alarms == ()


def test_what_rolled_over_is_lost_without_a_sitemap_and_recovered_with_one(replay: Replay) -> None:
    by_name = {verdict.fault.kind.name: verdict for verdict in replay.verdicts}
    lost, recovered = by_name["roll-over"], by_name["roll-over, sitemap"]
    assert lost.lost > 0 == lost.recovered
    assert recovered.recovered > 0 == recovered.lost


def test_no_loss_is_silent_and_every_entry_listed_is_accounted_for(replay: Replay) -> None:
    assert (replay.account.silent, replay.account.untold) == ((), ())
    assert replay.account.listed > 200


def test_feeds_are_asked_when_due_and_less_often_after_failures(replay: Replay) -> None:
    polls = {slug: len(polls) for slug, polls in replay.month.polls.items()}
    assert max(polls.values()) <= DAYS * PASSES_PER_DAY
    blocked = next(verdict.fault.slug for verdict in replay.verdicts if verdict.fault.kind.name == "403")
    assert polls[blocked] < DAYS * PASSES_PER_DAY


def test_the_judge_finds_what_is_not_told(replay: Replay) -> None:
    """The tests above can fail: without its gaps and rows the same run is judged bad in every respect."""
    mute = replace(replay.month, gaps=dict.fromkeys(replay.month.gaps, ()), told=frozenset())
    account = account_for(mute, replay.running)
    assert len(account.untold) == account.listed
    assert account.silent
    verdicts = [judge_fault(fault, mute, account, replay.running, replay.passes) for fault in replay.faults]
    assert {verdict.problems for verdict in verdicts} == {("not told",)}
    assert len(false_alarms(replay.month, ())) >= len(replay.faults)
