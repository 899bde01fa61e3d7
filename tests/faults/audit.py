"""What a feed's reader does beside reading, as the interpreter itself tells; runs in a guarded process."""

import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from transforms.discover.listing import FeedError, Listing
from transforms.discover.parse import parse_feed

# Ways to reach beyond the bytes; see "Audit events table" in Python's documentation.
_REACHING = ("open", "os.", "socket.", "subprocess.", "urllib.", "http.", "ftplib.", "ctypes.", "tempfile.", "glob.")

_OWN_FOLDERS = tuple(sysconfig.get_paths()[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
"""Where the interpreter loads modules from, such as a codec when it is first needed."""

_watches: list[list[str]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if not _watches or not event.startswith(_REACHING):
        return
    if not str(arguments[:1]).lstrip("('").startswith(_OWN_FOLDERS):
        _watches[-1].append(f"{event} {arguments!r}"[:300])


@cache
def _install() -> None:
    sys.addaudithook(_note)  # cannot be taken back, hence once


@contextmanager
def _watched() -> Iterator[list[str]]:
    """What is opened, asked or started in this block."""
    _install()
    reached: list[str] = []
    _watches.append(reached)
    try:
        yield reached
    finally:
        _watches.pop()


def read_watched(body: bytes, url: str, content_type: str | None) -> tuple[Listing | FeedError, list[str]]:
    """What a document gives, and everything that was reached for meanwhile."""
    outcome: Listing | FeedError
    with _watched() as reached:
        try:
            outcome = parse_feed(body, feed_id="f", url=url, content_type=content_type)
        except FeedError as error:
            outcome = error
    return outcome, reached


def open_watched(path: str) -> list[str]:
    """What is noted when a file is opened: whether the watch works."""
    with _watched() as reached, open(path, "rb"):
        pass
    return reached
