"""Two writers at once, with the lock and on a file system where it locks nobody out: nothing may be lost or doubled."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.crash.child import Child, Outcome, Setting, draw, run_verb
from bench.crash.hook import Fault
from bench.crash.operations import GROWN, Operation
from bench.crash.oracle import Problem, judge_ledger, judge_rest, judge_words, read_state
from bench.crash.passes import Pass
from bench.crash.reading import Torn, read_named
from bench.crash.tally import Tally
from bench.crash.verbs import start_argv, write_argv
from schemas.records import record

RERUNS = 3
"""Whoever was told to run again is run again at most so often; alone, once is enough."""


@record
class Pairing:
    """How two writers meet: whether they write one run, and whether the lock does anything."""

    name: str
    same_run: bool
    settings: tuple[Setting, ...] = ()


def no_lock() -> None:
    """Let the advisory lock lock nobody out, as on a file system that does not have it."""
    import fcntl

    fcntl.flock = lambda *_: None  # type: ignore[assignment]


PAIRINGS = (
    Pairing(name="two runs", same_run=False),
    Pairing(name="one run twice", same_run=True),
    Pairing(name="two runs, no lock", same_run=False, settings=(no_lock,)),
    Pairing(name="one run twice, no lock", same_run=True, settings=(no_lock,)),
)


def write_in_pairs(begin: Operation, root: Path, count: int, seed: int, tally: Tally) -> None:
    """Let two writers begin at once, so many times, by turns in each way."""
    for number in range(count):
        pairing = PAIRINGS[number % len(PAIRINGS)]
        begin.copy_to(root)
        problems, told = _write_pair(begin, root, pairing, draw(seed, "pair", number).uniform(-0.02, 0.02), seed)
        tally.add("two writers", pairing.name, problems, at=told, again="--only writers")


def _write_pair(begin: Operation, root: Path, pairing: Pairing, lead_s: float, seed: int) -> tuple[list[Problem], str]:
    one = Pass(seed=seed, number=GROWN + 1)
    other = one if pairing.same_run else Pass(seed=seed, number=GROWN + 2)
    verbs = [write_argv(root, this) for this in (one, other)]
    children = [Child(verb, root, Fault(), settings=pairing.settings, hold=True) for verb in verbs]
    first, second = children if lead_s > 0 else reversed(children)
    first.go()
    first.process.join(abs(lead_s))
    second.go()
    outcomes = [child.wait() for child in children]
    told = f"{'first' if lead_s > 0 else 'second'} ahead by {1000 * abs(lead_s):.1f} ms; " + " | ".join(
        f"{outcome.status}: {outcome.said.strip()[-200:]}" for outcome in outcomes
    )
    try:
        return list(_judge_pair(begin, root, verbs, outcomes, [one] if pairing.same_run else [one, other], seed)), told
    except (Torn, TimeoutError) as error:
        return [Problem(kind="torn" if isinstance(error, Torn) else "else", told=str(error))], told


def _judge_pair(
    begin: Operation, root: Path, verbs: Sequence[list[str]], outcomes: Sequence[Outcome], runs: list[Pass], seed: int
) -> Iterator[Problem]:
    done = {path.split("/")[-1] for path in read_named(root).paths}
    read_state(root)
    for this, outcome in zip(runs if len(runs) == 2 else runs * 2, outcomes, strict=True):
        is_done = any(this.run_id in name for name in done)
        # Of one run the loser may be told that it is committed, or to try again; both are true.
        yield from judge_words(outcome, is_done=is_done, changes=len(runs) == 2)
    if all(outcome.status for outcome in outcomes):
        yield Problem(kind="wrong exit", told="neither writer succeeded")
    for verb, outcome in zip(verbs, outcomes, strict=True):
        for _ in range(RERUNS if outcome.status else 0):
            if not (outcome := run_verb(verb, root)).status:
                break
        if outcome.status:
            yield Problem(kind="else", told=f"run again alone it fails: {outcome.said.strip()}")
            return
    run_verb(start_argv(root), root)
    before = [Pass(seed=seed, number=number) for number in range(1, GROWN + 1)]
    yield from judge_ledger(root, [*before, *sorted(runs, key=lambda this: _version(root, this))])
    yield from judge_rest(root, read_state(root), "at rest")


def _version(root: Path, this: Pass) -> int:
    manifests = (json.loads(path.read_bytes()) for path in root.glob("_commits/*.json"))
    return next(each["version"] for each in manifests if each["run_id"] == this.run_id)
