"""What a page says of itself in JSON-LD: read whatever parses, keep the node that tells of this article."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from lxml.html import HtmlElement

from transforms.references import unescape

Node = Mapping[str, Any]

# Bounds of what is walked: pages with more are lists of products, not articles.
_MAX_NODES, _MAX_DEPTH = 2_000, 12
_OPENING = re.compile(r"\A\s*(?:<!--|<!\[CDATA\[|/\*.{0,40}?\*/|//.{0,40}\n)+", re.S)
_CLOSINGS, _MAX_CLOSINGS = ("-->", "]]>", "//", "*/"), 8
# Halves of surrogate pairs, which JSON can write and no encoding can keep.
_LONE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Reportage|Report|Review|BlogPost|Recipe)\Z")
# Links into these are other things the page shows, not the thing it is.
_ASIDE_KEYS = frozenset({
    "author", "creator", "publisher", "image", "logo", "comment", "isPartOf", "hasPart", "itemListElement",
    "breadcrumb", "liveBlogUpdate", "potentialAction", "mentions", "citation", "relatedLink", "review", "thumbnail",
    "address", "about",
})  # fmt: skip
_SIMILAR = 0.6
# Comparing two headlines takes up to five milliseconds; the page's own article is among the first that a page tells of.
_LIKENED_CHARS, _MAX_LIKENED = 200, 30


def read_nodes(root: HtmlElement) -> list[Node]:
    """Every typed object in the page's JSON-LD, in order, without those that are parts or makers of another one.

    Forgiving where publishers are sloppy (comments, control characters, trailing commas, entities); never raises.
    """
    nodes: list[Node] = []
    for block in root.iter("script"):
        if "ld+json" not in (block.get("type") or "").lower():
            continue
        nodes.extend(_walk(_parse(block.text or "")))
        if len(nodes) >= _MAX_NODES:
            break
    return nodes[:_MAX_NODES]


def types_of(node: Node) -> tuple[str, ...]:
    """The schema.org types of a node, without their namespace."""
    declared = node.get("@type")
    kinds = declared if isinstance(declared, list) else [declared]
    return tuple(kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in kinds if isinstance(kind, str))


def choose_article(nodes: Iterable[Node], headlines: Iterable[str]) -> Node | None:
    """The node of the page's own article: of those of an article type the one whose headline is most like the page's.

    None if the page has no such node, or several none of which resembles the headlines.
    """
    candidates = [node for node in nodes if any(_ARTICLE_TYPES.search(kind) for kind in types_of(node))]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    wanted = [headline.casefold()[:_LIKENED_CHARS] for headline in headlines if headline]
    if same := next((node for node in candidates if _headline(node) in wanted), None):
        return same
    scored = [
        (_likeness(_headline(node), wanted), -place, node) for place, node in enumerate(candidates[:_MAX_LIKENED])
    ]
    likeness, _, best = max(scored, key=lambda entry: entry[:2])
    return best if likeness >= _SIMILAR or not wanted else None


def text_of(value: object) -> str | None:
    """A property's value as plain text: the first string of lists, the name or value of objects."""
    if isinstance(value, list):
        return next((text for item in value[:20] if (text := text_of(item))), None)
    if isinstance(value, dict):
        return text_of(value.get("@value") or value.get("name") or value.get("url") or value.get("@id"))
    if isinstance(value, str):
        return clean_text(value) or None
    return None


def clean_text(value: str) -> str:
    """A string without entities and control characters, with single spaces."""
    return " ".join(unescape(value).translate(_CONTROLS).split())


def _parse(text: str) -> object:
    text = _LONE.sub(r"\\ufffd", _unwrap(text))
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text), unescape(text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _unwrap(text: str) -> str:
    """The text without the comments that once hid scripts from browsers."""
    text = _OPENING.sub("", text)
    for _ in range(_MAX_CLOSINGS):
        text = text.rstrip("; \t\r\n")
        closing = next((mark for mark in _CLOSINGS if text.endswith(mark)), "")
        if not closing:
            break
        text = text.removesuffix(closing)
    return text


def _walk(value: object) -> Iterator[Node]:
    stack: list[tuple[object, int]] = [(value, 0)]
    seen = 0
    while stack and seen < _MAX_NODES:
        item, depth = stack.pop()
        seen += 1
        if depth > _MAX_DEPTH:
            continue
        if isinstance(item, list):
            stack.extend((child, depth + 1) for child in reversed(item[:_MAX_NODES]))
        elif isinstance(item, dict):
            if "@type" in item:
                yield item
            inner = [child for key, child in item.items() if key not in _ASIDE_KEYS and isinstance(child, dict | list)]
            stack.extend((child, depth + 1) for child in reversed(inner))


def _headline(node: Node) -> str:
    return (text_of(node.get("headline")) or text_of(node.get("name")) or "").casefold()[:_LIKENED_CHARS]


def _likeness(headline: str, wanted: list[str]) -> float:
    if not headline:
        return 0.0
    return max((SequenceMatcher(None, headline, other).ratio() for other in wanted), default=0.0)
