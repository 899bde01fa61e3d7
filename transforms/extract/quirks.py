"""Publishers' quirks: which rule holds for a capture, and what it reads of the page. Only seeds name hosts, no page."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cssselect import HTMLTranslator
from lxml import etree
from lxml.html import HtmlElement

from schemas.publishers import Publisher, Publishers, Quirk
from schemas.records import record
from transforms.extract.moments import Moment, find_moment, read_moment
from transforms.extract.names import distinct_names, split_names
from transforms.extract.page import Page
from transforms.extract.plain import MAX_TEXT

# A rule that meets more elements than any article has does not know the page.
_MAX_ELEMENTS = 5_000
_MAX_FACTS, _MAX_TITLE = 20, 500
_LABELS = ("strong", "b", "label", "dt")


@record
class Ruled:
    """What a quirk reads of a page: facts and text, None or () where it has no rule or its rule meets nothing."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    text: str | None = None
    dropped: int = 0

    def tell_path(self, path: str) -> str:
        """The path that gave the text, with the word `publisher` if the publisher's rule had a part in the article."""
        if self.text:
            return "publisher"
        return f"{path} + publisher" if self != Ruled() else path


def find_publisher(publishers: Publishers, url: str) -> Publisher | None:
    """The publisher of an address, by its host or the nearest one above it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    while host:
        if publisher := publishers.get(host):
            return publisher
        host = host.partition(".")[2]
    return None


def choose_quirk(publisher: Publisher | None, url: str, captured_at: datetime | None) -> Quirk | None:
    """The quirk for an address as it was captured then; of several the one with the longest path.

    Without an instant only layouts count that still stand: a page of unknown age is taken for one of today.
    """
    path = urlsplit(url).path or "/" if publisher else "/"
    fitting = [
        quirk
        for quirk in (publisher.quirks if publisher else ())
        if path.startswith(quirk.path) and _holds(quirk, captured_at)
    ]
    return max(fitting, key=lambda quirk: len(quirk.path), default=None)


def _holds(quirk: Quirk, captured_at: datetime | None) -> bool:
    if captured_at is None:
        return quirk.valid_until is None
    return quirk.valid_from <= captured_at.date() and (
        quirk.valid_until is None or captured_at.date() <= quirk.valid_until
    )


def apply_quirk(page: Page, quirk: Quirk | None) -> tuple[Page, Ruled]:
    """The page without what the quirk drops, and what else it reads of it; changes `page.root`."""
    if quirk is None or not page.whole:
        return page, Ruled()
    dropped = _select(page.root, quirk.drop)
    for element in dropped:
        if element.getparent() is not None:
            element.drop_tree()
    if dropped:  # for those who parse the page again
        page = replace(page, markup=etree.tostring(page.root, encoding="utf-8", method="html"))
    titles = [
        text for element in _select(page.root, quirk.title)[:_MAX_FACTS] if (text := _read_line(element)[:_MAX_TITLE])
    ]
    published = (_read_moment(element) for element in _select(page.root, quirk.published)[:_MAX_FACTS])
    return page, Ruled(
        title=next(iter(titles), None),
        authors=distinct_names(split_names(map(_without_label, _select(page.root, quirk.authors)[:_MAX_FACTS]))),
        published=next((moment for moment in published if moment), None),
        text=_read_lines(_select(page.root, quirk.body)),
        dropped=len(dropped),
    )


@lru_cache(maxsize=1_000)
def _compile(selector: str) -> etree.XPath:
    return etree.XPath(HTMLTranslator().css_to_xpath(selector))


def _select(root: HtmlElement, selector: str | None) -> list[HtmlElement]:
    found: Any = _compile(selector)(root) if selector else []
    return found if len(found) <= _MAX_ELEMENTS else []


def _read_lines(elements: list[HtmlElement]) -> str | None:
    lines: list[str] = []
    size = 0
    for element in elements:
        line = _read_line(element)
        size += len(line) + 1
        if size > MAX_TEXT:
            break
        lines += [line] if line else []
    return "\n".join(lines) or None


def _read_line(element: HtmlElement) -> str:
    for stop in element.iter("br"):
        stop.tail = f" {stop.tail or ''}"
    return " ".join(element.text_content().split())


def _without_label(element: HtmlElement) -> str:
    """The element's text without a label in bold that leads it ("Author", "Autorin/Autor")."""
    text = _read_line(element)
    if len(element) and element[0].tag in _LABELS and not (element.text or "").strip():
        return text.removeprefix(_read_line(element[0])).strip() or text
    return text


def _read_moment(element: HtmlElement) -> Moment | None:
    stamp = read_moment(element.get("datetime") or element.get("content"))
    if stamp is None and (found := find_moment(_read_line(element), month_first=None)):
        return found[1]
    return stamp
