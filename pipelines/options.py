"""What a user may set for a run, checked before anything is asked or written."""

import argparse
import os
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from schemas.errors import UserError
from schemas.records import record
from transforms.answer import WebSettings
from transforms.write.store import Root, is_address

VERSION = "0.1.0"
HOST_DELAY_S = 5.0
"""Seconds between two requests to one registrable domain; robots.txt may ask for more."""

MAX_HOST_DELAY_S = 3600.0
CLOCK_YEARS = range(1990, 2200)
"""Outside of these a clock is a typing error, and dates reckoned from it would leave the calendar."""


@record
class FetchingOptions:
    """The flags that every fetching verb shares; defaults are those of the command line."""

    now: datetime | None = None
    host_delay_s: float = HOST_DELAY_S
    allow_networks: tuple[str, ...] = ()
    contact: str | None = None
    user_agent: str | None = None

    def web_settings(self, run_id: str) -> WebSettings:
        """How this run asks the web."""
        contact = self.contact or "no contact given"
        return WebSettings(
            user_agent=self.user_agent or f"icewire/{VERSION} (+{contact})",
            host_delay_s=self.host_delay_s,
            allow_networks=self.allow_networks,
            run_id=run_id,
            now=self.now,
        )


@record
class IngestOptions(FetchingOptions):
    """The options of one pass; defaults are those of the command line."""

    feeds: Path
    data: Root
    topics: Path | None = None
    run_id: str | None = None
    keep_off_domain: bool = False
    all_feeds: bool = False
    beam: tuple[str, ...] = ()
    """Options passed on to Beam, such as --runner=…"""

    def runner(self) -> str:
        """The Beam runner asked for; without a wish, FnApiRunner: in this process, no download, no server."""
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        parser.add_argument("--runner")
        return parser.parse_known_args(self.beam)[0].runner or "FnApiRunner"


def read_instant(text: str) -> datetime:
    """An ISO 8601 instant as aware UTC; UserError if it is none or names no zone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--now {text!r}: not an instant; write one as 2026-11-02T18:00:00Z") from None
    if instant.tzinfo is None:
        raise UserError(f"--now {text!r}: names no time zone; add Z for UTC")
    if instant.year not in CLOCK_YEARS:
        raise UserError(f"--now {text!r}: must be in the years {CLOCK_YEARS[0]} to {CLOCK_YEARS[-1]}")
    return instant.astimezone(UTC)


def check_fetching(options: FetchingOptions) -> None:
    """Raise UserError for what cannot work: a bad range or delay, or a header that is none."""
    for text in options.allow_networks:
        try:
            ip_network(text, strict=False)
        except ValueError as error:
            raise UserError(f"--allow-network {text!r}: {error}; write a range as 127.0.0.0/8") from None
    if not 0 <= options.host_delay_s <= MAX_HOST_DELAY_S:
        raise UserError(f"--host-delay {options.host_delay_s}: must be 0 to {MAX_HOST_DELAY_S:.0f} seconds")
    for flag, header in (("--contact", options.contact), ("--user-agent", options.user_agent)):
        if header is not None and not header.isprintable():
            raise UserError(
                f"{flag} {header!r}: must be one line without control characters, since it is sent as a header"
            )


def check_options(options: IngestOptions) -> None:
    """Raise UserError for what cannot work: bad fetching options or run id, or Beam flags that Beam does not know."""
    check_fetching(options)
    if options.run_id is not None and not _is_file_name(options.run_id):
        raise UserError(f"--run-id {options.run_id!r}: use letters, digits and - only, at most 60")
    check_data(options.data)
    for flag in unknown_beam_flags(options.beam):
        raise UserError(
            f"unknown option {flag!r}; icewire ingest --help lists ours, Beam's are listed in its documentation"
        )


def check_data(data: Root) -> None:
    """Raise UserError for a folder that cannot be written; an object store tells so itself."""
    if is_address(data):
        return
    folder = Path(data)
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--data {data}: is a file; name a folder")
    parent = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not os.access(parent, os.W_OK):
        raise UserError(f"--data {data}: cannot write there; choose another folder or change its permissions")


def unknown_beam_flags(flags: tuple[str, ...]) -> list[str]:
    """The flags that no Beam option knows, so that a typing error is not taken for a Beam option and ignored."""
    if not flags:
        return []
    from apache_beam.options.pipeline_options import PipelineOptions

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, conflict_handler="resolve")
    for group in PipelineOptions.__subclasses__():
        group._add_argparse_args(parser)  # type: ignore[arg-type]
    return parser.parse_known_args(list(flags))[1]


def _is_file_name(text: str) -> bool:
    return 0 < len(text) <= 60 and text[0] != "-" and all(c.isascii() and (c.isalnum() or c == "-") for c in text)
