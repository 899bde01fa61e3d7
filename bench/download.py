"""How fast pages are downloaded: the pipeline's download stage beside a bare aiohttp loop, by turns in one run.

    python -m bench.download [--pages 2000] [--hosts 50] [--rounds 5] [--profile]

A server in a process of its own answers after 50 ms. Both ways ask it for the same pages, one at a time a host and all
hosts at once; the stage asks each host for its robots.txt too. Its time begins when its Beam pipeline is laid and ends
when the last capture comes out; the time to the end of the pipeline, with captures grouped by where they landed, is
told beside it. The status is 1 if the stage reaches less than 0.7 of the bare loop's rate.
"""

import argparse
import asyncio
import cProfile
import logging
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench.page_server import PAGE_BYTES, host_of, page_hashes, serve_pages
from schemas.records import Capture, Entry, Feed, record
from transforms.answer import WebSettings

GOAL = 0.7

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FEED = Feed(feed_id="bench", url="http://127.0.1.1/feed", publisher="Bench")


Way = Callable[[], tuple[int, float]]
"""Asks for all pages; gives how many came whole, and when the last of them had (time.perf_counter)."""


@record
class Round:
    """One way, once: pages that came whole, seconds to the last of them and to the end, CPU seconds of this process."""

    pages: int
    wall_s: float
    whole_s: float
    cpu_s: float


def main() -> None:
    """Measure both ways by turns; print each round, the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=50, help="at most 254 (default 50)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="show where the stage spends its time instead")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # on import, Beam warns of cloud clients that nobody asked for
    with serve_pages(options.hosts) as port:
        urls = [f"http://{host_of(number % options.hosts)}:{port}/{number}.html" for number in range(options.pages)]
        ways: dict[str, Way] = {"stage": lambda: run_stage(urls), "bare": lambda: run_bare(urls)}
        for way in ways.values():  # what is imported and cached once is no part of the measure
            way()
        if options.profile:
            _profile(ways["stage"])
            return
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        rounds: dict[str, list[Round]] = {name: [] for name in ways}
        for turn in range(options.rounds):
            for name in sorted(ways, reverse=bool(turn % 2)):
                measured = _measure(ways[name])
                if measured.pages != options.pages:
                    sys.exit(f"{name}: {measured.pages} of {options.pages} pages came whole")
                print(f"{name:5} {_tell(measured)}", flush=True)
                rounds[name].append(measured)
    sys.exit(0 if _summarise(rounds) >= GOAL else 1)


def run_stage(urls: list[str]) -> tuple[int, float]:
    """Ask through the download stage on FnApiRunner, all in this process."""
    import apache_beam as beam
    from apache_beam.metrics import MetricsFilter
    from apache_beam.options.pipeline_options import PipelineOptions

    from transforms.web_thread import WebThread

    entries = [Entry(feed_id=FEED.feed_id, entry_id=url, url=url) for url in urls]
    with tempfile.TemporaryDirectory() as empty:
        pipeline = beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"]))
        _ = _download(pipeline | beam.Create(entries), Path(empty)) | beam.Map(_note)
        result = pipeline.run()
        result.wait_until_finish()
    WebThread.shared().close_webs()
    (arrived,) = result.metrics().query(MetricsFilter().with_name("arrived_us"))["distributions"]
    return arrived.committed.count, arrived.committed.max / 1e6


def _download(entries: Any, empty: Path) -> Any:
    """The captures that a first run over an empty data set makes of FEED's entries."""
    from transforms.download.beam import DownloadPages
    from transforms.write.memory import Memory

    settings = WebSettings(
        user_agent="icewire-bench",
        host_delay_s=0.0,
        allow_networks=("127.0.0.0/8",),
        run_id=os.urandom(8).hex(),  # another run, which knows no robots.txt yet
    )
    lookup = Memory.of(empty, None).pages
    download = DownloadPages(feeds={FEED.feed_id: FEED}, lookup=lookup, run_id="bench", now=NOW, settings=settings)
    return (entries | download).captures


def _note(capture: Capture) -> None:
    from apache_beam.metrics import Metrics

    if capture.content_sha256 in page_hashes():
        Metrics.distribution("bench", "arrived_us").update(int(time.perf_counter() * 1e6))


def run_bare(urls: list[str]) -> tuple[int, float]:
    """Ask with aiohttp alone."""
    return asyncio.run(_ask_all(urls)), time.perf_counter()


async def _ask_all(urls: list[str]) -> int:
    hosts: dict[str, list[str]] = {}
    for url in urls:
        hosts.setdefault(url.split("/")[2], []).append(url)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        return sum(await asyncio.gather(*(_ask_in_turn(session, of_host) for of_host in hosts.values())))


async def _ask_in_turn(session: aiohttp.ClientSession, urls: list[str]) -> int:
    whole = 0
    for url in urls:
        async with session.get(url) as response:
            whole += len(await response.read()) == PAGE_BYTES
    return whole


def _measure(way: Way) -> Round:
    began, cpu = time.perf_counter(), time.process_time()
    pages, arrived = way()
    whole_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    return Round(pages=pages, wall_s=arrived - began, whole_s=whole_s, cpu_s=cpu_s)


def _tell(measured: Round) -> str:
    return (
        f"{measured.pages / measured.wall_s:5.0f} pages/s ({measured.pages / measured.whole_s:.0f} to the end), "
        f"{measured.cpu_s:.2f} CPU s, {measured.cpu_s / measured.pages * 1e3:.2f} ms a page"
    )


def _summarise(rounds: dict[str, list[Round]]) -> float:
    """Print the medians; gives the stage's rate as a share of the bare loop's."""
    medians = {name: _median(measured) for name, measured in rounds.items()}
    for name, median in medians.items():
        print(f"{name:5} {_tell(median)} (median)")
    stage, bare = medians["stage"], medians["bare"]
    print(
        f"ratio {bare.wall_s / stage.wall_s:.2f}, goal {GOAL} ({bare.whole_s / stage.whole_s:.2f} to the end); "
        f"load {os.getloadavg()[0]:.1f}"
    )
    return bare.wall_s / stage.wall_s


def _median(rounds: list[Round]) -> Round:
    return Round(
        pages=rounds[0].pages,
        wall_s=statistics.median(each.wall_s for each in rounds),
        whole_s=statistics.median(each.whole_s for each in rounds),
        cpu_s=statistics.median(each.cpu_s for each in rounds),
    )


def _profile(stage: Way) -> None:
    """Print what takes CPU time in the stage's two threads: Beam's, which plans and passes on, and the web's."""
    from transforms.web_thread import WebThread

    profiles = {name: cProfile.Profile(time.thread_time) for name in ("web", "beam")}

    async def toggle(switch: Callable[[], None]) -> None:
        switch()

    WebThread.shared().submit(toggle(profiles["web"].enable)).result()
    profiles["beam"].runcall(stage)
    WebThread.shared().submit(toggle(profiles["web"].disable)).result()
    for name, profile in profiles.items():
        print(f"thread {name}")
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
