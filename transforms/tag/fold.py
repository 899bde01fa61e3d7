"""Fold a text to plain ASCII words so that phrases can be found, and lead every offset back to the original.

Folding keeps one character per character: letters lose accents and case, and everything that is not a letter or digit
becomes a space, so curly and straight quotes, hyphen kinds and no-break spaces all read alike. Only characters without
a width of their own (soft hyphens, joiners, combining accents) and repeated blanks are left out; a text that has them,
and no other, carries a table of offsets.
"""

import re
import unicodedata
from functools import lru_cache

from schemas.records import record

OTHER_LETTER = "\x7f"
"""Stands for a letter without an ASCII base: part of a word, equal to no pattern."""

# Without a width: soft hyphen, combining marks, zero-width and direction controls, variation selectors, BOM.
_WIDTHLESS = "\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_LEFT_OUT = re.compile(rf"[{_WIDTHLESS}]+|(?<=[ \t\u00a0])[ \t\u00a0]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_QUOTES = {"‘": "'", "’": "'", "‚": "'", "‹": "'", "›": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
_WORDS = "".join(chr(i).lower() if chr(i).isalnum() or chr(i) == OTHER_LETTER else " " for i in range(128))


@record
class Folded:
    """A text folded twice, and the way back.

    `plain` is the text in ASCII with its case and marks; `words` is `plain` in lower case with spaces for marks and one
    more space before and behind, so position i of `plain` is position i + 1 of `words`. `offsets` maps positions of
    `plain` to code points of the original; None where they are equal.
    """

    plain: str
    words: str
    offsets: tuple[int, ...] | None

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Lead the span [start, end) of `words` back to the span of code points in the original."""
        if self.offsets is None:
            return start - 1, end - 1
        return self.offsets[start - 1], self.offsets[end - 2] + 1


def fold(text: str) -> Folded:
    """Fold a text; never fails, whatever the text holds."""
    if text.isascii() and "  " not in text:
        kept, offsets = text, None
    else:
        kept, offsets = _leave_out(text)
    plain = kept if kept.isascii() else _NOT_ASCII.sub(_plain_match, kept)
    return Folded(plain=plain, words=f" {plain.translate(_WORDS)} ", offsets=offsets)


def fold_phrase(phrase: str) -> str:
    """Fold a phrase of a rule exactly as texts are folded, without the spaces at its ends."""
    return fold(phrase).words.strip()


def _leave_out(text: str) -> tuple[str, tuple[int, ...] | None]:
    """Leave out what has no width; an accent written as a mark of its own goes with it."""
    kept: list[int] = []
    last = 0
    for gap in _LEFT_OUT.finditer(text):
        kept.extend(range(last, gap.start()))
        last = gap.end()
    if not last:
        return text, None
    kept.extend(range(last, len(text)))
    return "".join([text[i] for i in kept]), tuple(kept)


def _plain_match(found: re.Match[str]) -> str:
    return _plain_character(found[0])


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in _QUOTES:
        return _QUOTES[character]
    base = unicodedata.normalize("NFKD", character)[0]
    if base.isascii():
        return base
    return OTHER_LETTER if unicodedata.category(base)[0] in "LNM" else " "
