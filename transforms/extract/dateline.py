"""The date that a page shows beside its headline, for pages that declare none."""

import re
from itertools import islice

from lxml.html import HtmlElement

from schemas.records import record
from transforms.extract.moments import Moment, find_moment, read_moment
from transforms.extract.site import fold

# A dateline stands at most so many elements before its headline, or behind it and before the second paragraph.
_BEFORE, _BEHIND, _PARAGRAPHS = 60, 150, 2
# So close behind the headline it belongs to it, whatever the part of the page is called.
_CLOSE = 40
_MAX_ELEMENTS = 20_000
_PARAGRAPH_CHARS = 100
# Longer texts with a date in them are sentences. What stands before the date is a label, an author or a place.
_MAX_CHARS, _MAX_LEAD = 100, 40
_MAX_TITLE_DATE = 20
_MAX_BEGIN, _MAX_PIECES = 1_000, 50
_DATED = re.compile(r"\d{4}|\d[./-]\d{1,2}[./-]\d\d")
_MARKED = re.compile(
    r"publi|posted|pub-?date|(?:\A|[\s_-])(?:date|dateline|timestamp|datetime)(?:\Z|[\s_-])|fecha|datum", re.I
)
_FIRST = re.compile(r"publi|posted|ver[öo]ff|erstellt|creat|issued|released", re.I)
_CHANGED = re.compile(r"updat|modif|actuali|aktuali|atuali|stand:|edited|revis|reviewed|mis à jour|expire", re.I)
_ELSEWHERE = re.compile(
    r"(?<![\w-])(?:comment|related|sidebar|widget|footer|recommend|popular|trending|copyright)", re.I
)
_SKIPPED = frozenset({"script", "style", "noscript", "option", "title", "svg", "template", "meta", "link"})
_ASIDES = frozenset({"aside", "footer", "nav"})


@record
class _Shown:
    place: int
    moment: Moment
    elsewhere: bool


def find_dateline(root: HtmlElement, headline: str | None = None) -> Moment | None:
    """The date nearest to the headline that is not said to be that of a change; the tree is not changed.

    Where none is near, the one that ends the page's title, or the only day that elements marked as dates show on the
    whole page. Time is linear.
    """
    heading = _find_heading(root, headline)
    lineage = frozenset(heading.iterancestors()) if heading is not None else frozenset()
    month_first = _month_first(root)
    known: dict[str, bool] = {}
    elements = list(islice(root.iter(), _MAX_ELEMENTS))
    at = elements.index(heading) if heading is not None and heading in elements else None
    if at is not None and (near := _read_near(elements, at, lineage, month_first, known)):
        return near
    if named := _read_title(root, month_first):
        return named
    marked = (each for each in elements if each.tag not in _SKIPPED and _is_marked(each, known))
    found = ((each, _read_marked(each, month_first)) for each in marked)
    days = [moment for each, moment in found if moment and not _is_elsewhere(each, lineage)]
    return days[0] if len({moment.day for moment in days}) == 1 else None


def _read_near(
    elements: list[HtmlElement],
    at: int,
    lineage: frozenset[HtmlElement],
    month_first: bool | None,
    known: dict[str, bool],
) -> Moment | None:
    """The date nearest to the headline at that place."""
    shown: list[_Shown] = []
    end, paragraphs = at + _BEHIND, 0
    for place in range(max(0, at - _BEFORE), min(len(elements), end + 1)):
        element = elements[place]
        if place > end:
            break
        if element.tag in _SKIPPED:
            continue
        if moment := _read_shown(element, month_first, known):
            shown.append(_Shown(place=place, moment=moment, elsewhere=_is_elsewhere(element, lineage)))
        elif element.tag == "p" and at < place < end and len(_begin(element)) > _PARAGRAPH_CHARS:
            paragraphs += 1
            end = place if paragraphs == _PARAGRAPHS else end
    return _nearest(shown, at, end)


def _nearest(shown: list[_Shown], at: int, end: int) -> Moment | None:
    behind = (each for each in shown if at <= each.place <= end and (not each.elsewhere or each.place <= at + _CLOSE))
    before = (each for each in reversed(shown) if at - _BEFORE <= each.place < at and not each.elsewhere)
    return next((each.moment for group in (behind, before) for each in group), None)


def _find_heading(root: HtmlElement, headline: str | None) -> HtmlElement | None:
    wanted = fold(headline or "")
    for element, _ in zip(root.iter("h1", "h2", "h3"), range(50), strict=False):
        if wanted and fold(_begin(element)) == wanted:
            return element
    return next(root.iter("h1"), None)


def _read_title(root: HtmlElement, month_first: bool | None) -> Moment | None:
    """The date that is the last part of the page's title ("Headline | Site | 28.04.2023")."""
    title = next(root.iter("title"), None)
    _, separator, last = _begin(title).rpartition(" | ") if title is not None else ("", "", "")
    found = find_moment(last, month_first=month_first) if separator and len(last) <= _MAX_TITLE_DATE else None
    return found[1] if found and found[0] == 0 else None


def _begin(element: HtmlElement) -> str:
    """The begin of an element's text: enough to tell a headline by, however much there is within."""
    pieces = []
    size = 0
    for piece, _ in zip(element.itertext(), range(_MAX_PIECES), strict=False):
        pieces.append(piece[:_MAX_BEGIN])
        size += len(piece)
        if size > _MAX_BEGIN:
            break
    return " ".join("".join(pieces).split())


def _month_first(root: HtmlElement) -> bool | None:
    """Whether readers of the page put the month first; None where the page does not say whose English it is."""
    language = (root.get("lang") or "").lower().replace("_", "-")
    return None if language in ("", "en") else language == "en-us"


def _is_marked(element: HtmlElement, known: dict[str, bool]) -> bool:
    """Whether an element is called a date."""
    kind = _kind_of(element)
    if (marked := known.get(kind)) is None:  # pages repeat few classes many times
        marked = known[kind] = bool(kind) and _MARKED.search(kind) is not None
    return marked or element.tag == "time"


def _kind_of(element: HtmlElement) -> str:
    kind = (element.get("class") or "")[:_MAX_CHARS]
    prop = element.get("itemprop")
    return f"{kind} {prop[:_MAX_CHARS]}" if prop else kind


def _read_shown(element: HtmlElement, month_first: bool | None, known: dict[str, bool]) -> Moment | None:
    """The date an element shows."""
    if _is_marked(element, known) and (moment := _read_marked(element, month_first)):
        return moment
    for written in (element.text, element.tail):
        if written and len(written) <= 10 * _MAX_CHARS and _DATED.search(written):
            label = " ".join(written.split())
            moment = _read_label(label, month_first) if len(label) <= _MAX_CHARS else None
            if moment and not _is_change(element, label, _kind_of(element)):
                return moment
    return None


def _read_marked(element: HtmlElement, month_first: bool | None) -> Moment | None:
    """The date of an element that is called one."""
    stamp = element.get("datetime") or element.get("content")
    stamp = stamp or (element.get("title") if element.tag == "abbr" else None)
    label = _begin(element)[:_MAX_CHARS]
    moment = read_moment(stamp) or _read_label(label, month_first)
    return moment if moment and not _is_change(element, label, _kind_of(element)) else None


def _read_label(text: str, month_first: bool | None) -> Moment | None:
    label = _FIRST.search(text)
    found = find_moment(text[label.end() :] if label else text, month_first=month_first)
    return found[1] if found and found[0] <= _MAX_LEAD else None


def _is_change(element: HtmlElement, text: str, kind: str) -> bool:
    """Whether the date is labelled as that of a change, by its own words or those before it."""
    label = f"{text} {kind}"
    if _FIRST.search(label):
        return False
    for other in (element.getparent(), element.getprevious()):
        if other is not None:
            label += f" {(other.text or '')[-_MAX_CHARS:]}"
    return _CHANGED.search(label) is not None


def _is_elsewhere(element: HtmlElement, lineage: frozenset[HtmlElement]) -> bool:
    """Whether it stands in a part of the page that is not the article's, and that the headline is not in."""
    for part, _ in zip((element, *element.iterancestors()), range(8), strict=False):
        if part in lineage:
            return False
        if part.tag in _ASIDES or _ELSEWHERE.search(
            f"{(part.get('class') or '')[:_MAX_CHARS]} {(part.get('id') or '')[:_MAX_CHARS]}"
        ):
            return True
    return False
