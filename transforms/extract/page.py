"""One parse: markup becomes a tree, once, for everything that is read from a page."""

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HTMLParser, HtmlProcessingInstruction, document_fromstring

from schemas.records import record
from transforms.extract.guard import MAX_TAGS, count_tags
from transforms.extract.refusal import ExtractError

_PLAIN = etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction)


@record
class Page:
    """A parsed page: its markup (UTF-8, disarmed), its tree, and whether the tree can be trusted to hold all of it."""

    markup: bytes
    root: HtmlElement
    whole: bool


def parse_page(markup: bytes, *, only_head: bool = False) -> Page:
    """The page of disarmed UTF-8 markup. Raises ExtractError (empty) if there is no element at all.

    `whole` is False where libxml2 gave up (at 256 levels of nesting) or where there are more tags (guard.MAX_TAGS) than
    tree algorithms finish in time, or if `only_head` is asked for; what stands before that, the head above all, is in
    the tree nevertheless.
    """
    parser = new_parser()
    crowded = only_head or count_tags(markup) > MAX_TAGS
    try:
        root = document_fromstring(_head_of(markup) if crowded else markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ExtractError("empty", f"no element: {error}"[:200]) from error
    limited = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return Page(markup=markup, root=root, whole=not (crowded or limited))


def new_parser() -> HTMLParser:
    """A parser whose elements are all plain HtmlElements: to look up others costs a call into Python for each."""
    parser = HTMLParser(collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    parser.set_element_class_lookup(_PLAIN)
    return parser


def copy_root(page: Page) -> HtmlElement:
    """A second tree of the page, for algorithms that change the one they are given."""
    return parse_page(page.markup, only_head=not page.whole).root


# Where the head of a crowded page ends for us, in bytes: title, metadata and JSON-LD stand before.
_HEAD_BYTES = 500_000
_HEAD_TAGS = 2_000


def _head_of(markup: bytes) -> bytes:
    head = markup[:_HEAD_BYTES]
    return b"<".join(head.split(b"<", _HEAD_TAGS)[:_HEAD_TAGS])
