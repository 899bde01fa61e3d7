"""How much of its article a page shows: one state, with the sign it was judged by.

Conservative: a text long enough to be an article is full unless several signs say otherwise. Publishers promise
isAccessibleForFree wrongly in both directions, and count words as they like, so neither decides alone.
"""

import re
from collections.abc import Callable
from difflib import SequenceMatcher

from transforms.extract.instead import Verdict, judge_challenge, judge_consent, judge_empty, judge_notice, judge_shell
from transforms.extract.signs import PART_WORDS, SHORT_WORDS, Signs
from transforms.extract.walls import (
    GO_ON_TERM,
    JOIN_TERM,
    LIVE_TITLE,
    MORE_CONTROL,
    OFFER,
    PAYWALL,
    TEASER,
    TEASER_END,
    VIDEO_TITLE,
    VIDEO_TOLD,
    count_phrases,
)

# Words below which a text may be a part: a teaser, a stub, a caption of a player.
_TEASER_WORDS, _STUB_WORDS, _CAPTION_WORDS = 130, 110, 45
# Shares of the publisher's own word count: less is a part, more is a whole text, however both sides count. Between them
# lie counts of markup and comments, which prove nothing by themselves.
_PART_SHARE, _CUT_SHARE, _WHOLE_SHARE = 0.35, 0.6, 0.85
# How far behind the text a control begins at most that leads to the rest, in characters.
_NEXT_CHARS = 80
# The last lines of a text in which a wall's words may stand, and the words of a line that is too long for one.
_LAST_LINES, _LINE_WORDS = 5, 45
# The last lines of a text of which one may break off; what stands behind leads on.
_END_LINES = 2
_STAMP = re.compile(r"(?m)^[^\w\n]*\d{1,2}[:.]\d{2}\s?(?:[ap]\.?m\.?|h|hs|hrs|et|ct|mt|pt|est|edt|gmt|utc)?\b", re.I)
_MIN_STAMPS = 3


def judge_body(signs: Signs) -> Verdict:
    """The body state and its reason, which names what was seen: words, wording, declarations, traces.

    States: full, teaser (only the start is here), paywalled (the rest is for subscribers), consent (a consent page
    instead of the article), challenge (a bot check instead of it), live-blog, video-stub (a video, a caption), empty
    (no article: nothing, an error page whatever its status, a form to log in, links only).
    """
    verdict = next((found for judge in _JUDGES if (found := judge(signs))), None)
    return verdict or ("full", _tell_words(signs) + _tell_free(signs))


def _judge_live(signs: Signs) -> Verdict | None:
    if signs.live:
        return "live-blog", f"JSON-LD LiveBlogPosting, {signs.stamps} stamped updates"
    stamps = max(signs.stamps, len(_STAMP.findall(signs.text)))
    titled = next((match[0] for title in signs.titles if (match := LIVE_TITLE.search(title))), None)
    if stamps >= _MIN_STAMPS and (titled or signs.live_trace):
        named = f"titled “{titled.strip()}”" if titled else f"markup named “{signs.live_trace}”"
        return "live-blog", f"{named}, {stamps} stamped updates"
    return None


def _judge_paywall(signs: Signs) -> Verdict | None:
    if signs.words > SHORT_WORDS or _is_whole(signs):
        return None
    # Every header asks for subscriptions; a wall stands in the text's end or right behind it, where a preview ends.
    near = f"{_last_lines(signs.text)}\n{signs.behind}"
    wall, cut = PAYWALL.search(near), _is_cut(signs)
    limit = PART_WORDS if signs.free is not True else PART_WORDS * 2 // 3
    if wall and (cut or signs.words < limit):
        return "paywalled", f"“{wall[0]}” after {_tell_words(signs)}{_tell_free(signs)}"
    if signs.free is False and (signs.words < _TEASER_WORDS or cut):
        return "paywalled", _tell_words(signs) + _tell_free(signs)
    # An offer, or an element that is named like a wall, says nothing of this page unless something else does.
    offer = OFFER.search(near)
    if offer and (signs.free is False or cut) and signs.words < limit:
        return "paywalled", f"“{offer[0]}” after {_tell_words(signs)}{_tell_free(signs)}"
    if signs.words >= _TEASER_WORDS:
        return None
    if JOIN_TERM.search(signs.wall) and GO_ON_TERM.search(signs.wall) and not signs.free:
        return "paywalled", f"“{signs.wall[:60]}” after {_tell_words(signs)}{_tell_free(signs)}"
    if offer and not signs.free and (signs.wall or count_phrases(OFFER, near) > 1):
        return "paywalled", f"“{offer[0]}” after {_tell_words(signs)}{_tell_free(signs)}"
    # So little text, and two appeals anywhere or a text that breaks off.
    far = PAYWALL.search(signs.shown)
    if far and (signs.wall or count_phrases(PAYWALL, signs.shown) > 1 or TEASER_END.search(signs.text)):
        return "paywalled", f"“{far[0]}” and {_tell_words(signs)}{_tell_free(signs)}"
    return None


def _judge_video(signs: Signs) -> Verdict | None:
    if _is_cut(signs):
        return None
    titled = next((match[0] for title in signs.titles if (match := VIDEO_TITLE.search(title))), None)
    if (signs.video or titled) and signs.words < _STUB_WORDS:
        return "video-stub", f"{f'titled “{titled.strip()}”' if titled else 'declared a video'}, {signs.words} words"
    told = next((match[0] for title in signs.titles if (match := VIDEO_TOLD.search(title))), None)
    if signs.player and not judge_empty(signs) and signs.words < (_STUB_WORDS if told else _CAPTION_WORDS):
        return "video-stub", f"a player{f', titled “{told}”' if told else ''} and {signs.words} words"
    return None


def _judge_teaser(signs: Signs) -> Verdict | None:
    if signs.words > PART_WORDS or _is_whole(signs):
        return None
    if _is_cut(signs) and signs.words < _PART_SHARE * (signs.declared_words or 0):
        return "teaser", _tell_words(signs)
    if signs.words > _TEASER_WORDS * 3 // 2:
        return None
    near = f"{_last_lines(signs.text)}\n{signs.behind}"
    if more := TEASER.search(near):
        return "teaser", f"“{more[0].strip()}” after {_tell_words(signs)}"
    leads = next((control for control in signs.controls if MORE_CONTROL.match(control)), None)
    if leads and leads in signs.behind[: _NEXT_CHARS + len(leads)]:
        return "teaser", f"“{leads[:60]}” after {_tell_words(signs)}"
    if signs.words > _TEASER_WORDS:
        return None
    if any(TEASER_END.search(line) for line in signs.text.splitlines()[-_END_LINES:]):
        return "teaser", f"breaks off after {signs.words} words"
    if _is_cut(signs):
        return "teaser", _tell_words(signs)
    elsewhere = leads or ((match := TEASER.search(signs.shown)) and match[0])
    if elsewhere and _repeats_description(signs):
        return "teaser", f"“{elsewhere[:60]}” and {signs.words} words that are the page's description"
    return None


_JUDGES: tuple[Callable[[Signs], Verdict | None], ...] = (
    judge_challenge,
    judge_consent,
    _judge_live,
    judge_notice,
    _judge_paywall,
    _judge_video,
    judge_empty,
    _judge_teaser,
    judge_shell,
)


def _tell_words(signs: Signs) -> str:
    if not signs.declared_words:
        return f"{signs.words} words"
    return f"{signs.words} of {signs.declared_words} words ({signs.words / signs.declared_words:.0%})"


def _tell_free(signs: Signs) -> str:
    return ", isAccessibleForFree is false" if signs.free is False else ""


def _is_cut(signs: Signs) -> bool:
    declared = signs.declared_words or 0
    # Some systems count characters.
    return signs.words < _CUT_SHARE * declared and not 0.9 * declared < len(signs.text) < 1.1 * declared


def _is_whole(signs: Signs) -> bool:
    return signs.words >= max(_TEASER_WORDS, _WHOLE_SHARE * (signs.declared_words or SHORT_WORDS))


def _last_lines(text: str) -> str:
    # Paragraphs may quote a wall; a wall's own lines are short.
    return "\n".join(line for line in text.splitlines()[-_LAST_LINES:] if len(line.split()) <= _LINE_WORDS)


def _repeats_description(signs: Signs) -> bool:
    ours, theirs = signs.text[:600], signs.description[:600]
    return bool(theirs) and SequenceMatcher(None, ours, theirs, autojunk=False).ratio() > 0.8
