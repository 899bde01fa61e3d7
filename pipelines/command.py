"""What verbs share: help that ends with examples, one line for Ctrl-C, progress, and the flags of all that fetch."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pipelines.options import HOST_DELAY_S
from schemas.errors import UserError
from transforms.write.store import Root, is_address

TELL_EVERY_S = 5.0

NOT_COMMITTED = "what was not committed by then is as if it had never begun"


class DataRoot(click.ParamType):
    """Where a data set lies: a folder, or the address of an object store."""

    name = "DIR|URL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Root:
        return value if is_address(value) else Path(value)


class ExamplesCommand(click.Command):
    """A command whose help ends with examples, printed as they are written; Ctrl-C ends it with one line."""

    def __init__(self, *args: Any, examples: str = "", interrupted: str = NOT_COMMITTED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._examples = examples
        self._interrupted = interrupted

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise UserError(f"interrupted; {self._interrupted}") from None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for line in self._examples.strip().splitlines():
                formatter.write(f"  {line}\n")


class ExamplesGroup(ExamplesCommand, click.Group):
    """A verb that has verbs of its own."""


def fetching_options(command: Any) -> Any:
    """The flags that every fetching verb shares."""
    for option in reversed(
        (
            click.option("--now", metavar="INSTANT", help="The run's clock, e.g. 2026-11-02T18:00:00Z [default: now]"),
            click.option("--host-delay", type=float, default=HOST_DELAY_S, show_default=True, metavar="SECONDS",
                         help="Time between two requests to one registrable domain; robots.txt may ask for more."),
            click.option("--allow-network", multiple=True, metavar="CIDR",
                         help="Open one private range, e.g. 127.0.0.0/8; all others stay refused. Repeatable."),
            click.option("--user-agent", metavar="TEXT", help="Replace the whole User-Agent header."),
            click.option("--contact", metavar="URL|MAIL", help="Where a publisher can reach you; in the User-Agent."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


WAIT_S = 600.0
"""A pass may hold the data set for some minutes; upkeep waits for it to end, since it runs less often."""

data_option = click.option("--data", required=True, type=DataRoot(), help="The data set's folder, or s3://….")
wait_option = click.option("--wait", type=float, default=WAIT_S, show_default=True, metavar="SECONDS",
                           help="How long to wait for a run that holds the data set.")  # fmt: skip
now_option = click.option("--now", metavar="INSTANT", help="The run's clock [default: now]")


def tell_now_and_then(say: Callable[..., str]) -> Callable[..., None]:
    """A function that is told how far something is, and says it on standard error every TELL_EVERY_S at the most."""
    told = time.monotonic()

    def tell(*how_far: Any) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY_S:
            told = time.monotonic()
            click.echo(say(*how_far), err=True)

    return tell
