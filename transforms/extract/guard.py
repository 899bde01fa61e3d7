"""Make hostile markup harmless before a parser sees it, in time linear in its length.

Measured with lxml 6.1.3: 200,000 attributes on one tag keep libxml2 busy for 291 CPU seconds (quadratic), while every
other pathology parses in under a second and is the extractor's problem, which is why tags are counted.
"""

import re

MAX_ATTRIBUTES = 256
"""Attributes a tag may have; 256 cost half a millisecond, and real pages have some 26 at most."""

MAX_TAG_BYTES = 65_536
"""Length a tag may have, in bytes: longer ones carry inlined data in attributes, never text."""

MAX_TAGS = 40_000
"""Tags a page may have to be read as a tree; the largest of 1,000 real pages has half of that."""

MAX_JSON_LD_BYTES = 1_000_000
"""Length of a JSON-LD block that is kept."""

# No tag shorter than that can have more attributes.
_SUSPICIOUS_BYTES = 2 * MAX_ATTRIBUTES
# A page of that length holds at most some 20,000 attributes: two seconds at worst, and two of three pages need no look.
_HARMLESS_BYTES = 98_304
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r") + b"\x7f"
# Elements without text a reader sees; an unclosed one swallows the rest, as a script does in browsers. Pages go on
# behind their end, and browsers read on; libxml2 would not.
_RAW = re.compile(rb"<(script|style|svg|!--|/(?:body|html)\s*>)", re.I)
# A quote opens a value behind "=" only, as in browsers: a stray one must not swallow the page up to the next.
_TAG = re.compile(rb"""<[a-zA-Z][^=>]*+(?:=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+[^=>]*+)*+>?""")
_QUOTED = re.compile(rb"\"[^\"]*+\"?|'[^']*+'?|/")
_NAME = re.compile(rb"<[a-zA-Z][a-zA-Z0-9:-]{0,40}")


def disarm_markup(markup: bytes) -> bytes:
    """The same page without control characters, scripts (but JSON-LD), styles, drawings, comments and vast tags.

    The ends of body and page are dropped, too.
    """
    markup = _drop_raw(markup.translate(None, _CONTROLS))
    return markup if len(markup) <= _HARMLESS_BYTES else _TAG.sub(_tame, markup)


def count_tags(markup: bytes) -> int:
    """How many tags the page has at most."""
    return markup.count(b"<")


def _drop_raw(markup: bytes) -> bytes:
    lower = markup.lower()
    kept = []
    at = 0
    last_comment_end = lower.rfind(b"-->")
    while match := _RAW.search(markup, at):
        start, name = match.start(), match[1].lower()
        kept.append(markup[at:start])
        if name.startswith(b"/"):
            at = match.end()
            continue
        if name == b"!--":
            # Where nothing closes it, only the opening is dropped: an author's slip should not cost the article.
            at = lower.find(b"-->", start + 4) + 3 if start + 4 <= last_comment_end else start + 4
            continue
        end = lower.find(b"</" + name, start)
        opened = lower.find(b">", start, end if end >= 0 else len(lower))
        at = _end_of(lower, end) if end >= 0 else len(markup)
        if opened >= 0 and b"ld+json" in lower[start:opened] and at - start <= MAX_JSON_LD_BYTES:
            kept.append(markup[start:at])
        kept.append(b" ")
    kept.append(markup[at:])
    return b"".join(kept)


def _end_of(lower: bytes, closing: int) -> int:
    end = lower.find(b">", closing)
    return end + 1 if end >= 0 else len(lower)


def _tame(match: re.Match[bytes]) -> bytes:
    tag = match[0]
    if len(tag) < _SUSPICIOUS_BYTES:
        return tag
    if len(tag) <= MAX_TAG_BYTES and len(_QUOTED.sub(b" ", tag).split()) <= MAX_ATTRIBUTES:
        return tag
    name = _NAME.match(tag)
    return name[0] + b">" if name else b" "
