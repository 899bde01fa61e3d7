"""What a feed's answer means: which of its entries are new, and whether the list rolled over since the last poll."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from schemas.memory import FeedMemory
from schemas.records import Entry, record
from transforms.addresses import key_of
from transforms.discover.listing import Listing

MIN_DATED = 5
"""Dated entries from which a first listing's pace is judged."""

MAX_MARKS = 20_000
"""Marks of a list that are kept: two for each entry of five sitemaps at their cap."""

_POSITION = re.compile(r"\d{1,3}")
"""An id that may be no more than the entry's place in the list, which the next entry gets in its turn."""


@record
class Reading:
    """A good answer: the document's hash and kind, its entries, and those of them that the poll before did not list.

    `listing` is None if the document is the one known already, or "not modified".
    """

    outcome: Literal["entries", "not-modified", "unchanged"]
    body_sha256: str | None = None
    listing: Listing | None = None
    marks: tuple[str, ...] = ()
    news: tuple[Entry, ...] = ()
    overlap: float | None = None

    @property
    def rolled_over(self) -> bool:
        """Whether nothing that the poll before listed is left, so that what came in between may be lost."""
        return self.overlap == 0.0


def read_listing(memory: FeedMemory, listing: Listing, body_sha256: str, *, is_partial: bool = False) -> Reading:
    """Compare a listing with what the poll before listed.

    Of a partial one, of which something could not be read, what was known stays known beside it.
    """
    marks = entry_marks(listing.entries)
    before = set(memory.marks)
    listed = set().union(*marks)
    if is_partial and len(listed | before) <= MAX_MARKS:
        listed |= before
    news = tuple(entry for entry, its_marks in zip(listing.entries, marks, strict=True) if before.isdisjoint(its_marks))
    known = len(listing.entries) - len(news)
    return Reading(
        outcome="entries",
        body_sha256=body_sha256,
        listing=listing,
        # A list that was emptied tells nothing of what will come: the next one is compared with the last full one.
        marks=tuple(sorted(listed)) if listed else memory.marks,
        news=news,
        overlap=known / len(listing.entries) if before and listing.entries else None,
    )


def entry_marks(entries: Sequence[Entry]) -> list[frozenset[str]]:
    """What each entry is recognised by in the next poll: its link's key, and its id where no other entry has it.

    Feeds change ids and links, seldom both at once; ids that several entries share recognise nothing, and neither does
    a small number beside a link.
    """
    shared = Counter(entry.entry_id for entry in entries)
    marks = []
    for entry in entries:
        link = key_of(entry.url)
        is_own = shared[entry.entry_id] == 1 and not (link and _POSITION.fullmatch(entry.entry_id))
        of_id = [_mark("id", entry.entry_id)] if is_own else []
        marks.append(frozenset([*of_id, *([_mark("link", link)] if link else [])]))
    return marks


def listed_rate(entries: Sequence[Entry]) -> float | None:
    """Entries an hour, judged by the dates of one listing; None with fewer than MIN_DATED dates or all at once."""
    dates = sorted(entry.published_at for entry in entries if entry.published_at)
    if len(dates) < MIN_DATED or dates[-1] <= dates[0]:
        return None
    return (len(dates) - 1) / ((dates[-1] - dates[0]) / timedelta(hours=1))


def _mark(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\n{value}".encode()).hexdigest()[:16]
