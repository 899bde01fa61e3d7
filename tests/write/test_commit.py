"""A run becomes part of the data set whole or not at all, wherever it is killed."""

import hashlib
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import UserError
from schemas.memory import PageMemory
from schemas.records import DeadLetter
from schemas.tables import TABLES
from tests.builders import NOON, file_sha256, make_page, make_run
from transforms.write import store as store_module
from transforms.write.commit import CommitConflict, commit, committed_run
from transforms.write.dataset import open_dataset
from transforms.write.durable import link_if_absent, move_durably
from transforms.write.finish import finish_run
from transforms.write.hold import hold_data_set
from transforms.write.manifest import (
    DataFile,
    Manifest,
    encode_manifest,
    manifest_path,
    newest_version,
    read_manifest,
    seal,
)
from transforms.write.memory import Memory
from transforms.write.parquet import write_table

DAY = "2026-11-02"


class Killed(BaseException):
    """Stands for the moment the process dies: nothing after it runs, and nobody catches it."""


def stage(root: Path, run_id: str, *details: str) -> DataFile:
    rows = [DeadLetter(run_id=run_id, stage="download", error="timeout", detail=detail, at=NOON) for detail in details]
    return write_table(root, TABLES["dead_letters"], rows, day=DAY, run_id=run_id)


def finish(root: Path, run_id: str, version: int, pages: tuple[PageMemory, ...] = ()) -> None:
    """The last step of a run that staged one table and learnt of some pages."""
    before = read_manifest(root, version - 1).memory if version > 1 else {}
    finish_run(
        root,
        make_run(run_id, data_version=version),
        day=DAY,
        files=[stage(root, run_id, "one", "two")],
        counts=[("download/dead", 2)],
        memory_before=before,
        memory_rows={"pages": pages},
        finished_at=NOON,
    )


def run_once(root: Path, run_id: str) -> int:
    """A whole run from the hold to the commit; its version."""
    with hold_data_set(root, run_id) as base:
        if done := committed_run(root, run_id):
            return done.data_version
        finish(root, run_id, base + 1, (make_page(f"https://ledger.example/{run_id}"),))
        return base + 1


def assert_whole(root: Path, run_ids: tuple[str, ...]) -> None:
    """Every file of the newest version is there, whole and named once, and nothing else is."""
    manifests = [read_manifest(root, version) for version in range(1, newest_version(root) + 1)]
    assert tuple(manifest.run_id for manifest in manifests) == run_ids
    files = [file for manifest in manifests for file in manifest.added]
    files += [file for kept in (manifests[-1].memory.values() if manifests else ()) for file in kept]
    assert {root / file.path for file in files} == set(root.rglob("*.parquet"))
    assert all(file_sha256(root / file.path) == file.sha256 for file in files)
    remembered = Memory.of(root, manifests[-1] if manifests else None)
    urls = [f"https://ledger.example/{run_id}" for run_id in run_ids]
    assert sorted(remembered.pages(urls)) == sorted(urls)
    assert not (root / "_staging").exists()


def contents(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file() and path.name != "_lock")
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# ------------------------------------------------------------------------------------------------ the good way


def test_a_run_is_one_version_that_reading_finds(tmp_path: Path) -> None:
    assert run_once(tmp_path, "run-1") == 1
    assert run_once(tmp_path, "run-2") == 2
    with hold_data_set(tmp_path, "next") as version:
        assert version == 2
    assert_whole(tmp_path, ("run-1", "run-2"))
    assert len(open_dataset(tmp_path).tables["dead_letters"]) == 2
    assert len(open_dataset(tmp_path, version=1).tables["dead_letters"]) == 1


def test_a_run_that_was_committed_before_writes_nothing(tmp_path: Path) -> None:
    run_once(tmp_path, "run-1")
    with hold_data_set(tmp_path, "next"):
        before = contents(tmp_path)
    assert run_once(tmp_path, "run-1") == 1
    assert contents(tmp_path) == before


def test_committing_the_same_manifest_twice_changes_nothing(tmp_path: Path) -> None:
    file = stage(tmp_path, "run-1", "one")
    manifest = Manifest(version=1, run_id="run-1", committed_at=NOON, added=(file,), memory={})
    assert commit(tmp_path, manifest) == commit(tmp_path, manifest) == seal(manifest)


def test_a_second_attempt_of_a_committed_run_keeps_what_the_first_wrote(tmp_path: Path) -> None:
    finish(tmp_path, "run-1", 1)
    first = open_dataset(tmp_path)
    finish(tmp_path, "run-1", 1)
    assert open_dataset(tmp_path) == first
    with hold_data_set(tmp_path, "next"):
        assert newest_version(tmp_path) == 1


def test_of_two_runs_for_one_version_the_first_wins(tmp_path: Path) -> None:
    finish(tmp_path, "run-1", 1)
    with pytest.raises(CommitConflict, match="run run-1 took version 1 first"):
        finish(tmp_path, "run-2", 1)
    with hold_data_set(tmp_path, "next"):
        assert len(open_dataset(tmp_path).tables["dead_letters"]) == 1


# ------------------------------------------------------------------------------------------------ killed


def die(*_: Any) -> None:
    raise Killed


def die_at_call(number: int, function: Callable[..., Any]) -> Callable[..., Any]:
    calls = iter(range(1, 100))

    def wrapper(*args: Any) -> Any:
        if next(calls) == number:
            raise Killed
        return function(*args)

    return wrapper


def link_then_die(source: Path, target: Path) -> None:
    link_if_absent(source, target)
    raise Killed


def kill_run(root: Path, run_id: str) -> None:
    with pytest.raises(Killed):
        run_once(root, run_id)


@pytest.mark.parametrize("step", ["write_durably", "link_if_absent"])
def test_a_run_killed_before_the_link_never_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    run_once(tmp_path, "run-1")
    with monkeypatch.context() as patch:
        patch.setattr(store_module, step, die)
        kill_run(tmp_path, "run-2")
    with hold_data_set(tmp_path, "run-3") as version:
        assert version == 1
    assert_whole(tmp_path, ("run-1",))


def test_a_run_killed_right_after_the_link_is_rolled_forward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_once(tmp_path, "run-1")
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "link_if_absent", link_then_die)
        kill_run(tmp_path, "run-2")
    with hold_data_set(tmp_path, "run-3") as version:
        assert version == 2
    assert_whole(tmp_path, ("run-1", "run-2"))


@pytest.mark.parametrize("move", [1, 2, 3])
def test_a_run_killed_between_renames_is_rolled_forward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "move_durably", die_at_call(move, move_durably))
        kill_run(tmp_path, "run-1")
    assert run_once(tmp_path, "run-1") == 1
    with hold_data_set(tmp_path, "next"):
        assert_whole(tmp_path, ("run-1",))


def test_a_start_killed_while_it_rolls_forward_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "move_durably", die_at_call(2, move_durably))
        kill_run(tmp_path, "run-1")
        patch.setattr(store_module, "move_durably", die_at_call(1, move_durably))
        kill_run(tmp_path, "run-2")
    with hold_data_set(tmp_path, "run-3"):
        assert_whole(tmp_path, ("run-1",))


def test_a_run_killed_while_staging_leaves_nothing_after_the_next_start(tmp_path: Path) -> None:
    run_once(tmp_path, "run-1")
    stage(tmp_path, "run-2", "never committed")
    with hold_data_set(tmp_path, "run-3"):
        assert_whole(tmp_path, ("run-1",))


# ------------------------------------------------------------------------------------------------ holding


def hold_and_wait(root: Path, held: Any, let_go: Any) -> None:
    with hold_data_set(root, "run-1"):
        held.set()
        let_go.wait(10)


def test_a_second_holder_is_told_who_holds_the_data_set(tmp_path: Path) -> None:
    with (
        hold_data_set(tmp_path, "run-1"),
        pytest.raises(UserError, match="held by run run-1"),
        hold_data_set(tmp_path, "run-2"),
    ):
        pass
    with hold_data_set(tmp_path, "run-3") as version:
        assert version == 0


def test_a_killed_holder_locks_nobody_out(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    held, let_go = context.Event(), context.Event()
    holder = context.Process(target=hold_and_wait, args=(tmp_path, held, let_go))
    holder.start()
    assert held.wait(10)
    with pytest.raises(UserError, match="held by run run-1"), hold_data_set(tmp_path, "run-2"):
        pass
    holder.kill()
    holder.join()
    with hold_data_set(tmp_path, "run-2") as version:
        assert version == 0


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    for root in (tmp_path / "data", tmp_path / "data" / "below"):
        with pytest.raises(UserError, match=r"cannot write the data folder .*choose another --data"):
            hold_data_set(root, "run-1").__enter__()


# ------------------------------------------------------------------------------------------------ damage


def test_a_data_set_of_a_newer_format_is_refused_untouched(tmp_path: Path) -> None:
    run_once(tmp_path, "run-1")
    path = tmp_path / manifest_path(1)
    path.write_text(path.read_text().replace('"format": 2', '"format": 3').replace('"run_id"', '"pass_id"'))
    before = contents(tmp_path)
    with pytest.raises(UserError, match="has format 3, this icewire knows up to 2; upgrade"):
        hold_data_set(tmp_path, "run-2").__enter__()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": 1}', b'{"format": "one"}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: bytes) -> None:
    run_once(tmp_path, "run-1")
    (tmp_path / manifest_path(1)).write_bytes(content)
    with pytest.raises(UserError, match=r"00000001\.json: damaged manifest"):
        hold_data_set(tmp_path, "run-2").__enter__()


def test_a_committed_file_that_is_missing_is_named(tmp_path: Path) -> None:
    run_once(tmp_path, "run-1")
    lost = read_manifest(tmp_path, 1).added[0].path
    (tmp_path / lost).unlink()
    with pytest.raises(UserError, match=f"{lost} of version 1 is missing"):
        hold_data_set(tmp_path, "run-2").__enter__()


def test_stray_files_beside_the_manifests_are_none_of_ours(tmp_path: Path) -> None:
    run_once(tmp_path, "run-1")
    (tmp_path / "_commits" / "00000001 (copy).json").write_text("{}")
    assert newest_version(tmp_path) == 1
    done = committed_run(tmp_path, "run-1")
    assert done is not None
    assert (done.run_id, done.data_version) == ("run-1", 1)
    assert committed_run(tmp_path, "run-9") is None


@pytest.mark.parametrize("version", [0, 2, -1])
def test_a_version_that_is_not_there_is_named(tmp_path: Path, version: int) -> None:
    run_once(tmp_path, "run-1")
    with pytest.raises(UserError, match=f"no version {version}; its newest is 1"):
        open_dataset(tmp_path, version)


def test_no_data_set_at_all_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="icewire ingest"):
        open_dataset(tmp_path)


def test_a_manifest_reads_back_as_written(tmp_path: Path) -> None:
    file = DataFile(path="a", staged="b", kind="warc", rows=1, bytes=2, sha256="c")
    manifest = Manifest(version=3, run_id="run-3", committed_at=NOON, added=(file,), memory={"pages": (file,)})
    path = tmp_path / manifest_path(3)
    path.parent.mkdir()
    path.write_bytes(encode_manifest(seal(manifest)))
    assert read_manifest(tmp_path, 3) == seal(manifest)


def test_a_commit_whose_files_cannot_be_put_in_place_says_that_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "move_durably", full)
        with pytest.raises(UserError, match=r"version 1 is committed, but .*No space left"):
            run_once(tmp_path, "run-1")
    with hold_data_set(tmp_path, "next"):
        assert_whole(tmp_path, ("run-1",))
