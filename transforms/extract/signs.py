"""The signs a page gives of how much of its article it shows, gathered for judging."""

import re
from itertools import islice
from urllib.parse import urlsplit

from schemas.records import record
from transforms.challenge import CHALLENGE_MARKERS, CHECK_WORDS
from transforms.extract.declared import Declared
from transforms.extract.jsonld import types_of
from transforms.extract.shown import count_stamps, read_behind, read_controls, read_shown, read_wall
from transforms.extract.walls import LIVE_TITLE

SHORT_WORDS = 450
"""Texts with more words are articles whatever surrounds them: no wall observed shows a longer preview."""

PART_WORDS = 260
"""Texts with more words are no teasers and no consent pages."""

_SPARSE_WORDS = 2 * CHECK_WORDS  # shown by a page that may be nothing but a notice or a form
# How much of a page is looked at for traces, in bytes, and how far behind the text its wall begins at most.
_MARKUP_BYTES, _BEHIND_CHARS = 400_000, 500
_WORD = re.compile(r"\w+(?:['’]\w+)*")
# Scripts that put no spaces between words; two characters make about one.
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_DENSE_LEADS = b"\xe0\xe3\xe4\xe5\xe6\xe7\xe8\xe9"
_NUMBER = re.compile(r"\d{1,6}")
_VIDEO_PATH = re.compile(r"/(?:videos?|watch|video-clips?)(?:/|\Z)", re.I)
_FALSE = frozenset({"false", "0", "no", "http://schema.org/false", "https://schema.org/false"})
# Traces are names that systems give their elements; links to other pages hold the same words and do not count.
_NAME = re.compile(rb"(?:class|id|data-[a-z-]{1,30})\s?=\s?[\"']?[^\"'<>=]{0,200}\Z", re.I)
_NAME_BYTES, _MAX_TRACES = 250, 100
_LIVE_TRACE = re.compile(rb"live[-_]?(?:blog|posts?\b|updates?\b|ticker)")
_PLAYER_TRACE = re.compile(rb"jwplayer|video-player|video-js|brightcove|videoplayer|player-video|reproductor")
_PLAYERS = (re.compile(rb"<video[\s>]"), re.compile(rb"<iframe\b[^<>]{0,400}(?:youtube|vimeo|brightcove|jwplatform)"))
_WIDGET = re.compile(rb"<[^<>]{1,400}?(cf-turnstile|g-recaptcha|h-captcha|captcha)", re.I)
_LINK = re.compile(rb"<a\s[^<>]*\bhref", re.I)
_DATED = ("article:published_time", "datepublished", "pubdate", "date", "parsely-pub-date")
_PASSWORD = re.compile(rb"<input\b[^<>]{0,400}\btype\s*=\s*[\"']?password", re.I)
_FORM = re.compile(rb"<(?:button|input|form)\b", re.I)


@record
class Signs:
    """What a page shows and declares; what only few words leave open is looked for only where they are few.

    `titles` are the headline and what a tab shows; `words` counts the extracted text; `is_article` says that the page
    declares an article or a date of publication; `free` is its isAccessibleForFree, `declared_words` its wordCount,
    `description` its summary; `live` says that it declares a live blog, `live_trace` is a name in its markup that does,
    `stamps` how many parts of the text have a time above them, if one of these or a title speak of a live blog;
    `video` says that the page or its address declares a video.

    Up to SHORT_WORDS: `shown` is all text a reader sees, `behind` that right behind the extracted text. Up to
    PART_WORDS: `controls` is what links and buttons say, `linked_words` counts the words of lines that are nothing but
    a link. Up to CHECK_WORDS: `markers` are traces of bot checks in markup, `wall` is what an element named like a wall
    says behind the text, `player` tells whether there is one. If the whole page shows few words: `widget` is the trace
    of a captcha, `links` how many links there are, `form` and `login` tell whether there is a form or a field for a
    password.
    """

    status: int = 200
    titles: tuple[str, ...] = ()
    text: str = ""
    words: int = 0
    shown: str = ""
    behind: str = ""
    controls: tuple[str, ...] = ()
    linked_words: int = 0
    markers: tuple[str, ...] = ()
    widget: str | None = None
    wall: str = ""
    links: int = 0
    is_article: bool = False
    free: bool | None = None
    declared_words: int | None = None
    description: str = ""
    live: bool = False
    live_trace: str | None = None
    stamps: int = 0
    video: bool = False
    player: bool = False
    form: bool = False
    login: bool = False


def gather_signs(
    markup: bytes, raw: bytes, declared: Declared, *, url: str, status: int, title: str | None, text: str
) -> Signs:
    """The signs of a page: `raw` is its markup as decoded, `markup` the disarmed one (both UTF-8)."""
    words = count_words(text)
    titles = tuple(dict.fromkeys(text for text in (title, declared.title) if text))
    seen = markup[:_MARKUP_BYTES]
    signs: dict[str, object] = {}
    shown = ""
    if words <= SHORT_WORDS:
        shown = read_shown(markup)
        signs |= {"shown": shown, "behind": read_behind(shown, text)[:_BEHIND_CHARS]}
    if words <= PART_WORDS:
        controls = read_controls(markup)
        linked = set(controls)
        signs |= {
            "controls": controls,
            "linked_words": sum(count_words(line) for line in text.splitlines() if line in linked),
        }
    if words <= CHECK_WORDS:
        has_player = any(player.search(seen) for player in _PLAYERS) or _find_trace(_PLAYER_TRACE, seen)
        signs |= {"markers": find_markers(raw), "wall": read_wall(markup, text), "player": bool(has_player)}
    if words <= CHECK_WORDS and len(shown.split()) <= _SPARSE_WORDS:
        widget = _WIDGET.search(seen)
        signs |= {
            "widget": widget[1].decode().lower() if widget else None,
            "links": len(_LINK.findall(seen)),
            "form": _FORM.search(seen) is not None,
            "login": _PASSWORD.search(seen) is not None,
        }
    is_live = any("LiveBlogPosting" in types_of(node) for node in declared.nodes)
    live_trace = _find_trace(_LIVE_TRACE, seen)
    if is_live or live_trace or any(map(LIVE_TITLE.search, titles)):
        signs["stamps"] = count_stamps(markup, text)
    return Signs(
        status=status,
        titles=titles,
        text=text,
        words=words,
        free=_read_free(declared),
        declared_words=_read_word_count(declared),
        description=declared.first("og:description", "description") or declared.said("description") or "",
        is_article=declared.node is not None
        or (declared.first("og:type") or "").lower() == "article"
        or declared.first(*_DATED) is not None,
        live=is_live,
        live_trace=live_trace,
        video=_is_video(declared, url),
        **signs,  # type: ignore[arg-type]
    )


def count_words(text: str) -> int:
    """Words in a text; in scripts without spaces two characters count as one."""
    dense = len(_DENSE.findall(text)) if _has_dense(text) else 0
    return len(_WORD.findall(_DENSE.sub(" ", text) if dense else text)) + dense // 2


def _has_dense(text: str) -> bool:
    """Whether there can be such scripts: by the bytes their characters begin with, told many times faster."""
    written = text.encode("utf-8", "replace")
    return len(written.translate(None, _DENSE_LEADS)) < len(written)


def find_markers(raw: bytes) -> tuple[str, ...]:
    """The traces of bot checks in markup."""
    lower = raw[:_MARKUP_BYTES].lower()
    return tuple(marker.decode() for marker in CHALLENGE_MARKERS if marker in lower)


def _find_trace(trace: re.Pattern[bytes], markup: bytes) -> str | None:
    for match in islice(trace.finditer(markup), _MAX_TRACES):
        if _NAME.search(markup, max(0, match.start() - _NAME_BYTES), match.start()):
            return match[0].decode()
    return None


def _read_free(declared: Declared) -> bool | None:
    for node in (declared.node or {}, *declared.nodes):
        value = node.get("isAccessibleForFree")
        if value is not None:
            return str(value).strip().lower() not in _FALSE
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
