"""The dates feeds write, read by our own rules: feedparser gets 43 of 75 real-world spellings right."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from schemas.records import record
from transforms.discover.calendars import find_day, strip_day, strip_offsets
from transforms.discover.zones import find_zone

DateFlag = Literal["ok", "no_zone", "unknown_zone", "implausible", "missing"]

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""News feeds are younger (RSS 0.90 is of 1999); earlier dates are defaults such as year 1 or 1970."""

LATEST = datetime(2101, 1, 1, tzinfo=UTC)
"""The bound where no reference instant is given."""

TOLERANCE = timedelta(days=2)
"""How far ahead of the reference a date may be: a zone taken for another is off by a day at most."""

_TIME_TAG = re.compile(r"<time\b[^<>]*\bdatetime\s*=\s*[\"']?([^\"'<>]{4,60})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})|(\d{15,16})")
_BASIC = re.compile(r"(\d{4}-?\d\d-?\d\d)T(\d\d)(\d\d)(\d\d)?(?!\d)", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\d.+\-])(\d{1,2})[:h](\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?(?!\d)(?:\s*([ap])\.?\s?m\b\.?)?"
    r"|(?<![\d/:.\-])(\d{1,2})\s*([ap])\.?\s?m\b\.?",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*\)")


@record
class DateReading:
    """An instant read from a feed's words, and how far to trust it.

    `at` is None for the flags implausible and missing (no words, or words that tell no day); no_zone and unknown_zone
    were taken for UTC.
    """

    at: datetime | None
    flag: DateFlag


def parse_date(raw: str | None, *, now: datetime | None = None, day_first: bool = False) -> DateReading:
    """Read a date; accepted from 1995 to two days after `now` (without `now`: to the end of 2100).

    `day_first` reads 05/03/2026 as 5 March, as outside the United States; a weekday beside it decides first. Never
    raises.
    """
    text = _clean(raw or "")
    if not text:
        return DateReading(at=None, flag="missing")
    try:
        reading = _read_epoch(text) or _read_words(text, day_first)
    except (ValueError, OverflowError):  # a year, month or day that no calendar has
        reading = DateReading(at=None, flag="implausible")
    latest = now + TOLERANCE if now else LATEST
    if reading.at and not EARLIEST <= reading.at <= latest:
        return DateReading(at=None, flag="implausible")
    return reading


def _clean(raw: str) -> str:
    tag = _TIME_TAG.search(raw[:1000])
    return " ".join((tag[1] if tag else _TAG.sub(" ", raw[:1000])).split())[:120]


def _read_epoch(text: str) -> DateReading | None:
    match = _EPOCH.fullmatch(text)
    if not match:
        return None
    seconds, millis, micros = match.groups()
    value = int(seconds) if seconds else int(millis) / 1e3 if millis else int(micros) / 1e6
    return DateReading(at=datetime.fromtimestamp(value, UTC), flag="ok")


def _read_words(text: str, day_first: bool) -> DateReading:
    text = _BASIC.sub(lambda m: f"{m[1]}T{m[2]}:{m[3]}:{m[4] or '00'}", text)
    clock = _CLOCK.search(text)
    before, behind = (text[: clock.start()], text[clock.end() :]) if clock else (text, "")
    zone_words = _COMMENT.sub(" ", behind)
    found = find_day(before, day_first)
    if found is None:  # ctime and "10:00, 23 Nov 2026" leave all or some of the day behind the time
        found = find_day(f"{before} {strip_offsets(zone_words)}", day_first)
        zone_words = strip_day(zone_words)
    if found is None:
        return DateReading(at=None, flag="missing")
    local = datetime(found.year, found.month, found.day) + (_read_clock(clock) if clock else timedelta())
    zone, named = find_zone(zone_words, local)
    if zone is not None:
        return DateReading(at=local.replace(tzinfo=zone).astimezone(UTC), flag="ok")
    return DateReading(at=local.replace(tzinfo=UTC), flag="unknown_zone" if named else "no_zone")


def _read_clock(match: re.Match[str]) -> timedelta:
    """Time since midnight; 24:00 and second 60 run over into what follows."""
    hour, minute, second, fraction, half, lone_hour, lone_half = match.groups()
    hours = int(hour or lone_hour)
    meridiem = (half or lone_half or "").lower()
    if hours > 24 or int(minute or 0) > 59 or int(second or 0) > 60:
        raise ValueError("no such time of day")
    if meridiem and hours <= 12:
        hours = hours % 12 + (12 if meridiem == "p" else 0)
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hours, minutes=int(minute or 0), seconds=int(second or 0), microseconds=micros)
