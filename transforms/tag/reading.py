"""Read a page once: find every phrase of a set of rules, sentence by sentence."""

from bisect import bisect_right
from collections import defaultdict

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

    `hits` holds those that count, `bits` the groups met there, by sentence, and `whole` the groups met anywhere.
    `met` holds every phrase by the sentence it starts in, also those that mean something else within a longer one or
    run over the sentence's end, and `met_bits` their groups.
    """

    page: Page
    hits: dict[int, list[Hit]]
    bits: dict[int, int]
    whole: int
    met: dict[int, list[Hit]]
    met_bits: dict[int, int]


def read_page(rules: Rules, page: Page) -> Reading:
    """Find every phrase of the rules in one pass."""
    met: defaultdict[int, list[Hit]] = defaultdict(list)
    voids: defaultdict[int, list[Hit]] = defaultdict(list)
    over: set[int] = set()
    groups_of, voids_of = rules.groups_of, rules.voids_of
    for start, end, phrase in rules.lexicon.find(page.folded_title):
        if groups := groups_of[phrase]:
            met[0].append((start, end, groups))
        if groups := voids_of[phrase]:
            voids[0].append((start, end, groups))
    starts = page.starts
    ends = (*starts[1:], len(page.folded_text.plain))
    sentence, first, last = 0, 0, 0
    for start, end, phrase in rules.lexicon.find(page.folded_text):
        if not first < start <= last:
            sentence = bisect_right(starts, start - 1)
            first, last = starts[sentence - 1], ends[sentence - 1]
        if groups := groups_of[phrase]:
            met[sentence].append((start, end, groups))
        if end > last + 1:
            over.add(sentence)
        elif groups := voids_of[phrase]:
            voids[sentence].append((start, end, groups))
    hits = {}
    for sentence, found in met.items():
        # A phrase that runs over a sentence's end was never said.
        said = [hit for hit in found if hit[1] - 1 <= ends[sentence - 1]] if sentence in over else found
        if sentence in voids:
            said = _drop_within(said, voids[sentence])
        if said:
            hits[sentence] = said
    bits = {sentence: _union(said) for sentence, said in hits.items()}
    met_bits = {
        sentence: bits[sentence] if hits.get(sentence) is found else _union(found) for sentence, found in met.items()
    }
    whole = 0
    for groups in bits.values():
        whole |= groups
    return Reading(page=page, hits=hits, bits=bits, whole=whole, met=met, met_bits=met_bits)


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


def _union(hits: list[Hit]) -> int:
    whole = 0
    for hit in hits:
        whole |= hit[2]
    return whole
