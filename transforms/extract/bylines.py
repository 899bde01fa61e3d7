"""The names in an article's byline: from what the page declares, else from what it shows."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from lxml.html import HtmlElement

from transforms.extract.declared import Declared, squeeze
from transforms.extract.jsonld import Node, clean_text
from transforms.extract.names import MAX_AUTHORS, distinct_names, split_names
from transforms.extract.site import is_site_name

_META_NAMES = (
    "author", "article:author_name", "article:author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "dc.contributor", "byl", "byline", "cxenseparse:author", "og:article:author",
)  # fmt: skip
# One walk finds what may be a byline; which of it is, is decided by the order of _RANKS.
_TAGS = ("a", "span", "div", "p", "address", "li", "strong", "em", "b", "h1", "h2", "h3", "h4", "h5", "section", "cite")
_HINTS = ("author", "byline", "contributor", "writer", "/by/", "text=by ", "text=por ", "text=von ")
_RANKS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"rel=author|itemprop=author",
        r"author[-_]{0,2}name|byline[-_]{0,2}(?:name|author|link)|authorlink",
        r"(?:\A|\s)(?:author|byline)s?(?:\s|\Z)|(?:article|post|story|entry)[-_]{0,2}(?:author|byline)|byline",
        r"href=\S*/(?:authors?|by)/",
        r"text=(?:by|por|von)\s",
        r"author|contributor|writer",
    )
)
_NOT_BYLINES = re.compile(r"avatar|image|img|photo|comment|related|social|follow|widget|sidebar|caption|quote", re.I)
_MAX_SHOWN = 200
# A byline is short; what is longer is a paragraph that begins with "By", or a portrait of the author.
_MAX_BYLINE_CHARS = 150
_WRITTEN_BY = re.compile(r"(?:written by|escrito por|verfasst von|écrit par|author|autor)\b", re.I)


def choose_authors(
    declared: Declared, root: HtmlElement, names: frozenset[str], listed: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The authors: JSON-LD's, else those of meta elements, of the feed's entry (`listed`), or of a visible byline.

    Where a source only tells the site itself (`names`, see site.site_names), the next one is asked; if none tells a
    person, the site is the author.
    """
    sources: tuple[Callable[[], list[str]], ...] = (
        lambda: _said(declared.node),
        lambda: split_names(declared.every(*_META_NAMES)),
        lambda: split_names(_labelled(declared)),
        lambda: split_names(listed),
        lambda: _said_anywhere(declared.nodes),
        lambda: _shown(root),
    )
    house: tuple[str, ...] = ()
    for source in sources:
        found = distinct_names(source())
        if people := tuple(name for name in found if not is_site_name(name, names)):
            return people
        house = house or found
    return house


def _said(node: Node | None) -> list[str]:
    return [] if node is None else _names_in(node.get("author")) or _names_in(node.get("creator"))


def _labelled(declared: Declared) -> tuple[str, ...]:
    # The pairs of label and value that the most used SEO plug-in writes.
    label = declared.first("twitter:label1") or ""
    return declared.every("twitter:data1") if _WRITTEN_BY.match(label) else ()


def _said_anywhere(nodes: Iterable[Node]) -> list[str]:
    return next((names for node in nodes if (names := _said(node))), [])


def _names_in(value: object, depth: int = 0) -> list[str]:
    if depth > 3:
        return []
    if isinstance(value, list):
        return [name for item in value[:MAX_AUTHORS] for name in _names_in(item, depth + 1)]
    if isinstance(value, dict):
        return _names_in(value.get("name") or value.get("@value"), depth + 1)
    return split_names([clean_text(value[:500])]) if isinstance(value, str) else []


def _shown(root: HtmlElement) -> list[str]:
    above: list[tuple[str, HtmlElement]] = []
    below: list[tuple[str, HtmlElement]] = []
    marked = above
    plain: set[str] = set()  # classes without a hint; most elements are of few of them and begin with another element
    for element in root.iter(*_TAGS):
        tag, text = element.tag, element.text
        if tag == "h1":
            marked = below
            continue
        is_bare = tag != "a" and (text is None or text.isspace()) and element.get("itemprop") is None
        classes = element.get("class", "")
        if is_bare and classes in plain:
            continue
        mark = _mark(element)
        for hint in _HINTS:  # a loop, since it is asked of every element of many pages
            if hint in mark:
                if len(marked) < _MAX_SHOWN:
                    marked.append((mark, element))
                break
        else:
            if is_bare and element.get("rel") is None:
                plain.add(classes)
    # Bylines stand behind the headline; those above it may be of other stories, so they are asked last.
    return _read_bylines(below) or _read_bylines(above)


def _read_bylines(marked: list[tuple[str, HtmlElement]]) -> list[str]:
    is_short = cache(lambda element: len(squeeze(element)) <= _MAX_BYLINE_CHARS)  # each may be around the whole page
    for rank in _RANKS:
        fitting = [
            element
            for mark, element in marked
            if rank.search(mark) and not _NOT_BYLINES.search(mark) and is_short(element)
        ]
        for element in fitting[:3]:
            group = [other for other in fitting if _are_neighbours(element, other)]
            if names := split_names("\n".join(_pieces(member)) for member in group[:MAX_AUTHORS]):
                return names
    return []


def _mark(element: HtmlElement) -> str:
    get = element.get
    start = (element.text or "").lstrip()[:10]
    if not element.attrib:
        return f"text={start}".lower()
    # Bounded, since patterns look at the mark from each of its characters.
    classes, rel, itemprop = get("class", "")[:300], get("rel", "")[:100], get("itemprop", "")[:100]
    href = get("href", "")[:200] if element.tag == "a" else ""
    return f"{classes} rel={rel} itemprop={itemprop} href={href} text={start}".lower()


def _are_neighbours(one: HtmlElement, other: HtmlElement) -> bool:
    return one is other or any(a is b for a in _near(one) for b in _near(other))


def _near(element: HtmlElement) -> list[HtmlElement]:
    # Several authors stand in one list or sentence: the parent, or its parent where each has a wrapper.
    return [ancestor for ancestor, _ in zip(element.iterancestors(), range(2), strict=False) if ancestor.tag != "body"]


def _pieces(element: HtmlElement) -> Iterator[str]:
    for text, _ in zip(element.itertext(), range(20), strict=False):
        if piece := " ".join(text.split()):
            yield piece
