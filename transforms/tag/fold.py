"""Fold a text to plain ASCII words so that phrases can be found, and lead every offset back to the original.

Folding keeps one character per character: letters lose accents and case, and all that is no letter, digit or dollar
sign becomes a space, so curly and straight quotes, hyphen kinds and no-break spaces read alike. Only characters without
a width of their own (soft hyphens, joiners, combining accents) are left out; where that happens, the folded text
remembers how far it has fallen behind. Repeated blanks stay: words around a gap are not neighbours.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

from schemas.records import record

OTHER_LETTER = "\x7f"
"""Stands for a letter without an ASCII base: part of a word, equal to no pattern."""

# Without a width: soft hyphen, combining marks, zero-width and direction controls, variation selectors, BOM.
_WIDTHLESS = "\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_LEFT_OUT = re.compile(rf"[{_WIDTHLESS}]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_QUOTES = {"‘": "'", "’": "'", "‚": "'", "‹": "'", "›": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
_WORDS = "".join(chr(i).lower() if chr(i).isalnum() or chr(i) in f"${OTHER_LETTER}" else " " for i in range(128))


@record
class Folded:
    """A text folded twice, and the way back.

    `plain` is the text in ASCII with its case and marks; `words` is `plain` in lower case with spaces for marks and one
    more space before and behind, so position i of `plain` is position i + 1 of `words`. From position `cuts[n]` of
    `plain` on, `left_out[n]` code points of the original are missing.
    """

    plain: str
    words: str
    cuts: tuple[int, ...]
    left_out: tuple[int, ...]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Lead the span [start, end) of `words` back to the span of code points in the original."""
        if not self.cuts:
            return start - 1, end - 1
        return self._original(start - 1), self._original(end - 2) + 1

    def _original(self, position: int) -> int:
        cut = bisect_right(self.cuts, position)
        return position + self.left_out[cut - 1] if cut else position


def fold(text: str) -> Folded:
    """Fold a text; never fails, whatever the text holds."""
    kept, cuts, left_out = _leave_out(text)
    plain = kept if kept.isascii() else _NOT_ASCII.sub(_plain_match, kept)
    return Folded(plain=plain, words=f" {plain.translate(_WORDS)} ", cuts=cuts, left_out=left_out)


def fold_phrase(phrase: str) -> str:
    """Fold a phrase of a rule exactly as texts are folded, without the spaces at its ends."""
    return fold(phrase).words.strip()


def _leave_out(text: str) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """Leave out what has no width; an accent written as a mark of its own goes with it."""
    if text.isascii():
        return text, (), ()
    pieces: list[str] = []
    cuts: list[int] = []
    left_out: list[int] = []
    last = missing = 0
    for gap in _LEFT_OUT.finditer(text):
        pieces.append(text[last : gap.start()])
        cuts.append(gap.start() - missing)
        missing += gap.end() - gap.start()
        left_out.append(missing)
        last = gap.end()
    if not pieces:
        return text, (), ()
    return "".join([*pieces, text[last:]]), tuple(cuts), tuple(left_out)


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
