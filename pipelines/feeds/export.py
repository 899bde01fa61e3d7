"""`icewire feeds export`: a feeds file as an OPML list that any feed reader can import."""

from collections.abc import Iterable
from html import escape

from lxml import etree

from schemas.records import Feed
from transforms.discover.guards import MAX_TITLE
from transforms.discover.plain import one_line, plain_text
from transforms.discover.references import strip_forbidden


def write_opml(feeds: Iterable[Feed]) -> bytes:
    """Feeds as OPML 2.0 in UTF-8, in a folder for each kind; kinds and feeds in the order of the feeds."""
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = "Feeds of icewire"
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        kind = strip_forbidden(feed.kind)
        if kind not in folders:
            folders[kind] = etree.SubElement(body, "outline", text=kind, title=kind)
        etree.SubElement(folders[kind], "outline", _outline_attributes(feed))
    return etree.tostring(opml, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _outline_attributes(feed: Feed) -> dict[str, str]:
    name = _readable(feed.publisher)
    attributes = {
        "type": "rss",
        "text": name,
        "title": name,
        "xmlUrl": feed.url,
        "htmlUrl": feed.homepage or "",
        "language": feed.language,
        "category": feed.kind,
    }
    return {name: strip_forbidden(value) for name, value in attributes.items() if value}


def _readable(name: str) -> str:
    """A name as readers will show it: OPML lets titles hold HTML, so what could be taken for it is escaped."""
    line = one_line(name, MAX_TITLE) or ""
    return line if plain_text(line, MAX_TITLE) == line else escape(line)
