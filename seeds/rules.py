"""What the topics file becomes once it is checked: rules with their phrases, list names resolved."""

from typing import Literal

from schemas.records import record

Within = Literal["sentence", "passage", "article"]
"""How far company may stand: the same sentence, the sentences beside it too, or anywhere in title and text."""


@record
class Words:
    """Phrases of which one must be met, and longer phrases within which they do not count."""

    phrases: tuple[str, ...]
    not_in: tuple[str, ...] = ()


@record
class Rule:
    """One reason to believe: a phrase of `say`, with one of each group of `also` and none of `unless` around it.

    `weight` is what it adds: 0 to 1 for topics, where weights combine as chances do; -2 to 2 for the domain, where
    they add up. `matches` and `refuses` are examples, tested.
    """

    id: str
    reason: str
    weight: float
    say: Words
    also: tuple[Words, ...]
    within: Within
    unless: Words | None
    matches: str
    refuses: str


@record
class Topic:
    """A subject, in words for people and in rules; `near_misses` look like it and must not get its tag."""

    slug: str
    label: str
    definition: str
    counts: str
    does_not_count: str
    near_misses: tuple[str, ...]
    rules: tuple[Rule, ...]


@record
class Scoring:
    """When rules suffice, and what a sentence weighs that stands behind the first `lead` characters of the text."""

    topic_threshold: float
    domain_threshold: float
    lead: int
    later: float


@record
class Topics:
    """The topics and the rules that tell; `version` is a hash of the rules' meaning."""

    scoring: Scoring
    domain: tuple[Rule, ...]
    topics: tuple[Topic, ...]
    version: str
