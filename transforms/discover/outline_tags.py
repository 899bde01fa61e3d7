"""Outline tags as list makers write them, mended so that no address is lost: stray quotes and markup, no end.

`text="The "Daily" News" xmlUrl="…"` is no XML, and general repair gives such a tag up. OPML knows few attributes, so
that where the next one begins tells where a value ends. Feeds that are never closed would lie in one another, deeper
than any reader goes.
"""

import re

_TAG = r"<outline(?:\s++[A-Za-z_][\w.:\-]*+\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+\s*+/?>"
_START = re.compile(r"<outline(?=\s)", re.IGNORECASE)
_SOUND = re.compile(rf"{_TAG}(?=\s*(?:<|\Z))", re.IGNORECASE)
_START_OR_END = re.compile(rf"{_TAG}|</outline\b", re.IGNORECASE)
_NEXT = re.compile(r"<(?:/?outline\b|/body\b|/opml\b|!--)|\Z", re.IGNORECASE)
# The attributes of OPML 2.0 and those that readers add to feeds.
_ATTRIBUTE = re.compile(
    r"[\s\"'](text|title|description|type|xmlurl|htmlurl|url|language|version|category|created)\s*=\s*([\"'])",
    re.IGNORECASE,
)


def mend_outlines(text: str) -> str:
    """The text of a list with broken outline tags written anew; sound ones stay as they are. Linear."""
    pieces: list[str] = []
    done = 0
    for start in _START.finditer(text):
        if _SOUND.match(text, start.start()):
            continue
        following = _NEXT.search(text, start.end())
        end = following.start() if following else len(text)
        pieces += [text[done : start.start()], _mend(text[start.start() : end])]
        done = end
    return _close_feeds("".join([*pieces, text[done:]]))


def _mend(tag: str) -> str:
    """One tag, from its `<` up to whatever comes next, with its values escaped; as it is if it has none we know."""
    found = list(_ATTRIBUTE.finditer(tag))
    if not found:
        return tag
    ends = [match.start() + 1 for match in found[1:]] + [len(tag)]
    values: dict[str, str] = {}
    for match, end in zip(found, ends, strict=True):
        value, quote, behind = tag[match.end() : end].rpartition(match[2])
        value = value if quote else behind
        values.setdefault(match[1], value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))
    closing = "/>" if tag.rstrip().endswith("/>") else ">"
    return "<outline" + "".join(f' {name}="{value}"' for name, value in values.items()) + closing


def _close_feeds(text: str) -> str:
    """The text with every feed closed at once that no end tag follows, if end tags are missing at all.

    If there are no more end tags than folders, they are the folders', and close no feed.
    """
    tags = list(_START_OR_END.finditer(text))
    is_end = [tag[0].startswith("</") for tag in tags]
    ends = sum(is_end)
    opened = [tag[0] for tag in tags if tag[0].endswith(">") and not tag[0].endswith("/>")]
    folders = sum(1 for tag in opened if not _is_feed(tag))
    if ends >= len(opened):
        return text
    pieces: list[str] = []
    done = 0
    for tag, is_closed in zip(tags, [*is_end[1:], False], strict=True):
        if tag[0].endswith("/>") or not _is_feed(tag[0]) or (is_closed and ends > folders):
            continue
        pieces += [text[done : tag.end() - 1], "/"]
        done = tag.end() - 1
    return "".join([*pieces, text[done:]])


def _is_feed(tag: str) -> bool:
    return "xmlurl" in tag.lower()
