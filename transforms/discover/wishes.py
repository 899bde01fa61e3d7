"""How seldom a server wishes its feed to be read: what the document says of itself, and what HTTP's caching says."""

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from transforms.answer import Answer

_BLOCK = re.compile(r"<(skiphours|skipdays)\b[^>]{0,200}>(.{0,4000}?)</\1", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\b[^>]{0,200}>\s*(\d{1,2})\s*<", re.IGNORECASE)
_DAY = re.compile(r"<day\b[^>]{0,200}>\s*([a-z]{6,9})\s*<", re.IGNORECASE)
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

HEAD = 100_000
"""Characters of a document in which its wishes are looked for; they stand before the items."""


def read_skips(markup: str) -> tuple[frozenset[int], frozenset[int]]:
    """The hours (0 to 23, GMT) and days (Monday is 0) in which RSS 2.0 asks not to be read.

    A feed that asks never to be read at all is taken not to ask.
    """
    hours: set[int] = set()
    days: set[int] = set()
    for block in _BLOCK.finditer(markup[:HEAD]):
        if block[1].lower() == "skiphours":
            hours |= {int(hour) % 24 for hour in _HOUR.findall(block[2]) if int(hour) <= 24}
        else:
            days |= {_DAYS.index(day) for day in map(str.lower, _DAY.findall(block[2])) if day in _DAYS}
    return frozenset(hours if len(hours) < 24 else ()), frozenset(days if len(days) < 7 else ())


def cache_wish(answer: Answer) -> timedelta | None:
    """How long HTTP says an answer stays fresh: max-age, else Expires less Date; None without a usable wish."""
    control = ",".join(field.value.lower() for field in answer.headers if field.name.lower() == "cache-control")
    if "no-cache" in control or "no-store" in control:
        return None
    if found := _MAX_AGE.search(control):
        return timedelta(seconds=int(found[1])) or None
    expires = _instant(answer.header("expires"))
    date = _instant(answer.header("date"))
    if expires is None or date is None or expires <= date:
        return None
    return expires - date


def _instant(value: str | None) -> datetime | None:
    """An HTTP date; the two of one answer are compared with each other only, so zones need only be alike."""
    try:
        return parsedate_to_datetime(value or "").replace(tzinfo=None)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
