"""Progress while a pass runs: a live line on a terminal, plain lines otherwise."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from schemas.records import Run
from transforms import progress

Progress = Callable[[Run, int], AbstractContextManager[None]]

PLAIN_EVERY_S = 5.0
LIVE_EVERY_S = 0.25


@contextmanager
def show_progress(run: Run, feeds: int) -> Iterator[None]:
    """Show how far the run is, on standard error, until the block ends."""
    progress.seen.clear()
    console = Console(stderr=True)
    started = time.monotonic()
    ended = threading.Event()
    print(f"run {run.run_id}: {feeds} feeds, runner {run.runner}", file=sys.stderr)

    def follow() -> None:
        if console.is_terminal:
            with Live(console=console, refresh_per_second=1 / LIVE_EVERY_S, transient=True) as live:
                while not ended.wait(LIVE_EVERY_S):
                    live.update(Text(describe(feeds, time.monotonic() - started)))
        else:
            while not ended.wait(PLAIN_EVERY_S):
                print(describe(feeds, time.monotonic() - started), file=sys.stderr, flush=True)

    follower = threading.Thread(target=follow, name="icewire-progress", daemon=True)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join()
        print(describe(feeds, time.monotonic() - started), file=sys.stderr, flush=True)


@contextmanager
def no_progress(run: Run, feeds: int) -> Iterator[None]:
    """Show nothing."""
    progress.seen.clear()
    yield


def describe(feeds: int, elapsed_s: float) -> str:
    """One line: how far the stage that runs now has come, what came out so far, and the rate of pages."""
    seen = dict(progress.seen)

    def count(stage: str, *kinds: str) -> int:
        return sum(number for (where, kind), number in seen.items() if where == stage and (not kinds or kind in kinds))

    polled = count("discover", "Poll", "Dropped")
    planned, captured = count("download", "Visit"), count("download", "Capture")
    fetched = count("download", "Capture", "DeadLetter") + count("download", "Dropped")
    extracted, tagged = count("extract"), count("tag", "Article", "Dropped", "DeadLetter")
    if polled < feeds:
        stage, done, total = "polling", polled, feeds
    elif not extracted and captured < planned:
        stage, done, total = "downloading", min(fetched, planned), planned
    elif extracted < captured:
        stage, done, total = "extracting", extracted, captured
    else:
        stage, done, total = "linking, tagging, writing", tagged, count("extract", "Article")
    rate = captured / elapsed_s if elapsed_s > 0 else 0.0
    dead = sum(number for (_, kind), number in seen.items() if kind == "DeadLetter")
    return (
        f"{_bar(done / total if total else 1.0)} {stage} {done}/{total} · entries {count('discover', 'Entry')}"
        f" · pages {captured} ({rate:.1f}/s) · articles {count('tag', 'Article')}"
        f" · tags {count('tag', 'TopicTag')} · dead {dead} · {elapsed_s:.0f} s"
    )


def _bar(share: float, width: int = 12) -> str:
    full = int(min(max(share, 0.0), 1.0) * width)
    return "█" * full + "░" * (width - full)
