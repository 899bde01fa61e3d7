"""Find every phrase of the rules in a text, in one reading.

A phrase is words as they stand in a text. `*` at the end of a word stands for any ending (`deport*` is deported,
deportation, …). A word of two letters or more written in capitals (ICE, CBP) is met only in capitals, and after `=`
every capital counts (`=Guard` is not guard). All phrases go into one Aho-Corasick automaton as " word word ", so that
the boundary on the left is part of what is searched.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import ahocorasick

from schemas.records import record
from transforms.tag.fold import Folded, fold, fold_phrase

_WORD = re.compile(r"\w+")

Capitals = tuple[tuple[int, str], ...]
"""Words that must keep their capitals, each with its number among the phrase's words, counting from 0, and behind a
literal without `rest`, where words cannot shift, with its offset from the literal's first letter."""


@record
class Phrase:
    """One phrase made ready: the literal to search, the rest to check behind it, and words that need capitals.

    `literal` starts with a space and ends with one unless an ending may follow (`open_end`). `rest` is matched at the
    literal's start when a `*` stands inside the phrase.
    """

    number: int
    literal: str
    open_end: bool
    rest: re.Pattern[str] | None
    capitals: Capitals


@record
class Lexicon:
    """All phrases of a rule book in one automaton; a literal leads to the phrases that start with it."""

    automaton: ahocorasick.Automaton

    def find(self, folded: Folded) -> list[tuple[int, int, int]]:
        """List (start, end, phrase number) in positions of `folded.words`, in the order the literals end."""
        words, plain = folded.words, folded.plain
        found = []
        for last, phrases in self.automaton.iter(words):
            for length, number, open_end, rest, capitals in phrases:
                start = last - length + 2
                if rest is None:
                    for offset, word in capitals:
                        if not plain.startswith(word, start - 1 + offset):
                            break
                    else:
                        found.append((start, words.find(" ", last) if open_end else last, number))
                elif whole := rest.match(words, start):
                    end = whole.end()
                    if _keeps_capitals(words[start:end], plain[start - 1 : end - 1], capitals):
                        found.append((start, end, number))
        return found


def read_phrase(number: int, written: str) -> Phrase:
    """Make one phrase ready; what may not be written is refused when the topics file is loaded."""
    exact, written = written.startswith("="), written.removeprefix("=")
    parts = [fold_phrase(part) for part in written.split("*")]
    stem, *inner = parts[:-1] if written.endswith("*") else parts
    open_end = "*" in written
    rest = None
    if inner:
        tail = "[^ ]*" if written.endswith("*") else ""
        rest = re.compile("[^ ]* ".join(map(re.escape, [stem, *inner])) + tail + "(?= )")
    literal = f" {stem}" if open_end else f" {stem} "
    capitals = _read_capitals(written.replace("*", ""), exact)
    if rest is None:
        starts = [0, *(position + 1 for position, character in enumerate(stem) if character == " ")]
        capitals = tuple((starts[word], capital) for word, capital in capitals)
    return Phrase(number=number, literal=literal, open_end=open_end, rest=rest, capitals=capitals)


def build_lexicon(phrases: Iterable[Phrase]) -> Lexicon:
    """Put phrases into one automaton."""
    by_literal: dict[str, list[tuple[int, int, bool, re.Pattern[str] | None, Capitals]]] = defaultdict(list)
    for phrase in phrases:
        packed = (len(phrase.literal), phrase.number, phrase.open_end, phrase.rest, phrase.capitals)
        by_literal[phrase.literal].append(packed)
    automaton = ahocorasick.Automaton()
    for literal, packed_phrases in by_literal.items():
        automaton.add_word(literal, tuple(packed_phrases))
    automaton.make_automaton()
    return Lexicon(automaton=automaton)


def _read_capitals(written: str, exact: bool) -> Capitals:
    folded = fold(written).words[1:]
    return tuple(
        (folded.count(" ", 0, word.start()), word[0])
        for word in _WORD.finditer(written)
        if (len(word[0]) > 1 and word[0].isupper()) or (exact and word[0] != word[0].lower())
    )


def _keeps_capitals(found: str, plain: str, capitals: Capitals) -> bool:
    """Compare with the text as written; `found` and `plain` are the same span, folded and with its case."""
    starts = [0, *(position + 1 for position, character in enumerate(found) if character == " ")]
    return all(plain.startswith(word, starts[number]) for number, word in capitals)
