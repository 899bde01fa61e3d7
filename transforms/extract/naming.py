"""What boxes are called: rules on names and attributes, asked once for all boxes called alike.

Each rule with a regular expression calls back into Python for every box of a page. Boxes of one kind are alike in all
that rules look at, pages have ten times as many boxes as kinds, and the pages of a publisher share most of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

# Kinds that are remembered, and the length of the longest, in characters: some 10 MB at most.
_MAX_KINDS, _MAX_CHARS = 20_000, 300

_Kind = tuple[str, tuple[tuple[str, str], ...]]


class BoxNames:
    """Finds boxes by rules, XPath expressions that look at a box's tag and at some of its attributes alone."""

    def __init__(self, rules: Mapping[str, Sequence[etree.XPath]], attributes: Iterable[str]) -> None:
        self._rules, self._attributes = dict(rules), frozenset(attributes)
        self._known: dict[_Kind, tuple[str, ...]] = {}

    def find(self, boxes: Iterable[HtmlElement]) -> dict[str, list[HtmlElement]]:
        """By rule, the boxes that it finds; those of a kind are in their order."""
        alike: dict[_Kind, list[HtmlElement]] = {}
        for box in boxes:
            said = box.items()
            if len(said) > 1 or (said and said[0][0] != "class"):
                said = [(name, value) for name, value in said if name in self._attributes]
            if said or box.tag == "header":
                alike.setdefault((box.tag, tuple(said)), []).append(box)
        known = {kind: self._known[kind] for kind in alike if kind in self._known}
        known |= self._ask([kind for kind in alike if kind not in known])
        found: dict[str, list[HtmlElement]] = {name: [] for name in self._rules}
        for kind, same in alike.items():
            for name in known[kind]:
                found[name] += same
        return found

    def _ask(self, kinds: list[_Kind]) -> dict[_Kind, tuple[str, ...]]:
        samples = etree.Element("samples")
        for tag, said in kinds:
            # Each in a box of its own, since some rules look for the first. Pages make up tags that no tree can be
            # built of; no rule asks for them.
            etree.SubElement(etree.SubElement(samples, "sample"), tag if tag.isalnum() else "x", dict(said))
        found = {
            name: {each for rule in rules for each in cast(list[object], rule(samples))}
            for name, rules in self._rules.items()
        }
        asked = {
            kind: tuple(name for name in self._rules if sample[0] in found[name])
            for kind, sample in zip(kinds, samples, strict=True)
        }
        if len(self._known) > _MAX_KINDS:
            self._known.clear()
        self._known.update((kind, names) for kind, names in asked.items() if len(str(kind)) <= _MAX_CHARS)
        return asked
