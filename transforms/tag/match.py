"""Ask which rules fire on an article that has been read, and where."""

from collections.abc import Iterable, Iterator
from itertools import chain

from schemas.records import record
from seeds.topics import Scoring
from transforms.tag.reading import Hit, Place, Reading
from transforms.tag.rulebook import CompiledRule


@record
class Firing:
    """A rule that fires, the places it stands on, and the sentences that speak for it.

    `later` holds the sentences behind the lead; it does not matter, and may be cut short, where `in_lead` is true.
    """

    rule: CompiledRule
    places: frozenset[Place]
    in_lead: bool
    later: frozenset[int]


def fire_rules(
    rules: Iterable[CompiledRule], reading: Reading, scoring: Scoring, *, everywhere: bool = True
) -> Iterator[Firing]:
    """Yield each rule that fires, with all the places it fires at, or with those that suffice for its full weight."""
    whole = reading.whole
    for rule in rules:
        if whole & rule.needs == rule.needs:
            firing = _fire(rule, reading, scoring, everywhere)
            if firing:
                yield firing


def _fire(rule: CompiledRule, reading: Reading, scoring: Scoring, everywhere: bool) -> Firing | None:
    places: set[Place] = set()
    later: set[int] = set()
    in_lead = False
    for sentence, bits in reading.bits.items():
        if not bits & rule.say:
            continue
        around = _bits_around(rule, reading, sentence, bits)
        if around & rule.needs != rule.needs or around & rule.unless:
            continue
        stood_on = _places_in(rule, reading, sentence)
        places.update(stood_on)
        if stood_on:
            if sentence == 0 or stood_on[0][1] <= scoring.lead:
                in_lead = True
                if not everywhere:
                    break
            else:
                later.add(sentence)
    if not places:
        return None
    return Firing(rule=rule, places=frozenset(places), in_lead=in_lead, later=frozenset(later))


def _bits_around(rule: CompiledRule, reading: Reading, sentence: int, bits: int) -> int:
    if rule.within == "article":
        return reading.whole
    if rule.within == "passage":
        return bits | reading.bits.get(sentence - 1, 0) | reading.bits.get(sentence + 1, 0)
    return bits


def _places_in(rule: CompiledRule, reading: Reading, sentence: int) -> list[Place]:
    """Where the rule's words stand for one sentence: each that says it, with the first company of every kind."""
    places: list[Place] = []
    for hit in reading.hits[sentence]:
        if hit[2] & rule.say:
            company = [_find_company(rule, reading, sentence, hit, also) for also in rule.also]
            if None not in company:
                places.append((sentence, hit[0], hit[1]))
                places.extend(place for place in company if place)
    return places


def _find_company(rule: CompiledRule, reading: Reading, sentence: int, hit: Hit, also: int) -> Place | None:
    """The first hit of a group within the rule's reach that shares no letter with the hit it accompanies."""
    near: Iterable[int] = (sentence,) if rule.within == "sentence" else (sentence, sentence - 1, sentence + 1)
    if rule.within == "article":
        near = chain((sentence,), reading.bits)
    for number in near:
        if reading.bits.get(number, 0) & also:
            for start, end, groups in reading.hits[number]:
                if groups & also and (number != sentence or end <= hit[0] or hit[1] <= start):
                    return number, start, end
    return None
