"""Whether a run's counts add up."""

import pytest

from pipelines.balance import STAGES, is_balanced, stage_balance
from schemas.records import Count, Run
from tests.builders import make_run

GOOD = {
    "discover/in": 3,
    "discover/out": 2,
    "discover/dead": 1,
    "download/in": 10,
    "download/out": 5,
    "download/dropped:known": 3,
    "download/dropped:robots": 1,
    "download/dead": 1,
    **{f"{stage}/{side}": 5 for stage in ("extract", "link", "tag", "write") for side in ("in", "out")},
}


def run_with(**changes: int) -> Run:
    counts = GOOD | {name.replace("__", "/").replace("_by_", ":"): value for name, value in changes.items()}
    return make_run(counts=tuple(Count(counter=name, value=value) for name, value in counts.items()))


def test_a_stage_tells_what_became_of_what_went_in() -> None:
    download = stage_balance(run_with(), "download")
    assert (download.entered, download.passed, download.dead) == (10, 5, 1)
    assert download.dropped == {"known": 3, "robots": 1}
    assert download.adds_up


def test_a_run_in_which_every_record_is_accounted_for_is_balanced() -> None:
    assert is_balanced(run_with())
    assert is_balanced(make_run())  # nothing in, nothing out


@pytest.mark.parametrize(
    "changes",
    [
        {"discover__dead": 0},
        {"download__dropped_by_known": 4},
        {"extract__out": 4},  # one was lost
        {"extract__in": 4, "extract__out": 4},  # lost on the way from download
        {"write__out": 6},  # one was doubled
    ],
)
def test_a_record_lost_or_doubled_is_noticed(changes: dict[str, int]) -> None:
    assert not is_balanced(run_with(**changes))


def test_a_stage_without_counts_is_empty() -> None:
    assert all(stage_balance(make_run(), stage).adds_up for stage in STAGES)
