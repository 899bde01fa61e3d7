"""`icewire compact`, `icewire takedown`: verbs that change a data set without asking the web."""

import click

from pipelines.clock import Clock
from pipelines.command import ExamplesCommand, data_option, now_option, tell_now_and_then, wait_option
from pipelines.options import read_instant
from transforms.write.store import Root


@click.command(
    cls=ExamplesCommand,
    examples="""
icewire compact --data corpus
7 * * * *  icewire compact --data /srv/icewire    (as a cron line)
""",
)
@data_option
@now_option
@wait_option
def compact(data: Root, now: str | None, wait: float) -> None:
    """Merge small files: those of closed days and months into one each, those of the open ones as they grow.

    All rows and WARC records are kept, and running readers see the old files or the new ones. Versions before cannot be
    opened any more; their rows are still there, by run.
    """
    from pipelines.keep.compact import compact_data_set

    clock = Clock(fixed=read_instant(now) if now else None)
    tell = tell_now_and_then(lambda done, of: f"merged {done} of {of}")
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
@data_option
@click.option("--reason", metavar="TEXT", help="Why; it stays in the tombstone.")
@now_option
@wait_option
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
