"""What a check of a data set finds wrong: the file, what is wrong with it, and which rows that touches."""

from collections.abc import Iterable

from schemas.records import record

RESTORE = "restore it from a copy"
MOST_IDS = 8
"""Ids named in one line; all of them are in the finding itself."""


@record
class Finding:
    """One problem of one file; lines of text are made of it by `line`."""

    path: str
    """The file, relative to the data set."""
    problem: str
    """What is wrong with it, in words that follow its name."""
    touches: str = ""
    """The rows or records concerned, in words."""
    capture_ids: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    """Captures and articles concerned, as far as they can be told."""
    remedy: str = RESTORE

    def line(self) -> str:
        """The finding in one line."""
        parts = [self.problem, self.touches]
        parts += [
            f"{name} {name_some(ids)}"
            for name, ids in (("captures", self.capture_ids), ("articles", self.article_ids))
            if ids
        ]
        return f"{self.path}: {'; '.join(part for part in parts if part)}"


def name_some(names: Iterable[str]) -> str:
    """The first few of some names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - MOST_IDS} more" if len(listed) > MOST_IDS else ""
    return ", ".join(listed[:MOST_IDS]) + more
