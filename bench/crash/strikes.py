"""Strike one operation: kill it before every file operation or at random instants, or let file operations fail."""

from collections.abc import Iterable
from pathlib import Path

from bench.crash.child import Outcome, draw, run_killed_after, run_verb
from bench.crash.hook import KILL, Fault
from bench.crash.operations import Operation
from bench.crash.oracle import Folder, Problem, judge
from bench.crash.tally import Tally

ERRORS = (
    Fault(kind="ENOSPC"),
    Fault(kind="ENOSPC", lasts=True),
    Fault(kind="EIO"),
    Fault(kind="EIO", lasts=True),
    Fault(kind="EROFS", lasts=True),
)
"""A disk that is full for a moment or for good, one that errs once or broke, and one that the kernel made read-only."""


def points_of(operation: Operation, step: int, seed: int) -> Iterable[int]:
    """Every `step`-th of the file operations of a verb, from one that the seed draws, and the last."""
    last = len(operation.operations)
    return sorted({*range(1 + draw(seed, operation.name, "points").randrange(step), last + 1, step), last})


def kill_at_points(operation: Operation, root: Path, points: Iterable[int], tally: Tally) -> None:
    """Kill it before each of these file operations."""
    for at in points:
        strike(operation, root, Fault(kind=KILL, at=at), tally, "kill before an operation")


def kill_at_instants(operation: Operation, root: Path, count: int, seed: int, tally: Tally) -> None:
    """Kill it so many times at instants that the seed draws."""
    for number in range(count):
        after_s = draw(seed, operation.name, number).uniform(0.0, operation.seconds * 1.1)
        operation.copy_to(root)
        outcome = run_killed_after(operation.argv(root), root, after_s)
        problems = _judge(operation, root, outcome)
        at = f"killed {1000 * after_s:.1f} ms after its begin, at {outcome.last}"
        tally.add("kill at an instant", operation.name, problems, at=at, again="--only instants")


def fail_at_points(operation: Operation, root: Path, points: Iterable[int], tally: Tally) -> None:
    """Let each of these file operations fail in every way, once or from then on."""
    for at in points:
        for kind in ERRORS:
            fault = Fault(kind=kind.kind, at=at, lasts=kind.lasts)
            strike(operation, root, fault, tally, str(fault))


def strike(operation: Operation, root: Path, fault: Fault, tally: Tally, name: str) -> None:
    """Run it on a fresh copy under a fault, and judge what is left."""
    operation.copy_to(root)
    outcome = run_verb(operation.argv(root), root, fault)
    problems = _judge(operation, root, outcome, fault)
    if fault.kind == KILL and not outcome.is_killed:
        problems.append(Problem(kind="else", told=f"it was not killed, it has {len(outcome.operations)} operations"))
    struck = outcome.operations[fault.at - 1] if len(outcome.operations) >= fault.at else "none"
    again = f"--only {'points' if fault.kind == KILL else 'errors'} --operation '{operation.name}' --at {fault.at}"
    tally.add(name, operation.name, problems, at=f"operation {struck}", again=again)


def _judge(operation: Operation, root: Path, outcome: Outcome, fault: Fault | None = None) -> list[Problem]:
    place = Folder(root, operation.shown)
    return judge(place, operation.argv(root), operation.before, operation.after, outcome, fault)
