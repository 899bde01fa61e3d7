"""Which day a date's words name: numbers in any order, months in six languages."""

import re
import unicodedata
from datetime import date

from schemas.records import record

# English, Spanish, Portuguese, French, Italian, German; accents removed. One row a month, abbreviations beside names.
_MONTH_ROWS = (
    "jan january enero ene janeiro janvier janv gennaio gen januar jaenner janner",
    "feb february febrero fevereiro fev fevrier fevr febbraio februar",
    "mar march marzo marco mars marz maerz mrz",
    "apr april abril abr avril avr aprile",
    "may mayo maio mai maggio mag",
    "jun june junio junho juin giugno giu juni",
    "jul july julio julho juillet juil luglio lug juli",
    "aug august agosto ago aout",
    "sep sept september septiembre setiembre set setembro septembre settembre",
    "oct october octubre outubro out octobre ottobre ott oktober okt",
    "nov november noviembre novembro novembre",
    "dec december diciembre dic dezembro dez decembre dicembre dezember",
)
_MONTHS = {name: number for number, row in enumerate(_MONTH_ROWS, start=1) for name in row.split()}
_WEEKDAY_ROWS = (
    "mon monday lunes lun lundi lunedi segunda seg montag mo",
    "tue tues tuesday martes mardi martedi terca ter dienstag di",
    "wed wednesday miercoles mie mercredi mer mercoledi quarta qua mittwoch mi",
    "thu thur thurs thursday jueves jue jeudi jeu giovedi gio quinta qui donnerstag do",
    "fri friday viernes vie vendredi ven venerdi sexta sex freitag fr",
    "sat saturday sabado sab samedi sam sabato samstag sa",
    "sun sunday domingo dom dimanche dim domenica sonntag so",
)
_WEEKDAYS = {name: number for number, row in enumerate(_WEEKDAY_ROWS) for name in row.split()}

_YEAR_FIRST = re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)|(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?!\d)")
_TRUNCATED = re.compile(r"(\d{4})(?:-(\d\d)|-(\d{3}))?")
_NEGATIVE_YEAR = re.compile(r"(?:^|\s)-\d{4}")
_OFFSET = re.compile(r"(?:^|\s|gmt|utc?|z)[+\-]\d{1,2}:?(?:\d\d)?(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<![\d:])(\d{4}|\d{1,2})(?!\d)")


@record
class Day:
    """A calendar day as written; it may not exist."""

    year: int
    month: int
    day: int


def find_day(text: str, day_first: bool) -> Day | None:
    """The day that the words name; None if they name no complete day.

    Two digits of a year are widened (00 to 69 are 20xx). Raises ValueError for a day or year that cannot be.
    """
    if _NEGATIVE_YEAR.search(text):
        raise ValueError("a year before our era")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip()
    return _find_numeric(plain, day_first) or _find_named(plain)


def strip_offsets(text: str) -> str:
    """The words without offsets such as -0500 or GMT+9, whose digits are no year or day."""
    return _OFFSET.sub(" ", text)


def strip_day(text: str) -> str:
    """The words without months, weekdays and numbers other than an offset: what is left may name a zone."""
    offset = _OFFSET.search(text)
    names = " ".join(word for word in re.findall(r"[A-Za-z_/]+", text) if word.lower() not in _MONTHS | _WEEKDAYS)
    return f"{names} {offset[0]}" if offset else names


def _find_numeric(text: str, day_first: bool) -> Day | None:
    if match := _YEAR_FIRST.search(text):
        year, _, month, day, *compact = match.groups()
        year, month, day = (year, month, day) if year else compact
        return Day(year=int(year), month=int(month), day=int(day))
    if match := _YEAR_LAST.search(text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), _widen(match[4])
        if _is_day_first(text, first, second, year, day_first or mark == "."):
            return Day(year=year, month=second, day=first)
        return Day(year=year, month=first, day=second)
    # W3C date-time notes allow a year, a month or (ISO 8601) the day of the year; they stand for their first day.
    if match := _TRUNCATED.fullmatch(text.rstrip("Tt ")):
        year, month, ordinal = int(match[1]), int(match[2] or 1), int(match[3] or 0)
        if ordinal:
            counted = date.fromordinal(date(year, 1, 1).toordinal() + ordinal - 1)
            return Day(year=year, month=counted.month, day=counted.day)
        return Day(year=year, month=month, day=1)
    return None


def _is_day_first(text: str, first: int, second: int, year: int, otherwise: bool) -> bool:
    if first > 12 or second > 12:
        return first > 12
    for word in _WORD.findall(text.lower()):
        weekday = _WEEKDAYS.get(word)
        readings = {True: date(year, second, first).weekday(), False: date(year, first, second).weekday()}
        if weekday in readings.values() and readings[True] != readings[False]:
            return readings[True] == weekday
    return otherwise


def _find_named(text: str) -> Day | None:
    words = _WORD.findall(text.lower())
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    if not months:
        return None
    # "mar" is also Tuesday in Spanish, French and Italian: then a second month follows.
    month = months[1] if len(months) > 1 and "mar" in words else months[0]
    numbers = _NUMBER.findall(text)
    years = [n for n in numbers if len(n) == 4] or [n for n in numbers if int(n) > 31]
    days = [n for n in numbers if n not in years]
    if not years and len(days) > 1 and len(days[1]) == 2:
        years = [days[1]]
    if not years or not days:
        return None
    return Day(year=_widen(years[0]), month=month, day=int(days[0]))


def _widen(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
