"""`icewire feeds VERB`: the feeds file from and to other readers' lists, and what its feeds answer."""

import sys
from pathlib import Path
from typing import Any

import click

from pipelines.command import ExamplesCommand, ExamplesGroup, fetching_options

EXIT_UNREADABLE = 3
"""Some feeds cannot be read; the lines say which and why."""

_FEEDS = click.option("--feeds", required=True, type=click.Path(path_type=Path), help="The feeds file, in TOML.")


@click.group(
    cls=ExamplesGroup,
    examples="""
icewire feeds import subscriptions.opml --into feeds.toml
icewire feeds check --feeds feeds.toml --contact you@example.org
icewire feeds health --data corpus --feeds feeds.toml
icewire feeds export --feeds feeds.toml --out feeds.opml
""",
)
def feeds() -> None:
    """Bring in, hand on and check the list of feeds, and see how they fare."""


@feeds.command(
    "import",
    cls=ExamplesCommand,
    interrupted="nothing was written",
    examples="""
icewire feeds import subscriptions.opml > feeds.toml
icewire feeds import subscriptions.opml --into feeds.toml
""",
)
@click.argument("opml", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), metavar="FILE",
              help="Append to this feeds file, made if absent; what it holds stays as it is.")  # fmt: skip
def import_list(opml: Path, into: Path | None) -> None:
    """Read an OPML list of another feed reader, and write its feeds as tables of a feeds file.

    Feeds that the file has already are skipped. Outlines that give no feed are named on standard error. Exit status: 0,
    or 1 if nothing could be read.
    """
    from pipelines.context import printable
    from pipelines.feeds.file import append_feeds, read_existing, write_tables
    from pipelines.feeds.import_list import import_outlines, read_list
    from schemas.errors import UserError

    subscriptions = read_list(opml)
    content, existing = read_existing(into) if into else (b"", ())
    imported = import_outlines(subscriptions.outlines, existing)
    for name, reason in imported.left_out:
        click.echo(printable(f"left out: {name[:200]}: {reason}"), err=True)
    if subscriptions.truncated_at:
        click.echo(f"left out: everything behind outline {subscriptions.truncated_at}; split the list", err=True)
    if not imported.feeds and not imported.known:
        raise UserError(f"{opml}: names no feed; give the OPML file that a feed reader exported")
    if into and imported.feeds:
        append_feeds(into, content, imported.feeds)
    elif imported.feeds:
        click.echo(write_tables(imported.feeds).encode(), nl=False)
    place = f"added to {into}" if into else "written"
    click.echo(
        f"{len(imported.feeds)} feeds {place}; {imported.known} known already; {len(imported.left_out)} left out",
        err=True,
    )


@feeds.command(
    cls=ExamplesCommand,
    interrupted="nothing was written",
    examples="""
icewire feeds export --feeds feeds.toml > feeds.opml
icewire feeds export --feeds feeds.toml --all --out feeds.opml
""",
)
@_FEEDS
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write here; default: standard output.")
@click.option("--all", "with_disabled", is_flag=True, help="Also the feeds that are not enabled.")
def export(feeds: Path, out: Path | None, with_disabled: bool) -> None:
    """Write the feeds of a feeds file as an OPML list, in a folder for each kind."""
    from pipelines.feeds.export import write_opml
    from pipelines.feeds.file import replace_file
    from seeds.feeds import load_feeds

    opml = write_opml(feed for feed in load_feeds(feeds) if feed.enabled or with_disabled)
    if out:
        replace_file(out, opml)
    else:
        click.echo(opml, nl=False)


@feeds.command(
    cls=ExamplesCommand,
    interrupted="nothing was written, and no feed is the worse for it",
    examples="""
icewire feeds check --feeds feeds.toml --contact you@example.org
icewire feeds check --feeds feeds.toml --only my-paper --only my-other-paper
""",
)
@_FEEDS
@click.option("--only", multiple=True, metavar="FEED_ID", help="Check this feed, enabled or not. Repeatable.")
@fetching_options
@click.pass_context
def check(context: click.Context, /, **given: Any) -> None:
    """Ask every enabled feed once and tell what it proved to be, one line each as answers come. Writes nothing.

    Exit status: 0 if all can be read, 3 if some cannot, 1 if nothing could be done.
    """
    from pipelines.feeds.check import Finding, choose_feeds, describe, run_check, summarise
    from pipelines.options import FetchingOptions, check_fetching, read_instant
    from seeds.feeds import load_feeds

    options = FetchingOptions(
        now=read_instant(given["now"]) if given["now"] else None,
        host_delay_s=given["host_delay"],
        allow_networks=tuple(given["allow_network"]),
        contact=given["contact"],
        user_agent=given["user_agent"],
    )
    check_fetching(options)
    chosen = choose_feeds(load_feeds(given["feeds"]), given["only"])
    width = max((len(feed.feed_id) for feed in chosen), default=0)
    live = sys.stderr.isatty()
    done = 0

    def tell(finding: Finding) -> None:
        nonlocal done
        done += 1
        if live:
            click.echo("\r\x1b[K", nl=False, err=True)
        click.echo(describe(finding, width))
        if live and done < len(chosen):
            click.echo(f"{done} of {len(chosen)} feeds asked", nl=False, err=True)

    findings = run_check(chosen, options.web_settings("feeds-check"), tell)
    click.echo(summarise(findings))
    context.exit(EXIT_UNREADABLE if any(finding.error for finding in findings) else 0)


@feeds.command(
    cls=ExamplesCommand,
    examples="""
icewire feeds health --data corpus --feeds feeds.toml
icewire feeds health --data corpus --sick
icewire feeds health --data corpus --json | jq 'select(.error)'
""",
)
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The data set's folder.")
@click.option("--feeds", "file", type=click.Path(path_type=Path),
              help="The feeds file; with it, feeds never asked and advice on its fields are shown, too.")  # fmt: skip
@click.option("--sick", is_flag=True, help="Only feeds that fail, are parked or are gone.")
@click.option("--json", "as_lines", is_flag=True, help="One JSON object a line, for programs.")
@click.option("--now", metavar="INSTANT", help="The clock to reckon by, e.g. 2026-11-02T18:00:00Z [default: now]")
def health(data: Path, file: Path | None, sick: bool, as_lines: bool, now: str | None) -> None:
    """Show how each feed fares: last success, interval, rate, overlap, errors, when it is due, and what to do.

    Reads only what the data set remembers; asks nobody and writes nothing.
    """
    from pipelines.clock import Clock
    from pipelines.feeds.health import SICK, as_json, print_table, read_health
    from pipelines.options import read_instant
    from seeds.feeds import load_feeds

    at = Clock(fixed=read_instant(now) if now else None)()
    rows = [row for row in read_health(data, load_feeds(file) if file else None, at) if row.state in SICK or not sick]
    click.echo("\n".join(map(as_json, rows)) if as_lines else print_table(rows, at))
