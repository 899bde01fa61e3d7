"""People's names out of bylines: "By Ana Díaz and Joe Park, staff writers" names two."""

import re
from collections.abc import Iterable, Iterator

MAX_AUTHORS = 20
"""Most names that are kept; longer lists are mastheads."""

_MAX_CHARS = 500
_LEAD_IN = re.compile(
    r"\A\W*(?:(?:written|reported|story|words|posted|published|edited|reviewed|text|analysis|review|opinion)\s+by|"
    r"by|von|por|par|text|autor(?:in|es)?|auteur|author|redacci[oó]n\s+de)\b\s*:?\s+",
    re.I,
)
_SPLIT = re.compile(r"\s*(?:[;,|•·/&\n]|\s+(?:and|und|y|et|e|og|och|en|with|mit|con)\s+)\s*", re.I)
# What follows a name in a byline and is none: a role, a desk, a place, a date.
_TAIL = re.compile(
    r"\s*(?:\(.{0,80}\)|\bfor\s+(?:the\s+)?\S.{0,60}|[–—-]\s.{1,80}|\bat\s+\d.{0,40}|\bis\s+an?\s.{1,200}|"
    r"\b(?:last updated|updated|published|posted)\b.{0,80}|\b\d{1,2}[./:]\d.{0,40})\s*\Z",
    re.I,
)
# Parts of bylines that are no names: roles, titles behind a comma, buttons, and what systems write for nobody.
_ROLES = re.compile(
    r"\A(?:(?:senior|staff|chief|deputy|associate|managing|national|political|special|digital|news|contributing|freelance|"
    r"investigative|breaking|immigration|white house|executive|guest|video)\s+){0,3}"
    r"(?:reporters?|editors?|writers?|correspondents?|producers?|columnists?|contributors?|photographers?|journalists?|"
    r"anchors?|fellow|author|jr\.?|sr\.?|ph\.?d\.?|m\.?d\.?|esq\.?|ii|iii|"
    r"share|follow|print|email|facebook|twitter|comments?|more|posts?|bio|(?:view|see) all.*|read more.*|advertisement|"
    r"(?:photo|foto|image|updated|published).*|with|wire|agencies|agencias|agenturen|red|redactie|by|de|the|"
    r"and|und|y|e|et|null|none|undefined|unknown|admin|administrator|user|root|test|n/a)\Z",
    re.I,
)
_NO_NAME = re.compile(
    r"https?://|www\.|@\w|\.(?:com|org|net)\b|[<>{}\[\]=#?!:]|\d|\A(?:mon|tues?|wed|thu|fri|sat|sun)(?:\w*day)?\Z|"
    r"\A(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,7}\.?\Z|\bmin(?:ute)?s? read\b|\bago\Z",
    re.I,
)
_MAX_NAME_CHARS, _MAX_NAME_WORDS = 80, 8


def split_names(texts: Iterable[str]) -> list[str]:
    """The names in these texts, in order, without what bylines put around them (roles, desks, places, dates)."""
    return [name for text in texts for name in _split(text)]


def _split(text: str) -> Iterator[str]:
    text = text[:_MAX_CHARS]
    if _NO_NAME.search(text) and " " not in text:
        return
    text = _LEAD_IN.sub("", text)
    for part in _SPLIT.split(text)[:MAX_AUTHORS]:
        name = _TAIL.sub("", _LEAD_IN.sub("", part)).strip(" \t.,:;-–—|*\"'“”()")
        if _is_name(name):
            yield name


def _is_name(name: str) -> bool:
    if not 1 < len(name) <= _MAX_NAME_CHARS or len(name.split()) > _MAX_NAME_WORDS:
        return False
    return not _NO_NAME.search(name) and not _ROLES.match(name) and any(letter.isalpha() for letter in name)


def distinct_names(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, at most MAX_AUTHORS of them."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(" ".join(name.casefold().split()), " ".join(name.split()))
    return tuple(found.values())[:MAX_AUTHORS]
