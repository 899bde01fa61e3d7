"""When an article was published: the first plausible date that is told, who agrees, and what is odd about it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.records import Entry, record
from transforms.extract.declared import Declared
from transforms.extract.moments import Moment, read_moment
from transforms.extract.told import MODIFIED, Told, gather_told, tell_zones

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before the web had news an article's date needs a second source: CMS defaults (1970, 1899) never have one."""

MARGIN = timedelta(hours=24)
"""How far a date may lie after we first saw the page: clocks and zones are off by hours, never by days."""

CONFLICT = timedelta(days=2)
"""How far two sources may be apart before that is odd: zones and a night shift between them explain less."""

# A zone told for one date on the page holds for another one if no change of clocks is likely between them.
_SAME_SEASON = timedelta(days=7)
_NEXT_DAY = timedelta(days=1)
_SAME_STORY = timedelta(hours=26)  # one day in the widest pair of zones in use


@record
class Published:
    """An instant (UTC) or None, its precision (second|minute|day) and source, who agrees, and what is odd about it."""

    at: datetime | None = None
    precision: str | None = None
    source: str | None = None
    agreement: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def choose_published(
    declared: Declared,
    *,
    url: str,
    entry: Entry | None = None,
    first_seen_at: datetime | None = None,
    last_modified: str | None = None,
    zone: ZoneInfo | None = None,
    ruled: Moment | None = None,
    shown: Callable[[], Moment | None] = lambda: None,
) -> Published:
    """When the article was published; nothing is guessed.

    A naive time keeps only its day, unless the page tells the zone of the same or a neighbouring date or the publisher
    has one (`zone`). `ruled` is what the publisher's own rule reads; `shown` reads the page for a date beside the
    headline, which is asked only if no better source speaks. Last-Modified and first sight only ever agree.
    """
    latest = first_seen_at + MARGIN if first_seen_at else None
    told = [*([Told(source="publisher", moment=ruled)] if ruled else []), *gather_told(declared, url, entry)]
    zoned = tell_zones(declared)
    flags: list[str] = []
    chosen = _first_plausible([each for each in told if each.source != "url"], told, latest, zoned, zone, flags)
    if chosen is None:
        told, last = _with_shown(told, shown())
        chosen = _first_plausible(last, told, latest, zoned, zone, flags)
    if chosen is None:
        return Published(flags=tuple(dict.fromkeys(flags)) or ("missing",))
    others = dict.fromkeys(each.source for each in told if each.source != chosen.source)
    agreeing = [source for source in others if any(agree(chosen.moment, each.moment) for each in _of(told, source))]
    agreeing += _witnesses(chosen.moment, first_seen_at, last_modified)
    refused = {flag.split()[1] for flag in flags}
    flags += [f"conflict {source}" for source in others if source not in refused and _conflicts(chosen, told, source)]
    return Published(
        at=chosen.moment.instant(),
        precision=chosen.moment.precision,
        source=chosen.source,
        agreement=tuple(agreeing),
        flags=tuple(dict.fromkeys(flags)),
    )


def choose_modified(
    declared: Declared, published: Published, first_seen_at: datetime | None, zone: ZoneInfo | None = None
) -> datetime | None:
    """When the page says it was last changed: never before it was published nor later than we can know."""
    latest = first_seen_at + MARGIN if first_seen_at else None
    for text in (declared.said("dateModified"), *declared.every(*MODIFIED)):
        moment = read_moment(text)
        if moment is None:
            continue
        at = moment.in_zone(zone).instant()
        if published.at and at < published.at:
            continue
        if at >= EARLIEST and (latest is None or at <= latest):
            return at
    return None


def agree(one: Moment, other: Moment) -> bool:
    """Whether two dates can be the same day: by their own calendars, or by that of UTC where both tell their zone."""
    if one.day == other.day:
        return True
    exact = [moment for moment in (one, other) if moment.precision != "day"]
    if len(exact) == 2:
        return one.instant().date() == other.instant().date()
    # A day without a zone may be the one that it is in UTC, where the other tells an instant.
    return len(exact) == 1 and {one.instant().date(), other.instant().date()} == {exact[0].instant().date()}


def _first_plausible(
    candidates: Iterable[Told],
    told: list[Told],
    latest: datetime | None,
    zoned: tuple[Moment, ...],
    zone: ZoneInfo | None,
    flags: list[str],
) -> Told | None:
    for candidate in candidates:
        placed = _place(candidate, told, zoned, zone)
        at = placed.moment.instant()
        if latest is not None and at > latest:
            flags.append(f"too-late {candidate.source}")
        elif at < EARLIEST and not _confirmed(candidate, told):
            flags.append(f"too-early {candidate.source}")
        else:
            return placed
    return None


def _with_shown(told: list[Told], shown: Moment | None) -> tuple[list[Told], list[Told]]:
    """All that is told with what the page shows, and the two last resorts in the order in which they are believed."""
    address = _of(told, "url")
    if shown is None:
        return told, address
    text = Told(source="text", moment=shown)
    # An address tells the day more surely than a look at the page, which may tell more of the same day.
    is_odd = any(abs(each.moment.day - shown.day) > _NEXT_DAY for each in address)
    return [*told, text], [*address, text] if is_odd else [text, *address]


def _confirmed(candidate: Told, told: Iterable[Told]) -> bool:
    return any(other.source != candidate.source and other.moment.day == candidate.moment.day for other in told)


def _place(candidate: Told, told: list[Told], zoned: tuple[Moment, ...], zone: ZoneInfo | None) -> Told:
    """The candidate with the zone the page tells elsewhere, or another source's exact word for the same publication."""
    moment = candidate.moment
    if moment.offset is not None or moment.written == "day":
        return candidate
    same_wall = next((z for z in zoned if z.wall.replace(second=0) == moment.wall.replace(second=0)), None)
    # UTC beside a naive time says how the system stores times, not where the publisher is.
    near = (z for z in zoned if z.offset and abs(z.wall - moment.wall) <= _SAME_SEASON)
    teller = same_wall or next(near, None)
    if teller is not None:
        placed = Moment(wall=moment.wall, offset=teller.offset, written=moment.written)
        return Told(source=candidate.source, moment=placed)
    if (local := moment.in_zone(zone)) is not moment:
        return Told(source=candidate.source, moment=local)
    exact = (each for each in told if each.moment.offset is not None and _is_same_story(each.moment, moment))
    return next(exact, candidate)


def _is_same_story(one: Moment, other: Moment) -> bool:
    return abs(one.wall - other.wall) <= _SAME_STORY


def _of(told: Iterable[Told], source: str) -> list[Told]:
    return [each for each in told if each.source == source]


def _conflicts(chosen: Told, told: Iterable[Told], source: str) -> bool:
    return all(abs(each.moment.day - chosen.moment.day) > CONFLICT for each in _of(told, source))


def _witnesses(moment: Moment, first_seen_at: datetime | None, last_modified: str | None) -> list[str]:
    """Who was there on the day, but tells no date of publication: the server's Last-Modified, and ourselves."""
    found = []
    changed = read_moment(last_modified)
    if changed and changed.offset is not None and agree(moment, changed):
        found.append("last-modified")
    if first_seen_at and abs(first_seen_at - moment.instant()) <= (MARGIN if moment.precision != "day" else 2 * MARGIN):
        found.append("first-seen")
    return found
