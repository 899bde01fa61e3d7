"""Passes over the bundled newsroom: again, after a kill, twice at once, with nothing to reach, on other runners."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.balance import is_balanced, stage_balance
from pipelines.ingest import ingest
from pipelines.newsroom.server import RunningNewsroom, serve
from pipelines.options import IngestOptions
from pipelines.progress import no_progress
from schemas.errors import UserError
from schemas.tables import TABLES
from seeds.newsroom.newsroom import clock_on, load_newsroom
from tests.pipelines.conftest import run_pass
from transforms.write.hold import hold_data_set
from transforms.write.manifest import newest_version
from transforms.write.memory import Memory

pytestmark = pytest.mark.slow

RUNNERS = {
    "two processes": ("--direct_running_mode=multi_processing", "--direct_num_workers=2"),
    "portable": ("--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"),
}


def files(data: Path) -> dict[str, int]:
    """Every file of a data set with its time of change."""
    return {str(path): path.stat().st_mtime_ns for path in data.rglob("*") if path.is_file() and path.name != "_lock"}


def rows(data: Path, table: str) -> list[tuple]:
    """The rows of a table, sorted; none if it has no file."""
    if not any((data / "data" / table).rglob("*.parquet")):
        return []
    return duckdb.sql(f"SELECT * FROM read_parquet('{data}/data/{table}/**/*.parquet') ORDER BY ALL").fetchall()


def test_a_second_pass_over_an_unchanged_newsroom_writes_no_article(newsroom: RunningNewsroom, tmp_path: Path) -> None:
    first = run_pass(newsroom, tmp_path / "data")
    articles = rows(tmp_path / "data", "articles")
    asked = len(newsroom.requests)
    # Three minutes later nothing is due; two hours later every page is looked at again and found unchanged.
    for later in (timedelta(minutes=3), timedelta(hours=2)):
        run = run_pass(newsroom, tmp_path / "data", now=clock_on(1) + later)
        assert is_balanced(run)
    again = stage_balance(run, "extract").dropped.get("same-bytes", 0) + stage_balance(run, "link").dropped.get(
        "unchanged", 0
    )
    assert again > 20
    known_pages = {row[7] for row in articles}
    assert {row[7] for row in rows(tmp_path / "data", "articles")} >= known_pages
    assert len([row for row in rows(tmp_path / "data", "articles") if row[7] in known_pages]) == len(articles)
    conditional = [asked for asked in newsroom.requests[asked:] if asked.conditional]
    assert any(asked.status == 304 for asked in conditional)
    assert first.data_version == 1


def test_a_run_that_was_committed_before_writes_nothing(newsroom: RunningNewsroom, tmp_path: Path) -> None:
    first = run_pass(newsroom, tmp_path / "data", run_id="monday")
    before = files(tmp_path / "data")
    assert run_pass(newsroom, tmp_path / "data", run_id="monday") == first
    assert files(tmp_path / "data") == before


@pytest.mark.parametrize("runner", [*RUNNERS.values(), ()], ids=[*RUNNERS, "feeds in another order"])
def test_other_runners_write_the_same_rows(
    runner: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the workers and their number, and in whatever order the feeds stand."""
    port = 0
    for name, beam in (("reference", ()), ("other", runner)):
        (tmp_path / name).mkdir()
        with serve(load_newsroom(), port=port) as running:
            port = running.port  # addresses are part of the rows
            if name == "other" and not runner:
                head, *feeds = running.feeds_toml().split("[[feeds]]")
                turned = "[[feeds]]".join([head, *reversed([f"{feed.rstrip()}\n\n" for feed in feeds])])
                assert turned != running.feeds_toml()
                monkeypatch.setattr(running, "feeds_toml", lambda turned=turned: turned)
            assert is_balanced(run_pass(running, tmp_path / name / "data", run_id="same", beam=beam))
    for table in TABLES:
        if table not in ("runs", "takedowns"):  # a run tells when it ended; nothing was taken down
            reference = rows(tmp_path / "reference" / "data", table)
            assert rows(tmp_path / "other" / "data", table) == reference, table
            assert reference


def test_a_killed_run_leaves_nothing_behind_and_the_next_one_does_it_all(
    newsroom: RunningNewsroom, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(newsroom.feeds_toml(), encoding="utf-8")
    command = [sys.executable, "-m", "pipelines.ingest", "--feeds", str(feeds), "--data", str(data)]
    command += ["--now", clock_on(1).isoformat(), "--host-delay", "0", "--allow-network", "127.0.0.0/8"]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not any((data / "_staging").rglob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert newest_version(data) == 0
    assert not (data / "data").exists()
    newsroom_again = run_pass(newsroom, data)
    assert is_balanced(newsroom_again)
    assert newsroom_again.data_version == 1
    assert len({row[0] for row in rows(data, "articles")}) == len(rows(data, "articles")) > 20
    assert not (data / "_staging" / run_id_of(command)).exists()


def run_id_of(command: list[str]) -> str:
    """The folder name that no run may leave in staging."""
    return command[-1]


def test_a_run_beside_another_says_who_holds_the_data_set(newsroom: RunningNewsroom, tmp_path: Path) -> None:
    with (
        hold_data_set(tmp_path / "data", "the-first"),
        pytest.raises(UserError, match="held by run the-first; wait for it to end"),
    ):
        run_pass(newsroom, tmp_path / "data")
    assert newest_version(tmp_path / "data") == 0


def test_without_a_network_every_feed_is_a_dead_letter_and_data_is_missing(tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feeds]]\nfeed_id = "a"\nurl = "http://127.0.0.1:9/feed"\npublisher = "A"\n', encoding="utf-8")
    options = IngestOptions(feeds=feeds, data=tmp_path / "data", host_delay_s=0.0, allow_networks=("127.0.0.1/32",))
    run = ingest(options, progress=no_progress).run
    assert run.data_missing
    assert rows(tmp_path / "data", "dead_letters")[0][2] == "connect"


def test_a_damaged_memory_ends_the_run_before_anything_is_lost(newsroom: RunningNewsroom, tmp_path: Path) -> None:
    run_pass(newsroom, tmp_path / "data")
    (pages,) = (tmp_path / "data" / "memory" / "pages").glob("*.parquet")
    pages.write_bytes(b"PAR1 no more")
    newsroom.set_day(2)
    with pytest.raises(UserError, match=r"cannot be read .*; restore this file"):
        run_pass(newsroom, tmp_path / "data")
    assert newest_version(tmp_path / "data") == 1


def test_memory_that_breaks_in_the_middle_of_a_run_ends_it_too(
    newsroom: RunningNewsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(memory: Memory, url_keys: object) -> dict:
        raise UserError("pages.parquet: cannot be read (I/O error); restore this file from a copy of the data set")

    monkeypatch.setattr(Memory, "pages", broken)
    monkeypatch.setattr(Memory, "due_pages", lambda memory, now: [])
    with pytest.raises(UserError, match="cannot be read"):
        run_pass(newsroom, tmp_path / "data")
    assert newest_version(tmp_path / "data") == 0
