"""The reader of last resort for RSS and Atom: element names only, whatever the namespaces and nesting."""

from transforms.discover.elements import Element, attribute, find_all, parse_tree, tag_name, text_of
from transforms.discover.entries import FeedContext, clean_language, make_entry
from transforms.discover.guards import MAX_NAMES, MAX_TITLE
from transforms.discover.links import usable_url
from transforms.discover.listing import Listing, RawEntry, RawLink
from transforms.discover.plain import plain_text

_KINDS = {"rss": "rss20", "channel": "rss", "feed": "atom10", "entry": "atom10", "rdf": "rss10"}


def read_recovered(markup: str, root_name: str, url: str, context: FeedContext) -> Listing:
    """Read a repaired document that feedparser could not; raises FeedError(unreadable) if nothing is a tree."""
    root = parse_tree(markup)
    is_atom = root_name in ("feed", "entry")
    channel = root if is_atom else next(find_all(root, "channel"), root)
    language = clean_language(text_of(channel, "language") or attribute(root, "lang"))
    site = None if is_atom else usable_url(text_of(channel, "link"), url)
    inner = FeedContext(
        feed_id=context.feed_id, base=site or usable_url(url), language=language or context.language, now=context.now
    )
    items = find_all(root, "entry" if is_atom else "item")
    return Listing(
        kind=_KINDS.get(root_name, "rss"),
        title=plain_text(text_of(channel, "title") or "", MAX_TITLE),
        language=inner.language,
        entries=tuple(make_entry(_read_item(item, is_atom), inner) for item in items),
    )


def _read_item(item: Element, is_atom: bool) -> RawEntry:
    identifier = text_of(item, "guid", "id")
    guid = next((child for child in item if tag_name(child) == "guid"), None)
    is_permalink = guid is None or (attribute(guid, "ispermalink") or "true") == "true"
    updated = text_of(item, "updated", "modified")
    return RawEntry(
        entry_id=identifier,
        permalink=identifier if is_atom or is_permalink else None,
        links=_read_links(item),
        title=text_of(item, "title"),
        summary=text_of(item, "description", "summary", "encoded", "content"),
        authors=tuple(filter(None, [text_of(item, "creator", "author")])),
        categories=tuple(_category(child) for child in item if tag_name(child) == "category")[:MAX_NAMES],
        published_raw=text_of(item, "pubdate", "published", "issued", "date", "created") or updated,
        updated_raw=updated,
    )


def _read_links(item: Element) -> tuple[RawLink, ...]:
    links = [RawLink(href=text)] if (text := text_of(item, "origlink")) else []
    for child in item:
        if tag_name(child) == "link":
            href = attribute(child, "href") or (child.text or "")
            links.append(RawLink(href=href, rel=attribute(child, "rel") or "alternate", type=attribute(child, "type")))
    return tuple(links)


def _category(element: Element) -> str:
    return attribute(element, "term") or (element.text or "")
