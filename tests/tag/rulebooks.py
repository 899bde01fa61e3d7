"""Small rule books, so that a test shows the rule it is about."""

from seeds.topics import Rule, Scoring, Topic, Topics, Within, Words
from transforms.tag.rulebook import RuleBook, compile_rules

SCORING = Scoring(topic_threshold=0.5, domain_threshold=1.0, lead=200, later=0.5)


def rule(
    say: list[str],
    *,
    id: str = "rule",
    also: tuple[list[str], ...] = (),
    within: Within = "sentence",
    unless: tuple[str, ...] = (),
    weight: float = 0.7,
    not_in: tuple[str, ...] = (),
) -> Rule:
    """A rule with what the test leaves out filled in."""
    return Rule(
        id=id,
        reason="",
        weight=weight,
        say=Words(phrases=tuple(say), not_in=not_in),
        also=tuple(Words(phrases=tuple(group)) for group in also),
        within=within,
        unless=Words(phrases=unless) if unless else None,
        matches="",
        refuses="",
    )


def rulebook(**topics: list[Rule]) -> RuleBook:
    """A rule book of these topics, on-domain wherever ICE is named."""
    made = tuple(
        Topic(
            slug=slug, label="", definition="", counts="", does_not_count="", near_misses=(), rules=tuple(topic_rules)
        )
        for slug, topic_rules in topics.items()
    )
    domain = (rule(["ICE"], id="domain-ice", weight=1.0), rule(["hockey"], id="domain-hockey", weight=-1.0))
    return compile_rules(Topics(scoring=SCORING, domain=domain, topics=made, version="0" * 12))
