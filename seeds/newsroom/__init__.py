"""The bundled newsroom: fictional outlets and all they publish in three days, each in a TOML file of this folder.

The content is invented and honestly labelled (`on_domain`, `topics`, `wire_of`), so that a run over it can be scored.
`pipelines.newsroom` serves it over HTTP.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from schemas.errors import UserError, seed_error
from schemas.records import record

FIRST_DAY = date(
    2026, 11, 2
)  # a Monday, the day after US clocks go back: every local time of the three days is standard time
DAYS = (1, 2, 3)

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


@record
class PieceRevision:
    """One of the texts a piece has over time; the first has no `modified_at`."""

    day: int
    title: str
    paragraphs: tuple[str, ...]
    modified_at: datetime | None = None


@record
class Piece:
    """One work an outlet publishes, with all its texts in order and the honest labels a run is scored by."""

    slug: str
    authors: tuple[str, ...]
    published_at: datetime
    section: str
    summary: str
    state: State
    revisions: tuple[PieceRevision, ...]
    on_domain: bool
    topics: tuple[str, ...] = ()
    near_miss: str | None = None
    wire_of: str | None = None
    wire_share: float | None = None


@record
class Outlet:
    """A fictional publisher: who it is, how its pages and feed are written, and its pieces in order of publication."""

    slug: str
    name: str
    kind: Kind
    language: str
    tagline: str
    city: str
    layout: LayoutName
    feed_format: FeedFormat
    needs_topic_filter: bool
    charset: Charset
    time_zone: str
    pieces: tuple[Piece, ...]


@record
class Newsroom:
    """All outlets, in order of their slugs."""

    outlets: tuple[Outlet, ...]


def revision_on(piece: Piece, day: int) -> PieceRevision | None:
    """The text a reader finds on a newsroom day; None before the piece appears."""
    return next((revision for revision in reversed(piece.revisions) if revision.day <= day), None)


def clock_on(day: int) -> datetime:
    """The newsroom's clock on a day: 08:00 UTC of the next, when that day is over in all contiguous states."""
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 8, tzinfo=UTC) + timedelta(days=day)


def load_newsroom(folder: Path | None = None) -> Newsroom:
    """Load a folder's outlet files (by default the bundled ones); `UserError` names file, entry, field and remedy."""
    folder = folder or Path(__file__).parent
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise UserError(f"{folder}: no outlet files (*.toml); name a folder that holds at least one")
    files = {path.stem: _read_file(path) for path in paths}
    return Newsroom(outlets=tuple(_build_outlet(slug, files) for slug in files))


# ---------------------------------------------------------------------------------------------- what a file may hold


class _Revision(Struct, forbid_unknown_fields=True):
    day: Day
    modified_at: Instant
    body: Words
    title: Words | None = None


class _Article(Struct, forbid_unknown_fields=True):
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
    revisions: list[_Revision] = []


class _Outlet(Struct, forbid_unknown_fields=True):
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
class _File:
    name: str
    outlet: _Outlet
    articles: Mapping[str, _Article]


# ----------------------------------------------------------------------------------------------- reading one file


def _read_file(path: Path) -> _File:
    """Read one outlet file and check all that can be judged without the others."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise seed_error(path.name, "the file", "(all)", f"not TOML in UTF-8: {error}", "correct that place") from error
    for key in sorted(tables.keys() - {"outlet", "articles"}):
        raise seed_error(path.name, "the file", key, "unknown table", "use [outlet] and [[articles]]")
    outlet = _convert(path.name, "outlet", tables.get("outlet", {}), _Outlet)
    if outlet.slug != path.stem:
        raise seed_error(path.name, "outlet", "slug", f"'{outlet.slug}' is not the file's name", f"write '{path.stem}'")
    try:
        ZoneInfo(outlet.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise seed_error(path.name, "outlet", "time_zone", str(error), "name a zone such as America/Chicago") from error
    articles: dict[str, _Article] = {}
    for number, table in enumerate(_tables(path.name, tables.get("articles", [])), start=1):
        article = _convert(path.name, f"article {table.get('slug', f'no. {number}')}", table, _Article)
        if article.slug in articles:
            raise seed_error(path.name, f"article {article.slug}", "slug", "used twice in this outlet", "rename one")
        _check_article(path.name, article)
        articles[article.slug] = article
    return _File(name=path.name, outlet=outlet, articles=articles)


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


def _check_article(file: str, article: _Article) -> None:
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


# -------------------------------------------------------------------------------------------- building the records


def _build_outlet(slug: str, files: Mapping[str, _File]) -> Outlet:
    file = files[slug]
    pieces = tuple(_build_piece(article, file, files) for article in file.articles.values())
    return Outlet(**msgspec.structs.asdict(file.outlet), pieces=pieces)


def _build_piece(article: _Article, file: _File, files: Mapping[str, _File]) -> Piece:
    first = PieceRevision(day=article.day, title=article.title, paragraphs=_write_paragraphs(article, file, files))
    later = (
        PieceRevision(
            day=revision.day,
            title=revision.title or article.title,
            paragraphs=split_paragraphs(revision.body),
            modified_at=revision.modified_at.astimezone(UTC),
        )
        for revision in article.revisions
    )
    return Piece(
        slug=article.slug,
        authors=tuple(article.authors),
        published_at=article.published_at.astimezone(UTC),
        section=article.section,
        summary=article.summary,
        state=article.state,
        revisions=(first, *later),
        on_domain=article.on_domain,
        topics=tuple(article.topics),
        near_miss=article.near_miss or None,
        wire_of=article.wire_of,
        wire_share=article.wire_share,
    )


def _write_paragraphs(article: _Article, file: _File, files: Mapping[str, _File]) -> tuple[str, ...]:
    """An article's first text: its body, or the share of its source between its own lede and tail."""
    if article.body is not None:
        return split_paragraphs(article.body)
    outlet, _, slug = (article.wire_of or "").partition("/")
    source = files[outlet].articles.get(slug) if outlet in files else None
    if source is None or source.body is None:
        problem = f"'{article.wire_of}' is " + ("unknown" if source is None else "itself a copy")
        raise seed_error(file.name, f"article {article.slug}", "wire_of", problem, "name an article with its own body")
    copied = share_paragraphs(split_paragraphs(source.body), article.wire_share or 1.0)
    return (*split_paragraphs(article.lede or ""), *copied, *split_paragraphs(article.tail or ""))


def split_paragraphs(body: str) -> tuple[str, ...]:
    """Paragraphs stand between blank lines; line ends within one are only wrapping."""
    return tuple(" ".join(block.split()) for block in re.split(r"\n\s*\n", body) if block.strip())


def share_paragraphs(paragraphs: Sequence[str], share: float) -> tuple[str, ...]:
    """The first whole paragraphs whose words come nearest to a share (0 to 1) of all words; never none."""
    counts = [len(paragraph.split()) for paragraph in paragraphs]
    wanted = share * sum(counts)
    nearest = min(range(1, len(paragraphs) + 1), key=lambda taken: abs(sum(counts[:taken]) - wanted))
    return tuple(paragraphs[:nearest])
