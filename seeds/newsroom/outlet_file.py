"""The strict format of an outlet file: one [outlet] and its [[articles]]; a mistake is told with place and remedy."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from schemas.errors import seed_error
from schemas.records import record

# A Monday, the day after US clocks go back: every local time of the three days is standard time.
FIRST_DAY = date(2026, 11, 2)

Kind = Literal["national", "local", "wire", "tv", "advocacy", "government", "blog"]
LayoutName = Literal["courier", "ledger", "wire", "tv", "advocacy", "government", "voz", "blog"]
FeedFormat = Literal["rss20", "rss10", "atom10", "json11"]
Charset = Literal["utf-8", "windows-1252", "iso-8859-1"]
State = Literal["full", "teaser", "paywalled", "video-stub", "live-blog", "challenge"]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
Words = Annotated[str, Meta(pattern=r"\S", max_length=100_000)]
Day = Annotated[int, Meta(ge=1, le=3)]
Instant = Annotated[datetime, Meta(tz=True)]
T = TypeVar("T")


class RevisionTable(Struct, forbid_unknown_fields=True):
    """One [[articles.revisions]]: a later text, and its title if that changed too."""

    day: Day
    modified_at: Instant
    body: Words
    title: Words | None = None


class ArticleTable(Struct, forbid_unknown_fields=True):
    """One [[articles]]: with a body of its own, or copied from another by `wire_of` between `lede` and `tail`."""

    slug: Slug
    title: Words
    published_at: Instant
    day: Day
    section: Words
    summary: Words
    on_domain: bool
    topics: list[Slug]
    authors: list[Words] = []
    near_miss: str = ""
    state: State = "full"
    body: Words | None = None
    wire_of: Annotated[str, Meta(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")] | None = None
    wire_share: Annotated[float, Meta(gt=0, le=1)] | None = None
    lede: Words | None = None
    tail: Words | None = None
    revisions: list[RevisionTable] = []


class OutletTable(Struct, forbid_unknown_fields=True):
    """The [outlet]: all of a publisher but its pieces."""

    slug: Slug
    name: Words
    kind: Kind
    language: Annotated[str, Meta(pattern=r"^[a-z]{2}$")]
    tagline: str
    city: str
    layout: LayoutName
    feed_format: FeedFormat
    needs_topic_filter: bool
    charset: Charset
    time_zone: str


@record
class OutletFile:
    """What one file holds: its name, the outlet, and the articles by slug, in the order of the file."""

    name: str
    outlet: OutletTable
    articles: Mapping[str, ArticleTable]


def read_outlet_file(path: Path) -> OutletFile:
    """Read one outlet file and check all that can be judged without the others; `UserError` tells the first mistake."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise seed_error(path.name, "the file", "(all)", f"not TOML in UTF-8: {error}", "correct that place") from error
    for key in sorted(tables.keys() - {"outlet", "articles"}):
        raise seed_error(path.name, "the file", key, "unknown table", "use [outlet] and [[articles]]")
    outlet = _convert(path.name, "outlet", tables.get("outlet", {}), OutletTable)
    if outlet.slug != path.stem:
        raise seed_error(path.name, "outlet", "slug", f"'{outlet.slug}' is not the file's name", f"write '{path.stem}'")
    try:
        ZoneInfo(outlet.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise seed_error(path.name, "outlet", "time_zone", str(error), "name a zone such as America/Chicago") from error
    articles: dict[str, ArticleTable] = {}
    for number, table in enumerate(_tables(path.name, tables.get("articles", [])), start=1):
        article = _convert(path.name, f"article {table.get('slug', f'no. {number}')}", table, ArticleTable)
        if article.slug in articles:
            raise seed_error(path.name, f"article {article.slug}", "slug", "used twice in this outlet", "rename one")
        _check_article(path.name, article)
        articles[article.slug] = article
    return OutletFile(name=path.name, outlet=outlet, articles=articles)


def _tables(file: str, tables: object) -> Sequence[dict[str, Any]]:
    if isinstance(tables, list) and all(isinstance(table, dict) for table in tables):
        return tables
    raise seed_error(file, "the file", "articles", "not a list of tables", "begin each article with [[articles]]")


def _convert(file: str, entry: str, table: object, into: type[T]) -> T:
    try:
        return msgspec.convert(table, into)
    except msgspec.ValidationError as error:
        place = re.search(r"at `\$\.([^`]+)`", str(error)) or re.search(r"field `([^`]+)`", str(error))
        problem = str(error).split(" - at ")[0]
        raise seed_error(
            file, entry, place[1] if place else "(all)", problem, "compare with an outlet file that loads"
        ) from error


def _check_article(file: str, article: ArticleTable) -> None:
    """Raise what is wrong between an article's fields."""

    def check(fine: bool, field: str, problem: str, remedy: str) -> None:
        if not fine:
            raise seed_error(file, f"article {article.slug}", field, problem, remedy)

    copied = article.wire_of is not None
    check((article.body is None) == copied, "body", "needs either its own body or wire_of", "give exactly one of them")
    check(copied == (article.wire_share is not None), "wire_share", "goes with wire_of", "give both or neither")
    check(copied or not (article.lede or article.tail), "lede", "lede and tail go with wire_of", "put them in the body")
    check(article.on_domain or not article.topics, "topics", "off-domain texts carry no topics", "write []")
    check(not (article.on_domain and article.near_miss), "near_miss", "is for off-domain articles", "leave it out")
    check(_has_come(article.published_at, article.day), "day", "ends before published_at", "give the day it appears on")
    day, instant = article.day, article.published_at
    for number, revision in enumerate(article.revisions):
        place = f"revisions[{number}]."
        check(revision.day > day, f"{place}day", "must be later than the text before", "give a later day")
        check(
            revision.modified_at > instant, f"{place}modified_at", "not after the text before", "give a later instant"
        )
        fine = _has_come(revision.modified_at, revision.day)
        check(fine, f"{place}day", "ends before modified_at", "give the day it appears on")
        day, instant = revision.day, revision.modified_at


def _has_come(instant: datetime, day: int) -> bool:
    """Whether an instant's own local date is reached on a newsroom day."""
    return instant.date() <= FIRST_DAY + timedelta(days=day - 1)
