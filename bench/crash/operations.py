"""What is attacked: verbs of the command line, each with the data set that it starts from."""

import shutil
from collections.abc import Callable
from pathlib import Path

from bench.crash.child import run_verb, run_well
from bench.crash.hook import Fault
from bench.crash.oracle import READER, State, judge_ledger, read_state
from bench.crash.passes import Pass
from bench.crash.reading import Rows
from bench.crash.verbs import start_argv, write_argv
from schemas.records import record

GROWN = 7
"""Passes of the data set that most verbs start from: three days, the last of which is begun."""

LATER = "2026-12-20T12:00:00Z"
"""When all those days, and their month, are closed."""

Argv = Callable[[Path | str], list[str]]


@record
class Operation:
    """A verb, ready to be run on copies of what it starts from."""

    name: str
    argv: Argv
    begin: Path
    before: State
    shown: Rows
    """What a plain glob shows of that; less, if a run was killed before its files were in place."""
    after: State
    operations: tuple[str, ...]
    """The file operations of a run without fault."""
    seconds: float

    def copy_to(self, root: Path) -> None:
        """A fresh copy of what it starts from."""
        shutil.rmtree(root, ignore_errors=True)
        if self.begin.exists():
            shutil.copytree(self.begin, root)


def prepare(name: str, work: Path, seed: int) -> Operation:
    """Make what an operation starts from, run it once without fault, and see that it does what it must."""
    begin, done = work / name / "begin", work / name / "done"
    done.parent.mkdir(parents=True)
    argv = ARGV[name](seed)
    if name != "first":
        _begin(name, begin, seed)
    before = read_state(begin)
    if begin.exists():
        shutil.copytree(begin, done)
    outcome = run_well(argv(done), done)
    operation = Operation(
        name=name, argv=argv, begin=begin, before=before, shown=READER.rows_by_glob(begin), after=read_state(done),
        operations=outcome.operations, seconds=outcome.seconds,
    )  # fmt: skip
    if name in ("first", "write"):
        passes = [Pass(seed=seed, number=number) for number in range(1, _last(name) + 1)]
        assert not (wrong := list(judge_ledger(done, passes))), wrong
    return operation


def _last(name: str) -> int:
    return 1 if name == "first" else GROWN + 1


def _begin(name: str, root: Path, seed: int) -> None:
    for number in range(1, GROWN + 1):
        run_well(write_argv(root, Pass(seed=seed, number=number)), root)
    if name == "start":
        kill_after_commit(write_argv(root, Pass(seed=seed, number=GROWN + 1)), root)
    if name.startswith("start after "):
        kill_after_commit(ARGV[name.removeprefix("start after ")](seed)(root), root)


def kill_after_commit(argv: list[str], root: Path) -> None:
    """Run a verb that is killed once its manifest has its name, before any file is put in place."""
    trial = root.with_name("trial")
    shutil.copytree(root, trial)
    operations = run_well([each.replace(str(root), str(trial)) for each in argv], trial).operations
    shutil.rmtree(trial)
    commit = next(at for at, each in enumerate(operations, start=1) if " link /_commits/" in each)
    outcome = run_verb(argv, root, Fault(at=commit + 1))
    assert outcome.is_killed, outcome.said


def _takedown(seed: int) -> Argv:
    url = Pass(seed=seed, number=2).urls[1]
    return lambda root: ["takedown", url, "--data", str(root), "--reason", "as asked", "--now", LATER, "--wait", "0"]


ARGV: dict[str, Callable[[int], Argv]] = {
    "first": lambda seed: lambda root: write_argv(root, Pass(seed=seed, number=1)),
    "write": lambda seed: lambda root: write_argv(root, Pass(seed=seed, number=GROWN + 1)),
    "start": lambda seed: start_argv,
    "compact": lambda seed: lambda root: ["compact", "--data", str(root), "--now", LATER, "--wait", "0"],
    "start after compact": lambda seed: start_argv,
    "takedown": _takedown,
    "start after takedown": lambda seed: start_argv,
    "replay": lambda seed: (
        lambda root: [*("replay", "--data", str(root), "--from", "tag", "--now", LATER, "--wait", "0")]
    ),
}
"""By name the command line of each operation."""
