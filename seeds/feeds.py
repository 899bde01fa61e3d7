"""The feeds to read, checked when loaded; docs/adding-a-feed.md explains feeds.toml."""

import difflib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from schemas.errors import UserError, seed_error
from schemas.records import Feed

FEEDS_FILE = Path(__file__).with_name("feeds.toml")
MAX_URL = 2_048
"""Characters of an address, the same as for articles."""

MAX_FEED_ID = 63
"""Characters of a feed_id."""

_ID = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{MAX_FEED_ID - 1}}}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_FIELDS = [field.name for field in fields(Feed)]
_REQUIRED = [field.name for field in fields(Feed) if field.default is MISSING]

Mistake = tuple[str, str, str]
"""What is wrong with an entry: field, problem, remedy."""


def load_feeds(path: Path | None = None) -> tuple[Feed, ...]:
    """The feeds of a feeds file in its order; without a path, those that come with icewire.

    Raises UserError with one line for each mistake in the file: file, entry, field, problem, remedy.
    """
    path = path or FEEDS_FILE
    return read_feeds(_read_text(path), str(path))


def read_feeds(text: str, file: str, *, may_be_empty: bool = False) -> tuple[Feed, ...]:
    """The feeds in the text of a feeds file, which `file` names to people; `may_be_empty` if it need hold none yet.

    Raises UserError as `load_feeds` does.
    """
    tables = _read_tables(text, file, may_be_empty)
    mistakes: list[str] = []
    feeds: list[Feed] = []
    firsts: dict[tuple[str, str], str] = {}
    for position, table in enumerate(tables, start=1):
        entry = _name_entry(table, position)
        found = list(_check_table(table)) or list(_check_repeats(table, entry, firsts))
        mistakes += [str(seed_error(file, entry, *mistake)) for mistake in found]
        if not found:
            feeds.append(msgspec.convert(table, Feed))
    if mistakes:
        raise UserError("\n".join(mistakes))
    return tuple(feeds)


def feed_table(feed: Feed) -> dict[str, Any]:
    """A feed as its table in a feeds file: what is not said there is the default."""
    return {field.name: value for field in fields(Feed) if (value := getattr(feed, field.name)) != field.default}


def comparable_address(url: str) -> str:
    """What two addresses of one feed have in common: no scheme, host in lower case, a path, no fragment."""
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc=parts.netloc.lower(), path=parts.path or "/", fragment="").geturl()


def address_problem(url: str) -> str | None:
    """What is wrong with an address as words to follow it, such as "is no http(s) address"; None if nothing is."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return f"is no address ({error})"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "is no http(s) address"
    if "@" in parts.netloc:
        return "holds a user name or password"
    if any(character.isspace() for character in url):
        return "holds a space"
    return f"is longer than {MAX_URL:,} characters" if len(url) > MAX_URL else None


def is_language(code: str) -> bool:
    """Whether a text can be a feed's `language`."""
    return bool(_LANGUAGE.fullmatch(code))


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise seed_error(str(path), "the file", "-", reason, "give the path of a feeds file") from None
    except UnicodeDecodeError as error:
        raise seed_error(str(path), "the file", "-", f"no UTF-8 at byte {error.start}", "save it as UTF-8") from None


def _read_tables(text: str, file: str, may_be_empty: bool) -> list[Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise seed_error(file, "the file", "-", f"no TOML: {error}", "mend that line") from None
    unknown = next((key for key in document if key != "feeds"), None)
    if unknown is not None:
        raise seed_error(file, "the file", unknown, "not known here", "begin every feed with [[feeds]]")
    tables = document.get("feeds", [])
    if not isinstance(tables, list) or not (tables or may_be_empty):
        raise seed_error(file, "the file", "feeds", "no feeds", "add a [[feeds]] table with feed_id, url, publisher")
    return tables


def _name_entry(table: Any, position: int) -> str:
    feed_id = table.get("feed_id") if isinstance(table, dict) else None
    return f"feed {position} ({feed_id})" if isinstance(feed_id, str) and feed_id else f"feed {position}"


def _check_table(table: Any) -> Iterator[Mistake]:
    if not isinstance(table, dict):
        yield "feeds", "not a table", "begin every feed with [[feeds]]"
        return
    for key in table:
        if key not in _FIELDS:
            near = difflib.get_close_matches(key, _FIELDS, n=1)
            yield key, "not a field of a feed", f"did you mean '{near[0]}'?" if near else "remove it"
    missing = [name for name in _REQUIRED if name not in table]
    for name in missing:
        yield name, "missing", "every feed needs feed_id, url and publisher"
    if missing:
        return
    try:
        feed = msgspec.convert({name: table[name] for name in _FIELDS if name in table}, Feed)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$.")
        yield place.rstrip("`") or "-", problem.lower(), "write the value in that form (text and dates in quotes)"
        return
    yield from _check_values(feed)


def _check_values(feed: Feed) -> Iterator[Mistake]:
    if not _ID.fullmatch(feed.feed_id):
        yield (
            "feed_id",
            f"'{feed.feed_id}' is no feed_id",
            "use 1 to 63 of a-z, 0-9, _ and -, not beginning with _ or -",
        )
    if not feed.publisher.strip():
        yield "publisher", "empty", "name who is responsible for the feed"
    if problem := address_problem(feed.url):
        yield "url", f"'{feed.url[:200]}' {problem}", "give the feed's http(s) address"
    if feed.sitemap is not None and (problem := address_problem(feed.sitemap)):
        yield "sitemap", f"'{feed.sitemap[:200]}' {problem}", "give the news sitemap's http(s) address, or leave it out"
    if not 1 <= feed.tier <= 3:
        yield "tier", f"{feed.tier} is no tier", "use 1 (matters most), 2 or 3"
    if not is_language(feed.language):
        yield "language", f"'{feed.language}' is no language code", 'use a code such as "en" or "es"'


def _check_repeats(table: dict[str, Any], entry: str, firsts: dict[tuple[str, str], str]) -> Iterator[Mistake]:
    """Note the entry's feed_id and address, and tell which earlier entry has them already."""
    for field, value in (("feed_id", table["feed_id"]), ("url", comparable_address(table["url"]))):
        first = firsts.setdefault((field, value), entry)
        if first != entry:
            yield field, f"'{table[field]}' is already that of {first}", "keep one of the two"
