"""Find where the sentences of a text start."""

import re

import sentencex

LONGEST_SENTENCE = 2_000
"""Characters after which a sentence is cut, so that a text without stops costs no more than others.

Sentences of news stay under 500; what is longer is a list or a table.
"""

_LINE_END = re.compile(r"\n+")


def split_sentences(plain: str) -> tuple[int, ...]:
    """Offsets at which the sentences of an ASCII text start, ascending from 0; a line end always ends one.

    ASCII only: on other text sentencex 1.0.32 can stop the process (an initial before U+2028, for one), because it
    counts bytes where characters are meant.
    """
    starts = {0}
    offset = 0
    for sentence in sentencex.segment("en", plain):
        starts.add(offset)
        if len(sentence) > LONGEST_SENTENCE:
            starts.update(range(offset, offset + len(sentence), LONGEST_SENTENCE))
        offset += len(sentence)
    # Paragraphs are separated by line ends, which sentencex takes for blanks.
    starts.update(line_end.end() for line_end in _LINE_END.finditer(plain))
    return tuple(sorted(starts))
