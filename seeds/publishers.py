"""What is known of publishers' pages, checked when loaded; docs/adding-a-publisher.md explains publishers.toml."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from cssselect import HTMLTranslator, SelectorError

from schemas.errors import seed_error
from schemas.publishers import Publisher, Publishers, Quirk
from seeds.seed_file import read_seed_file

PUBLISHERS_FILE = Path(__file__).with_name("publishers.toml")
SELECTORS = ("drop", "body", "title", "authors", "published")
"""The fields of a quirk that hold CSS selectors."""

_HOST = re.compile(r"(?!www\.)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_GOLDEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

Mistake = tuple[str, str, str]
"""What is wrong with an entry: field, problem, remedy."""


class _QuirkEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    valid_from: date
    valid_until: date | None = None
    reason: str
    golden: str
    path: str = "/"
    drop: str | None = None
    body: str | None = None
    title: str | None = None
    authors: str | None = None
    published: str | None = None


class _PublisherEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    hosts: list[str]
    zone: str | None = None
    quirks: list[_QuirkEntry] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    publishers: list[_PublisherEntry]


def load_publishers(path: Path | None = None) -> Publishers:
    """The publishers of a publishers file by host; without a path, of the one that comes with icewire.

    Raises UserError naming file, entry, field and remedy for the first thing that is not as it must be.
    """
    path = path or PUBLISHERS_FILE
    file = read_seed_file(path, _File, kind="publishers", guide="docs/adding-a-publisher.md", name_place=_name_place)
    publishers: dict[str, Publisher] = {}
    for entered in file.publishers:
        for entry, mistake in _check(entered, publishers):
            raise seed_error(path.name, entry, *mistake)
        publisher = Publisher(
            name=entered.name,
            hosts=tuple(entered.hosts),
            zone=entered.zone,
            quirks=tuple(Quirk(**msgspec.structs.asdict(quirk)) for quirk in entered.quirks),
        )
        publishers |= dict.fromkeys(publisher.hosts, publisher)
    return publishers


def _name_place(written: Any, place: str) -> tuple[str, str]:
    """Turn msgspec's path ($.publishers[3].quirks[0].drop) into the name of the publisher's entry and its field."""
    steps = re.findall(r"\w+", place.removeprefix("$"))
    field = next((step for step in reversed(steps) if not step.isdigit()), "the whole")
    if len(steps) < 2 or steps[0] != "publishers":
        return "the file", field
    name = written["publishers"][int(steps[1])].get("name", f"publisher {int(steps[1]) + 1}")
    return f"{name}, quirk {int(steps[3]) + 1}" if len(steps) > 3 and steps[2] == "quirks" else str(name), field


def _check(entered: _PublisherEntry, others: Publishers) -> Iterator[tuple[str, Mistake]]:
    for mistake in _check_publisher(entered, others):
        yield entered.name or "a publisher", mistake
    for number, quirk in enumerate(entered.quirks, start=1):
        for mistake in _check_quirk(quirk):
            yield f"{entered.name}, quirk {number}", mistake
    numbered = list(enumerate(entered.quirks, start=1))
    for (first, one), (second, other) in combinations(numbered, 2):
        if one.path == other.path and _overlap(one, other):
            problem = f"its time overlaps that of quirk {first}, for the same path"
            yield f"{entered.name}, quirk {second}", ("valid_from", problem, "end the earlier one the day before")


def _check_publisher(entered: _PublisherEntry, others: Publishers) -> Iterator[Mistake]:
    if not entered.name.strip():
        yield "name", "is empty", "write the publisher's name"
    if not entered.hosts:
        yield "hosts", "is empty", "name at least one host, such as example.com"
    for host in entered.hosts:
        if not _HOST.fullmatch(host):
            yield "hosts", f"'{host}' is no host", "write it in small letters, without www., scheme and path"
        elif host in others:
            yield "hosts", f"'{host}' is also {others[host].name}'s", "keep it in one of them"
    if entered.zone is not None and not _is_zone(entered.zone):
        yield "zone", f"'{entered.zone}' is no time zone", "write one such as America/Chicago"
    if entered.zone is None and not entered.quirks:
        yield "quirks", "neither zone nor quirks are given", "give one of them, or remove the publisher"


def _check_quirk(quirk: _QuirkEntry) -> Iterator[Mistake]:
    if quirk.valid_until is not None and quirk.valid_until < quirk.valid_from:
        yield "valid_until", f"{quirk.valid_until} is before valid_from", "write the last day of the layout"
    if not quirk.reason.strip():
        yield "reason", "is empty", "say what the generic way gets wrong"
    if not _GOLDEN.fullmatch(quirk.golden):
        yield "golden", f"'{quirk.golden}' is no name of a golden page", "write lower-case words with hyphens"
    if not quirk.path.startswith("/"):
        yield "path", f"'{quirk.path}' does not begin with /", "write how the path of the addresses begins"
    selectors = {name: selector for name in SELECTORS if (selector := getattr(quirk, name)) is not None}
    if not selectors:
        yield "drop", "no selector is given", f"give at least one of {', '.join(SELECTORS)}"
    for name, selector in selectors.items():
        try:
            HTMLTranslator().css_to_xpath(selector)
        except SelectorError as error:
            yield name, f"'{selector}' is no CSS selector ({error})", "correct it; :has() and :contains() may be used"


def _overlap(one: _QuirkEntry, other: _QuirkEntry) -> bool:
    return one.valid_from <= (other.valid_until or date.max) and other.valid_from <= (one.valid_until or date.max)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
