"""When an article was published: the first plausible of JSON-LD, meta elements, feed, address and text."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import htmldate
from lxml.html import HtmlElement

from schemas.records import Entry, record
from transforms.extract.declared import Declared
from transforms.extract.moments import Moment, read_moment

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before the web had news an article's date needs a second source: CMS defaults (1970, 1899) never have one."""

MARGIN = timedelta(hours=24)
"""How far a date may lie after we first saw the page: clocks and zones are off by hours, never by days."""

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "parsely-pub-date", "datepublished",
    "sailthru.date", "article.published", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.created",
    "dc.date.created", "publish-date", "publishdate", "publish_date", "publication_date", "pubdate", "published_time",
    "published_at", "date.published", "originalpublicationdate", "displaydate", "dc.date", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "last-modified", "article.updated", "dc.date.modified",
)  # fmt: skip
_URL_DAY = re.compile(
    r"(?<![\d])(?P<y>(?:19|20)\d\d)[/_-]?(?P<m>\d{1,2}|[a-z]{3})(?:[/_-](?P<d>\d{1,2})|(?P<d2>(?<=\d\d)\d\d))(?![\d])",
    re.I,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# A zone told for one date on the page holds for another one if no change of clocks is likely between them.
_SAME_SEASON = timedelta(days=7)
_SAME_STORY = timedelta(hours=26)  # one day in the widest pair of zones in use


@record
class Published:
    """An instant (UTC), how precise it is (second|minute|day), and its source: json-ld, meta, feed, url or text."""

    at: datetime
    precision: str
    source: str


@record
class _Candidate:
    source: str
    moment: Moment


def choose_published(
    declared: Declared,
    *,
    url: str,
    entry: Entry | None = None,
    first_seen_at: datetime | None = None,
    tree: Callable[[], HtmlElement] | None = None,
) -> Published | None:
    """When the article was published, or None if no source is plausible: nothing is guessed.

    A naive time keeps only its day, unless the page tells the zone of the same or a neighbouring date. `tree` gives a
    tree that may be changed; it is asked only if no better source speaks.
    """
    latest = first_seen_at + MARGIN if first_seen_at else None
    candidates = list(_candidates(declared, url, entry))
    published = _first_plausible(candidates, latest, _zoned_moments(declared))
    if published is None and tree is not None and not candidates:
        day = read_moment(_search_text(tree(), url, latest))
        found = [_Candidate(source="text", moment=day)] if day else []
        published = _first_plausible(found, latest, ())
    return published


def choose_modified(declared: Declared, published: Published | None, first_seen_at: datetime | None) -> datetime | None:
    """When the page says it was last changed: never before it was published nor later than we can know."""
    latest = first_seen_at + MARGIN if first_seen_at else None
    for text in (declared.said("dateModified"), *declared.every(*_MODIFIED)):
        moment = read_moment(text)
        if moment is None or (published and moment.instant() < published.at):
            continue
        if moment.instant() >= EARLIEST and (latest is None or moment.instant() <= latest):
            return moment.instant()
    return None


def _candidates(declared: Declared, url: str, entry: Entry | None) -> Iterator[_Candidate]:
    said = [declared.said("datePublished", "dateCreated"), *(_said_by_page(declared) if declared.node is None else ())]
    texts: list[tuple[str, str | None]] = [("json-ld", text) for text in said]
    texts += [("meta", text) for text in declared.every(*_PUBLISHED)]
    for source, text in texts:
        if moment := read_moment(text):
            yield _Candidate(source=source, moment=moment)
    if entry and entry.published_at and entry.date_flag != "implausible":
        yield _Candidate(source="feed", moment=_moment_of(entry.published_at, zoned=entry.date_flag == "ok"))
    if day := read_url_day(url):
        yield _Candidate(source="url", moment=Moment(wall=datetime(*day.timetuple()[:3]), offset=None, written="day"))


def _said_by_page(declared: Declared) -> Iterator[str | None]:
    # Without a node of its own the article is described by the page's or the video's.
    for node in declared.nodes:
        for key in ("datePublished", "uploadDate"):
            if isinstance(value := node.get(key), str):
                yield value


def _moment_of(instant: datetime, *, zoned: bool) -> Moment:
    wall = instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return Moment(wall=wall, offset=timedelta() if zoned else None, written="second")


def _zoned_moments(declared: Declared) -> tuple[Moment, ...]:
    texts = (declared.said("datePublished"), declared.said("dateModified"), *declared.every(*_PUBLISHED, *_MODIFIED))
    return tuple(moment for text in texts if (moment := read_moment(text)) and moment.offset is not None)


def _first_plausible(
    candidates: list[_Candidate], latest: datetime | None, zoned: tuple[Moment, ...]
) -> Published | None:
    for candidate in candidates:
        placed = _place(candidate, candidates, zoned)
        at = placed.moment.instant()
        if latest is not None and at > latest:
            continue
        if at < EARLIEST and not _confirmed(candidate, candidates):
            continue
        return Published(at=at, precision=placed.moment.precision, source=placed.source)
    return None


def _confirmed(candidate: _Candidate, others: Iterable[_Candidate]) -> bool:
    return any(other.source != candidate.source and other.moment.day == candidate.moment.day for other in others)


def _place(candidate: _Candidate, others: list[_Candidate], zoned: tuple[Moment, ...]) -> _Candidate:
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
        return _Candidate(source=candidate.source, moment=placed)
    exact = (o for o in others if o.moment.offset is not None and abs(o.moment.wall - moment.wall) <= _SAME_STORY)
    return next(exact, candidate)


def read_url_day(url: str) -> date | None:
    """The day that stands in an address (/2024/05/31/, /2024-05-31, /20240531, /2024/may/31/), or None."""
    match = _URL_DAY.search(url[:2000])
    if match is None:
        return None
    month = match["m"].lower()
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month.isdigit() else 0
    try:
        return date(int(match["y"]), number, int(match["d"] or match["d2"]))
    except ValueError:
        return None


def _search_text(tree: HtmlElement, url: str, latest: datetime | None) -> str | None:
    try:
        return htmldate.find_date(
            tree,
            extensive_search=False,
            original_date=True,
            url=url,
            min_date=EARLIEST.replace(tzinfo=None),
            max_date=(latest or datetime(2100, 1, 1, tzinfo=UTC)).replace(tzinfo=None),  # given, so no clock is read
        )
    except Exception:  # a library's failure on a hostile page means it knows no date
        return None
