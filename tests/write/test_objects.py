"""A data set in an object store: the same commit, with a conditional put instead of a link and a lease for a lock."""

import threading
from datetime import timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UserError
from tests.builders import NOON
from tests.write.archive import write_pass
from transforms.write.commit import CommitConflict, commit
from transforms.write.dataset import open_dataset
from transforms.write.hold import hold_data_set
from transforms.write.lease import Lease
from transforms.write.manifest import Manifest, live_files, newest_version, read_manifest
from transforms.write.memory import Memory
from transforms.write.objects import ObjectStore
from transforms.write.parquet import read_arrow
from transforms.write.store import Held, is_address, open_store


@pytest.fixture
def root(s3_root: str) -> str:
    """Where the data set lies."""
    return s3_root


def rows_of(root: str, table: str) -> int:
    version = newest_version(root)
    return sum(read_arrow(root, file.path).num_rows for file in live_files(root, version) if file.kind == table)


def test_passes_are_versions_that_reading_finds(root: str) -> None:
    write_pass(root, 1)
    write_pass(root, 2, at=NOON + timedelta(hours=1))
    corpus = open_dataset(root)
    assert corpus.version == 2
    assert all(path.startswith(f"{root}/data/articles/captured_on=2026-11-02/") for path in corpus.tables["articles"])
    assert rows_of(root, "articles") == 6
    assert len(open_dataset(root, 1).tables["articles"]) == 1
    memory = Memory.of(root, read_manifest(root, 2))
    assert len(memory.pages([f"https://ledger.example/pass-0001/{page}" for page in range(3)])) == 3
    store = open_store(root)
    assert store.list("_staging") == []
    assert not store.exists("_lock")


def test_what_a_killed_run_had_staged_is_no_part_of_it(root: str) -> None:
    write_pass(root, 1)
    store = open_store(root)
    with store.writing("_staging/dead/x/data/articles/captured_on=2026-11-02/part-dead-00000.parquet") as file:
        file.write(b"half")
    write_pass(root, 2)
    assert rows_of(root, "articles") == 6
    assert store.list("_staging"), "a run that may live, should its lease have been lost, keeps what it staged"


def test_a_commit_killed_before_its_files_were_in_place_is_finished_by_the_next(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ObjectStore, "move", die)
        with pytest.raises(Killed):
            write_pass(root, 1)
    assert newest_version(root) == 1
    assert open_store(root).list("data") == []
    write_pass(root, 2)
    assert rows_of(root, "articles") == 6


def test_of_two_manifests_for_one_version_one_is_made(root: str) -> None:
    write_pass(root, 1)
    manifest = Manifest(version=2, run_id="first", committed_at=NOON, added=(), memory={})
    commit(root, manifest)
    with pytest.raises(CommitConflict, match="run first took version 2 first"):
        commit(root, Manifest(version=2, run_id="second", committed_at=NOON, added=(), memory={}))
    assert read_manifest(root, 2).run_id == "first"


def test_a_commit_whose_reply_was_lost_knows_itself(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The put landed, the reply did not: the driver's second put is refused, and the manifest there is ours."""
    real = ObjectStore.create

    def twice(self: ObjectStore, path: str, content: bytes, *, staged: str) -> bool:
        real(self, path, content, staged=staged)
        return real(self, path, content, staged=staged)

    with monkeypatch.context() as patch:
        patch.setattr(ObjectStore, "create", lambda *a, **k: twice(*a, **k) if "_commits" in a[1] else real(*a, **k))
        write_pass(root, 1)
    assert newest_version(root) == 1
    assert rows_of(root, "articles") == 3


def test_many_creators_of_one_object_have_one_winner(root: str) -> None:
    won: list[int] = []

    def race(number: int) -> None:
        if ObjectStore(root).create("_commits/one", f"{number}".encode(), staged=""):
            won.append(number)

    racers = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(won) == 1
    assert open_store(root).read("_commits/one") == f"{won[0]}".encode()


def test_a_living_holder_keeps_others_out(root: str) -> None:
    with (
        Lease(ObjectStore(root), "_lock", "run one", beat_s=0.05),
        pytest.raises(Held, match="run one"),
        Lease(ObjectStore(root), "_lock", "run two", beat_s=0.05, watch_s=5),
    ):
        pass
    assert not open_store(root).exists("_lock")


def test_the_lease_of_a_killed_holder_is_taken_over(root: str) -> None:
    store = ObjectStore(root)
    store.create("_lock", b"run dead\nabc\n", staged="")
    with Lease(store, "_lock", "run two", beat_s=0.05, watch_s=0.3):
        assert store.read("_lock").startswith(b"run two\n")
    assert not store.exists("_lock")


def test_a_holder_taken_for_dead_leaves_the_lease_to_its_heir(root: str) -> None:
    store = ObjectStore(root)
    lease = Lease(store, "_lock", "run one", beat_s=0.05)
    with lease:
        store.replace("_lock", b"run two\nabc\n")
        threading.Event().wait(0.2)
    assert store.read("_lock") == b"run two\nabc\n"


def test_a_store_that_cannot_be_reached_is_one_line(monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    with pytest.raises(UserError, match=r"s3://no-such-bucket-here/x: cannot write the data folder"):
        hold_data_set("s3://no-such-bucket-here/x", "run-1").__enter__()


def test_an_unknown_kind_of_store_says_what_to_install() -> None:
    with pytest.raises(UserError, match="nope://x: "):
        open_store("nope://x")


@given(st.text())
def test_only_addresses_are_addresses(text: str) -> None:
    assert is_address(text) == ("://" in text)


def test_duckdb_reads_what_the_manifest_names(root: str, tmp_path: object) -> None:
    """DuckDB's wheel has no driver for s3; what it would be told to read is what fsspec reads."""
    write_pass(root, 1)
    (path,) = open_dataset(root).tables["articles"]
    with duckdb.connect() as connection:
        connection.register_filesystem(open_store(root).filesystem)
        counted = connection.sql(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()
        connection.unregister_filesystem("s3")
    assert counted == [(3,)]
