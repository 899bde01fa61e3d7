"""One date as a page writes it: wall time, offset if there is one, and how precise it is."""

import re
from datetime import UTC, date, datetime, timedelta
from datetime import timezone as fixed_zone
from email.utils import parsedate_tz
from zoneinfo import ZoneInfo

from schemas.records import record
from transforms.extract.months import MONTHS

_ISO = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.]?)(?P<month>\d{2}|(?<=[-/.])\d)(?P=sep)(?P<day>\d{2}|(?<=[-/.])\d)"
    r"(?:\s*T\s*|\s+(?:at\s+)?|,\s*)?(?:(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?P<zone>.*))?\Z",
    re.I,
)
_WORDED = re.compile(
    r"(?:(?<!\d)(?P<day1>\d{1,2})(?:st|nd|rd|th|er)?\.?\s+(?:de\s+|of\s+)?(?P<month1>[^\W\d_]{3,10})\.?,?\s+(?:de\s+)?|"
    r"(?P<month2>[^\W\d_]{3,10})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?\s+)(?P<year>\d{4})(?!\d)"
    r"(?:,?\s*(?:at\s+|[-–|]\s*)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?P<zone>.*))?",
    re.I,
)
_ISO_WITHIN = re.compile(r"(?<!\d)(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}(?!\d)")
_NUMBERS = re.compile(
    r"(?<![\d./-])(?P<first>\d{1,2})(?P<sep>[./-])(?P<second>\d{1,2})(?P=sep)(?P<year>(?:19|20)\d\d|\d\d)(?![\d./-])"
)
_IDEOGRAPHIC = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?年\s?(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?日")
_ZONE = re.compile(
    r"\s*(?P<half>[ap]\.?\s?m\.?)?\s*\(?(?:(?P<utc>Z|UTC|GMT)\b)?"
    r"\s*(?:(?P<offset>[+-]\d{1,2}(?::?\d{2})?)|(?P<name>[A-Z]{2,4}))?",
    re.I,
)
# The zones American newsrooms name, with their season (hours east of UTC) and without.
_HOURS = {
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "AKST": -9,
    "HST": -10,
}
_PLACES = {
    "ET": ZoneInfo("America/New_York"),
    "CT": ZoneInfo("America/Chicago"),
    "MT": ZoneInfo("America/Denver"),
    "PT": ZoneInfo("America/Los_Angeles"),
}
_WIDEST = timedelta(hours=14)  # UTC-12 to UTC+14 are in use
_MAX_CHARS, _MAX_FOUND_CHARS = 80, 300


@record
class Moment:
    """A date as written: naive local time, offset from UTC (None if not told), and second, minute or day."""

    wall: datetime
    offset: timedelta | None
    written: str

    @property
    def day(self) -> date:
        """The day at the place where it was written."""
        return self.wall.date()

    @property
    def precision(self) -> str:
        """What can be said of the instant: without an offset no more than the day."""
        return "day" if self.offset is None else self.written

    def instant(self) -> datetime:
        """The moment in UTC; of a day, midnight UTC of that day, since no zone is invented."""
        if self.offset is None or self.written == "day":
            return self.wall.replace(hour=0, minute=0, second=0, tzinfo=UTC)
        return self.wall.replace(tzinfo=fixed_zone(self.offset)).astimezone(UTC)

    def in_zone(self, zone: ZoneInfo | None) -> "Moment":
        """The moment as a naive time of that zone; itself if it tells its own, tells only a day, or comes twice there.

        The hour that clocks repeat in autumn names two instants, the one they skip in spring none.
        """
        if zone is None or self.offset is not None or self.written == "day":
            return self
        earlier, later = (self.wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
        return Moment(wall=self.wall, offset=earlier, written=self.written) if earlier == later else self


def read_moment(text: str | None) -> Moment | None:
    """The date written in `text` (ISO 8601 and its sloppy relatives, RFC 5322, English or Spanish words), or None."""
    text = " ".join((text or "")[:_MAX_CHARS].split())
    if match := _ISO.match(text):
        return _build(match, int(match["month"]), int(match["day"]))
    if re.match(r"[A-Za-z]{3}, \d", text) and (mail := _read_mail_date(text)):
        return mail
    if worded := _find_worded(text):
        return worded[1]
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        return _moment(datetime.fromtimestamp(int(text[:10]), UTC).replace(tzinfo=None), timedelta(), "second")
    return None


def find_moment(text: str, *, month_first: bool | None) -> tuple[int, Moment] | None:
    """The first date within a text and where it begins, or None.

    `month_first` says how the page's readers take 3/4/2026; None if that is not known: then it is no date.
    """
    text = text[:_MAX_FOUND_CHARS]
    found = [_find_worded(text)]
    if match := _ISO_WITHIN.search(text):
        found.append(_placed(match.start(), read_moment(text[match.start() :]) or read_moment(match[0])))
    if match := _NUMBERS.search(text):
        found.append(_placed(match.start(), _read_numbers(match, month_first)))
    if match := _IDEOGRAPHIC.search(text):
        found.append(_placed(match.start(), _day(int(match["year"]), int(match["month"]), int(match["day"]))))
    return min((each for each in found if each), key=lambda each: each[0], default=None)


def _placed(start: int, moment: Moment | None) -> tuple[int, Moment] | None:
    return (start, moment) if moment else None


def _find_worded(text: str) -> tuple[int, Moment] | None:
    for match in _WORDED.finditer(text):
        month = MONTHS.get((match["month1"] or match["month2"]).lower())
        if month and (moment := _build(match, month, int(match["day1"] or match["day2"]))):
            return match.start(), moment
    return None


def _read_numbers(match: re.Match[str], month_first: bool | None) -> Moment | None:
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    year += 2000 if year < 100 else 0
    if match["sep"] == "." or first > 12:
        month_first = False
    elif second > 12 or first == second:
        month_first = True
    if month_first is None:
        return None
    return _day(year, first, second) if month_first else _day(year, second, first)


def _day(year: int, month: int, day: int) -> Moment | None:
    try:
        return _moment(datetime(year, month, day), None, "day")
    except ValueError:
        return None


def _read_mail_date(text: str) -> Moment | None:
    parsed = parsedate_tz(text)
    if parsed is None:
        return None
    try:
        wall = datetime(*parsed[:6])
    except ValueError:
        return None
    return _moment(wall, None if parsed[9] is None else timedelta(seconds=parsed[9]), "second")


def _build(match: re.Match[str], month: int, day: int) -> Moment | None:
    hour = int(match["hour"] or 0)
    zone = _ZONE.match(match["zone"] or "")
    half = (zone["half"] or "").lower()[:1] if zone else ""
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        wall = datetime(
            int(match["year"]),
            month,
            day,
            hour % 24 if hour == 24 else hour,
            int(match["minute"] or 0),
            int(match["second"] or 0),
        )
    except ValueError:
        return None
    if match["hour"] is None:
        return _moment(wall, None, "day")
    return _moment(wall, _offset(zone, wall) if zone else None, "second" if match["second"] else "minute")


def _offset(zone: re.Match[str], wall: datetime) -> timedelta | None:
    if zone["offset"]:
        digits = zone["offset"][1:].replace(":", "")
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        return timedelta(hours=hours, minutes=minutes) * (-1 if zone["offset"].startswith("-") else 1)
    if zone["utc"]:
        return timedelta()
    name = (zone["name"] or "").upper()
    if name in _HOURS:
        return timedelta(hours=_HOURS[name])
    return _PLACES[name].utcoffset(wall) if name in _PLACES else None


def _moment(wall: datetime, offset: timedelta | None, written: str) -> Moment | None:
    # The ends of the calendar leave no room for an offset, and no article comes from there.
    if not 1800 <= wall.year <= 9000:
        return None
    if offset is not None and abs(offset) > _WIDEST:
        offset = None
    # Midnight to the second is how content systems write a day.
    midnight = (wall.hour, wall.minute, wall.second) == (0, 0, 0)
    return Moment(wall=wall, offset=offset, written="day" if midnight else written)
