"""The topics: what an article can be about, and the rules that tell, checked when loaded.

docs/adding-a-topic.md explains the rule language of topics.toml.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec

from schemas.errors import seed_error
from seeds.rules import Rule, Scoring, Topic, Topics, Within, Words
from seeds.seed_file import read_seed_file

__all__ = ["TOPICS_FILE", "Rule", "Scoring", "Topic", "Topics", "Within", "Words", "load_topics"]

TOPICS_FILE = Path(__file__).with_name("topics.toml")


class _RuleEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    id: str
    reason: str
    weight: Annotated[float, msgspec.Meta(ge=-2, le=2)] = 0.7
    say: list[str]
    also: list[list[str]] = []
    within: Within = "sentence"
    unless: list[str] = []
    matches: str
    refuses: str


class _TopicEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    slug: Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z]+)*$")]
    label: str
    definition: str
    counts: str
    does_not_count: str
    near_misses: list[str] = []
    rules: list[_RuleEntry]


class _ScoringEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    topic_threshold: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    domain_threshold: Annotated[float, msgspec.Meta(gt=0)]
    lead: Annotated[int, msgspec.Meta(gt=0)]
    later: Annotated[float, msgspec.Meta(gt=0, le=1)]


class _DomainEntry(msgspec.Struct, forbid_unknown_fields=True):
    rules: list[_RuleEntry]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    scoring: _ScoringEntry
    lists: dict[str, list[str]]
    domain: _DomainEntry
    topics: list[_TopicEntry]


def load_topics(path: Path | None = None) -> Topics:
    """Load and check the topics file, by default the one icewire brings along.

    Raises UserError naming file, entry, field and remedy for whatever is not as the rule language asks.
    """
    path = path or TOPICS_FILE
    file = read_seed_file(path, _File, kind="topics", guide="docs/adding-a-topic.md", name_place=_name_place)
    return _Resolver(path.name, file).resolve()


def _name_place(written: Any, place: str) -> tuple[str, str]:
    """Turn msgspec's path ($.topics[3].rules[0].say) into the innermost named entry and its field."""
    entry, field = "the file", place.removeprefix("$.") or "the whole"
    for step in re.findall(r"\w+", place.removeprefix("$")):
        field = field if step.isdigit() else step
        try:
            written = written[int(step)] if isinstance(written, list) else written[step]
        except (KeyError, IndexError, TypeError, ValueError):
            break
        if isinstance(written, dict):
            name = written.get("id") or written.get("slug")
            entry = str(name) if name else entry
    return entry, field


class _Resolver:
    """Turns the file's shape into records; knows the file's name so that every complaint can tell it."""

    def __init__(self, name: str, file: _File) -> None:
        self.name = name
        self.file = file

    def resolve(self) -> Topics:
        self._refuse_doubles("topics", "slug", [topic.slug for topic in self.file.topics])
        entries = [*self.file.domain.rules, *(rule for topic in self.file.topics for rule in topic.rules)]
        self._refuse_doubles("rules", "id", [rule.id for rule in entries])
        for name, phrases in self.file.lists.items():
            self._words(f"list {name}", name, phrases)
        domain = tuple(self._rule(rule) for rule in self.file.domain.rules)
        topics = tuple(self._topic(topic) for topic in self.file.topics)
        scoring = Scoring(**msgspec.structs.asdict(self.file.scoring))
        return Topics(scoring=scoring, domain=domain, topics=topics, version=_hash_meaning(scoring, domain, topics))

    def _topic(self, entry: _TopicEntry) -> Topic:
        if not entry.rules:
            self._refuse(entry.slug, "rules", "there are none", "write at least one rule")
        rules = tuple(self._rule(rule) for rule in entry.rules)
        for rule in rules:
            if not 0 < rule.weight <= 1:
                self._refuse(rule.id, "weight", f"{rule.weight} is not above 0 and at most 1", "choose for example 0.7")
        fields = msgspec.structs.asdict(entry) | {"near_misses": tuple(entry.near_misses), "rules": rules}
        return Topic(**fields)

    def _rule(self, entry: _RuleEntry) -> Rule:
        if entry.weight == 0:
            self._refuse(entry.id, "weight", "0 has no effect", "choose another weight or remove the rule")
        say = self._words(entry.id, "say", entry.say)
        unless = self._words(entry.id, "unless", entry.unless) if entry.unless else None
        contradiction = set(say.phrases) & set(unless.phrases if unless else ())
        if contradiction:
            self._refuse(entry.id, "unless", f"'{min(contradiction)}' is also in say", "remove it from one of them")
        if entry.matches == entry.refuses:
            self._refuse(entry.id, "refuses", "is the same text as matches", "give a text the rule must pass over")
        return Rule(
            id=entry.id,
            reason=entry.reason,
            weight=entry.weight,
            say=say,
            also=tuple(self._words(entry.id, "also", group) for group in entry.also),
            within=entry.within,
            unless=unless,
            matches=entry.matches,
            refuses=entry.refuses,
        )

    def _words(self, entry: str, field: str, written: list[str]) -> Words:
        phrases = list(self._expand(entry, field, written, ()))
        kept = tuple(dict.fromkeys(phrase for phrase in phrases if not phrase.startswith("!")))
        if not kept:
            self._refuse(entry, field, "holds no phrase", "write at least one phrase")
        return Words(phrases=kept, not_in=tuple(dict.fromkeys(p[1:] for p in phrases if p.startswith("!"))))

    def _expand(self, entry: str, field: str, written: list[str], inside: tuple[str, ...]) -> Iterable[str]:
        for phrase in written:
            if not phrase.startswith("@"):
                self._check_phrase(entry, field, phrase.removeprefix("!"))
                yield phrase
            elif (name := phrase[1:]) in inside or name not in self.file.lists:
                problem = f"list {phrase} contains itself" if name in inside else f"there is no list {phrase}"
                self._refuse(entry, field, problem, f"the lists are @{', @'.join(sorted(self.file.lists))}")
            else:
                yield from self._expand(entry, field, self.file.lists[name], (*inside, name))

    def _check_phrase(self, entry: str, field: str, phrase: str) -> None:
        words = phrase.split()
        if not re.search(r"[\w$]", phrase):
            self._refuse(entry, field, f"'{phrase}' has neither letters nor digits", "write whole words")
        for word in words:
            if "*" in word and not re.fullmatch(r"[^*]{2,}\*|\$\*", word):
                self._refuse(entry, field, f"'{word}'", "put * only at a word's end, behind two letters or more")

    def _refuse_doubles(self, entry: str, field: str, names: list[str]) -> None:
        for name in names:
            if names.count(name) > 1:
                self._refuse(entry, field, f"'{name}' is given twice", "give each its own")

    def _refuse(self, entry: str, field: str, problem: str, remedy: str) -> NoReturn:
        raise seed_error(self.name, entry, field, problem, remedy)


def _hash_meaning(scoring: Scoring, domain: tuple[Rule, ...], topics: tuple[Topic, ...]) -> str:
    """Hash what decides tags, in an order of its own: wording for people and the file's order do not count."""

    def of(words: Words | None) -> list[list[str]]:
        return [sorted(words.phrases), sorted(words.not_in)] if words else []

    def meaning(rules: tuple[Rule, ...]) -> list[list[Any]]:
        return sorted(
            [rule.id, rule.weight, of(rule.say), sorted(map(of, rule.also)), rule.within, of(rule.unless)]
            for rule in rules
        )

    whole = [
        [scoring.topic_threshold, scoring.domain_threshold, scoring.lead, scoring.later],
        meaning(domain),
        {topic.slug: meaning(topic.rules) for topic in topics},
    ]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:12]
