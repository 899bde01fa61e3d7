"""Number the sentences of a text."""

import re
from bisect import bisect_right

import sentencex

from schemas.records import record

LONGEST_SENTENCE = 2_000
"""Characters after which a sentence is cut, so that a text without stops costs no more than others.

Sentences of news stay under 500; what is longer is a list or a table.
"""

_LINE_END = re.compile(r"\n+")


@record
class Sentences:
    """Where a text's sentences start, ascending from 0."""

    starts: tuple[int, ...]

    def number_at(self, offset: int) -> int:
        """Number the sentence that holds an offset of the text, counting from 1; 0 is left to the title."""
        return bisect_right(self.starts, offset)


def split_sentences(plain: str) -> Sentences:
    """Find where the sentences of an ASCII text start; a line end always ends one, since it separates paragraphs.

    ASCII only: on other text sentencex 1.0.32 can stop the process (an initial before U+2028, for one), because it
    counts bytes where characters are meant.
    """
    starts = {0}
    offset = 0
    for sentence in sentencex.segment("en", plain):
        starts.update(range(offset, offset + len(sentence), LONGEST_SENTENCE))
        offset += len(sentence)
    starts.update(line_end.end() for line_end in _LINE_END.finditer(plain))
    return Sentences(starts=tuple(sorted(starts)))
