"""Do a run's counts add up? In every stage, what went in came out, was dropped with a reason, or is a dead letter."""

from itertools import pairwise

from schemas.records import Run, record

STAGES = ("discover", "download", "extract", "link", "tag", "write")


@record
class StageBalance:
    """One stage's counts; `dropped` by reason."""

    entered: int
    passed: int
    dropped: dict[str, int]
    dead: int

    @property
    def adds_up(self) -> bool:
        """Whether every record that went in is accounted for exactly once."""
        return self.entered == self.passed + sum(self.dropped.values()) + self.dead


def stage_balance(run: Run, stage: str) -> StageBalance:
    """The counts of one stage of a run."""
    counts = {count.counter: count.value for count in run.counts}
    start = f"{stage}/dropped:"
    return StageBalance(
        entered=counts.get(f"{stage}/in", 0),
        passed=counts.get(f"{stage}/out", 0),
        dropped={name.removeprefix(start): value for name, value in counts.items() if name.startswith(start)},
        dead=counts.get(f"{stage}/dead", 0),
    )


def is_balanced(run: Run) -> bool:
    """Whether every stage adds up and each stage takes in what the one before passed on."""
    stages = [stage_balance(run, stage) for stage in STAGES]
    chained = all(before.passed == after.entered for before, after in pairwise(stages[1:]))
    return chained and all(stage.adds_up for stage in stages)
