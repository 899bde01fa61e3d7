"""What must hold after a fault, whatever was done and wherever it struck."""

import errno
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from bench.crash.child import Child, Outcome, Setting, run_verb
from bench.crash.hook import Fault
from bench.crash.passes import Pass, expected_pages, expected_rows
from bench.crash.reading import Reader, Rows, Torn, leftovers, read_named
from bench.crash.verbs import start_argv
from schemas.errors import UserError
from schemas.records import record
from transforms.write.dataset import open_dataset

KINDS = ("lost", "doubled", "torn", "leftover", "wrong exit", "else")
"""What can be wrong: rows that are not there, rows that are there too often, files or pointers that do not hold, files
that nobody names, an exit status or a word that is not so, and all that is none of these."""


READER = Reader()


@record
class Problem:
    """One thing that is not as it must be."""

    kind: str
    told: str


@record
class State:
    """What is in a data set, by what its manifests say."""

    rows: Rows
    memory: dict[str, dict[str, str]]


def read_state(root: Path) -> State:
    """What is in a data set; Torn if any part of it does not hold."""
    named = read_named(root)
    READER.check_places(root, named)
    return State(rows=READER.rows_by_manifest(root, named), memory=READER.memory_rows(root, named))


class Place(Protocol):
    """Where a data set is attacked."""

    staging_stays: bool
    """Whether what was staged may stay for a while, since nobody can be sure to be alone."""

    def look(self) -> Path:
        """A folder that holds what is there now."""

    def begin(self, argv: Sequence[str], settings: Sequence[Setting] = ()) -> Child:
        """A verb that waits to be let go there."""

    def run(self, argv: Sequence[str]) -> Outcome:
        """Run a verb there without a fault."""

    def told_at_once(self, after: State) -> Iterator[Problem]:
        """What is wrong with what readers are told before the next start, beside what the manifests say."""


class Folder:
    """A data set on a local disk."""

    staging_stays = False

    def __init__(self, root: Path, shown: Rows) -> None:
        self._root, self._shown = root, shown  # what a plain glob showed before the verb began

    def look(self) -> Path:
        """See Place."""
        return self._root

    def begin(self, argv: Sequence[str], settings: Sequence[Setting] = ()) -> Child:
        """See Place."""
        return Child(argv, self._root, Fault(), settings=settings, hold=True)

    def run(self, argv: Sequence[str]) -> Outcome:
        """See Place."""
        return run_verb(argv, self._root)

    def told_at_once(self, after: State) -> Iterator[Problem]:
        """See Place: whether the files that `open_dataset` gives are there, and what a plain glob sees just now."""
        if read_named(self._root).version:
            yield from _judge_our_reader(self._root)
        yield from _judge_glob_at_once(self._root, self._shown, after.rows)


def judge(
    place: Place, argv: Sequence[str], before: State, after: State, outcome: Outcome, fault: Fault | None = None
) -> list[Problem]:
    """All that is wrong: at once, after the next start, and after the verb was run again.

    A verb leads from one state to another; a fault must leave the one or the other.
    """
    try:
        return list(_judge(place, argv, before, after, outcome, fault))
    except (Torn, TimeoutError) as error:
        return [Problem(kind="torn" if isinstance(error, Torn) else "else", told=str(error))]


def _judge(
    place: Place, argv: Sequence[str], before: State, after: State, outcome: Outcome, fault: Fault | None
) -> Iterator[Problem]:
    at_once = read_state(place.look())
    is_done = at_once == after
    expected = after if is_done else before
    yield from compare(at_once, expected, "at once")
    yield from judge_words(outcome, is_done=is_done, changes=before != after, fault=fault)
    yield from place.told_at_once(after)
    started = place.run(start_argv(argv[argv.index("--data") + 1]))
    if started.status:
        yield Problem(kind="else", told=f"the next start fails: {started.said.strip()}")
        return
    yield from judge_rest(place.look(), expected, "after the next start", staging_stays=place.staging_stays)
    again = place.run(argv)
    if again.status:
        yield Problem(kind="else", told=f"run again it fails: {again.said.strip()}")
        return
    yield from judge_rest(place.look(), after, "run again", is_swept=False, staging_stays=place.staging_stays)


def _judge_our_reader(root: Path) -> Iterator[Problem]:
    try:
        corpus = open_dataset(root)
    except UserError as error:
        yield Problem(kind="else", told=f"open_dataset: {error}")
        return
    paths = [path for paths in (*corpus.tables.values(), corpus.warc_files) for path in paths]
    if gone := [path for path in paths if not Path(path).exists()]:
        yield Problem(kind="else", told=f"open_dataset names {len(gone)} files that are not there, as {gone[0]}")


def _judge_glob_at_once(root: Path, shown: Rows, after: Rows) -> Iterator[Problem]:
    """A row must be there as often as before or as after, and point somewhere: folders are exchanged in one step."""
    seen = READER.rows_by_glob(root)
    for table in sorted(seen.keys() | shown.keys() | after.keys()):
        here, old, new = (rows.get(table, Counter()) for rows in (seen, shown, after))
        if missing := ((old & new) - here).total():
            yield Problem(kind="lost", told=f"at once, by the glob: {missing} rows of {table} are missing")
        if more := (here - (old | new)).total():
            yield Problem(kind="doubled", told=f"at once, by the glob: {more} rows of {table} too many")
    for path in READER.warc_files_by_glob(root):
        if not (root / path).exists():
            yield Problem(kind="torn", told=f"at once, by the glob: a capture points to {path}, which is not there")


def judge_rest(
    root: Path, expected: State, when: str, *, is_swept: bool = True, staging_stays: bool = False
) -> Iterator[Problem]:
    """What is wrong with a data set at rest: by the manifests, by the plain glob, and with files that nobody names."""
    yield from compare(read_state(root), expected, f"{when}, by the manifest")
    yield from compare_rows(READER.rows_by_glob(root), expected.rows, f"{when}, by the glob")
    named = read_named(root)
    for path in leftovers(root, named, may_stay=frozenset() if is_swept else named.earlier_memory):
        if not (staging_stays and path.startswith("_staging/")):
            yield Problem(kind="leftover", told=f"{when}: {path}")


def judge_ledger(root: Path, passes: Iterable[Pass]) -> Iterator[Problem]:
    """What is wrong with a data set that must hold these passes, in the order of their commits, and no other."""
    passes = list(passes)
    named = read_named(root)
    yield from compare_rows(READER.names_by_manifest(root, named), expected_rows(passes), "by the ledger")
    if READER.page_outcomes(root, named) != expected_pages(passes):
        yield Problem(kind="else", told="by the ledger: the memory of pages is another")


def compare(seen: State, expected: State, when: str) -> Iterator[Problem]:
    """How what is there differs from what must be there."""
    yield from compare_rows(seen.rows, expected.rows, when)
    for name in sorted(seen.memory.keys() | expected.memory.keys()):
        if seen.memory.get(name, {}) != expected.memory.get(name, {}):
            yield Problem(kind="else", told=f"{when}: memory of {name} is another")


def compare_rows(seen: Rows, expected: Rows, when: str) -> Iterator[Problem]:
    """How rows differ from those that must be there."""
    for table in sorted(seen.keys() | expected.keys()):
        here, there = seen.get(table, Counter()), expected.get(table, Counter())
        if missing := (there - here).total():
            yield Problem(kind="lost", told=f"{when}: {missing} of {there.total()} rows of {table} are missing")
        if more := (here - there).total():
            yield Problem(kind="doubled", told=f"{when}: {more} rows of {table} too many")


def judge_words(
    outcome: Outcome, *, is_done: bool, changes: bool = True, fault: Fault | None = None
) -> Iterator[Problem]:
    """Whether exit status and words say what was done; a killed process says nothing."""
    if outcome.is_killed:
        return
    said = [line for line in outcome.said.replace("\r", "\n").splitlines() if line.strip()]
    if "Traceback" in outcome.said:
        yield Problem(kind="wrong exit", told=f"a traceback: {said[-1]}")
    if outcome.status == 0:
        if changes and not is_done:
            yield Problem(kind="wrong exit", told="success is told, and it is not done")
        return
    errors = [line for line in said if line.startswith("icewire: ")]
    if len(errors) != 1:
        yield Problem(kind="wrong exit", told=f"{len(errors)} lines tell of the error: {said[-3:]}")
    stands = "is committed" in outcome.said
    if changes and is_done != stands:
        yield Problem(kind="wrong exit", told=f"done: {is_done}; told: {said[-1:]}")
    if fault and os.strerror(getattr(errno, fault.kind)) not in outcome.said:
        yield Problem(kind="wrong exit", told=f"does not say why: {said[-1:]}")
