"""Tag an article with the topics it is about, each with the words it stands on."""

from collections.abc import Iterable
from math import prod

from schemas.records import TopicTag, record
from seeds.rules import Scoring
from transforms.tag.domain import DomainDecision, decide_page
from transforms.tag.evidence import quote_places
from transforms.tag.match import Firing, fire_rules
from transforms.tag.page import open_page
from transforms.tag.reading import Place, Reading, read_page
from transforms.tag.rulebook import CompiledRule, RuleBook


@record
class Tagging:
    """What the tag stage says of one article: its domain, and its topic tags, sorted by topic."""

    domain: DomainDecision
    tags: tuple[TopicTag, ...]


def tag_topics(rulebook: RuleBook, *, article_id: str, run_id: str, title: str, text: str) -> Tagging:
    """Tag one article; an article off the domain gets no tags. Never fails, whatever title and text hold."""
    page = open_page(title, text)
    domain = decide_page(rulebook, page)
    if not domain.on_domain:
        return Tagging(domain=domain, tags=())
    reading = read_page(rulebook.topics, page)
    tags = []
    for topic, rules in sorted(rulebook.topics.of.items()):
        firings = list(fire_rules(rules, reading, rulebook.scoring))
        score = combine_weights(firing.weight for firing in firings)
        if score >= rulebook.scoring.topic_threshold:
            tag = TopicTag(
                article_id=article_id,
                run_id=run_id,
                topic=topic,
                rule_id=min(firings, key=lambda one: (-one.weight, one.rule.id)).rule.id,
                ruleset_version=rulebook.version,
                score=score,
                evidence=quote_places(page, _places_of(rules, firings, reading, rulebook.scoring)),
            )
            tags.append(tag)
    return Tagging(domain=domain, tags=tuple(tags))


def combine_weights(weights: Iterable[float]) -> float:
    """Combine weights as the chance that at least one of independent reasons holds: 0.3 and 0.3 make 0.51."""
    return round(1 - prod(1 - weight for weight in sorted(weights)), 6)


def _places_of(
    rules: tuple[CompiledRule, ...], firings: list[Firing], reading: Reading, scoring: Scoring
) -> set[Place]:
    """All the words a tag stands on: with them blank, the article would not have it.

    Words may also hold other rules back, as "tear gas" does where "fired" alone would be a shot. So look again without
    the words found, until the rules no longer suffice; nearly always that is at once.
    """
    places: set[Place] = set()
    while combine_weights(firing.weight for firing in firings) >= scoring.topic_threshold:
        places.update(place for firing in firings for place in firing.places)
        reading = reading.without(places)
        firings = list(fire_rules(rules, reading, scoring))
    return places
