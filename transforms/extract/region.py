"""Where the article stands on the page: the smallest part that holds nearly all of its paragraphs."""

import re
from collections import defaultdict

from lxml.html import HtmlElement

from schemas.records import record

# Paragraphs with less are captions and buttons; those with more than half of their letters in links are teasers.
_MIN_CHARS = 40
_MAX_LINKED = 0.5
# What a paragraph counts for its parent, grandparent and so on: an article's paragraphs are siblings or cousins.
_WEIGHTS = (1.0, 0.55, 0.385, 0.27)
# Share of the page's paragraph text that the region must hold. Of 327 dev pages .8 gave better bodies than .9 and 1.
_COVERAGE = 0.8
# Of several articles on a page the one with the page's headline is its own, from so many characters and such a share of
# the page's on: with less it may be the opening of a live blog whose posts are the others.
_MIN_OWN_CHARS, _MIN_OWN_SHARE = 600, 0.2
# Below that many characters of paragraphs a page has no region to speak of, and the whole page is looked at.
_MIN_PAGE_CHARS = 800
_COMMENTS = re.compile(
    r"(?:\A|\s)(?:[\w-]{1,20}-)?comments?(?:-?(?:list|thread|section|area|body|wrapper))?(?:\s|\Z)|disqus", re.I
)
_BLOCKS = ("p", "blockquote", "li", "h2", "h3", "h4", "pre")
_PAGE_LEVEL = ("body", "html")

_Box = tuple[int, bool]


@record
class Region:
    """The part of a page that holds the article (None: the whole page), and the characters its paragraphs have.

    `chars` counts all of its paragraphs, `core_chars` those of the densest container in it.
    """

    element: HtmlElement | None
    chars: int
    core_chars: int


def find_region(root: HtmlElement) -> Region:
    """The region of a page without scripts and navigation, in time linear in its elements."""
    weight: dict[HtmlElement, float] = defaultdict(float)
    held: dict[HtmlElement, int] = defaultdict(int)
    boxes: dict[HtmlElement, _Box] = {}
    page_chars = 0
    for paragraph in root.iter("p", "blockquote"):
        chars = _count_chars(paragraph)
        parent = paragraph.getparent()
        if not chars or parent is None or _look_at(parent, boxes)[1]:
            continue
        page_chars += chars
        held[parent] += chars
        for share, ancestor in zip(_WEIGHTS, paragraph.iterancestors(), strict=False):
            if ancestor.tag in _PAGE_LEVEL:
                break
            weight[ancestor] += chars * share
    for box in sorted(boxes, key=boxes.__getitem__, reverse=True):
        if (parent := box.getparent()) in boxes:
            held[parent] += held[box]
    own = _find_own(root, held, page_chars)
    if own is not None:
        within = set(own.iter())
        weight = {element: chars for element, chars in weight.items() if element in within}
        page_chars = held[own]
    if not weight:
        return Region(element=None, chars=page_chars, core_chars=0)
    core = max(weight, key=weight.__getitem__)
    element = _climb(core, held, page_chars) if page_chars >= _MIN_PAGE_CHARS else None
    return Region(element=element, chars=page_chars if element is None else held[element], core_chars=held[core])


def read_region(region: Region) -> str:
    """The text of a region's headings, paragraphs, quotes and list items, one a line, however boxes are named."""
    lines: list[str] = []
    for block in region.element.iter(*_BLOCKS) if region.element is not None else ():
        if next(block.iterdescendants(*_BLOCKS), None) is not None:
            continue
        text = " ".join(block.text_content().split())
        if text and _count_linked(block) <= len(text) * _MAX_LINKED and text not in lines[-1:]:
            lines.append(text)
    return "\n".join(lines)


def _count_chars(paragraph: HtmlElement) -> int:
    if paragraph.tag == "blockquote" and paragraph.find(".//p") is not None:
        return 0
    chars = len(" ".join(paragraph.text_content().split()))
    if chars < _MIN_CHARS:
        return 0
    return chars if _count_linked(paragraph) <= chars * _MAX_LINKED else 0


def _look_at(box: HtmlElement, known: dict[HtmlElement, _Box]) -> _Box:
    """How deep a box stands, and whether it or one around it is called one of readers' comments."""
    above: list[HtmlElement] = []
    at: HtmlElement | None = box
    while at is not None and at not in known and at.tag not in _PAGE_LEVEL:
        above.append(at)
        at = at.getparent()
    depth, is_commented = known.get(at, (0, False)) if at is not None else (0, False)
    for each in reversed(above):
        is_commented = is_commented or any(_COMMENTS.search(each.get(name, "")) for name in ("id", "class"))
        depth += 1
        known[each] = depth, is_commented
    return depth, is_commented


def _count_linked(block: HtmlElement) -> int:
    return sum(len(link.text_content()) for link in block.iter("a"))


def _climb(core: HtmlElement, held: dict[HtmlElement, int], page_chars: int) -> HtmlElement | None:
    for element in (core, *core.iterancestors()):
        if element.tag in _PAGE_LEVEL:
            return None
        if held[element] >= _COVERAGE * page_chars:
            return element
    return None


def _find_own(root: HtmlElement, held: dict[HtmlElement, int], page_chars: int) -> HtmlElement | None:
    """The page's own article, where other articles or readers' comments stand beside it as articles of their own."""
    long = [each for each in root.iter("article") if held[each] >= _MIN_OWN_CHARS and not _is_nested(each)]
    own = next((each for each in long if each.find(".//h1") is not None), None) if len(long) > 1 else None
    return own if own is not None and held[own] >= _MIN_OWN_SHARE * page_chars else None


def _is_nested(article: HtmlElement) -> bool:
    return next(article.iterancestors("article"), None) is not None
