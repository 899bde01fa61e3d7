"""The pages that extractors are measured on, each with what a person would read off it."""

import gzip
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.newsroom.layouts import LAYOUTS, page_path
from pipelines.newsroom.pages import encode_page, render_page
from pipelines.newsroom.parts import localize
from schemas.errors import UserError
from schemas.records import record
from seeds.newsroom.newsroom import Outlet, Piece, PieceRevision, load_newsroom


@record
class LabelledPage:
    """A page, read when it is needed, and its truth.

    `truth` holds any of text, title, author (a list of names), date (an ISO day; date_utc if another in UTC),
    with and without (strings that must and must not be in the text). Those of the tier `silver` are the output of
    another program, no person's.
    """

    id: str
    url: str
    source: str
    tier: str
    truth: Mapping[str, Any]
    read: Callable[[], bytes]


def newsroom_pages() -> list[LabelledPage]:
    """The pages of the bundled newsroom that show a whole article, one for each text it had."""
    return [
        _render(outlet, piece, revision)
        for outlet in load_newsroom().outlets
        for piece in outlet.pieces
        if piece.state == "full"
        for revision in piece.revisions
    ]


def folder_pages(folder: Path) -> list[LabelledPage]:
    """The pages of a folder: `gold.jsonl`, one object a line with id, url, source, tier and gold, and `<id>.html.gz`.

    Raises UserError if it is no such folder.
    """
    path = folder / "gold.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [
            LabelledPage(
                id=row["id"],
                url=row["url"],
                source=row["source"],
                tier=row["tier"],
                truth=row["gold"],
                read=partial(_unpack, folder / f"{row['id']}.html.gz"),
            )
            for row in rows
        ]
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; --pages names a folder of labelled pages") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: field {error}; each line is an object with id, url, source, tier and gold") from error


def spread(pages: list[LabelledPage], limit: int | None) -> list[LabelledPage]:
    """At most so many pages, taken evenly from the whole list."""
    if limit is None or limit >= len(pages):
        return pages
    return [pages[place * len(pages) // limit] for place in range(limit)]


def _unpack(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _render(outlet: Outlet, piece: Piece, revision: PieceRevision) -> LabelledPage:
    base = f"https://{outlet.slug}.example"
    # What stands between headline and end is the text, so the standfirst belongs to it in houses that print one.
    standfirst = [piece.summary] if "{summary}" in LAYOUTS[outlet.layout].body else []
    truth = {
        "text": "\n".join([*standfirst, *revision.paragraphs]),
        "title": revision.title,
        "author": list(piece.authors),
        "date": localize(outlet, piece.published_at).date().isoformat(),
        "date_utc": piece.published_at.date().isoformat(),
    }
    return LabelledPage(
        id=f"{outlet.slug}/{piece.slug}/{revision.day}",
        url=base + page_path(outlet, piece),
        source=outlet.slug,
        tier="written",
        truth=truth,
        read=partial(_encode, outlet, piece, revision, base),
    )


def _encode(outlet: Outlet, piece: Piece, revision: PieceRevision, base: str) -> bytes:
    return encode_page(outlet, render_page(outlet, piece, revision, day=revision.day, base=base))
