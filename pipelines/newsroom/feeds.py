"""What the outlets' feeds list: the newest pieces as their houses word them, with the faults that befall entries."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from html.entities import codepoint2name
from zoneinfo import ZoneInfo

from pipelines.newsroom.fault_rules import HABITS
from pipelines.newsroom.faults import PlannedFault
from pipelines.newsroom.layouts import page_path
from pipelines.newsroom.pages import visible_pieces
from schemas.records import record
from seeds.newsroom.newsroom import Outlet
from seeds.newsroom.outlet_file import FIRST_DAY

LISTED = 20  # entries in a feed, as many as content systems commonly list
TRACKING = "?utm_source=feed&utm_medium=rss&utm_campaign=headlines"
FAR_FUTURE = 2099


@record
class ListedEntry:
    """One item of a feed as its house words it: the link and title stand as the document gives them."""

    entry_id: str
    link: str | None
    title: str
    summary: str
    authors: tuple[str, ...]
    section: str
    published_at: datetime | None
    updated_at: datetime | None = None


def list_entries(outlet: Outlet, day: int, base: str, faults: Iterable[PlannedFault]) -> list[ListedEntry]:
    """The newest entries as of a newsroom day, newest first, with all faults that befall entries.

    Instants are in the outlet's own zone; `base` is the outlet's address without a final slash.
    """
    zone = ZoneInfo(outlet.time_zone)
    ours = [fault for fault in faults if fault.outlet == outlet.slug]
    listed = []
    for piece, revision in visible_pieces(outlet, day):
        befallen = [fault for fault in ours if fault.piece == piece.slug]
        kinds = {fault.kind for fault in befallen}
        path = next((fault.path for fault in befallen if fault.linked), page_path(outlet, piece))
        published_at = piece.published_at.astimezone(zone)
        if "entry-far-future" in kinds:
            published_at = published_at.replace(year=FAR_FUTURE)
        entry = ListedEntry(
            entry_id=f"tag:{outlet.slug},2026:{piece.slug}",
            link=_write_link(outlet, base, path),
            title=_write_title(outlet, revision.title),
            summary=piece.summary,
            authors=piece.authors,
            section=piece.section,
            published_at=None if "entry-undated" in kinds else published_at,
            updated_at=revision.modified_at and revision.modified_at.astimezone(zone),
        )
        listed += [entry] * (2 if "entry-twice" in kinds else 1)
    opening = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 6, tzinfo=zone)
    for fault in ours:
        if fault.ghost:
            notice = ListedEntry(
                entry_id=f"tag:{outlet.slug},2026:{fault.kind}",
                link=_write_link(outlet, base, fault.path) if fault.path else None,
                title=fault.ghost,
                summary=fault.ghost,
                authors=(),
                section="Notices",
                published_at=opening,
            )
            listed.append(notice)
    return listed[:LISTED]


def _write_link(outlet: Outlet, base: str, path: str) -> str:
    links = HABITS[outlet.layout].links
    return path if links == "relative" else base + path + (TRACKING if links == "tracked" else "")


def _write_title(outlet: Outlet, title: str) -> str:
    """The title as a reader gets it from the document: plain, with HTML's entities, or with HTML markup."""
    titles = HABITS[outlet.layout].titles
    if titles == "plain":
        return title
    if titles == "entities":
        return "".join(f"&{codepoint2name[ord(c)]};" if ord(c) in codepoint2name else c for c in title)
    first, _, rest = escape(title, quote=False).partition(" ")
    return f"<em>{first}</em> {rest}"
