"""The command line: `icewire VERB`. Verbs load what they need, so that a filter starts without Beam."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from pipelines.command import DataRoot, ExamplesCommand, fetching_options, tell_now_and_then
from pipelines.feeds.cli import feeds
from pipelines.keep.cli import compact, takedown
from pipelines.options import VERSION, IngestOptions, read_instant
from pipelines.prove.cli import explain, verify
from pipelines.replay.cli import replay
from schemas.errors import UserError

EXIT_MISSING = 3
"""The pass was committed, but something listed could not be had; the report and table `dead_letters` name it."""


@click.group()
@click.version_option(VERSION, prog_name="icewire")
def icewire() -> None:
    """A queryable, citable corpus of the news coverage of ICE, CBP and the immigration courts."""


icewire.add_command(feeds)
icewire.add_command(compact)
icewire.add_command(replay)
icewire.add_command(takedown)
icewire.add_command(verify)
icewire.add_command(explain)


@icewire.command(
    cls=ExamplesCommand,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    examples="""
icewire ingest --feeds feeds.toml --data corpus --contact you@example.org
icewire ingest --feeds feeds.toml --data corpus --runner=FnApiRunner --direct_num_workers=2
*/15 * * * *  icewire ingest --feeds /etc/icewire/feeds.toml --data /srv/icewire    (as a cron line)
""",
)
@click.option("--feeds", required=True, type=click.Path(path_type=Path), help="The feeds file, in TOML.")
@click.option("--data", required=True, type=DataRoot(), help="The data set's folder, or s3://…; made if absent.")
@click.option("--topics", type=click.Path(path_type=Path), help="A topics file of your own; default: the bundled one.")
@click.option("--run-id", metavar="ID", help="Name this run; a run id that was committed before writes nothing.")
@fetching_options
@click.option("--keep-off-domain", is_flag=True, help="Keep all articles of broad feeds, too.")
@click.option("--all-feeds", is_flag=True, help="Ask every feed now, due or not; pauses that servers asked for hold.")
@click.pass_context
def ingest(context: click.Context, /, **given: Any) -> None:
    """Run one scheduled pass: poll the feeds, fetch what is new or due, write what came of it.

    Further options are passed on to Beam (--runner=…). Exit status: 0 if nothing is missing, 3 if the pass was
    committed but something listed could not be had, 1 if nothing could be done, 2 for a wrong command line.
    """
    from pipelines.ingest import ingest as run_ingest
    from pipelines.report import outage, report

    outcome = run_ingest(_ingest_options(given, tuple(context.args)))
    if outcome.was_committed:
        click.echo(
            f"run {outcome.run.run_id} was committed before as version {outcome.run.data_version}; nothing to do"
        )
    else:
        click.echo(report(given["data"], outcome.run))
        if problem := outage(given["data"], outcome.run):
            click.echo(f"icewire: {problem}", err=True)
    context.exit(EXIT_MISSING if outcome.run.data_missing else 0)


def _ingest_options(given: dict[str, Any], beam: tuple[str, ...]) -> IngestOptions:
    return IngestOptions(
        feeds=given["feeds"],
        data=given["data"],
        topics=given["topics"],
        now=read_instant(given["now"]) if given["now"] else None,
        run_id=given["run_id"],
        host_delay_s=given["host_delay"],
        allow_networks=tuple(given["allow_network"]),
        contact=given["contact"],
        user_agent=given["user_agent"],
        keep_off_domain=given["keep_off_domain"],
        all_feeds=given["all_feeds"],
        beam=beam,
    )


class _UnreadableError(click.ClickException):
    """An input that cannot be read, told in one line."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"icewire: {self.message}", file=file, err=True)


_INPUT = click.argument("lines", metavar="[FILE]", default="-")
_JOBS = click.option("--jobs", type=click.IntRange(1), default=1, show_default=True,
                     help="Processes to use; a line that breaks one costs no other line.")  # fmt: skip


@icewire.command(cls=ExamplesCommand, examples="""echo '{"id": "1", "path": "feed.xml"}' | icewire parse""")
@_INPUT
@_JOBS
def parse(lines: str, jobs: int) -> None:
    """Read feed documents: JSON lines {"id", "path" or "body_base64", "url"?, "content_type"?} to their entries."""
    from pipelines.filters import parse_filter

    _filter(parse_filter(), lines, jobs)


@icewire.command(
    cls=ExamplesCommand,
    examples="""
echo '{"id": "1", "path": "page.html.gz", "url": "https://news.example/a"}' | icewire extract
icewire extract --jobs 2 pages.jsonl > articles.jsonl
icewire extract pages.jsonl | icewire tag
""",
)
@_INPUT
@_JOBS
def extract(lines: str, jobs: int) -> None:
    """Extract articles: JSON lines {"id", "path" or "html_base64", "url"?, …} to text and facts.

    The file at `path` may be gzip. One line comes out for each line of FILE (standard input unless given), in the same
    order, with its id; of what is no page, or costs too much, it tells the error. Requests may tell "content_type" and
    "captured_at", the instant at which the page was fetched.
    """
    from pipelines.filters import extract_filter

    _filter(extract_filter(), lines, jobs)


@icewire.command(cls=ExamplesCommand, examples="""echo '{"id": "1", "title": "…", "text": "…"}' | icewire tag""")
@_INPUT
@_JOBS
@click.option("--topics", type=click.Path(path_type=Path), help="A topics file of your own; default: the bundled one.")
def tag(lines: str, jobs: int, topics: Path | None) -> None:
    """Tag texts: JSON lines {"id", "title", "text"} to topics with the words they stand on."""
    from pipelines.filters import tag_filter
    from seeds.topics import load_topics

    load_topics(topics)  # a mistake in the file is told once, not on every line
    _filter(tag_filter(topics), lines, jobs)


@icewire.command(cls=ExamplesCommand, examples="icewire demo --data demo-data")
@click.option("--data", type=click.Path(path_type=Path), default=Path("demo-data"), show_default=True,
              help="Where to write; a folder that an earlier demo wrote is replaced.")  # fmt: skip
def demo(data: Path) -> None:
    """Ingest the bundled newsroom over three of its days, by the same code as live feeds, and show what came of it."""
    from pipelines.demo import run_demo

    sys.exit(run_demo(data))


def _filter(chosen: Any, path: str, jobs: int) -> None:
    from pipelines.filters import run_filter

    is_watched = sys.stderr.isatty() and not sys.stdout.isatty()
    tell = tell_now_and_then("{} lines answered".format) if is_watched else None
    for number, answer in enumerate(run_filter(chosen, _read_input(path), jobs), start=1):
        click.echo(answer)
        if tell:
            tell(number)


def _read_input(path: str) -> Iterator[bytes]:
    from pipelines.filters import read_lines

    try:
        with click.open_file(path, "rb") as stream:
            yield from read_lines(stream)
    except (OSError, RuntimeError) as error:  # RuntimeError: standard input is closed
        name = "standard input" if path == "-" else path
        raise _UnreadableError(
            f"{name}: {getattr(error, 'strerror', None) or error}; give a file of JSON lines"
        ) from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a user's mistake is one line on standard error and exit status 1."""
    try:
        icewire(args=arguments, prog_name="icewire")
    except UserError as error:
        click.echo(f"icewire: {error}", err=True)
        sys.exit(1)
    except OSError as error:  # a full disk, a lost mount: the data set is as it was, the next run cleans up
        about = f"{error.filename}: " if error.filename else ""
        click.echo(f"icewire: {about}{error.strerror or error}; nothing was committed, mend it and run again", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
