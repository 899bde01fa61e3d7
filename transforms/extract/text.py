"""The article's text out of the page's tree: trafilatura on the article's region, and ways out where that fails."""

from importlib.metadata import version

from lxml import etree
from lxml.html import HtmlElement

from schemas.records import record
from transforms.extract.engine import read_page, read_part
from transforms.extract.guard import count_tags
from transforms.extract.page import Page, copy_root
from transforms.extract.plain import MAX_TEXT, read_paragraphs
from transforms.extract.region import Region, find_region, read_region

MIN_CHARS = 350
"""Shorter texts are not trusted before the slower extractor has looked, too (5 to 7 % of pages)."""

VERSION = 2
"""Raised with every change of what is extracted of the same bytes, so that a row tells what made it."""

_VERSIONS = f"extract {VERSION}, trafilatura {version('trafilatura')}, lxml {version('lxml')}"
# Never text of the article; removed in C before anything walks the tree.
_NEVER_TEXT = (
    "script", "style", "template", "svg", "iframe", "object", "canvas", "noscript", "select", "math", "nav", "footer",
    "video", "audio", "source", "link", "meta", "input", "aside", "button", "dialog", "menu", "picture", "img", "map",
    "datalist", "textarea", "progress", "rp", "rt",
)  # fmt: skip
# Marks within a sentence, which plain text does not keep: fewer elements to look at.
_INLINE = (
    "em", "strong", "b", "i", "u", "font", "small", "abbr", "time", "mark", "cite", "big", "center", "s", "wbr", "tt",
    "label",
)  # fmt: skip
# The extractor's text must reach that share of the densest container's paragraphs, or it took the wrong part.
_MIN_SHARE = 0.6
# And that share of all of the region's, which may hold captions, asides and comments that are rightly left out.
_MIN_REGION_SHARE = 0.55
# An article is spread if its densest box holds less of it than that; then so much less of the region is too little.
_SPREAD, _MIN_SPREAD_SHARE = 0.25, 0.35
# More tags keep the full cascade busy for seconds; of 1,000 real pages one has so many.
_MAX_CAREFUL_TAGS = 20_000
# A publisher's own articleBody is often a teaser or several articles in one: only taken where it clearly adds.
_RESCUE_RATIO, _RESCUE_BELOW = 1.5, 1_500


@record
class Body:
    """The text (one line per paragraph, "" if none), the path that gave it, and where on the page it stands."""

    text: str
    path: str
    region: Region | None = None


def extract_body(page: Page, declared_body: str | None = None) -> Body:
    """The body of a page. Changes `page.root`; depends on nothing but its arguments.

    Paths: region (trafilatura for precision on the article's region), page (the same on the whole page), careful
    (trafilatura's full cascade), paragraphs (all of the region's, where both leave out most of them), json-ld (the
    publisher's own articleBody) and plain (paragraphs of the markup, for pages no tree algorithm finishes or libxml2
    cannot hold).
    """
    if not page.whole:
        return Body(text=read_paragraphs(page.markup), path="plain")
    region = find_region(_prepare(page.root))
    text, path = _read_fast(page.root, region)
    short = len(text) < max(MIN_CHARS, _MIN_SHARE * region.core_chars, _MIN_REGION_SHARE * region.chars)
    if region.element is not None and _misses(text, region):
        text, path = read_region(find_region(_prepare(copy_root(page)))), "paragraphs"
    elif short and count_tags(page.markup) <= _MAX_CAREFUL_TAGS:
        careful = read_page(copy_root(page), is_careful=True)
        if len(careful) > len(text):
            text, path = careful, "careful"
    if declared_body and _is_rescue(declared_body, text):
        text, path = declared_body, "json-ld"
    if not text:
        text, path = read_paragraphs(page.markup), "plain"
    return Body(text=text[:MAX_TEXT], path=path, region=region)


def name_extractor(path: str) -> str:
    """Which path of which extractor, with versions, as recorded in every article."""
    return f"{path} ({_VERSIONS})"


def _misses(text: str, region: Region) -> bool:
    """Whether a text leaves out most of its region: the densest box, or an article spread over many boxes."""
    is_spread = region.core_chars < _SPREAD * region.chars
    return len(text) < (_MIN_SPREAD_SHARE * region.chars if is_spread else _MIN_SHARE * region.core_chars)


def _is_rescue(declared_body: str, text: str) -> bool:
    if "".join(declared_body.split()) == "".join(text.split()):
        return True  # the same words, with the publisher's own paragraphs
    return len(text) < _RESCUE_BELOW and len(declared_body) > _RESCUE_RATIO * len(text)


def _prepare(root: HtmlElement) -> HtmlElement:
    etree.strip_elements(root, *_NEVER_TEXT, with_tail=False)
    _drop_hollow(root)
    etree.strip_tags(root, *_INLINE)
    return root


def _drop_hollow(root: HtmlElement) -> None:
    """Remove boxes without text and make bare spans inline marks: each would cost as much as a paragraph."""
    for span in root.iter("span"):
        if not span.attrib:
            span.tag = _INLINE[0]
    for box in reversed(list(root.iter("div", "span", "section", "li", "ul", "figure", "picture", "img"))):
        parent = box.getparent()
        if len(box) or parent is None or (box.text and box.text.strip()):
            continue
        # What follows goes with the box: words are kept, and so is the space between two inline elements.
        if not box.tail or not (box.tail.strip() or box.tag in ("span", "img")):
            parent.remove(box)


def _read_fast(root: HtmlElement, region: Region) -> tuple[str, str]:
    if region.element is not None:
        return read_part(region.element, region.chars), "region"
    if region.chars < MIN_CHARS:
        return "", "page"  # it would be too short to be trusted
    body = root.find("body")
    return ("", "page") if body is None else (read_part(body, region.chars), "page")
