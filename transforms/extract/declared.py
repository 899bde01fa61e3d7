"""What a page declares of itself, gathered in one pass over its tree, before anything is judged."""

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from schemas.records import record
from transforms.extract.jsonld import Node, choose_article, clean_text, read_nodes, text_of
from transforms.references import unescape

_NAMING = ("property", "name", "itemprop", "http-equiv")
# Bounds of one value and of one kind of value; real ones are far smaller.
_MAX_CHARS, _MAX_VALUES, _MAX_BODY_CHARS = 5_000, 50, 500_000
_TAG = re.compile(r"<[^<>]{1,300}>")


@record
class Declared:
    """The declarations of one page.

    `metas` maps the lower-cased name, property or itemprop of a meta element to its values in order, and so do time
    elements that say what they date (itemprop, pubdate); `links` maps a link's rel to its first
    href; `nodes` are the typed objects of JSON-LD, `node` the one that tells of the article.
    """

    metas: dict[str, tuple[str, ...]]
    links: dict[str, str]
    title: str | None
    headings: tuple[str, ...]
    nodes: tuple[Node, ...]
    node: Node | None

    def first(self, *names: str) -> str | None:
        """The first value of the first of these meta names that has one."""
        return next((values[0] for name in names if (values := self.metas.get(name))), None)

    def every(self, *names: str) -> tuple[str, ...]:
        """All values of these meta names."""
        return tuple(value for name in names for value in self.metas.get(name, ()))

    def said(self, *keys: str) -> str | None:
        """The first of these properties that the article's JSON-LD node has, as plain text."""
        node = self.node or {}
        return next((text for key in keys if (text := text_of(node.get(key)))), None)

    def body(self) -> str | None:
        """The article's text as its publisher gives it in JSON-LD (articleBody), with its lines; often a part."""
        value = (self.node or {}).get("articleBody")
        if not isinstance(value, str):
            return None
        lines = (clean_text(_TAG.sub(" ", line)) for line in unescape(value[:_MAX_BODY_CHARS]).splitlines())
        return "\n".join(line for line in lines if line) or None


def read_declared(root: HtmlElement) -> Declared:
    """Gather the declarations of a page; the tree is not changed."""
    metas = _read_metas(root)
    headings = tuple(text for text in map(squeeze, _bounded(root.iter("h1"))) if text)
    title = next((squeeze(element) for element in root.iter("title")), None)
    nodes = tuple(read_nodes(root))
    headlines = [*headings[:3], *metas.get("og:title", ())[:1], *([title] if title else [])]
    return Declared(
        metas=metas,
        links=_read_links(root),
        title=title or None,
        headings=headings,
        nodes=nodes,
        node=choose_article(nodes, headlines),
    )


def squeeze(element: HtmlElement) -> str:
    """The element's text with single spaces, bounded in length."""
    return " ".join(element.text_content()[:_MAX_CHARS].split())


def _bounded(elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    return [element for element, _ in zip(elements, range(_MAX_VALUES), strict=False)]


def _read_metas(root: HtmlElement) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta", "time"):
        if element.tag == "time":
            names, value = _names_of_time(element), element.get("datetime")
        else:
            names, value = [element.get(attribute) for attribute in _NAMING], element.get("content")
        value = " ".join(unescape((value or "")[:_MAX_CHARS]).split())
        for name in names if value else ():
            if name and len(values := found.setdefault(name.strip().lower(), [])) < _MAX_VALUES:
                values.append(value)
    return {name: tuple(values) for name, values in found.items()}


def _names_of_time(element: HtmlElement) -> list[str | None]:
    return [element.get("itemprop"), None if element.get("pubdate") is None else "pubdate"]


def _read_links(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("link"):
        href = (element.get("href") or "").strip()
        if href and len(href) <= _MAX_CHARS:
            found.setdefault((element.get("rel") or "").lower(), href)
    return found
