"""Kill real passes over the bundled newsroom, Beam and all, at random instants and most of all around the commit."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.crash.child import draw
from bench.crash.oracle import READER, Problem, compare_rows
from bench.crash.reading import Rows, Torn, leftovers, read_named
from bench.crash.tally import Tally
from pipelines.newsroom.server import RunningNewsroom, serve
from seeds.newsroom.newsroom import clock_on, load_newsroom

COMMITTED = (0, 3)
"""Exit status of a pass that was committed; the newsroom has a feed that is gone for good."""

PATIENCE_S = 300.0


def kill_passes(work: Path, kills: int, seed: int, tally: Tally) -> None:
    """Kill so many passes, each the first over a data set, and run each again."""
    with serve(load_newsroom()) as running:
        feeds = work / "feeds.toml"
        feeds.write_text(running.feeds_toml(), encoding="utf-8")
        whole = work / "whole"
        started = time.monotonic()
        if (status := _run(running, feeds, whole)) not in COMMITTED:
            raise RuntimeError(f"a pass failed without a fault, status {status}")
        whole_s, expected = time.monotonic() - started, _names(whole)
        for number in range(kills):
            chance = draw(seed, "pass", number)
            # The commit is at the end; half of the kills are meant to meet it.
            after_s = whole_s * (chance.uniform(0.1, 1.0) if number % 2 else chance.uniform(0.8, 1.05))
            root = work / "killed"
            _run(running, feeds, root, kill_after_s=after_s)
            problems = _judge(running, feeds, root, expected)
            tally.add(
                "kill a real pass", "ingest", problems, at=f"{after_s:.2f} s after its begin", again="--only passes"
            )
            shutil.rmtree(root, ignore_errors=True)


def _judge(running: RunningNewsroom, feeds: Path, root: Path, expected: Rows) -> list[Problem]:
    try:
        at_once = _names(root)
        problems = []
        if at_once not in ({}, expected):
            problems.append(Problem(kind="torn", told="at once a part of the run is there"))
        if (status := _run(running, feeds, root)) not in COMMITTED:
            return [*problems, Problem(kind="else", told=f"run again it ends with status {status}")]
        named = read_named(root)
        problems += compare_rows(_names(root), expected, "run again")
        if READER.rows_by_glob(root) != READER.rows_by_manifest(root, named):
            problems.append(Problem(kind="doubled", told="run again, the glob shows other rows than the manifest"))
        READER.check_places(root, named)
        return problems + [Problem(kind="leftover", told=path) for path in leftovers(root, named)]
    except Torn as error:
        return [Problem(kind="torn", told=str(error))]


def _names(root: Path) -> Rows:
    named = read_named(root)
    return READER.names_by_manifest(root, named) if named.version else {}


def _run(running: RunningNewsroom, feeds: Path, data: Path, *, kill_after_s: float | None = None) -> int:
    command = [sys.executable, "-m", "pipelines.cli", "ingest", "--feeds", feeds, "--data", data, "--run-id", "first"]
    command += ["--now", clock_on(running.day).isoformat(), "--host-delay", "0", "--allow-network", "127.0.0.0/8"]
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, start_new_session=True)
    try:
        return process.wait(PATIENCE_S if kill_after_s is None else kill_after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()
