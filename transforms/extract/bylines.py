"""The names in an article's byline: from what the page declares, else from what it shows."""

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from transforms.extract.declared import Declared
from transforms.extract.jsonld import Node, clean_text
from transforms.extract.site import is_site_name

MAX_AUTHORS = 20
"""Most names that are kept; longer lists are mastheads."""

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
_LEAD_IN = re.compile(
    r"\A\W*(?:(?:written|reported|story|words|posted|published|edited|reviewed|text|analysis|review|opinion)\s+by|"
    r"by|von|por|par|text|autor(?:in|es)?|auteur|author|redacci[oó]n\s+de)\b\s*:?\s+",
    re.I,
)
_WRITTEN_BY = re.compile(r"(?:written by|escrito por|verfasst von|écrit par|author|autor)\b", re.I)
_SPLIT = re.compile(r"\s*(?:[;,|•·/&\n]|\s+(?:and|und|y|et|e|og|och|en|with|mit|con)\s+)\s*", re.I)
# What follows a name in a byline and is none: a role, a desk, a place, a date.
_TAIL = re.compile(
    r"\s*(?:\(.{0,80}\)|\bfor\s+the\s+.{1,60}|\bfor\s+[A-Z].{1,60}|[–—-]\s.{1,80}|\bat\s+\d.{0,40}|"
    r"\bis\s+an?\s.{1,200}|"
    r"\b(?:updated|published|posted|updated on|last updated)\b.{0,80}|\b\d{1,2}[./:]\d.{0,40})\s*\Z",
    re.I,
)
_ROLES = re.compile(
    r"\A(?:(?:senior|staff|chief|deputy|associate|managing|national|political|special|digital|news|contributing|"
    r"freelance|"
    r"investigative|breaking|immigration|white house|executive|guest|video)\s+){0,3}(?:reporters?|editors?|writers?|"
    r"correspondents?|producers?|columnists?|contributors?|photographers?|journalists?|anchors?|fellow|author|"
    r"jr\.?|sr\.?|"
    r"ph\.?d\.?|m\.?d\.?|esq\.?|ii|iii|share|follow|print|email|facebook|twitter|comments?|more|posts?|bio|"
    r"view all.*|"
    r"see all.*|read more.*|advertisement|photo.*|foto.*|image.*|updated.*|published.*|null|none|with|red|wire|agencies|agenturen|agencias|undefined|"
    r"unknown|admin|"
    r"administrator|user|root|test|n/a|redactie|by|de|the)\Z",
    re.I,
)
_NO_NAME = re.compile(
    r"https?://|www\.|@\w|\.(?:com|org|net)\b|[<>{}\[\]=#?!:]|\d|\A(?:mon|tues?|wed|thu|fri|sat|sun)(?:\w*day)?\Z|"
    r"\A(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,7}\.?\Z|\bmin(?:ute)?s? read\b|\bago\Z",
    re.I,
)
_MAX_NAME_CHARS, _MAX_NAME_WORDS = 80, 8


def choose_authors(
    declared: Declared, root: HtmlElement, names: frozenset[str], listed: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The authors: JSON-LD's, else those of meta elements, of the feed's entry (`listed`), or of a visible byline.

    Where a source only tells the site itself (`names`, see site.site_names), the next one is asked; if none tells a
    person, the site is the author.
    """
    sources = (
        lambda: _said(declared.node),
        lambda: _split_all(declared.every(*_META_NAMES)),
        lambda: _split_all(_labelled(declared)),
        lambda: _split_all(listed),
        lambda: _said_anywhere(declared.nodes),
        lambda: _shown(root),
    )
    house: tuple[str, ...] = ()
    for source in sources:
        found = _distinct(source())
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
    return list(_split(clean_text(value[:500]))) if isinstance(value, str) else []


def _shown(root: HtmlElement) -> list[str]:
    above: list[tuple[str, HtmlElement]] = []
    below: list[tuple[str, HtmlElement]] = []
    marked = above
    for element in root.iter(*_TAGS):
        if element.tag == "h1":
            marked = below
            continue
        mark = _mark(element)
        if len(marked) < _MAX_SHOWN and any(hint in mark for hint in _HINTS):
            marked.append((mark, element))
    # Bylines stand behind the headline; those above it may be of other stories, so they are asked last.
    return _read_bylines(below) or _read_bylines(above)


def _read_bylines(marked: list[tuple[str, HtmlElement]]) -> list[str]:
    for rank in _RANKS:
        fitting = [element for mark, element in marked if rank.search(mark) and not _NOT_BYLINES.search(mark)]
        for element in fitting[:3]:
            group = [other for other in fitting if _are_neighbours(element, other)]
            if names := _split_all("\n".join(_pieces(member)) for member in group[:MAX_AUTHORS]):
                return names
    return []


def _mark(element: HtmlElement) -> str:
    get = element.get
    start = (element.text or "").lstrip()[:10]
    if not element.attrib:
        return f"text={start}".lower()
    href = get("href", "")[:200] if element.tag == "a" else ""
    return f"{get('class', '')} rel={get('rel', '')} itemprop={get('itemprop', '')} href={href} text={start}".lower()


def _are_neighbours(one: HtmlElement, other: HtmlElement) -> bool:
    return one is other or any(a is b for a in _near(one) for b in _near(other))


def _near(element: HtmlElement) -> list[HtmlElement]:
    # Several authors stand in one list or sentence: the parent, or its parent where each has a wrapper.
    return [ancestor for ancestor, _ in zip(element.iterancestors(), range(2), strict=False) if ancestor.tag != "body"]


def _pieces(element: HtmlElement) -> Iterator[str]:
    for text, _ in zip(element.itertext(), range(20), strict=False):
        if piece := " ".join(text.split()):
            yield piece


def _split_all(texts: Iterable[str]) -> list[str]:
    return [name for text in texts for name in _split(text)]


def _split(text: str) -> Iterator[str]:
    text = text[:500]
    if _NO_NAME.search(text) and " " not in text:
        return
    text = _LEAD_IN.sub("", text)
    for part in _SPLIT.split(text)[:MAX_AUTHORS]:
        name = _TAIL.sub("", _LEAD_IN.sub("", part)).strip(" \t.,:;-–—|*\"'“”()")
        if _is_name(name):
            yield name


def _is_name(name: str) -> bool:
    if not 1 < len(name) <= _MAX_NAME_CHARS or len(name.split()) > _MAX_NAME_WORDS:
        return False
    return not _NO_NAME.search(name) and not _ROLES.match(name) and any(letter.isalpha() for letter in name)


def _distinct(names: list[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(" ".join(name.casefold().split()), " ".join(name.split()))
    return tuple(found.values())[:MAX_AUTHORS]
