"""Two writers at once, with the lock and where it locks nobody out: nothing may be lost or doubled."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from bench.crash.child import Outcome, Setting, draw
from bench.crash.oracle import Place, Problem, judge_ledger, judge_rest, judge_words, read_state
from bench.crash.passes import Pass
from bench.crash.reading import Torn, read_named
from bench.crash.tally import Tally
from bench.crash.verbs import start_argv, write_argv
from schemas.records import record

LEAD_S = 0.02
"""One writer begins up to so much ahead of the other; a pass takes a few times as long."""


@record
class Pairing:
    """How two writers meet: whether they write one run, and whether the lock does anything."""

    name: str
    same_run: bool
    settings: tuple[Setting, ...] = ()


@record
class Begin:
    """Where pairs write: the data set's address, so many passes that it holds, and how to put it back to them."""

    place: Place
    data: Path | str
    passes: int
    put_back: Callable[[], None]


def no_lock() -> None:
    """Let lock and lease lock nobody out: a file system without locks, a holder that was taken for dead."""
    import fcntl

    from transforms.write import objects

    fcntl.flock = lambda *_: None  # type: ignore[assignment]
    objects.Lease = lambda *_: nullcontext()  # type: ignore[assignment,misc,return-value]


PAIRINGS = (
    Pairing(name="two runs", same_run=False),
    Pairing(name="one run twice", same_run=True),
    Pairing(name="two runs, no lock", same_run=False, settings=(no_lock,)),
    Pairing(name="one run twice, no lock", same_run=True, settings=(no_lock,)),
)


def write_in_pairs(begin: Begin, count: int, seed: int, tally: Tally, *, name: str, only: str) -> None:
    """Let two writers begin at once, so many times, by turns in each way."""
    for number in range(count):
        pairing = PAIRINGS[number % len(PAIRINGS)]
        begin.put_back()
        problems, told = _write_pair(begin, pairing, draw(seed, name, number).uniform(-LEAD_S, LEAD_S), seed)
        tally.add(name, pairing.name, problems, at=told, again=f"--only {only}")


def _write_pair(begin: Begin, pairing: Pairing, lead_s: float, seed: int) -> tuple[list[Problem], str]:
    one = Pass(seed=seed, number=begin.passes + 1)
    other = one if pairing.same_run else Pass(seed=seed, number=begin.passes + 2)
    verbs = [write_argv(begin.data, this) for this in (one, other)]
    children = [begin.place.begin(verb, pairing.settings) for verb in verbs]
    first, second = children if lead_s > 0 else reversed(children)
    first.go()
    first.process.join(abs(lead_s))
    second.go()
    outcomes = [child.wait() for child in children]
    told = f"{'first' if lead_s > 0 else 'second'} ahead by {1000 * abs(lead_s):.1f} ms; " + " | ".join(
        f"{outcome.status}: {outcome.said.strip()[-200:]}" for outcome in outcomes
    )
    try:
        return list(_judge_pair(begin, verbs, outcomes, (one, other), seed)), told
    except (Torn, TimeoutError) as error:
        return [Problem(kind="torn" if isinstance(error, Torn) else "else", told=str(error))], told


def _judge_pair(
    begin: Begin, verbs: Sequence[list[str]], outcomes: Sequence[Outcome], runs: tuple[Pass, Pass], seed: int
) -> Iterator[Problem]:
    root = begin.place.look()
    read_state(root)
    there = set(_versions(root))
    for this, outcome in zip(runs, outcomes, strict=True):
        # Of one run the loser may be told that it is committed, or to try again; both are true.
        yield from judge_words(outcome, is_done=this.run_id in there, changes=runs[0] != runs[1])
    if all(outcome.status for outcome in outcomes):
        yield Problem(kind="wrong exit", told="neither writer succeeded")
    for verb, outcome in zip(verbs, outcomes, strict=True):
        if outcome.status and (again := begin.place.run(verb)).status:
            yield Problem(kind="else", told=f"run again alone it fails: {again.said.strip()}")
            return
    begin.place.run(start_argv(begin.data))
    root = begin.place.look()
    versions = _versions(root)
    passes = [Pass(seed=seed, number=number) for number in range(1, begin.passes + 1)]
    yield from judge_ledger(root, [*passes, *sorted(runs, key=lambda this: versions.get(this.run_id, 0))])
    yield from judge_rest(root, read_state(root), "at rest", staging_stays=begin.place.staging_stays)


def _versions(root: Path) -> dict[str, int]:
    """By run id the version that it committed; a run that did so twice counts for the last."""
    newest = read_named(root).version
    manifests = [json.loads((root / f"_commits/{number:08d}.json").read_bytes()) for number in range(1, newest + 1)]
    return {manifest["run_id"]: manifest["version"] for manifest in manifests}
