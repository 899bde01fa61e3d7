"""Find every phrase of the rules in a text, in one reading.

A phrase is words as they stand in a text. `*` at the end of a word stands for any ending (`deport*` is deported,
deportation, …). A word of two letters or more written in capitals (ICE, CBP) is met only in capitals. All phrases go
into one Aho-Corasick automaton as " word word ", so that the boundary on the left is part of what is searched.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import ahocorasick

from schemas.records import record
from transforms.tag.fold import Folded, fold_phrase

_WORD = re.compile(r"\w+")


@record
class Phrase:
    """One phrase made ready: the literal to search, the rest to check behind it, and words that need capitals.

    `literal` starts with a space and ends with one unless an ending may follow. `rest` is matched at the literal's
    start when a `*` stands inside the phrase. `capitals` are (offset from the phrase's first character, word).
    """

    number: int
    literal: str
    open_end: bool
    rest: re.Pattern[str] | None
    capitals: tuple[tuple[int, str], ...]


@record
class Lexicon:
    """All phrases of a rule book in one automaton; a literal leads to the phrases that start with it."""

    automaton: ahocorasick.Automaton

    def find(self, folded: Folded) -> Iterator[tuple[int, int, int]]:
        """Yield (start, end, phrase number) in positions of `folded.words`, in the order the literals end."""
        words, plain = folded.words, folded.plain
        for last, phrases in self.automaton.iter(words):
            for literal_length, number, open_end, rest, capitals in phrases:
                start = last - literal_length + 2
                if rest is not None:
                    whole = rest.match(words, start)
                    if whole is None:
                        continue
                    end = whole.end()
                else:
                    end = words.find(" ", last) if open_end else last
                if capitals and any(
                    plain[start - 1 + skip : start - 1 + skip + len(word)] != word for skip, word in capitals
                ):
                    continue
                yield start, end, number


def read_phrase(number: int, written: str) -> Phrase:
    """Make one phrase ready; what may not be written is refused when the topics file is loaded."""
    parts = [fold_phrase(part) for part in written.split("*")]
    stem, *inner = parts[:-1] if written.endswith("*") else parts
    open_end = written.endswith("*") and not inner
    capitals = tuple(
        (word.start(), word[0]) for word in _WORD.finditer(written) if len(word[0]) > 1 and word[0].isupper()
    )
    rest = None
    if inner:
        tail = "[^ ]*" if written.endswith("*") else ""
        rest = re.compile("[^ ]* ".join(map(re.escape, [stem, *inner])) + tail + "(?= )")
    literal = f" {stem}" if open_end or inner else f" {stem} "
    return Phrase(number=number, literal=literal, open_end=open_end, rest=rest, capitals=capitals)


def build_lexicon(phrases: Iterable[Phrase]) -> Lexicon:
    """Put phrases into one automaton."""
    by_literal: dict[str, list[tuple[int, int, bool, re.Pattern[str] | None, tuple[tuple[int, str], ...]]]]
    by_literal = defaultdict(list)
    for phrase in phrases:
        packed = (len(phrase.literal), phrase.number, phrase.open_end, phrase.rest, phrase.capitals)
        by_literal[phrase.literal].append(packed)
    automaton = ahocorasick.Automaton()
    for literal, packed_phrases in by_literal.items():
        automaton.add_word(literal, tuple(packed_phrases))
    automaton.make_automaton()
    return Lexicon(automaton=automaton)
