"""What it costs to read pages and feeds in a guarded process: direct and guarded reading by turns in one run.

    python -m bench.guarded [--rounds 9] [--pages FOLDER] [--limit N] [--decoded] [--group N]
    python -m bench.guarded --feeds

Reads the pages of the bundled newsroom, or the files of a folder (*.html, *.html.gz). A page is sent as a capture keeps
it, compressed if its file is, or with --decoded as it is when unpacked. Counted is the CPU time of both processes
together. Printed are the median milliseconds a page of all rounds, their ratio, and what the call alone costs: the page
sent, and an answer as long as a usual one received. With --feeds it is feeds of several sizes made up here.
"""

import argparse
import gzip
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.progress import show_progress
from pipelines.newsroom.pages import encode_page, render_page
from schemas.errors import KindError
from schemas.records import record
from seeds.newsroom.newsroom import load_newsroom, revision_on
from transforms.discover.guarded_parse import FEED_LIMITS
from transforms.discover.parse import parse_feed
from transforms.extract.capture import read_body
from transforms.extract.guarded_read import GROUP_PAGES, PAGE_LIMITS
from transforms.guarded_process import GuardedProcess

DAY = 3
ITEMS = (10, 100, 1000)
_ITEM = "<item><guid>{n}</guid><link>https://a.example/{n}</link><title>Raid</title><description>{words}</description></item>"
_ANSWER_BYTES = 6_000


@record
class Page:
    """A body as a capture keeps it, and its content coding."""

    body: bytes
    coding: str | None = None


def main() -> None:
    """Measure pages, or feeds of each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pages", type=Path, metavar="FOLDER")
    parser.add_argument("--limit", type=int, help="read so many pages of the folder, evenly spread")
    parser.add_argument("--decoded", action="store_true", help="send pages unpacked")
    parser.add_argument("--group", type=int, default=GROUP_PAGES, help="pages sent at once [default: as a pass does]")
    parser.add_argument("--feeds", action="store_true")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if options.feeds:
        for items in ITEMS:
            feed = write_feed(items)
            measure([(feed,)] * max(1, 100 // items), _parse, FEED_LIMITS, group=1, rounds=options.rounds)
        return
    pages = load_pages(options.pages, options.limit, options.decoded) if options.pages else newsroom_pages()
    calls = [(page.body, page.coding) for page in pages]
    measure(calls, _read, PAGE_LIMITS, group=options.group, rounds=options.rounds)


def measure(
    calls: Sequence[tuple[Any, ...]], function: Callable[..., Any], limits: Any, *, group: int, rounds: int
) -> None:
    """Print a line: the calls of a function with these arguments, made directly and in a guarded process by turns."""
    process = GuardedProcess()
    for arguments in calls[:20]:  # loads what functions load once, on both sides
        function(*arguments)
        process.call(limits, function, *arguments)
    groups = [[(call, {}) for call in calls[at : at + group]] for at in range(0, len(calls), group)]

    def cpu_of(called: Callable[..., Any]) -> float:
        before = process.call(limits, time.process_time)
        here = _timed(partial(process.call_each, limits, called), [(group,) for group in groups])
        return here + process.call(limits, time.process_time) - before

    direct: list[float] = []
    guarded: list[float] = []
    alone: list[float] = []
    ways = (
        (direct, lambda: _timed(function, calls)),
        (guarded, lambda: cpu_of(function)),
        (alone, lambda: cpu_of(_answer_at_once)),
    )
    with show_progress(rounds) as advance:
        for number in range(rounds):
            for times, timed in ways[:: -1 if number % 2 else 1]:  # in changing order: the first has the colder caches
                times.append(timed())
            advance()
    process.close()
    each = [statistics.median(times) / len(calls) * 1e3 for times in (direct, guarded, alone)]
    ratio = statistics.median(after / before for before, after in zip(direct, guarded, strict=True))
    sent = statistics.mean(len(arguments[0]) for arguments in calls)
    print(
        f"{len(calls)} of {sent:,.0f} bytes: direct {each[0]:.2f} ms, guarded {each[1]:.2f} ms, ratio {ratio:.3f};"
        f" the call alone {each[2]:.3f} ms, {each[2] / each[0]:.1%}"
    )


def newsroom_pages() -> list[Page]:
    """The articles of the bundled newsroom."""
    outlets = load_newsroom().outlets
    return [
        Page(body=encode_page(outlet, render_page(outlet, piece, revision, day=DAY, base="https://outlet.example")))
        for outlet in outlets
        for piece in outlet.pieces
        if (revision := revision_on(piece, DAY))
    ]


def load_pages(folder: Path, limit: int | None, decoded: bool) -> list[Page]:
    """The pages of a folder, in the order of their names."""
    paths = sorted([*folder.glob("*.html"), *folder.glob("*.html.gz")])
    chosen = paths[:: max(1, len(paths) // limit)][:limit] if limit else paths
    packed = [(path.read_bytes(), path.suffix == ".gz") for path in chosen]
    return [
        Page(body=gzip.decompress(body)) if is_packed and decoded else Page(body=body, coding="gzip" * is_packed)
        for body, is_packed in packed
    ]


def write_feed(items: int) -> bytes:
    """An RSS feed of so many items."""
    words = "Agents came to the plant before sunrise and locked the gates. " * 5
    listed = "".join(_ITEM.format(n=number, words=words) for number in range(items))
    return f"<rss version='2.0'><channel><title>Ledger</title>{listed}</channel></rss>".encode()


def _timed(call: Callable[..., object], calls: Sequence[tuple[Any, ...]]) -> float:
    began = time.process_time()
    for arguments in calls:
        call(*arguments)
    return time.process_time() - began


def _read(body: bytes, coding: str | None) -> object:
    try:
        return read_body(body, coding, url="https://a.example/2026/03/01/raid")
    except KindError as error:  # no page, such as a picture
        return str(error)


def _parse(feed: bytes) -> object:
    return parse_feed(feed, feed_id="bench", url="https://a.example/feed")


def _answer_at_once(body: bytes, *_: object) -> bytes:
    return body[:_ANSWER_BYTES]


if __name__ == "__main__":
    from bench import (
        guarded,
    )  # what a guarded process calls must be importable there, and this module is named otherwise

    guarded.main()
