"""The signs a page gives of how much of its article it shows, gathered for judging."""

import re
from html import unescape
from urllib.parse import urlsplit

from schemas.records import record
from transforms.challenge import CHALLENGE_MARKERS, CHECK_WORDS
from transforms.extract.declared import Declared
from transforms.extract.jsonld import types_of

SHORT_WORDS = 450
"""Texts with more words are articles whatever surrounds them: no wall observed shows a longer preview."""

# How much of a page is looked at for wording and traces, in bytes.
_MARKUP_BYTES = 400_000
_VISIBLE_CHARS = 20_000
_TAG = re.compile(rb"<[^<>]*>")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
# Scripts that put no spaces between words; two characters make about one.
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_NUMBER = re.compile(r"\d{1,6}")
_VIDEO_PATH = re.compile(r"/(?:videos?|watch|video-clips?)(?:/|\Z)", re.I)


@record
class Signs:
    """What a page shows and declares.

    `titles` are the headline and what a tab shows; `words` counts the extracted text; `visible` is all text of the page
    if those are few (SHORT_WORDS);
    `markers` are traces of bot checks in markup; `free` is the publisher's isAccessibleForFree, `declared_words` its
    wordCount, `description` its summary; `live` and `video` say what kind of page it declares or its address shows.
    """

    status: int = 200
    titles: tuple[str, ...] = ()
    text: str = ""
    words: int = 0
    visible: str = ""
    markers: tuple[str, ...] = ()
    free: bool | None = None
    declared_words: int | None = None
    description: str = ""
    live: bool = False
    video: bool = False


def gather_signs(
    markup: bytes, raw: bytes, declared: Declared, *, url: str, status: int, title: str | None, text: str
) -> Signs:
    """The signs of a page: `raw` is its markup as decoded, `markup` the disarmed one (both UTF-8)."""
    words = count_words(text)
    short = words <= SHORT_WORDS
    return Signs(
        status=status,
        titles=tuple(dict.fromkeys(text for text in (title, declared.title) if text)),
        text=text,
        words=words,
        visible=read_visible(markup) if short else "",
        markers=find_markers(raw) if words <= CHECK_WORDS else (),
        free=_read_free(declared),
        declared_words=_read_word_count(declared),
        description=declared.first("og:description", "description") or declared.said("description") or "",
        live=any("LiveBlogPosting" in types_of(node) for node in declared.nodes),
        video=_is_video(declared, url),
    )


def count_words(text: str) -> int:
    """Words in a text; in scripts without spaces two characters count as one."""
    dense = len(_DENSE.findall(text))
    return len(_WORD.findall(_DENSE.sub(" ", text) if dense else text)) + dense // 2


def find_markers(raw: bytes) -> tuple[str, ...]:
    """The traces of bot checks in markup."""
    lower = raw[:_MARKUP_BYTES].lower()
    return tuple(marker.decode() for marker in CHALLENGE_MARKERS if marker in lower)


def read_visible(markup: bytes) -> str:
    """The text of disarmed markup as a reader may see it, with single spaces."""
    shown = _TAG.sub(b" ", markup[:_MARKUP_BYTES])
    return " ".join(unescape(shown.decode("utf-8", "replace")).split())[:_VISIBLE_CHARS]


def _read_free(declared: Declared) -> bool | None:
    for node in (declared.node or {}, *declared.nodes):
        value = node.get("isAccessibleForFree")
        if value is not None:
            return str(value).strip().lower() not in (
                "false",
                "0",
                "no",
                "http://schema.org/false",
                "https://schema.org/false",
            )
    tier = (declared.first("article:content_tier", "og:article:content_tier") or "").lower()
    return {"locked": False, "metered": None, "free": True}.get(tier)


def _read_word_count(declared: Declared) -> int | None:
    match = _NUMBER.fullmatch(str((declared.node or {}).get("wordCount", "")).strip())
    return int(match[0]) if match else None


def _is_video(declared: Declared, url: str) -> bool:
    if (declared.first("og:type") or "").lower().startswith("video"):
        return True
    if declared.node is None and any("VideoObject" in types_of(node) for node in declared.nodes):
        return True
    try:
        return _VIDEO_PATH.search(urlsplit(url).path) is not None
    except ValueError:
        return False
