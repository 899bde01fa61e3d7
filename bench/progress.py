"""How far a long bench has come: a bar on a terminal, a line now and then otherwise."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

PLAIN_EVERY_S = 30.0


@contextmanager
def show_progress(count: int) -> Iterator[Callable[[], None]]:
    """A function that counts one more document or day, shown on standard error."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], TimeElapsedColumn(), TimeRemainingColumn())
    started = shown = time.monotonic()
    done = 0

    def advance() -> None:
        nonlocal done, shown
        done += 1
        progress.advance(task)
        if not console.is_terminal and time.monotonic() > shown + PLAIN_EVERY_S:
            shown = time.monotonic()
            print(f"{done:,} of {count:,}, {shown - started:,.0f} s", file=sys.stderr, flush=True)

    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=count)
        yield advance
