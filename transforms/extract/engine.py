"""trafilatura, called in two ways: its whole cascade on a page, and its parts on a region that is known already.

The parts are those of its precise and fast mode, in its order. What the cascade does besides is left out: copies for
fallbacks, comments, the search for the body. Parts are not its public interface; the version is pinned, and a test
compares both ways.
"""

import logging

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring
from trafilatura import xpaths
from trafilatura.htmlprocessing import convert_tags, delete_by_link_density, link_density_test_tables, tree_cleaning
from trafilatura.main_extractor import handle_textelem
from trafilatura.settings import TAG_CATALOG, Extractor
from trafilatura.xml import delete_element, xmltotxt

from transforms.extract.naming import BoxNames
from transforms.extract.page import new_parser

# Passed so that trafilatura makes no defaults of its own, which would read the clock; it extracts no dates here.
_NO_DATES = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
_PRECISE = Extractor(fast=True, precision=True, comments=False)
_NAMES = BoxNames(
    {
        "aside": (
            *xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
            *xpaths.DISCARD_IMAGE_ELEMENTS,
            *xpaths.TEASER_DISCARD_XPATH,
            *xpaths.PRECISION_DISCARD_XPATH,
        ),
        "body": xpaths.BODY_XPATH[:1],
        "boilerplate": xpaths.OVERALL_DISCARD_XPATH,
    },
    attributes=(
        *("class", "id", "itemprop", "role", "style", "aria-hidden"),
        *("data-component", "data-lp-replacement-content"),
    ),
)
# A box called an article's body is it from that share of the region's paragraphs on; else it is one of several.
_LEAST_BODY = 0.7
# Boilerplate by name that would leave less than one in so many characters is none.
_LEAST_LEFT = 7
_TEXT_TAGS = frozenset(TAG_CATALOG) | {"table", "td", "th", "tr"}
# Longer paragraphs that say what the one before says are printed twice by the page.
_SAME_CHARS = 50

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it discards is told by the body state


def read_page(tree: HtmlElement, *, is_careful: bool) -> str:
    """The text that trafilatura finds on a page ("" if none): precise and fast, or by its whole cascade."""
    try:
        document = trafilatura.bare_extraction(
            tree,
            fast=not is_careful,
            favor_precision=not is_careful,
            include_comments=False,
            deduplicate=False,  # its memory outlives the page, so that results would depend on what was read before
            date_extraction_params=_NO_DATES,
        )
    except MemoryError:
        raise
    except Exception:  # a library's failure on a hostile page: it found no text, and the next path is tried
        return ""
    return (getattr(document, "text", None) or "").strip()


def read_part(element: HtmlElement, chars: int) -> str:
    """The text that trafilatura's parts make of a region whose paragraphs have so many characters, "" if none.

    Takes the element out of its tree.
    """
    tree = fragment_fromstring("<article></article>", parser=new_parser())
    element.tail = None
    tree.append(element)
    try:
        body = _drop_boxes(convert_tags(tree_cleaning(tree, _PRECISE), _PRECISE), chars)
        _drop_links(body)
        return xmltotxt(_read_elements(body), include_formatting=False).strip()
    except MemoryError:
        raise
    except Exception:  # as above
        return ""


def _drop_boxes(tree: HtmlElement, chars: int) -> HtmlElement:
    """The body of a region without boxes that are called asides."""
    called = _NAMES.find(tree[0].iterdescendants())  # what the region itself is called is no reason to drop it
    for element in called["aside"]:
        delete_element(element)
    body = _find_body(tree, set(called["body"]), _LEAST_BODY * chars)
    boilerplate = _outermost(body, set(called["boilerplate"]))
    whole = len(body.text_content())
    if whole - sum(len(element.text_content()) for element in boilerplate) > whole / _LEAST_LEFT:
        for element in boilerplate:
            delete_element(element)
    return body


def _find_body(tree: HtmlElement, called: set[HtmlElement], least: float) -> HtmlElement:
    """The first box called an article's body that holds so many characters, or the whole."""
    boxes = (element for element in tree.iterdescendants() if element in called) if called else ()
    return next((each for each in boxes if len(" ".join(each.text_content().split())) >= least), tree)


def _outermost(tree: HtmlElement, chosen: set[HtmlElement]) -> list[HtmlElement]:
    """Those of the boxes that stand in none of them, in time linear in the tree's elements."""
    outermost, inside = [], set()
    for element in tree.iterdescendants() if chosen else ():
        if element.getparent() in inside:
            inside.add(element)
        elif element in chosen:
            outermost.append(element)
            inside.add(element)
    return outermost


def _drop_links(tree: HtmlElement) -> None:
    for _ in range(2):
        before = _count_boxes(tree)
        for tag in ("div", "list", "p"):
            delete_by_link_density(tree, tag, backtracking=tag == "div", favor_precision=True)
        if _count_boxes(tree) == before:
            break  # what was left of other boxes changes what is to be said of one; nothing changed
    for table in [each for each in tree.iter("table") if link_density_test_tables(each)]:
        delete_element(table, keep_tail=False)
    for tag in ("head", "quote"):
        delete_by_link_density(tree, tag, favor_precision=True)
    etree.strip_tags(tree, "span", "ref")


def _count_boxes(tree: HtmlElement) -> int:
    return sum(1 for _ in tree.iter("div", "list", "p"))


def _read_elements(tree: HtmlElement) -> etree._Element:
    tags = set(_TEXT_TAGS)
    if sum(len(text) for text in tree.xpath("//p//text()")) < _PRECISE.min_extracted_size:
        tags.add("div")
    body = etree.Element("body")
    before = ""
    for element in list(tree.iterdescendants()):
        if element.getroottree().getroot() is body:
            continue  # it went along with the box it stands in
        tag, tail = element.tag, element.tail
        read = handle_textelem(element, tags, _PRECISE)
        if read is not None:
            said = " ".join("".join(map(str, read.itertext())).split())
            if said != before or len(said) <= _SAME_CHARS:
                body.append(read)
            before = said
            if element.getroottree().getroot() is not body:
                element.tag = "done"
        if tag in ("list", "table", "quote", "code") and tail and tail.strip() and (read is None or not read.tail):
            paragraph = etree.SubElement(body, "p")
            paragraph.text = before = " ".join(tail.split())
    while len(body) and body[-1].tag in ("head", "ref"):
        body.remove(body[-1])
    etree.strip_elements(body, "done")
    etree.strip_tags(body, "div")
    for break_ in body.iter("lb"):
        if break_.tail and not break_.tail.strip():
            break_.tail = None
    return body
