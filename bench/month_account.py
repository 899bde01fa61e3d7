"""Account for the month: what the feeds never showed to us, and what became of all that they did show."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bench.month_rows import Month, good_polls
from bench.month_server import RunningMonth
from schemas.records import Gap, record
from seeds.newsroom.newsroom import Piece
from transforms.addresses import url_key


@record
class Account:
    """What the feeds never showed to us, and what became of all that they did show: by feed."""

    missed: Mapping[str, tuple[Piece, ...]]
    """Published, but in no document that we read."""
    silent: tuple[str, ...]
    """Addresses of those of them that neither a gap nor a row tells of."""
    untold: tuple[str, ...]
    """Addresses that were listed and that no article, drop or dead letter tells of."""
    listed: int


def account_for(month: Month, running: RunningMonth) -> Account:
    """Compare all that was published and listed with what the data set tells of."""
    shown: dict[str, set[str]] = {}
    since: dict[str, datetime] = {}
    for document in running.shown:
        shown.setdefault(document.slug, set()).update(document.pieces)
        since.setdefault(document.slug, document.at)
    missed: dict[str, tuple[Piece, ...]] = {}
    silent: list[str] = []
    untold: list[str] = []
    for slug, archive in running.archives.items():
        until = good_polls(month.polls[slug])[-1].polled_at
        never = [piece for piece in archive.between(since[slug], until) if piece.slug not in shown[slug]]
        missed[slug] = tuple(never)
        for piece in never:
            address = running.page_of(slug, piece)
            if url_key(address) not in month.told and not _is_told(piece, month.gaps[slug]):
                silent.append(address)
        for piece in archive.outlet.pieces:
            address = running.page_of(slug, piece)
            if piece.slug in shown[slug] and url_key(address) not in month.told:
                untold.append(address)
    listed = sum(len(slugs) for slugs in shown.values())
    return Account(missed=missed, silent=tuple(silent), untold=tuple(untold), listed=listed)


def _is_told(piece: Piece, gaps: Sequence[Gap]) -> bool:
    return any(
        gap.kind != "moved"
        and gap.began_at <= piece.published_at
        and (not gap.ended_at or piece.published_at <= gap.ended_at)
        for gap in gaps
    )
