"""Outline tags whose values hold unescaped quotes or markup, as list makers write them, so that no address is lost.

`text="The "Daily" News" xmlUrl="…"` is no XML, and general repair gives such a tag up. OPML knows few attributes, so
that where the next one begins tells where a value ends.
"""

import re

_START = re.compile(r"<outline(?=\s)", re.IGNORECASE)
_SOUND = re.compile(
    r"<outline(?:\s++[A-Za-z_][\w.:\-]*+\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+\s*+/?>(?=\s*(?:<|\Z))", re.IGNORECASE
)
_NEXT = re.compile(r"<(?:/?outline\b|/body\b|/opml\b|!--)|\Z", re.IGNORECASE)
# The attributes of OPML 2.0 and those that readers add to feeds.
_ATTRIBUTE = re.compile(
    r"[\s\"'](text|title|description|type|xmlurl|htmlurl|url|language|version|category|created)\s*=\s*([\"'])",
    re.IGNORECASE,
)


def mend_outlines(text: str) -> str:
    """The text of a list with the values of its broken outline tags escaped; sound tags stay as they are. Linear."""
    pieces: list[str] = []
    done = 0
    for start in _START.finditer(text):
        if _SOUND.match(text, start.start()):
            continue
        following = _NEXT.search(text, start.end())
        end = following.start() if following else len(text)
        if mended := _mend(text[start.start() : end]):
            pieces += [text[done : start.start()], mended]
            done = end
    return "".join([*pieces, text[done:]])


def _mend(tag: str) -> str | None:
    """One tag, from its `<` up to whatever comes next, written anew; None if it names no feed."""
    found = list(_ATTRIBUTE.finditer(tag))
    ends = [match.start() + 1 for match in found[1:]] + [len(tag)]
    values: dict[str, str] = {}
    for match, end in zip(found, ends, strict=False):  # no attribute, one end
        value, quote, behind = tag[match.end() : end].rpartition(match[2])
        value = value if quote else behind
        values.setdefault(match[1], value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))
    if not any(name.lower() == "xmlurl" for name in values):
        return None
    closing = "/>" if tag.rstrip().endswith("/>") else ">"
    return "<outline" + "".join(f' {name}="{value}"' for name, value in values.items()) + closing
