"""What is known of a publisher's pages beforehand: its zone, and how layouts are read that the generic way fails on."""

from collections.abc import Mapping
from datetime import date

from schemas.records import record


@record
class Quirk:
    """How one layout of a publisher's pages is read, from one day to another; CSS selectors, None where not needed.

    `drop` names what is taken off the page, `body` the elements that are the text's paragraphs, one a line, and the
    others the element that holds the fact. `path` is how the addresses' paths begin. The days are those of captures,
    both included; `valid_until` is None while the layout stands. `golden` is the golden page that proves it.
    """

    valid_from: date
    valid_until: date | None
    reason: str
    golden: str
    path: str = "/"
    drop: str | None = None
    body: str | None = None
    title: str | None = None
    authors: str | None = None
    published: str | None = None


@record
class Publisher:
    """A publisher: its name, its hosts, the zone (IANA) of times it writes without one, and its quirks."""

    name: str
    hosts: tuple[str, ...]
    zone: str | None = None
    quirks: tuple[Quirk, ...] = ()


Publishers = Mapping[str, Publisher]
"""Publishers by host; a host stands for those below it, too."""
