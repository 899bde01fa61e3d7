"""How much of its article a page shows: one state, with the sign it was judged by.

Conservative: a text long enough to be an article is full unless several signs say otherwise. Publishers promise
isAccessibleForFree wrongly in both directions, so it never decides alone.
"""

import re
from collections.abc import Callable
from difflib import SequenceMatcher

from transforms.challenge import CHALLENGE, CHALLENGE_TITLE, CHECK_WORDS
from transforms.extract.signs import SHORT_WORDS, Signs
from transforms.extract.walls import (
    CONSENT,
    LIVE_TITLE,
    PAYWALL,
    SCRIPT_NEEDED,
    TEASER,
    TEASER_END,
    VIDEO_TITLE,
)

Verdict = tuple[str, str]

# Words below which a text may be no article: what bot checks and consent pages say, what a teaser and a caption hold.
_WALL_WORDS, _TEASER_WORDS, _STUB_WORDS, _EMPTY_WORDS = 260, 130, 110, 12
# Share of the publisher's own word count that a whole text reaches, however both sides count.
_WHOLE_SHARE = 0.6
# How far behind the text its wall begins at most, in characters.
_BEHIND_CHARS = 500
_WALL_STATUS = frozenset({401, 403, 405, 429, 451, 503})
_STAMP = re.compile(r"(?m)^\W*\d{1,2}[:.]\d{2}\s?(?:[ap]\.?m\.?|h|hs|hrs|et|ct|mt|pt|est|edt|gmt|utc)?\b", re.I)
_MIN_STAMPS = 3


def judge_body(signs: Signs) -> Verdict:
    """The body state and its reason.

    States: full, teaser (only the start is here), paywalled (the rest is for subscribers), consent (a consent page
    instead of the article), challenge (a bot check instead of it), live-blog, video-stub (a video, a caption), empty.
    """
    return next((verdict for judge in _JUDGES if (verdict := judge(signs))), ("full", f"{signs.words} words"))


def _judge_challenge(signs: Signs) -> Verdict | None:
    if signs.words > CHECK_WORDS or len(signs.visible.split()) > 2 * SHORT_WORDS:
        return None
    wording = CHALLENGE.search(signs.visible)
    named = next((title for title in signs.titles if CHALLENGE_TITLE.match(title)), None)
    if wording and (named or signs.markers or signs.status in _WALL_STATUS or _count(CHALLENGE, signs.visible) > 1):
        return "challenge", f"bot check: “{wording[0]}”"
    if named and (signs.markers or signs.status in _WALL_STATUS or signs.words < _EMPTY_WORDS * 3):
        return "challenge", f"bot check: titled “{named[:60]}”"
    if signs.markers and signs.words < _EMPTY_WORDS * 2 and len(signs.visible.split()) < CHECK_WORDS:
        return "challenge", f"bot check: {signs.markers[0]} and {signs.words} words"
    if wording and len(signs.visible.split()) < CHECK_WORDS and signs.words < CHECK_WORDS // 2:
        return "challenge", f"bot check: “{wording[0]}”"
    return None


def _judge_consent(signs: Signs) -> Verdict | None:
    if signs.words > _WALL_WORDS or (phrases := _count(CONSENT, signs.visible)) < 2:
        return None
    # A banner beside an article leaves a text of its own; a consent page has nothing but the banner.
    own = _count(CONSENT, signs.text)
    if own >= 2 and own * 60 >= signs.words:
        return "consent", f"{own} consent phrases in {signs.words} words"
    if signs.words < _EMPTY_WORDS * 2 and phrases * 60 >= len(signs.visible.split()):
        return "consent", f"{phrases} consent phrases and no text"
    return None


def _judge_live(signs: Signs) -> Verdict | None:
    if signs.live:
        return "live-blog", "JSON-LD LiveBlogPosting"
    stamps = len(_STAMP.findall(signs.text))
    if stamps >= _MIN_STAMPS and any(LIVE_TITLE.search(title) for title in signs.titles):
        return "live-blog", f"titled live, {stamps} stamped updates"
    return None


def _judge_paywall(signs: Signs) -> Verdict | None:
    if signs.words > SHORT_WORDS:
        return None
    # Every header asks for subscriptions; a wall stands in the text or right behind it, where a preview ends.
    near = PAYWALL.search(f"{signs.text}\n{_behind_text(signs)}")
    cut = _is_cut(signs)
    if signs.free is False and (signs.words < _TEASER_WORDS or cut or (near and signs.words < _WALL_WORDS)):
        return "paywalled", f"isAccessibleForFree is false and {signs.words} words shown"
    if near and (cut or signs.words < _WALL_WORDS):
        return "paywalled", f"“{near[0]}” after {signs.words} words"
    if signs.words >= _TEASER_WORDS:
        return None
    # So little text, and two appeals anywhere or a text that breaks off.
    wall = PAYWALL.search(signs.visible)
    if wall and (_count(PAYWALL, signs.visible) > 1 or TEASER_END.search(signs.text)):
        return "paywalled", f"“{wall[0]}” and {signs.words} words"
    return None


def _judge_video(signs: Signs) -> Verdict | None:
    titled = any(VIDEO_TITLE.search(title) for title in signs.titles)
    if (signs.video or titled) and signs.words < _STUB_WORDS and not _is_cut(signs):
        return "video-stub", f"a video page with {signs.words} words"
    return None


def _judge_empty(signs: Signs) -> Verdict | None:
    if signs.words >= _EMPTY_WORDS:
        scripted = signs.words < _EMPTY_WORDS * 2 and SCRIPT_NEEDED.search(signs.text)
        return ("empty", f"“{scripted[0]}”") if scripted else None
    needed = SCRIPT_NEEDED.search(signs.visible)
    return "empty", f"{signs.words} words" + (f"; “{needed[0]}”" if needed else "")


def _judge_teaser(signs: Signs) -> Verdict | None:
    if signs.words > _WALL_WORDS:
        return None
    if signs.declared_words and _is_cut(signs):
        return "teaser", f"{signs.words} of {signs.declared_words} words"
    if signs.words > _TEASER_WORDS:
        return None
    if TEASER_END.search(signs.text):
        return "teaser", f"breaks off after {signs.words} words"
    if more := TEASER.search(signs.text):
        return "teaser", f"“{more[0]}” after {signs.words} words"
    elsewhere = TEASER.search(signs.visible)
    if elsewhere and (_repeats_description(signs) or elsewhere[0] in _behind_text(signs)):
        return "teaser", f"“{elsewhere[0]}” and {signs.words} words"
    return None


_JUDGES: tuple[Callable[[Signs], Verdict | None], ...] = (
    _judge_challenge,
    _judge_consent,
    _judge_live,
    _judge_paywall,
    _judge_video,
    _judge_empty,
    _judge_teaser,
)


def _count(phrases: re.Pattern[str], text: str) -> int:
    return len({match[0].lower() for match in phrases.finditer(text)})


def _is_cut(signs: Signs) -> bool:
    return bool(signs.declared_words) and signs.words < _WHOLE_SHARE * (signs.declared_words or 0)


def _behind_text(signs: Signs) -> str:
    """What the page shows right behind the extracted text, or "" if its end is not found."""
    tail = " ".join(signs.text.split())[-40:]
    at = signs.visible.rfind(tail) if len(tail) >= 20 else -1
    return signs.visible[at + len(tail) : at + len(tail) + _BEHIND_CHARS] if at >= 0 else ""


def _repeats_description(signs: Signs) -> bool:
    ours, theirs = signs.text[:600], signs.description[:600]
    return bool(theirs) and SequenceMatcher(None, ours, theirs, autojunk=False).ratio() > 0.8
