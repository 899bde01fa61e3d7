"""Reading repaired XML as a tree with libxml2: what sitemaps, OPML and the fallback reader share."""

from collections.abc import Iterator

from lxml import etree

from transforms.discover.balance import local_name
from transforms.discover.listing import FeedError

Element = etree._Element


def parse_tree(markup: str) -> Element:
    """The root of a document; what is still broken is recovered. No entity is expanded and nothing fetched.

    Raises FeedError(unreadable) if no element is left.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_pis=True
    )
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise FeedError("unreadable", str(error)[:200]) from None
    if root is None:
        raise FeedError("unreadable", "no element could be read")
    return root


def tag_name(element: Element) -> str:
    """The element's name without namespace or prefix, in lower case; "" for what is no element."""
    tag = element.tag
    return local_name(tag.rpartition("}")[2]) if isinstance(tag, str) else ""


def find_all(root: Element, name: str) -> Iterator[Element]:
    """The elements of this local name at any depth, in document order."""
    return (element for element in root.iter() if tag_name(element) == name)


def text_of(parent: Element, *names: str) -> str | None:
    """The text within the first child that has the first of these local names, and so on; None if all are empty."""
    for name in names:
        for child in parent:
            if tag_name(child) == name and (text := "".join(map(str, child.itertext())).strip()):
                return text
    return None


def attribute(element: Element, name: str) -> str | None:
    """An attribute's text by its local name, in whatever case; None if it is missing or empty."""
    for key, value in element.attrib.items():
        if local_name(str(key).rpartition("}")[2]) == name:
            return str(value).strip() or None
    return None
