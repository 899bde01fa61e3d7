"""Lines that stand among an article's paragraphs and are none: the headline again, appeals, credits at the end."""

import re
from collections.abc import Iterable
from unicodedata import normalize

# Appeals to readers, whole lines of them, in the languages of the feeds. Only short lines are ever dropped for these.
_APPEAL = re.compile(
    r"(?:sign up (?:for|to|now|here)|subscribe (?:to|now|today|here)|get (?:the latest|our|"
    r"unlimited)\b.{0,60}\b(?:inbox|"
    r"newsletter|email|access)|follow (?:us|\S+(?: \S+){0,2}) on (?:facebook|twitter|x|instagram|linkedin|threads|"
    r"bluesky|"
    r"google|whatsapp)|join (?:our|the) (?:commenting|conversation|newsletter|whatsapp|telegram)|download (?:the|"
    r"our) .{0,40}"
    r"\bapp\b|support (?:our|independent) .{0,40}journalism|(?:click|tap) here to (?:subscribe|sign|donate|read|get)|"
    r"want to bookmark your favourite|have a (?:news )?tip\?|thanks? (?:you )?for (?:reading|subscribing|signing up)|"
    r"this article (?:was )?(?:originally )?(?:appeared|published) (?:on|in)\b.{0,60}\Z|suscr[ií]b[ae]te|"
    r"reg[ií]strate (?:gratis|para|aqu[ií])|s[ií]guenos en|recib[ae] (?:las|nuestr|en tu)|copyright \d{4}|© ?\d{4}|"
    r"all rights reserved|todos los derechos reservados|(?:story|article) continues (?:below|after)|advertisement\b|"
    r"publicidad\b|(?:loading|cargando)(?:\.\.\.|…)|share (?:this|on|via)\b|read more(?: about| on)?\b:|(?:also read|"
    r"read also|see also|more on this|related|recommended|lea tambi[eé]n|lee tambi[eé]n|le puede interesar|"
    r"te puede interesar|"
    r"m[aá]s noticias|relacionad[oa]s?|vea tambi[eé]n|mira tambi[eé]n)\s*:)",
    re.I,
)
_MAX_APPEAL_CHARS = 240
_CREDIT = re.compile(
    r"\A\S.{2,60}? (?:is|are|was) (?:an? |the )?.{0,40}\b(?:reporter|editor|writer|correspondent|journalist|"
    r"columnist|author|"
    r"contributor|fellow|professor|producer)s?\b|\bcontributed to this (?:report|story|article)\b|"
    r"\A(?:you can )?(?:reach|"
    r"contact|email|follow) .{2,60}\bat\b.{0,60}@|\b(?:can|may) be reached (?:at|via|on)\b",
    re.I,
)
# A line about the writer is looked for among so many last (or, where it opens the page, first) lines.
_LAST, _FIRST = 4, 1
_RUBRIC = re.compile(r"[\W_]+")
_SOFT = re.compile("[\u00ad\u200b\u2060\ufeff]")
# Sorting the marks above one letter takes quadratic time. No letter has so many (UAX #15, Stream-Safe Text Format).
_PILED = re.compile(r"([^\w\s!-~]{30})[^\w\s!-~]+")


def tidy_text(text: str, *, title: str | None, authors: Iterable[str] = ()) -> str:
    """The text without lines that are not the article's words; all others are left as they are, in NFC.

    Dropped are: the headline repeated at the top, short appeals (newsletters, apps, related stories) anywhere, and at
    the end credits that begin with an author's name or say how to reach one, with what stands behind them.
    """
    lines = [line for raw in _SOFT.sub("", _compose(text)).splitlines() if (line := raw.strip())]
    lines = _without_headline(lines, title)
    kept = [line for line in lines if not is_appeal(line)]
    return "\n".join(_without_credits(kept, [author for author in authors if len(author) > 4]))


def _compose(text: str) -> str:
    return text if text.isascii() else normalize("NFC", _PILED.sub(r"\1", text))


def is_appeal(line: str) -> bool:
    """Whether a line only asks something of the reader or announces other pages."""
    return len(line) <= _MAX_APPEAL_CHARS and _APPEAL.match(line.lstrip("-*•–—→> \"'“")) is not None


def _without_headline(lines: list[str], title: str | None) -> list[str]:
    wanted = _fold(title or "")
    if not wanted:
        return lines
    start = 0
    for place, line in enumerate(lines[:3]):
        folded = _fold(line)
        if folded == wanted or (len(folded) > 20 and (folded.startswith(wanted) and len(folded) < 1.3 * len(wanted))):
            start = place + 1
    # What stands above the headline is a rubric or a date; a sentence would be a standfirst and is kept.
    above = [line for line in lines[: max(0, start - 1)] if len(line) > 60]
    return above + lines[start:]


def _without_credits(lines: list[str], authors: list[str]) -> list[str]:
    for place in range(max(1, len(lines) - _LAST), len(lines)):
        line = lines[place]
        names_author = any(line.casefold().startswith(author.casefold()) for author in authors)
        if len(line) < 600 and _CREDIT.search(line) and (names_author or "@" in line or "contributed" in line):
            return lines[:place]
    if len(lines) > 3 and any(lines[0].startswith(author) for author in authors) and _CREDIT.search(lines[0]):
        return lines[_FIRST:]
    return lines


def _fold(text: str) -> str:
    return _RUBRIC.sub("", text.casefold())
