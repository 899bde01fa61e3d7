"""What it costs to parse a feed in a guarded process: direct and guarded calls by turns in one run.

    python -m bench.guarded [--rounds 100]

Prints the median milliseconds a call of each, for feeds of several sizes made up here, and the ratio.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable

from transforms.discover.guarded_parse import parse_guarded
from transforms.discover.parse import parse_feed

ITEMS = (10, 100, 1000)
_ITEM = "<item><guid>{n}</guid><link>https://a.example/{n}</link><title>Raid</title><description>{words}</description></item>"


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    asyncio.run(measure(options.rounds))


async def measure(rounds: int) -> None:
    """Print a line for each size; larger feeds are parsed in fewer rounds."""
    for items in ITEMS:
        body = write_feed(items)
        direct: list[float] = []
        guarded: list[float] = []
        await _guarded(body)  # the process starts once
        for _ in range(max(5, rounds * ITEMS[0] // items)):
            direct.append(await _timed(_direct, body))
            guarded.append(await _timed(_guarded, body))
        before, after = statistics.median(direct) * 1e3, statistics.median(guarded) * 1e3
        print(f"{len(body):8,} bytes: direct {before:7.2f} ms, guarded {after:7.2f} ms, ratio {after / before:.2f}")


def write_feed(items: int) -> bytes:
    """An RSS feed of so many items."""
    words = "Agents came to the plant before sunrise and locked the gates. " * 5
    listed = "".join(_ITEM.format(n=number, words=words) for number in range(items))
    return f"<rss version='2.0'><channel><title>Ledger</title>{listed}</channel></rss>".encode()


async def _timed(call: Callable[[bytes], Awaitable[None]], body: bytes) -> float:
    began = time.perf_counter()
    await call(body)
    return time.perf_counter() - began


async def _direct(body: bytes) -> None:
    parse_feed(body, feed_id="bench", url="https://a.example/feed")


async def _guarded(body: bytes) -> None:
    await parse_guarded(body, feed_id="bench", url="https://a.example/feed")


if __name__ == "__main__":
    main()
