"""Quote the words that rules fired on."""

from collections.abc import Iterable

from schemas.records import Evidence
from transforms.tag.match import Hit, Reading


def quote_hits(reading: Reading, hits: Iterable[Hit]) -> tuple[Evidence, ...]:
    """Quote hits in the order of the article, title first; hits that overlap become one span.

    None is left out: without these words the rules would not have fired.
    """
    merged: list[Hit] = []
    for hit in sorted(set(hits)):
        if merged and merged[-1][0] == hit[0] and hit[1] < merged[-1][2]:
            merged[-1] = (hit[0], merged[-1][1], max(merged[-1][2], hit[2]))
        else:
            merged.append(hit)
    return tuple(map(reading.quote, merged))
