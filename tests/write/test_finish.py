"""What makes a run one with missing data."""

from pathlib import Path

import pytest

from schemas.records import Run
from tests.builders import NOON, make_run
from transforms.write.finish import GAP, finish_run
from transforms.write.hold import hold_data_set


def finish(root: Path, counts: list[tuple[str, int]]) -> Run:
    with hold_data_set(root, "run-1"):
        return finish_run(
            root,
            make_run(data_version=1),
            day="2026-11-02",
            files=(),
            counts=counts,
            memory_before={},
            memory_rows={},
            finished_at=NOON,
        )


@pytest.mark.parametrize(
    ("counts", "missing"),
    [
        ([("download/out", 3), ("download/dropped:robots", 2), ("tag/dead", 0)], False),
        ([("extract/dead", 1)], True),
        ([(f"{GAP}rolled-over", 1)], True),
        ([("download/dropped:postponed", 1)], True),
    ],
    ids=["dropped with a reason", "a dead letter", "a list that rolled over", "a page put off"],
)
def test_data_is_missing_exactly_if_something_listed_was_not_had(
    counts: list[tuple[str, int]], missing: bool, tmp_path: Path
) -> None:
    assert finish(tmp_path, counts).data_missing is missing
