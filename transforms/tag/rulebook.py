"""Compile the topics into what matching needs: one lexicon of phrases, groups of phrases, rules over groups."""

from collections import defaultdict

from schemas.records import record
from seeds.topics import Rule, Scoring, Topics, Within, Words
from transforms.tag.phrases import Lexicon, build_lexicon, read_phrase


@record
class CompiledRule:
    """A rule over numbered groups; `topic` is None for the domain's own rules."""

    id: str
    topic: str | None
    weight: float
    say: int
    also: tuple[int, ...]
    within: Within
    unless: int | None


@record
class RuleBook:
    """The topics, compiled once; picklable, so that workers need not compile again.

    `groups_of` lists, by phrase number, the groups a phrase belongs to; `voids_of` the groups within whose phrases it
    does not count. `rules_of` leads from a group to the rules that say it.
    """

    version: str
    scoring: Scoring
    lexicon: Lexicon
    groups_of: tuple[tuple[int, ...], ...]
    voids_of: tuple[tuple[int, ...], ...]
    domain_rules_of: dict[int, tuple[CompiledRule, ...]]
    topic_rules_of: dict[int, tuple[CompiledRule, ...]]


class _Groups:
    """Numbers phrases and groups of phrases; equal ones share a number, so that a list costs once."""

    def __init__(self) -> None:
        self.phrases: dict[str, int] = {}
        self.groups: dict[Words, int] = {}

    def number(self, words: Words) -> int:
        for phrase in (*words.phrases, *words.not_in):
            self.phrases.setdefault(phrase, len(self.phrases))
        return self.groups.setdefault(words, len(self.groups))

    def compile(self, rule: Rule, topic: str | None) -> CompiledRule:
        return CompiledRule(
            id=rule.id,
            topic=topic,
            weight=rule.weight,
            say=self.number(rule.say),
            also=tuple(self.number(words) for words in rule.also),
            within=rule.within,
            unless=self.number(rule.unless) if rule.unless else None,
        )


def compile_rules(topics: Topics) -> RuleBook:
    """Compile loaded topics; takes some milliseconds."""
    groups = _Groups()
    domain = [groups.compile(rule, None) for rule in topics.domain]
    rules = [groups.compile(rule, topic.slug) for topic in topics.topics for rule in topic.rules]
    members: list[list[int]] = [[] for _ in groups.phrases]
    voids: list[list[int]] = [[] for _ in groups.phrases]
    for words, group in groups.groups.items():
        for phrase in words.phrases:
            members[groups.phrases[phrase]].append(group)
        for phrase in words.not_in:
            voids[groups.phrases[phrase]].append(group)
    return RuleBook(
        version=topics.version,
        scoring=topics.scoring,
        lexicon=build_lexicon(read_phrase(number, phrase) for phrase, number in groups.phrases.items()),
        groups_of=tuple(map(tuple, members)),
        voids_of=tuple(map(tuple, voids)),
        domain_rules_of=_by_say(domain),
        topic_rules_of=_by_say(rules),
    )


def _by_say(rules: list[CompiledRule]) -> dict[int, tuple[CompiledRule, ...]]:
    by_say: defaultdict[int, list[CompiledRule]] = defaultdict(list)
    for rule in rules:
        by_say[rule.say].append(rule)
    return {group: tuple(grouped) for group, grouped in by_say.items()}
