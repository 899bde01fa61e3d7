"""Who tells when an article was published, and what they say, before anything is judged."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from schemas.records import Entry, record
from transforms.extract.declared import Declared
from transforms.extract.moments import Moment, read_moment

PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "parsely-pub-date", "datepublished",
    "sailthru.date", "article.published", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "article_date_original", "citation_publication_date", "publish-date",
    "publishdate", "publish_date", "publication_date", "pubdate", "published_time", "published_at", "published_on",
    "date.published", "date_published", "originalpublicationdate", "release_date", "displaydate", "dcterms.date",
    "dc.date", "date",
)  # fmt: skip
"""Meta elements that date the publication, the surest first."""

MODIFIED = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "last-modified", "article.updated", "article_date_updated", "dc.date.modified",
)  # fmt: skip
"""Meta elements that date the last change."""

_URL_DAY = re.compile(
    r"(?<![\d])(?P<y>(?:19|20)\d\d)[/_-]?(?P<m>\d{1,2}|[a-z]{3})(?:[/_-](?P<d>\d{1,2})|(?P<d2>(?<=\d\d)\d\d))(?![\d])",
    re.I,
)
_URL_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@record
class Told:
    """A date of publication and who tells it: publisher, json-ld, meta, feed, text or url."""

    source: str
    moment: Moment


def gather_told(declared: Declared, url: str, entry: Entry | None) -> list[Told]:
    """What JSON-LD, meta elements, the feed and the address say, in the order in which they are believed."""
    return list(_gather(declared, url, entry))


def tell_zones(declared: Declared) -> tuple[Moment, ...]:
    """The dates by which a page tells its zone."""
    texts = (declared.said("datePublished"), declared.said("dateModified"), *declared.every(*PUBLISHED, *MODIFIED))
    return tuple(moment for text in texts if (moment := read_moment(text)) and moment.offset is not None)


def read_url_day(url: str) -> date | None:
    """The day that stands in an address (/2024/05/31/, /2024-05-31, /20240531, /2024/may/31/), or None."""
    match = _URL_DAY.search(url[:2000])
    if match is None:
        return None
    month = match["m"].lower()
    number = _URL_MONTHS.index(month) + 1 if month in _URL_MONTHS else int(month) if month.isdigit() else 0
    try:
        return date(int(match["y"]), number, int(match["d"] or match["d2"]))
    except ValueError:
        return None


def _gather(declared: Declared, url: str, entry: Entry | None) -> Iterator[Told]:
    said = [declared.said("datePublished", "dateCreated"), *(_said_by_page(declared) if declared.node is None else ())]
    texts: list[tuple[str, str | None]] = [("json-ld", text) for text in said]
    texts += [("meta", text) for text in declared.every(*PUBLISHED)]
    for source, text in texts:
        if moment := read_moment(text):
            yield Told(source=source, moment=moment)
    if entry and entry.published_at and entry.date_flag != "implausible":
        yield Told(source="feed", moment=_moment_of(entry.published_at, zoned=entry.date_flag == "ok"))
    if day := read_url_day(url):
        yield Told(source="url", moment=Moment(wall=datetime(day.year, day.month, day.day), offset=None, written="day"))


def _said_by_page(declared: Declared) -> Iterator[str | None]:
    # Without a node of its own the article is described by the page's or the video's.
    for node in declared.nodes:
        for key in ("datePublished", "uploadDate"):
            if isinstance(value := node.get(key), str):
                yield value


def _moment_of(instant: datetime, *, zoned: bool) -> Moment:
    wall = instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return Moment(wall=wall, offset=timedelta() if zoned else None, written="second")
