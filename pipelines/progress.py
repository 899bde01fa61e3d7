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
    """One line: what came out of each stage so far in this process, and the rate of pages."""
    seen = dict(progress.seen)
    polls = seen.get(("discover", "Poll"), 0) + seen.get(("discover", "Dropped"), 0)
    pages = seen.get(("download", "Capture"), 0)
    planned = sum(count for (stage, kind), count in seen.items() if stage == "extract")
    bar = _bar(polls / feeds if feeds else 1.0)
    rate = pages / elapsed_s if elapsed_s > 0 else 0.0
    dead = sum(count for (_, kind), count in seen.items() if kind == "DeadLetter")
    return (
        f"{bar} feeds {polls}/{feeds} · entries {seen.get(('discover', 'Entry'), 0)} · pages {pages} ({rate:.1f}/s)"
        f" · extracted {planned} · articles {seen.get(('tag', 'Article'), 0)} · tags {seen.get(('tag', 'TopicTag'), 0)}"
        f" · dead {dead} · {elapsed_s:.0f} s"
    )


def _bar(share: float, width: int = 12) -> str:
    full = int(min(max(share, 0.0), 1.0) * width)
    return "█" * full + "░" * (width - full)
