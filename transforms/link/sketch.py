"""A small, stable sample of a text's five-word runs, from which shared wording can be estimated and shown.

Cut wire copies are why this is a sample by hash value and not MinHash: a copy of 30 % of a text has a Jaccard
similarity of 0.3, which banding catches once in a hundred, yet it is wholly contained. Sampling by value keeps the same
runs in both texts, so containment can be read off the samples.
"""

import hashlib
import re
from collections.abc import Iterator

import numpy as np

from schemas.records import Evidence

RUN_WORDS = 5
SAMPLE_ONE_IN = 4
"""A run is in the sketch if its 63-bit hash divides by this: about 60 to 250 numbers for a news article."""

_PLACES = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)
"""Odd 64-bit multipliers, one a place, so that a run's hash depends on the order of its words. Never change them:
sketches are remembered across runs and versions."""

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
    words = list(_WORD.finditer(text))
    if len(words) < RUN_WORDS:
        return
    hash_of: dict[str, int] = {}
    hashes = np.empty(len(words), dtype=np.uint64)
    for number, word in enumerate(words):
        folded = word.group().casefold()
        if folded not in hash_of:
            hash_of[folded] = int.from_bytes(hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=8).digest())
        hashes[number] = hash_of[folded]
    runs = np.lib.stride_tricks.sliding_window_view(hashes, RUN_WORDS)
    values = (runs * _PLACES).sum(axis=1, dtype=np.uint64) >> np.uint64(1)  # 63 bits: fits a signed 64-bit column
    for first in np.flatnonzero(values % np.uint64(SAMPLE_ONE_IN) == 0):
        yield int(values[first]), words[first].start(), words[first + RUN_WORDS - 1].end()
