"""`icewire replay`: compute the tables anew from the captures, show what changes, and commit it."""

from pathlib import Path
from typing import Any

import click

from pipelines.clock import Clock
from pipelines.command import ExamplesCommand, data_option, now_option, tell_now_and_then, wait_option
from pipelines.options import read_instant

EXIT_DAMAGED = 3
"""Some captures could not be read, so that what is stored of them was left alone."""


@click.command(
    cls=ExamplesCommand,
    examples="""
icewire replay --data corpus --rules my-topics.toml --dry-run
icewire replay --data corpus --rules my-topics.toml
icewire replay --data corpus --jobs 4 --diff > changes.txt
""",
)
@data_option
@click.option("--from", "start", type=click.Choice(["extract", "link", "tag"]),
              help="The first stage done anew [default: tag with --rules, extract without].")  # fmt: skip
@click.option("--rules", type=click.Path(path_type=Path), help="A topics file of your own; default: the bundled one.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes to extract pages in.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--diff", is_flag=True, help="Show every row that changes, not only the first 20.")
@now_option
@wait_option
@click.pass_context
def replay(context: click.Context, /, wait: float, now: str | None, **given: Any) -> None:
    """Compute articles, stories and topic tags anew from the captures, without asking the web.

    What differs is shown by table and topic and committed as new rows of this run; rows that are no longer given are
    written again as withdrawn. With unchanged code and rules nothing differs, and nothing is written. --from link and
    --from tag read tables only: articles that a pass dropped as off-domain come back with --from extract alone, since
    their text was not kept. Exit status: 0, or 3 if captures could not be read; their rows are left as they are.
    """
    from pipelines.replay.run import ReplayOptions
    from pipelines.replay.run import replay as run_replay

    options = ReplayOptions(
        data=given["data"],
        start=given["start"],
        rules=given["rules"],
        jobs=given["jobs"],
        is_dry=given["dry_run"],
        shows_all=given["diff"],
    )
    clock = Clock(fixed=read_instant(now) if now else None)
    outcome = run_replay(
        options, clock=clock, wait_s=wait, tell=tell_now_and_then(lambda done, of: f"replayed {done:,} of {of:,}")
    )
    if outcome.rows_changed:
        click.echo("\n".join(outcome.lines))
        written = f"written as version {outcome.run.data_version}" if outcome.run else "a dry run: nothing was written"
        click.echo(f"\n{outcome.rows_changed} rows differ; {written}")
    else:
        click.echo("nothing changed")
    if outcome.not_replayed:
        click.echo(
            f"icewire: {outcome.not_replayed} articles were left as they are: their captures are not here", err=True
        )
    for problem in outcome.problems:
        click.echo(f"icewire: {problem}", err=True)
    if outcome.problems:
        click.echo(
            f"icewire: what is stored of {len(outcome.problems)} captures was left as it is, since they could not be"
            " extracted again; restore damaged files from a copy",
            err=True,
        )
        context.exit(EXIT_DAMAGED)
