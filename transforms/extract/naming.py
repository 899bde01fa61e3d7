"""What boxes are called: trafilatura's rules on names and attributes, asked once for all boxes called alike.

Each of its rules calls back into Python for every box of a page. Boxes of one kind are alike in all that the rules look
at, pages have ten times as many boxes as kinds, and the pages of a publisher share most of them.
"""

from collections.abc import Iterable
from typing import cast

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import xpaths

RULES = {
    "aside": (
        *xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
        *xpaths.REMOVE_COMMENTS_XPATH,
        *xpaths.DISCARD_IMAGE_ELEMENTS,
        *xpaths.TEASER_DISCARD_XPATH,
        *xpaths.PRECISION_DISCARD_XPATH,
    ),
    "body": tuple(xpaths.BODY_XPATH[:1]),
    "boilerplate": tuple(xpaths.OVERALL_DISCARD_XPATH),
}
_ASKED = frozenset({
    "class", "id", "itemprop", "role", "style", "aria-hidden", "data-component", "data-lp-replacement-content",
})  # fmt: skip
# Kinds that are remembered, and the length of the longest, in characters: some 10 MB at most.
_MAX_KINDS, _MAX_CHARS = 20_000, 300

_Kind = tuple[str, tuple[tuple[str, str], ...]]
_known: dict[_Kind, tuple[str, ...]] = {}


def name_boxes(boxes: Iterable[HtmlElement]) -> dict[str, list[HtmlElement]]:
    """The boxes that each of the RULES finds, those of a kind in their order; depends on names and attributes alone."""
    alike: dict[_Kind, list[HtmlElement]] = {}
    for box in boxes:
        said = box.items()
        if len(said) > 1 or (said and said[0][0] != "class"):
            said = [(name, value) for name, value in said if name in _ASKED]
        if said or box.tag == "header":
            alike.setdefault((box.tag, tuple(said)), []).append(box)
    known = {kind: _known[kind] for kind in alike if kind in _known}
    known |= _ask([kind for kind in alike if kind not in known])
    found: dict[str, list[HtmlElement]] = {name: [] for name in RULES}
    for kind, same in alike.items():
        for name in known[kind]:
            found[name] += same
    return found


def _ask(kinds: list[_Kind]) -> dict[_Kind, tuple[str, ...]]:
    samples = etree.Element("samples")
    for tag, said in kinds:
        # Each in a box of its own, since some rules look for the first. Pages make up tags that no tree can be built
        # of; no rule asks for them.
        etree.SubElement(etree.SubElement(samples, "sample"), tag if tag.isalnum() else "x", dict(said))
    found = {
        name: {each for rule in rules for each in cast(list[object], rule(samples))} for name, rules in RULES.items()
    }
    asked = {
        kind: tuple(name for name in RULES if sample[0] in found[name])
        for kind, sample in zip(kinds, samples, strict=True)
    }
    if len(_known) > _MAX_KINDS:
        _known.clear()
    _known.update((kind, names) for kind, names in asked.items() if len(str(kind)) <= _MAX_CHARS)
    return asked
