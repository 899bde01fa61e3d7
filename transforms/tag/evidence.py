"""Quote the words that rules fired on."""

from collections.abc import Iterable

from schemas.records import Evidence
from transforms.tag.page import Page
from transforms.tag.reading import Place


def quote_places(page: Page, places: Iterable[Place]) -> tuple[Evidence, ...]:
    """Quote places in the order of the article, title first; those that overlap become one span."""
    merged: list[Place] = []
    for place in sorted(set(places)):
        if merged and merged[-1][0] == place[0] and place[1] < merged[-1][2]:
            merged[-1] = (place[0], merged[-1][1], max(merged[-1][2], place[2]))
        else:
            merged.append(place)
    return tuple(page.quote(*place) for place in merged)
