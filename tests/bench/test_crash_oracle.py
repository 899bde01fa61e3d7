"""The nemesis itself: a fault strikes where it is told to, and the oracle sees what is wrong."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.crash.bucket import ROOT, Bucket, serve_objects
from bench.crash.child import run_verb
from bench.crash.hook import Fault
from bench.crash.operations import Operation, prepare
from bench.crash.oracle import Folder, judge, judge_ledger, judge_rest, read_state
from bench.crash.passes import Pass
from bench.crash.reading import Torn, read_named
from bench.crash.verbs import write_argv

SEED = 3
GROWN = [Pass(seed=SEED, number=number) for number in range(1, 8)]


@pytest.fixture(scope="module")
def operation(tmp_path_factory: pytest.TempPathFactory) -> Operation:
    """A pass over a data set of seven, ready to be run on copies."""
    return prepare("write", tmp_path_factory.mktemp("crash"), SEED)


@pytest.fixture
def root(operation: Operation, tmp_path: Path) -> Path:
    """A copy of what the pass starts from."""
    operation.copy_to(tmp_path / "data")
    return tmp_path / "data"


def test_a_process_dies_before_the_operation_that_is_told(operation: Operation, root: Path) -> None:
    at = next(number for number, each in enumerate(operation.operations, start=1) if " link /_commits/" in each)
    outcome = run_verb(operation.argv(root), root, Fault(at=at))
    assert outcome.is_killed
    assert len(outcome.operations) == at
    assert read_named(root).version == 7
    operation.copy_to(root)
    assert run_verb(operation.argv(root), root, Fault(at=at + 1)).is_killed
    assert read_named(root).version == 8


def test_an_operation_fails_once_or_from_then_on(operation: Operation, root: Path) -> None:
    once = run_verb(operation.argv(root), root, Fault(kind="EIO", at=30))
    assert once.status == 1
    assert "Input/output error; nothing was committed" in once.said
    lasting = run_verb(operation.argv(root), root, Fault(kind="EROFS", at=1, lasts=True))
    assert "Read-only file system" in lasting.said
    assert read_state(root) == operation.before


def double(root: Path) -> None:
    path = next(root.glob("data/articles/*/*.parquet"))
    shutil.copy(path, path.with_name("again.parquet"))


def lose(root: Path) -> None:
    next(root.glob("data/articles/*/*.parquet")).unlink()


def cut(root: Path) -> None:
    path = next(root.glob("data/articles/*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-5])


def flip(root: Path) -> None:
    path = next(root.glob("captures/*/*.gz"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def litter(root: Path) -> None:
    (root / "_staging" / "dead").mkdir(parents=True)
    (root / "_staging" / "dead" / "half").write_bytes(b"half")


@pytest.mark.parametrize(
    ("damage", "kinds"),
    [(double, {"doubled", "leftover"}), (lose, {"torn"}), (cut, {"torn"}), (flip, {"torn"}), (litter, {"leftover"})],
)
def test_what_is_wrong_at_rest_is_seen(
    operation: Operation, root: Path, damage: Callable[[Path], None], kinds: set[str]
) -> None:
    assert not list(judge_ledger(root, GROWN))
    run_verb(["start", "--data", str(root)], root)
    assert not list(judge_rest(root, operation.before, "before"))
    damage(root)
    assert set(wrong_at_rest(root, operation)) == kinds


def wrong_at_rest(root: Path, operation: Operation) -> Iterator[str]:
    try:
        for problem in judge_rest(root, operation.before, "after"):
            yield problem.kind
    except Torn:
        yield "torn"


def test_a_pass_that_is_missing_or_too_much_is_seen_by_the_ledger(root: Path) -> None:
    assert {problem.kind for problem in judge_ledger(root, [*GROWN, Pass(seed=SEED, number=8)])} == {"lost", "else"}
    assert {problem.kind for problem in judge_ledger(root, GROWN[:-1])} == {"doubled", "else"}


def test_success_that_is_told_too_soon_is_seen(operation: Operation, root: Path) -> None:
    outcome = run_verb(["start", "--data", str(root)], root)  # exits with 0, and writes no pass
    place = Folder(root, operation.shown)
    problems = judge(place, operation.argv(root), operation.before, operation.after, outcome)
    assert [problem.told for problem in problems] == ["success is told, and it is not done"]


def test_a_commit_whose_reply_is_lost_is_known_for_our_own(tmp_path: Path) -> None:
    with serve_objects() as server:
        place = Bucket(server, tmp_path / "bucket")
        assert place.run(write_argv(ROOT, GROWN[0])).status == 0
        lost = place.run_struck(
            write_argv(ROOT, GROWN[1]),
            "lost",
            lambda _, method, path: (method, path) == ("PUT", "_commits/00000002.json"),
        )
        assert (lost.status, lost.said) == (0, "")
        assert sum(" PUT _commits/00000002.json" in each for each in server.requests) == 2
        assert not list(judge_ledger(place.look(), GROWN[:2]))
