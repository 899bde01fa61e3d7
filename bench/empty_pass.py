"""What a pass that finds nothing new costs over a large archive, beside one over a small archive.

    python -m bench.empty_pass [--large 1000000] [--small 1000] [--passes 5] [--data DIR]

The archives are synthesised (bench.archive); with --data they are kept there and used again. The newsroom's feeds are
read once over each, and then again and again, in turn, by `icewire ingest` in a process of its own: every feed is
asked, nothing has changed, no page is due. CPU seconds, peak memory and seconds are compared by their medians; the
status is 1 if the large archive costs more than 1.5 times as much in any of them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from bench.archive import write_archive
from pipelines.newsroom.server import RunningNewsroom, serve
from schemas.records import record
from seeds.newsroom.newsroom import clock_on, load_newsroom

GOAL = 1.5
STEP = timedelta(minutes=10)
"""Pages are looked at again an hour after they were found; so many passes of this step find none due."""

COMMITTED = (0, 3)
"""Exit status of a pass that was committed; the newsroom has a feed that is gone for good."""


@record
class Cost:
    """What one pass cost."""

    cpu_s: float
    peak_mb: float
    wall_s: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", type=int, default=1_000_000, help="articles in the large archive")
    parser.add_argument("--small", type=int, default=1_000, help="articles in the small one")
    parser.add_argument("--passes", type=int, default=5, choices=range(1, 6), help="measured passes over each")
    parser.add_argument("--data", type=Path, help="keep the archives here, and use those that are there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve(load_newsroom()) as running:
        began = clock_on(running.day)
        feeds = Path(folder) / "feeds.toml"
        feeds.write_text(running.feeds_toml(), encoding="utf-8")
        archives = {}
        for size in (options.small, options.large):
            archives[size] = (options.data or Path(folder)) / f"archive-{size}"
            if not archives[size].exists():
                write_archive(archives[size], size, began.replace(hour=0, minute=0))
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
        for data in archives.values():
            run_pass(running, feeds, data, began)
        costs: dict[int, list[Cost]] = {size: [] for size in archives}
        for turn in range(1, options.passes + 1):
            for size in sorted(archives, reverse=bool(turn % 2)):
                cost = run_pass(running, feeds, archives[size], began + turn * STEP)
                costs[size].append(cost)
                told = f"{cost.cpu_s:5.2f} CPU s, {cost.peak_mb:5.0f} MB, {cost.wall_s:5.2f} s"
                print(f"{size:>9,} articles: {told}", flush=True)
    sys.exit(0 if summarise(costs[options.small], costs[options.large]) <= GOAL else 1)


def run_pass(running: RunningNewsroom, feeds: Path, data: Path, now: datetime) -> Cost:
    """One pass in a process of its own."""
    command = [sys.executable, "-m", "pipelines.cli", "ingest", "--feeds", feeds, "--data", data, "--all-feeds"]
    command += ["--now", now.isoformat(), "--host-delay", "0", "--allow-network", "127.0.0.0/8"]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    told = process.stderr.read() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in COMMITTED:
        sys.exit(f"{data}: the pass ended with status {process.returncode}\n{told}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Cost(cpu_s=cpu_s, peak_mb=usage.ru_maxrss / 1024, wall_s=time.perf_counter() - started)


def summarise(small: list[Cost], large: list[Cost]) -> float:
    """Print the ratios of the medians, and give the largest."""
    ratios = {
        name: statistics.median(getattr(cost, name) for cost in large)
        / statistics.median(getattr(cost, name) for cost in small)
        for name in ("cpu_s", "peak_mb", "wall_s")
    }
    print("large to small: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()) + f" (goal {GOAL})")
    return max(ratios.values())


if __name__ == "__main__":
    main()
