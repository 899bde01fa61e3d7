"""Time zones as feeds write them: offsets, the names American newsrooms use, and IANA names."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Hours east of UTC. US names mean the US zones (RFC 5322, section 4.3), IST is India's, BST Britain's summer.
_HOURS = {
    "gmt": 0, "utc": 0, "ut": 0, "z": 0, "wet": 0, "zulu": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10, "hast": -10, "hadt": -9, "hdt": -9, "sst": -11, "chst": 10,
    "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5,
    "bst": 1, "west": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "sast": 2,
    "msk": 3, "ist": 5.5, "pkt": 5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9,
    "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "brt": -3, "art": -3, "clst": -3, "clt": -4, "bot": -4, "vet": -4, "cot": -5, "pet": -5, "ect": -5,
}  # fmt: skip
# Names without the season, which the date itself decides.
_PLACES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
    "akt": "America/Anchorage", "ht": "Pacific/Honolulu",
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "alaska": "America/Anchorage", "hawaii": "Pacific/Honolulu",
}  # fmt: skip

_OFFSET = re.compile(r"(?:(?:gmt|utc?|z)\s*)?([+\-\u2212])(\d{1,2})(?::?([0-5]\d))?(?![\d:])", re.IGNORECASE)
_IANA = re.compile(r"\b[A-Za-z]{2,20}(?:/[A-Za-z_+\-0-9]{1,30}){1,2}")
_WORD = re.compile(r"[A-Za-z]+")
# Words that stand behind a time and name no zone.
_FILLERS = {
    "time",
    "standard",
    "daylight",
    "hora",
    "horas",
    "hrs",
    "h",
    "uhr",
    "at",
    "a",
    "las",
    "los",
    "del",
    "de",
    "la",
}
# UTC-12 to UTC+14 are in use.
_WIDEST = timedelta(hours=14)


def find_zone(text: str, instant: datetime) -> tuple[tzinfo | None, bool]:
    """The zone that the words behind a time name, and whether they name any: (None, True) is a name nobody knows.

    `instant` is the naive local time, for names whose offset depends on the season.
    """
    if match := _OFFSET.search(text):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if offset > _WIDEST:
            return None, True
        return timezone(-offset if match[1] != "+" else offset), True
    if match := _IANA.search(text):
        return _place(match[0], instant), True
    words = [word for word in _WORD.findall(text.lower()) if word not in _FILLERS]
    for word in words:
        if word in _HOURS:
            return timezone(timedelta(hours=_HOURS[word])), True
        if word in _PLACES:
            return _place(_PLACES[word], instant), True
    return None, bool(words)


def _place(name: str, instant: datetime) -> tzinfo | None:
    try:
        offset = ZoneInfo(name).utcoffset(instant)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return timezone(offset) if offset is not None else UTC
