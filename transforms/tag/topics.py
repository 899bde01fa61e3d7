"""Tag an article with the topics it is about, each with the words it stands on."""

from collections.abc import Iterable
from math import prod

from schemas.records import Evidence, TopicTag, record
from transforms.tag.domain import DomainDecision, decide_page
from transforms.tag.evidence import quote_places
from transforms.tag.match import Firing, fire_rules
from transforms.tag.page import Page, open_page
from transforms.tag.reading import read_page
from transforms.tag.rulebook import RuleBook


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
    for topic, rules in rulebook.topics.of.items():
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
                evidence=_quote_all(rulebook, topic, firings, page),
            )
            tags.append(tag)
    return Tagging(domain=domain, tags=tuple(tags))


def combine_weights(weights: Iterable[float]) -> float:
    """Combine weights as the chance that at least one of independent reasons holds: 0.3 and 0.3 make 0.51."""
    return round(1 - prod(1 - weight for weight in sorted(weights)), 6)


def _quote_all(rulebook: RuleBook, topic: str, firings: list[Firing], page: Page) -> tuple[Evidence, ...]:
    """Quote all the words a tag stands on: with them blank, the article would not have it.

    Words may also hold other rules back, as "tear gas" does where "fired" alone would be a shot. So look again without
    the words quoted, until the rules no longer suffice; nearly always that is at once.
    """
    evidence: list[Evidence] = []
    rules = rulebook.single[topic]
    while combine_weights(firing.weight for firing in firings) >= rulebook.scoring.topic_threshold:
        quoted = quote_places(page, (place for firing in firings for place in firing.places))
        evidence.extend(quoted)
        page = page.without(quoted)
        firings = list(fire_rules(rules.of[topic], read_page(rules, page), rulebook.scoring))
    return tuple(sorted(evidence, key=lambda one: (one.field == "text", one.start)))
