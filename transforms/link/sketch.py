"""A small, stable sample of a text's five-word runs, from which shared wording can be estimated and shown.

Cut wire copies are why this is a sample by hash value and not MinHash: a copy of 30 % of a text has a Jaccard
similarity of 0.3, which banding catches once in a hundred, yet it is wholly contained. Sampling by value keeps the same
runs in both texts, so containment can be read off the samples.
"""

import hashlib
import re
from collections.abc import Iterator

from schemas.records import Evidence

RUN_WORDS = 5
SAMPLE_ONE_IN = 4
"""A run is in the sketch if its 63-bit hash divides by this: about 60 to 250 numbers for a news article."""

_WORD = re.compile(r"\w+")


def sketch_text(text: str) -> tuple[int, ...]:
    """The sampled runs of a text, as sorted distinct 63-bit hashes."""
    return tuple(sorted({value for value, _, _ in _sampled_runs(text)}))


def shared_passages(text: str, other: frozenset[int], most: int = 5) -> tuple[Evidence, ...]:
    """Passages of the text whose sampled runs stand in the other sketch too, longest first, at most `most`."""
    passages: list[list[int]] = []
    for value, start, end in _sampled_runs(text):
        if value in other:
            if passages and start <= passages[-1][1]:
                passages[-1][1] = max(end, passages[-1][1])
            else:
                passages.append([start, end])
    longest = sorted(passages, key=lambda span: (span[0] - span[1], span[0]))[:most]
    return tuple(Evidence(field="text", start=start, end=end, quote=text[start:end]) for start, end in longest)


def _sampled_runs(text: str) -> Iterator[tuple[int, int, int]]:
    """(hash, start, end) of each sampled run of RUN_WORDS words, case folded, in order of the text."""
    words = [(match.group().casefold(), match.start(), match.end()) for match in _WORD.finditer(text)]
    for first in range(len(words) - RUN_WORDS + 1):
        run = words[first : first + RUN_WORDS]
        digest = hashlib.blake2b(" ".join(word for word, _, _ in run).encode(), digest_size=8).digest()
        value = int.from_bytes(digest) >> 1  # 63 bits: fits a signed 64-bit column
        if value % SAMPLE_ONE_IN == 0:
            yield value, run[0][1], run[-1][2]
