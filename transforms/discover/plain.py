"""Plain text of the HTML that feeds put into titles and summaries."""

import re

from transforms.discover.references import decode_references

# HTML elements (WHATWG HTML, section 4, and the obsolete ones still met): other words in angle brackets are prose.
_HTML_NAMES = """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br
    button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em
    embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr
    html i iframe img input ins kbd label legend li link main map mark marquee menu meta meter nav nobr noscript
    object ol optgroup option output p param picture pre progress q rb rp rt ruby s samp script search section
    select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot
    th thead time title tr track tt u ul var video wbr
"""
_BLOCK_NAMES = """
    address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr
    li main nav ol option p pre section table td th tr ul
"""
HTML_TAGS = frozenset(_HTML_NAMES.split())
_BLOCKS = frozenset(_BLOCK_NAMES.split())
# An unclosed comment or script swallows the rest, so that no input is scanned twice.
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<!doctype\b[^<>]*>|<(script|style|template)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!\[CDATA\[|\]\]>"
    r"|</?([A-Za-z][A-Za-z0-9]*)(:[A-Za-z0-9]+)?(?:[\s/][^<>]*)?>",
    re.DOTALL | re.IGNORECASE,
)
# Direction overrides and invisible marks can make a title read as what it does not say (Unicode TR 36, section 2.5).
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]"
)


def plain_text(html: str, limit: int) -> str | None:
    """The text of an HTML fragment on one line, references decoded once, at most `limit` characters; None if empty.

    Only real HTML tags are taken out: `<10 years` and `List<String>` stay.
    """
    # Markup outweighs text seldom more than twentyfold; what lies behind would not be kept.
    return one_line(decode_references(_MARKUP.sub(_replace, html[: limit * 20])), limit)


def one_line(text: str, limit: int) -> str | None:
    """The text without invisible and direction-changing characters, spaces collapsed, cut at `limit`; None if empty."""
    return " ".join(_INVISIBLE.sub("", text[: limit * 20]).split())[:limit].rstrip() or None


def _replace(match: re.Match[str]) -> str:
    name = match[2]
    if name is None:
        return "" if match[0] in ("<![CDATA[", "]]>") else " "
    name = name.lower()
    if name in _BLOCKS:
        return " "
    return "" if name in HTML_TAGS or match[3] else match[0]
