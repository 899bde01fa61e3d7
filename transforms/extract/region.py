"""Where the article stands on the page: the smallest part that holds nearly all of its paragraphs."""

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
# Below that many characters of paragraphs a page has no region to speak of, and the whole page is looked at.
_MIN_PAGE_CHARS = 800
_PAGE_LEVEL = ("body", "html")


@record
class Region:
    """The part of a page that holds the article (None: the whole page), and the characters its paragraphs have.

    `core_chars` counts the paragraphs of the densest container, `page_chars` those of the page.
    """

    element: HtmlElement | None
    core: HtmlElement | None
    core_chars: int
    page_chars: int


def find_region(root: HtmlElement) -> Region:
    """The region of a page without scripts and navigation. Time is linear in elements times depth (at most 256)."""
    weight: dict[HtmlElement, float] = defaultdict(float)
    held: dict[HtmlElement, int] = defaultdict(int)
    page_chars = 0
    for paragraph in root.iter("p", "blockquote"):
        chars = _count_chars(paragraph)
        if not chars:
            continue
        page_chars += chars
        for level, ancestor in enumerate(paragraph.iterancestors()):
            if ancestor.tag in _PAGE_LEVEL:
                break
            held[ancestor] += chars
            if level < len(_WEIGHTS):
                weight[ancestor] += chars * _WEIGHTS[level]
    if not weight:
        return Region(element=None, core=None, core_chars=0, page_chars=page_chars)
    core = max(weight, key=weight.__getitem__)
    element = _climb(core, held, _COVERAGE * page_chars) if page_chars >= _MIN_PAGE_CHARS else None
    return Region(element=element, core=core, core_chars=held[core], page_chars=page_chars)


def _count_chars(paragraph: HtmlElement) -> int:
    if paragraph.tag == "blockquote" and paragraph.find(".//p") is not None:
        return 0
    chars = len(" ".join(paragraph.text_content().split()))
    if chars < _MIN_CHARS:
        return 0
    linked = sum(len(link.text_content()) for link in paragraph.iter("a"))
    return chars if linked <= chars * _MAX_LINKED else 0


def _climb(core: HtmlElement, held: dict[HtmlElement, int], wanted: float) -> HtmlElement | None:
    for element in (core, *core.iterancestors()):
        if element.tag in _PAGE_LEVEL:
            return None
        if held[element] >= wanted:
            return element
    return None
