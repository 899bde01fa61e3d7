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
import multiprocessing
import os
import pstats
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from schemas.records import Capture, Entry, Feed, record
from transforms.answer import WebSettings

LATENCY_S = 0.05
PAGE_BYTES = 30_000
GOAL = 0.7

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FEED = Feed(feed_id="bench", url="http://127.0.1.1/feed", publisher="Bench")


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
        urls = [f"http://{_host(number % options.hosts)}:{port}/{number}.html" for number in range(options.pages)]
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
                print(
                    f"{name:5} {measured.pages / measured.wall_s:6.0f} pages/s, {measured.cpu_s:5.2f} CPU s", flush=True
                )
                rounds[name].append(measured)
    sys.exit(0 if _summarise(rounds, options.pages) >= GOAL else 1)


def run_stage(urls: list[str]) -> int:
    """Ask through the download stage on FnApiRunner, all in this process; how many captures are whole pages."""
    import apache_beam as beam
    from apache_beam.metrics import MetricsFilter
    from apache_beam.options.pipeline_options import PipelineOptions

    from transforms.web_thread import WebThread

    entries = [Entry(feed_id=FEED.feed_id, entry_id=url, url=url) for url in urls]
    with tempfile.TemporaryDirectory() as empty:
        pipeline = beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"]))
        captures = _download(pipeline | beam.Create(entries), Path(empty))
        _ = captures | beam.Map(_count_whole)
        result = pipeline.run()
        result.wait_until_finish()
    WebThread.shared().close_webs()
    counters = result.metrics().query(MetricsFilter().with_name("whole"))["counters"]
    return sum(counter.committed for counter in counters)


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
    return (entries | download).landed


def _count_whole(capture: Capture) -> None:
    from apache_beam.metrics import Metrics

    if capture.status == 200 and len(capture.body) == PAGE_BYTES:
        Metrics.counter("bench", "whole").inc()


def run_bare(urls: list[str]) -> int:
    """Ask with aiohttp alone; how many pages came whole."""
    return asyncio.run(_ask_all(urls))


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
            whole += response.status == 200 and len(await response.read()) == PAGE_BYTES
    return whole


def _measure(way: Callable[[], int]) -> Round:
    wall, cpu = time.perf_counter(), time.process_time()
    pages = way()
    return Round(pages=pages, wall_s=time.perf_counter() - wall, cpu_s=time.process_time() - cpu)


def _summarise(rounds: dict[str, list[Round]], pages: int) -> float:
    """Print the medians; gives the stage's rate as a share of the bare loop's."""
    rates = {name: pages / statistics.median(each.wall_s for each in measured) for name, measured in rounds.items()}
    for name, measured in rounds.items():
        cpu_s = statistics.median(each.cpu_s for each in measured)
        print(f"{name:5} median {rates[name]:6.0f} pages/s, {cpu_s:5.2f} CPU s: {cpu_s / pages * 1e3:.2f} ms a page")
    ratio = rates["stage"] / rates["bare"]
    print(f"ratio {ratio:.2f} (goal {GOAL}); load {os.getloadavg()[0]:.1f}")
    return ratio


def _profile(stage: Callable[[], int]) -> None:
    """Print what the two threads of the stage do: Beam's, which plans and passes on, and the web's."""
    from transforms.web_thread import WebThread

    profiles = {"web": cProfile.Profile(), "beam": cProfile.Profile()}

    async def toggle(switch: Callable[[], None]) -> None:
        switch()

    WebThread.shared().submit(toggle(profiles["web"].enable)).result()
    profiles["beam"].runcall(stage)
    WebThread.shared().submit(toggle(profiles["web"].disable)).result()
    for name, profile in profiles.items():
        print(f"thread {name}")
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def _host(number: int) -> str:
    return f"127.0.1.{number + 1}"


@contextmanager
def serve_pages(hosts: int) -> Iterator[int]:
    """Serve pages on so many loopback hosts from a process of its own; gives their port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    server = context.Process(target=_serve, args=(theirs, hosts), daemon=True)
    server.start()
    try:
        yield ours.recv()
    finally:
        server.terminate()
        server.join()


def _serve(port_to: Connection, hosts: int) -> None:
    asyncio.run(_serve_for_ever(port_to, hosts))


async def _serve_for_ever(port_to: Connection, hosts: int) -> None:
    text = "Federal agents detained a man near the courthouse, two witnesses said. " * (PAGE_BYTES // 70)

    async def answer(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(LATENCY_S)
        if not request.path.endswith(".html"):
            return web.Response(status=404)
        page = f"<!doctype html><title>{request.path}</title><p>{text}"[:PAGE_BYTES]
        return web.Response(text=page, content_type="text/html")

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    port = 0
    for number in range(hosts):
        listener = socket.create_server((_host(number), port))
        port = listener.getsockname()[1]
        await web.SockSite(runner, listener).start()
    port_to.send(port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
