"""OPML subscription lists: the feeds that somebody else reads."""

from schemas.records import record
from transforms.addresses import refusal
from transforms.discover.decode import decode_body
from transforms.discover.elements import Element, attribute, find_all, parse_tree, tag_name, text_of
from transforms.discover.entries import FeedContext, clean_language, make_entry
from transforms.discover.guards import MAX_NAME, MAX_TITLE, check_size, gunzip_body
from transforms.discover.links import usable_url
from transforms.discover.listing import FeedError, Listing, RawEntry, RawLink
from transforms.discover.outline_tags import mend_outlines
from transforms.discover.plain import plain_text
from transforms.discover.repair import repair_xml

_LISTS = frozenset({"source", "include", "link"})
"""Types of outlines that name another list rather than a feed (FeedDemon's `source`, OPML 2.0's `include`, `link`)."""


@record
class Outline:
    """A feed that a list names: its address as written, and as it can be asked for, if it can.

    `folders` are the titles of the outlines around it, outermost first. `is_list` if it names another list.
    """

    address: str | None
    url: str | None
    title: str | None = None
    homepage: str | None = None
    language: str | None = None
    folders: tuple[str, ...] = ()
    is_list: bool = False


@record
class Subscriptions:
    """A list's outlines that stand for feeds, in its order; `truncated_at` outlines were read if it was cut."""

    title: str | None
    outlines: tuple[Outline, ...]
    truncated_at: int | None = None


def read_subscriptions(body: bytes) -> Subscriptions:
    """Read the bytes of an OPML file, gzip files too, however broken its markup. Raises FeedError."""
    check_size(body)
    root, truncated_at = _read_root(decode_body(gunzip_body(body)[0]))
    outlines = (_read_outline(each) for each in find_all(root, "outline") if _is_leaf(each))
    return Subscriptions(title=_read_title(root), outlines=tuple(outlines), truncated_at=truncated_at)


def read_opml(text: str, context: FeedContext) -> Listing:
    """Read an OPML document: each feed once, as one of the listing's `documents`. Raises FeedError.

    The entry_id of a feed is its address.
    """
    root, truncated_at = _read_root(text)
    outlines = (each for each in find_all(root, "outline") if attribute(each, "xmlurl") and not _is_list(each))
    feeds = {attribute(each, "xmlurl"): make_entry(_read_entry(each), context) for each in reversed(list(outlines))}
    return Listing(
        kind="opml",
        title=_read_title(root),
        documents=tuple(reversed(feeds.values())),
        truncated_at=truncated_at,
    )


def askable_address(address: str | None) -> str | None:
    """A feed's address as it can be asked for, as written where possible; None if it cannot be asked.

    `feed:` in front of an address, or in place of `http:`, is how browsers once handed feeds to readers.
    """
    text = (address or "").strip()
    if text[:5].lower() == "feed:":
        text = f"http:{text[5:]}" if text[5:].startswith("//") else text[5:]
    repaired = usable_url(text)
    if repaired is None or refusal(repaired):
        return None
    return text if text.isprintable() and " " not in text and not refusal(text) else repaired


def _read_root(text: str) -> tuple[Element, int | None]:
    """The tree of a list, and at how many outlines it was cut."""
    repaired = repair_xml(mend_outlines(text))
    if repaired.root != "opml":
        met = ", ".join(filter(None, [*repaired.before_root[:3], repaired.root])) or "no markup"
        raise FeedError("not-a-feed", f"no opml element, but {met}")
    return parse_tree(repaired.markup), repaired.truncated_at


def _read_title(root: Element) -> str | None:
    return plain_text(text_of(next(find_all(root, "head"), root), "title") or "", MAX_TITLE)


def _is_list(outline: Element) -> bool:
    return (attribute(outline, "type") or "").lower() in _LISTS


def _is_leaf(outline: Element) -> bool:
    """Whether the outline stands for a feed, if only by mistake for one, and not for a folder."""
    return bool(attribute(outline, "xmlurl")) or not any(tag_name(child) == "outline" for child in outline)


def _read_outline(outline: Element) -> Outline:
    address = attribute(outline, "xmlurl")
    around = [each for each in outline.iterancestors() if tag_name(each) == "outline" and not attribute(each, "xmlurl")]
    folders = (_name(each, MAX_NAME) for each in reversed(around))
    return Outline(
        address=address,
        url=askable_address(address),
        title=_name(outline, MAX_TITLE),
        homepage=askable_address(attribute(outline, "htmlurl")),
        language=clean_language(attribute(outline, "language")),
        folders=tuple(filter(None, folders)),
        is_list=_is_list(outline),
    )


def _name(outline: Element, limit: int) -> str | None:
    return plain_text(attribute(outline, "text") or attribute(outline, "title") or "", limit)


def _read_entry(outline: Element) -> RawEntry:
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
