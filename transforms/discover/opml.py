"""OPML subscription lists: the feeds that somebody else reads."""

from transforms.discover.elements import Element, attribute, find_all, parse_tree, text_of
from transforms.discover.entries import FeedContext, make_entry
from transforms.discover.guards import MAX_TITLE
from transforms.discover.listing import Listing, RawEntry, RawLink
from transforms.discover.plain import plain_text


def read_opml(markup: str, context: FeedContext) -> Listing:
    """Read a repaired OPML document: each feed once, as one of the listing's `documents`. Raises FeedError(unreadable).

    The entry_id of a feed is its address.
    """
    root = parse_tree(markup)
    outlines = (each for each in find_all(root, "outline") if attribute(each, "xmlurl") and not _is_list(each))
    feeds = {attribute(each, "xmlurl"): make_entry(_read_outline(each), context) for each in reversed(list(outlines))}
    head = next(find_all(root, "head"), root)
    return Listing(
        kind="opml",
        title=plain_text(text_of(head, "title") or "", MAX_TITLE),
        documents=tuple(reversed(feeds.values())),
    )


def _is_list(outline: Element) -> bool:
    """Whether the outline names another list rather than a feed (listparser's and FeedDemon's `source`)."""
    return (attribute(outline, "type") or "").lower() in ("source", "include", "link")


def _read_outline(outline: Element) -> RawEntry:
    address = attribute(outline, "xmlurl")
    return RawEntry(
        entry_id=address,
        links=(RawLink(href=address or ""),),
        title=attribute(outline, "text") or attribute(outline, "title"),
        summary=attribute(outline, "description"),
        categories=tuple(part.strip("/ ") for part in (attribute(outline, "category") or "").split(",")),
        language=attribute(outline, "language"),
        published_raw=attribute(outline, "created"),
    )
