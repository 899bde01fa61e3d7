"""The sentence between headline and text that many layouts keep apart from the article's paragraphs."""

import re

from lxml.html import HtmlElement

from transforms.extract.declared import Declared, squeeze

_TAGS = ("p", "h2", "h3", "h4", "div", "span", "strong")
_MIN_CHARS, _MAX_CHARS = 40, 600
_MAX_ELEMENTS = 20_000
# Where a text repeats its standfirst it does so in its beginning.
_HEAD_CHARS = 4_000
# Letters by which an element is recognised as worth reading whole.
_START = 10
_CUT = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\])\Z")
_LETTERS = re.compile(r"[\W_]+")


def find_standfirst(root: HtmlElement, declared: Declared) -> str | None:
    """The standfirst as the page shows it, or None.

    The page itself tells which it is: some element shows exactly the description that the page declares (a description
    cut with an ellipsis has to agree up to the cut).
    """
    wanted = _descriptions(declared)
    if not wanted:
        return None
    starts = {folded[:_START] for folded in wanted}
    letters = {start[0] for start in starts}
    for element, _ in zip(root.iter(*_TAGS), range(_MAX_ELEMENTS), strict=False):
        written = element.text
        text = (written.strip() if written else "") or (_opening(element) if len(element) else "")
        # Nearly every element is told by its first letter; folding the rest of it would cost ten times as much.
        if (
            not text
            or (text[0].isalnum() and text[0].casefold() not in letters)
            or _fold(text[:60])[:_START] not in starts
        ):
            continue
        if element.find(".//div") is not None or element.find(".//p") is not None:
            continue
        shown = squeeze(element)
        folded = _fold(shown)
        if len(shown) <= _MAX_CHARS and any(
            folded == text or (cut and folded.startswith(text)) for text, cut in wanted.items()
        ):
            return shown
    return None


def put_standfirst(standfirst: str | None, text: str) -> str:
    """The text, led by the standfirst unless it holds it already."""
    if not standfirst or not text or _fold(standfirst) in _fold(text[:_HEAD_CHARS]):
        return text
    return f"{standfirst}\n{text}"


def _descriptions(declared: Declared) -> dict[str, bool]:
    texts = (
        *declared.every(
            "og:description", "description", "twitter:description", "dc.description", "sailthru.description"
        ),
        declared.said("description", "alternativeHeadline", "abstract"),
    )
    return {
        folded: _CUT.search(text) is not None
        for text in texts
        if text and len(folded := _fold(_CUT.sub("", text))) >= _MIN_CHARS
    }


def _opening(element: HtmlElement) -> str:
    """What an element says first that begins with another one."""
    for child in element[:2]:
        if text := (child.text or "").strip() or (child.tail or "").strip():
            return text
    return ""


def _fold(text: str) -> str:
    return _LETTERS.sub("", text.casefold())
