"""The outlets' feed documents: RSS 2.0, RSS 1.0, Atom and JSON Feed, with the oddities their houses have."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from html.entities import codepoint2name
from zoneinfo import ZoneInfo

from pipelines.newsroom.faults import HABITS, PlannedFault
from pipelines.newsroom.pages import FEED_PATHS, SPANISH_MONTHS, page_path, visible_pieces
from schemas.records import record
from seeds.newsroom import FIRST_DAY, Outlet

LISTED = 20  # entries in a feed, as many as content systems commonly list
TRACKING = "?utm_source=feed&utm_medium=rss&utm_campaign=headlines"
FAR_FUTURE = 2099
SPANISH_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


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


def write_feed(outlet: Outlet, listed: Sequence[ListedEntry], base: str) -> bytes:
    """The feed document's bytes, in the outlet's charset (JSON in UTF-8, as it must be)."""
    if outlet.feed_format == "json11":
        return _write_json(outlet, listed, base)
    writers = {"rss20": _write_rss20, "rss10": _write_rss10, "atom10": _write_atom}
    declaration = f'<?xml version="1.0" encoding="{outlet.charset}"?>\n'
    markup = declaration + writers[outlet.feed_format](outlet, listed, base)
    return markup.encode(outlet.charset, "xmlcharrefreplace")


def write_date(instant: datetime | None, style: str) -> str | None:
    """A date as RSS feeds write it, well or badly; `instant` is in the outlet's own zone, absent stays absent."""
    if instant is None:
        return None
    if style == "zone-name":
        return f"{instant:%a, %d %b %Y %H:%M:%S %Z}"
    if style == "two-digit-year":
        return f"{instant:%a, %d %b %y %H:%M:%S %z}"
    if style == "no-zone":
        return f"{instant:%a, %d %b %Y %H:%M:%S}"
    if style == "spanish":
        month = SPANISH_MONTHS[instant.month - 1]
        return f"{SPANISH_DAYS[instant.weekday()]}, {instant.day} de {month} de {instant:%Y %H:%M:%S %z}"
    return format_datetime(instant)


# ------------------------------------------------------------------------------------------------------ the parts


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


def _iso(instant: datetime | None, *, zone: bool = True) -> str | None:
    return (instant if zone else instant.replace(tzinfo=None)).isoformat() if instant else None


def _element(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>" if text is not None else ""


def _write_rss20(outlet: Outlet, listed: Sequence[ListedEntry], base: str) -> str:
    style = HABITS[outlet.layout].dates
    items = "\n".join(
        "<item>"
        + _element("title", item.title)
        + _element("link", item.link)
        + f'<guid isPermaLink="false">{escape(item.entry_id)}</guid>'
        + "".join(_element("dc:creator", name) for name in item.authors)
        + _element("category", item.section)
        + _element("pubDate", write_date(item.published_at, style))
        + _element("description", f"<p>{escape(item.summary, quote=False)}</p>")
        + "</item>"
        for item in listed
    )
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        + _element("title", outlet.name)
        + _element("link", f"{base}/")
        + _element("description", outlet.tagline)
        + _element("language", outlet.language)
        + f"\n{items}\n</channel></rss>\n"
    )


def _write_rss10(outlet: Outlet, listed: Sequence[ListedEntry], base: str) -> str:
    zone = HABITS[outlet.layout].dates != "no-zone"
    items = "\n".join(
        f'<item rdf:about="{escape(item.link or item.entry_id)}">'
        + _element("title", item.title)
        + _element("link", item.link)
        + "".join(_element("dc:creator", name) for name in item.authors)
        + _element("dc:subject", item.section)
        + _element("dc:date", _iso(item.published_at, zone=zone))
        + _element("description", item.summary)
        + "</item>"
        for item in listed
    )
    order = "".join(f'<rdf:li rdf:resource="{escape(item.link or item.entry_id)}"/>' for item in listed)
    return (
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        + f'<channel rdf:about="{base}{FEED_PATHS["rss10"]}">'
        + _element("title", outlet.name)
        + _element("link", f"{base}/")
        + _element("description", outlet.tagline)
        + _element("dc:language", outlet.language)
        + f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{items}\n</rdf:RDF>\n"
    )


def _write_atom(outlet: Outlet, listed: Sequence[ListedEntry], base: str) -> str:
    kind = "text" if HABITS[outlet.layout].titles == "plain" else "html"
    entries = "\n".join(
        "<entry>"
        + f'<title type="{kind}">{escape(item.title, quote=False)}</title>'
        + (f'<link rel="alternate" type="text/html" href="{escape(item.link)}"/>' if item.link else "")
        + _element("id", item.entry_id)
        + "".join(f"<author>{_element('name', name)}</author>" for name in item.authors)
        + f'<category term="{escape(item.section)}"/>'
        + _element("published", _iso(item.published_at))
        + _element("updated", _iso(item.published_at and (item.updated_at or item.published_at)))
        + _element("summary", item.summary)
        + "</entry>"
        for item in listed
    )
    newest = max((item.updated_at or item.published_at for item in listed if item.published_at), default=None)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}" xml:base="{base}/">'
        + _element("title", outlet.name)
        + _element("subtitle", outlet.tagline)
        + f'<link rel="alternate" href="/"/><link rel="self" href="{FEED_PATHS["atom10"]}"/>'
        + _element("id", f"tag:{outlet.slug},2026:feed")
        + _element("updated", _iso(newest))
        + f"\n{entries}\n</feed>\n"
    )


def _write_json(outlet: Outlet, listed: Sequence[ListedEntry], base: str) -> bytes:
    items = [
        {
            "id": item.entry_id,
            "url": item.link,
            "title": item.title,
            "summary": item.summary,
            "authors": [{"name": name} for name in item.authors],
            "tags": [item.section],
            "date_published": _iso(item.published_at),
            "date_modified": _iso(item.updated_at),
        }
        for item in listed
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "description": outlet.tagline,
        "home_page_url": f"{base}/",
        "feed_url": base + FEED_PATHS["json11"],
        "language": outlet.language,
        "items": [{key: value for key, value in item.items() if value not in (None, [])} for item in items],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()
