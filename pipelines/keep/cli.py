"""`icewire compact`, `icewire takedown`: verbs that change a data set without asking the web."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress as Bar

from pipelines.clock import Clock
from pipelines.command import DataRoot, ExamplesCommand
from pipelines.options import read_instant
from transforms.write.store import Root

WAIT_S = 600.0
"""A pass may hold the data set for some minutes; upkeep waits for it to end, since it runs less often."""

_DATA = click.option("--data", required=True, type=DataRoot(), help="The data set's folder, or s3://….")
_WAIT = click.option("--wait", type=float, default=WAIT_S, show_default=True, metavar="SECONDS",
                     help="How long to wait for a run that holds the data set.")  # fmt: skip
_NOW = click.option("--now", metavar="INSTANT", help="The run's clock [default: now]")


@click.command(
    cls=ExamplesCommand,
    examples="""
icewire compact --data corpus
7 * * * *  icewire compact --data /srv/icewire    (as a cron line)
""",
)
@_DATA
@_NOW
@_WAIT
def compact(data: Root, now: str | None, wait: float) -> None:
    """Merge small files: those of closed days and months into one each, those of the open ones as they grow.

    All rows and WARC records are kept, and running readers see the old files or the new ones. Versions before cannot be
    opened any more; their rows are still there, by run.
    """
    from pipelines.keep.compact import compact_data_set

    clock = Clock(fixed=read_instant(now) if now else None)
    with _progress("merging") as tell:
        done = compact_data_set(data, clock=clock, wait_s=wait, tell=tell)
    if not done.rows:
        click.echo(f"nothing to merge: {done.before} files")
        return
    click.echo(f"version {done.version}: {done.before} files are {done.after} now ({done.rows} rows written anew)")


@click.command(
    cls=ExamplesCommand,
    examples="""
icewire takedown https://ledger.example/2026/11/raid --data corpus --reason "court order 26-1234"
""",
)
@click.argument("url")
@_DATA
@click.option("--reason", metavar="TEXT", help="Why; it stays in the tombstone.")
@_NOW
@_WAIT
def takedown(url: str, data: Root, reason: str | None, now: str | None, wait: float) -> None:
    """Remove the text and the captures of a page from all tables, WARC files and memory.

    A tombstone in table `takedowns` tells of it, and no pass asks for the page again. Copies of the story at other
    addresses stay, as do backups and what was copied out of the data set before. Removing again what was removed
    changes nothing.
    """
    from pipelines.keep.takedown import take_down

    done = take_down(data, url, reason=reason, clock=Clock(fixed=read_instant(now) if now else None), wait_s=wait)
    stone = done.tombstone
    if done.was_done:
        click.echo(
            f"was taken down before, at {stone.taken_down_at:%Y-%m-%d %H:%M} by run {stone.run_id}; nothing to do"
        )
        return
    what = f"{len(stone.article_ids)} articles and {len(stone.capture_ids)} captures"
    click.echo(f"removed {what} of {', '.join(stone.page_keys)}")


@contextmanager
def _progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A function that is told how much of how much is done, for a bar on a terminal that goes when all is done."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
