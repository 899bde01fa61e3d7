"""Read a page once: find every phrase of a set of rules, sentence by sentence."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from schemas.records import record
from transforms.tag.page import Page
from transforms.tag.rulebook import Rules

Hit = tuple[int, int, int]
"""A phrase met: (start, end, bits of the groups it counts for), positions in the folded field."""

Place = tuple[int, int, int]
"""Words of a page: (sentence, start, end), positions in the folded field."""


@record
class Reading:
    """The phrases found on a page, by sentence.

    `bits` holds, by sentence, the groups met there; `whole` those met anywhere.
    """

    page: Page
    hits: dict[int, list[Hit]]
    bits: dict[int, int]
    whole: int


def read_page(rules: Rules, page: Page) -> Reading:
    """Find every phrase of the rules in one pass."""
    found: defaultdict[int, list[Hit]] = defaultdict(list)
    voids: defaultdict[int, list[Hit]] = defaultdict(list)
    groups_of, voids_of = rules.groups_of, rules.voids_of
    for sentence, start, end, phrase in _find(rules, page):
        if groups := groups_of[phrase]:
            found[sentence].append((start, end, groups))
        if groups := voids_of[phrase]:
            voids[sentence].append((start, end, groups))
    hits = {
        sentence: _drop_within(met, voids[sentence]) if sentence in voids else met for sentence, met in found.items()
    }
    bits = {sentence: _union(groups for _, _, groups in met) for sentence, met in hits.items()}
    return Reading(page=page, hits=hits, bits=bits, whole=_union(bits.values()))


def _find(rules: Rules, page: Page) -> Iterator[tuple[int, int, int, int]]:
    """Yield (sentence, start, end, phrase number); a phrase that runs over a sentence's end was never said."""
    for start, end, phrase in rules.lexicon.find(page.folded_title):
        yield 0, start, end, phrase
    starts = page.starts
    ends = (*starts[1:], len(page.folded_text.plain))
    for start, end, phrase in rules.lexicon.find(page.folded_text):
        sentence = bisect_right(starts, start - 1)
        if end - 1 <= ends[sentence - 1]:
            yield sentence, start, end, phrase


def _drop_within(hits: list[Hit], longer: list[Hit]) -> list[Hit]:
    """Let hits not count for the groups that say they mean something else within a longer phrase."""
    kept = []
    for start, end, groups in hits:
        for first, last, void in longer:
            if first <= start and end <= last:
                groups &= ~void
        if groups:
            kept.append((start, end, groups))
    return kept


def _union(many: Iterable[int]) -> int:
    whole = 0
    for bits in many:
        whole |= bits
    return whole
