"""`icewire feeds import`: what the outlines of an OPML list give as feeds."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from schemas.errors import UserError
from schemas.records import Feed, record
from seeds.feeds import MAX_FEED_ID, address_problem, comparable_address, is_language
from transforms.discover.guards import MAX_BYTES
from transforms.discover.listing import FeedError
from transforms.discover.opml import Outline, Subscriptions, read_subscriptions

_NAME_ROOM = 40
"""Characters of a title in a feed_id: leaves room for what tells it from another of that title."""


@record
class Imported:
    """What a list gave: feeds that are new, how many were known, and each outline left out with the reason."""

    feeds: tuple[Feed, ...]
    known: int
    left_out: tuple[tuple[str, str], ...]


def read_list(path: Path) -> Subscriptions:
    """The outlines of an OPML file; UserError if it cannot be read as a list."""
    try:
        with path.open("rb") as file:
            return read_subscriptions(file.read(MAX_BYTES + 1))
    except FeedError as error:
        raise UserError(f"{path}: {error}; give the OPML file that a feed reader exported") from None
    except OSError as error:
        raise UserError(f"{path}: {(error.strerror or 'cannot be read').lower()}; give the path of an OPML") from None


def import_outlines(outlines: Iterable[Outline], existing: Sequence[Feed] = ()) -> Imported:
    """The feeds among outlines that are not among the existing ones, each once, with a feed_id of its own.

    The same outlines and existing feeds always give the same ids. An imported feed is broad until somebody says
    otherwise.
    """
    addresses = {comparable_address(feed.url) for feed in existing}
    taken = {feed.feed_id for feed in existing}
    feeds: list[Feed] = []
    known = 0
    left_out: list[tuple[str, str]] = []
    for outline in outlines:
        if reason := _why_not(outline):
            left_out.append((" / ".join((*outline.folders, outline.title or outline.address or "no title")), reason))
            continue
        url = outline.url or ""
        if comparable_address(url) in addresses:
            known += 1
            continue
        feed = _make_feed(outline, url, taken)
        addresses.add(comparable_address(url))
        taken.add(feed.feed_id)
        feeds.append(feed)
    return Imported(feeds=tuple(feeds), known=known, left_out=tuple(left_out))


def derive_feed_id(title: str | None, url: str, taken: set[str]) -> str:
    """A feed_id for a feed of that title and address: its title, with its host and then a number if that is taken."""
    host = _slug((urlsplit(url).hostname or "").removeprefix("www."))[:_NAME_ROOM].strip("-")
    name = _slug(title or "")[:_NAME_ROOM].strip("-") or host or "feed"
    longer = f"{name}-{host}" if host and host != name else name
    longer = longer[: MAX_FEED_ID - 6].strip("-")  # a dash and a number of five digits
    number = 2
    while name in taken:
        name, number = (longer, number) if longer not in taken else (f"{longer}-{number}", number + 1)
    return name


def _why_not(outline: Outline) -> str | None:
    """Why an outline gives no feed, in words that follow its name; None if it does."""
    if outline.is_list:
        return "names another list or a page, not a feed"
    if outline.address is None:
        return "has no xmlUrl"
    if outline.url is None or address_problem(outline.url):
        problem = address_problem(outline.url or outline.address) or "is no address that can be asked"
        return f"its address {outline.address[:200]!r} {problem}"
    return None


def _make_feed(outline: Outline, url: str, taken: set[str]) -> Feed:
    feed = Feed(
        feed_id=derive_feed_id(outline.title, url, taken),
        url=url,
        publisher=outline.title or (urlsplit(url).hostname or url),
        homepage=outline.homepage,
        needs_topic_filter=True,
        note=f"folder in the imported list: {' / '.join(outline.folders)}" if outline.folders else None,
    )
    return replace(feed, language=outline.language) if outline.language and is_language(outline.language) else feed


def _slug(text: str) -> str:
    """The text in a-z, 0-9 and single dashes: accents off, other letters and signs out."""
    ascii_text = unicodedata.normalize("NFKD", text.replace("'", "").replace("’", "")).encode("ascii", "ignore")
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.decode().lower()).strip("-")
