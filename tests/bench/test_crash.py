"""A short, bounded attack on the data set; `make crash` is the long one."""

from argparse import Namespace
from pathlib import Path

import pytest

from bench.crash.__main__ import attack


@pytest.mark.parametrize(
    ("parts", "operations"),
    [
        (["points"], ["write", "start after compact", "takedown"]),
        (["instants", "errors"], ["write"]),
        (["writers"], []),
        (["flips"], []),
    ],
    ids=lambda names: "-".join(names) or "none",
)
def test_nothing_is_lost_doubled_or_torn(parts: list[str], operations: list[str], tmp_path: Path) -> None:
    options = Namespace(seed=7, kills=8, quick=True, only=parts, operation=operations, at=None)
    tally = attack(options, tmp_path)
    assert tally.is_good, tally.table()
    assert tally.table().count("\n") >= 1
