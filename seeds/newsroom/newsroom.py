"""The newsroom: its outlets, their pieces, the texts these have over time, its clock, and how it is loaded.

Wire copies take their words from the pieces they copy, whichever outlet file these stand in.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from schemas.errors import UserError, seed_error
from schemas.records import record
from seeds.newsroom.outlet_file import (
    FIRST_DAY,
    ArticleTable,
    Charset,
    FeedFormat,
    Kind,
    LayoutName,
    OutletFile,
    State,
    read_outlet_file,
)

DAYS = (1, 2, 3)


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
    files = {path.stem: read_outlet_file(path) for path in paths}
    return Newsroom(outlets=tuple(_build_outlet(slug, files) for slug in files))


def _build_outlet(slug: str, files: Mapping[str, OutletFile]) -> Outlet:
    file = files[slug]
    pieces = tuple(_build_piece(article, file, files) for article in file.articles.values())
    return Outlet(**msgspec.structs.asdict(file.outlet), pieces=pieces)


def _build_piece(article: ArticleTable, file: OutletFile, files: Mapping[str, OutletFile]) -> Piece:
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


def _write_paragraphs(article: ArticleTable, file: OutletFile, files: Mapping[str, OutletFile]) -> tuple[str, ...]:
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
