"""The outlets' feed documents: RSS 2.0, RSS 1.0, Atom and JSON Feed, with the oddities their houses have."""

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape

from pipelines.newsroom.fault_rules import HABITS
from pipelines.newsroom.feeds import ListedEntry
from pipelines.newsroom.layouts import FEED_PATHS
from pipelines.newsroom.parts import SPANISH_MONTHS
from seeds.newsroom.newsroom import Outlet

SPANISH_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


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
