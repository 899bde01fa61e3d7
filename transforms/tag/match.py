"""Read an article once, then ask which rules fire on it and where."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.records import Evidence, record
from seeds.topics import Scoring
from transforms.tag.fold import Folded, fold
from transforms.tag.rulebook import CompiledRule, RuleBook
from transforms.tag.sentences import split_sentences

LONGEST_TEXT = 200_000
"""Characters of a text that are read; the longest news features stay under 100,000, so what is longer is a dump."""

LONGEST_TITLE = 2_000

Hit = tuple[int, int, int]
"""A phrase met: (sentence, start, end), positions in the folded field. Sentence 0 is the title."""


@record
class Reading:
    """An article with every phrase of the rules found: by group of phrases, then by sentence."""

    title: str
    text: str
    folded: tuple[Folded, Folded]
    hits: dict[int, dict[int, list[Hit]]]

    def quote(self, hit: Hit) -> Evidence:
        """Lead a hit back to the article's own words."""
        sentence, first, last = hit
        field, whole = ("text", self.text) if sentence else ("title", self.title)
        start, end = self.folded[bool(sentence)].locate(first, last)
        return Evidence(field=field, start=start, end=end, quote=whole[start:end])


@record
class Firing:
    """A rule that fires, the hits it stands on, and what it adds to the score."""

    rule: CompiledRule
    hits: tuple[Hit, ...]
    weight: float


def read_article(rulebook: RuleBook, title: str, text: str) -> Reading:
    """Find every phrase of the rules. Costs a pass over the text; sentences are split only if something was found."""
    folded = (fold(title[:LONGEST_TITLE]), fold(text[:LONGEST_TEXT]))
    hits: defaultdict[int, defaultdict[int, list[Hit]]] = defaultdict(lambda: defaultdict(list))
    voids: defaultdict[int, list[Hit]] = defaultdict(list)
    for sentence, start, end, phrase in _find_hits(rulebook, folded):
        for group in rulebook.groups_of[phrase]:
            hits[group][sentence].append((sentence, start, end))
        for group in rulebook.voids_of[phrase]:
            voids[group].append((sentence, start, end))
    for group, longer in voids.items():
        _drop_within(hits[group], longer)
    return Reading(title=title, text=text, folded=folded, hits={g: dict(by) for g, by in hits.items() if by})


def fire_rules(
    rules_of: dict[int, tuple[CompiledRule, ...]], reading: Reading, scoring: Scoring
) -> Iterator[Firing]:
    """Yield each rule that fires, with all the places it fires at."""
    for group in reading.hits.keys() & rules_of.keys():
        for rule in rules_of[group]:
            if all(also in reading.hits for also in rule.also):
                firing = _fire(rule, reading, scoring)
                if firing:
                    yield firing


def _find_hits(rulebook: RuleBook, folded: tuple[Folded, Folded]) -> Iterator[tuple[int, int, int, int]]:
    title, text = folded
    for start, end, phrase in rulebook.lexicon.find(title):
        yield 0, start, end, phrase
    found = list(rulebook.lexicon.find(text))
    if found:
        sentences = split_sentences(text.plain)
        for start, end, phrase in found:
            sentence = sentences.number_at(start - 1)
            if sentence == sentences.number_at(end - 2):
                yield sentence, start, end, phrase


def _drop_within(by_sentence: dict[int, list[Hit]], longer: list[Hit]) -> None:
    """Drop the hits that stand within longer phrases in which they mean something else."""
    for sentence, first, last in longer:
        kept = [hit for hit in by_sentence.get(sentence, ()) if not (first <= hit[1] and hit[2] <= last)]
        if kept:
            by_sentence[sentence] = kept
        else:
            by_sentence.pop(sentence, None)


def _fire(rule: CompiledRule, reading: Reading, scoring: Scoring) -> Firing | None:
    hits: set[Hit] = set()
    lead = False
    later = 0
    for sentence, said in reading.hits[rule.say].items():
        if rule.unless is not None and next(_around(rule, reading, rule.unless, sentence), None):
            continue
        fired = False
        for hit in said:
            company = [
                next((other for other in _around(rule, reading, also, sentence) if not _overlap(hit, other)), None)
                for also in rule.also
            ]
            if None not in company:
                fired = True
                hits.add(hit)
                hits.update(other for other in company if other)
                lead = lead or sentence == 0 or hit[1] <= scoring.lead
        later += fired
    if not hits:
        return None
    # Behind the lead a phrase said once may be said in passing: only said again and again it weighs as much.
    share = 1.0 if lead else 1 - (1 - scoring.later) ** min(later, 3)
    return Firing(rule=rule, hits=tuple(sorted(hits)), weight=rule.weight * share)


def _around(rule: CompiledRule, reading: Reading, group: int, sentence: int) -> Iterator[Hit]:
    """Yield a group's hits within the rule's reach of a sentence."""
    by_sentence = reading.hits.get(group, {})
    if rule.within == "article":
        numbers = list(by_sentence)
    else:
        numbers = [sentence] if rule.within == "sentence" else [sentence, sentence - 1, sentence + 1]
    for number in numbers:
        yield from by_sentence.get(number, ())


def _overlap(one: Hit, other: Hit) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
