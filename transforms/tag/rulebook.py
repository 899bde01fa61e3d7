"""Compile the topics into what matching needs: one lexicon of phrases, and rules over groups of phrases.

A group is the phrases of one `say`, `also` or `unless`. Each has one bit, so that whether a sentence holds what a rule
asks for is one comparison of integers. The domain's rules are compiled apart: most articles of broad feeds need no
more than their few phrases.
"""

from schemas.records import record
from seeds.topics import Rule, Scoring, Topics, Within, Words
from transforms.tag.phrases import Lexicon, build_lexicon, read_phrase

DOMAIN = ""
"""Stands in a topic's place for the domain's own rules."""


@record
class CompiledRule:
    """A rule over the bits of groups; `needs` is `say` and all of `also`."""

    id: str
    weight: float
    say: int
    also: tuple[int, ...]
    needs: int
    unless: int
    within: Within


@record
class Rules:
    """Rules by topic, "" for the domain, and the lexicon of their phrases.

    `groups_of` holds, by phrase number, the bits of the groups a phrase belongs to; `voids_of` those of the groups
    whose phrases do not count within it.
    """

    lexicon: Lexicon
    groups_of: tuple[int, ...]
    voids_of: tuple[int, ...]
    of: dict[str, tuple[CompiledRule, ...]]


@record
class RuleBook:
    """The topics, compiled once; picklable, so that workers need not compile again.

    `topics` reads for all topics at once; `single` holds each topic's rules by themselves, to look again for one.
    """

    version: str
    scoring: Scoring
    domain: Rules
    topics: Rules
    single: dict[str, Rules]


class _Groups:
    """Numbers phrases and gives groups their bits; equal groups share one, so that a list costs once."""

    def __init__(self) -> None:
        self.phrases: dict[str, int] = {}
        self.bits: dict[Words, int] = {}

    def bit(self, words: Words) -> int:
        for phrase in (*words.phrases, *words.not_in):
            self.phrases.setdefault(phrase, len(self.phrases))
        return self.bits.setdefault(words, 1 << len(self.bits))

    def compile(self, rule: Rule) -> CompiledRule:
        say, also = self.bit(rule.say), tuple(map(self.bit, rule.also))
        needs = say
        for bit in also:
            needs |= bit
        return CompiledRule(
            id=rule.id,
            weight=rule.weight,
            say=say,
            also=also,
            needs=needs,
            unless=self.bit(rule.unless) if rule.unless else 0,
            within=rule.within,
        )


def compile_rules(topics: Topics) -> RuleBook:
    """Compile loaded topics; takes some tenths of a second."""
    rules_of = {topic.slug: topic.rules for topic in sorted(topics.topics, key=lambda one: one.slug)}
    return RuleBook(
        version=topics.version,
        scoring=topics.scoring,
        domain=_compile({DOMAIN: topics.domain}),
        topics=_compile(rules_of),
        single={topic: _compile({topic: rules}) for topic, rules in rules_of.items()},
    )


def _compile(rules_of: dict[str, tuple[Rule, ...]]) -> Rules:
    groups = _Groups()
    compiled = {topic: tuple(map(groups.compile, rules)) for topic, rules in rules_of.items()}
    groups_of = [0] * len(groups.phrases)
    voids_of = [0] * len(groups.phrases)
    for words, bit in groups.bits.items():
        for phrase in words.phrases:
            groups_of[groups.phrases[phrase]] |= bit
        for phrase in words.not_in:
            voids_of[groups.phrases[phrase]] |= bit
    return Rules(
        lexicon=build_lexicon(read_phrase(number, phrase) for phrase, number in groups.phrases.items()),
        groups_of=tuple(groups_of),
        voids_of=tuple(voids_of),
        of=compiled,
    )
