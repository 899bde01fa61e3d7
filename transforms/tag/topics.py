"""Tag an article with the topics it is about, each with the words it stands on."""

from collections import defaultdict
from math import prod

from schemas.records import TopicTag, record
from transforms.tag.domain import DomainDecision, decide_reading
from transforms.tag.evidence import quote_hits
from transforms.tag.match import Firing, fire_rules, read_article
from transforms.tag.rulebook import RuleBook


@record
class Tagging:
    """What the tag stage says of one article: its domain, and its topic tags, sorted by topic."""

    domain: DomainDecision
    tags: tuple[TopicTag, ...]


def tag_topics(rulebook: RuleBook, *, article_id: str, run_id: str, title: str, text: str) -> Tagging:
    """Tag one article; an article off the domain gets no tags. Never fails, whatever title and text hold."""
    reading = read_article(rulebook, title, text)
    domain = decide_reading(rulebook, reading)
    if not domain.on_domain:
        return Tagging(domain=domain, tags=())
    firings_of: defaultdict[str, list[Firing]] = defaultdict(list)
    for firing in fire_rules(rulebook.topic_rules_of, reading, rulebook.scoring):
        firings_of[str(firing.rule.topic)].append(firing)
    tags = []
    for topic, firings in sorted(firings_of.items()):
        score = combine_weights([firing.weight for firing in firings])
        if score >= rulebook.scoring.topic_threshold:
            tags.append(
                TopicTag(
                    article_id=article_id,
                    run_id=run_id,
                    topic=topic,
                    rule_id=min(firings, key=lambda one: (-one.weight, one.rule.id)).rule.id,
                    ruleset_version=rulebook.version,
                    score=score,
                    evidence=quote_hits(reading, (hit for firing in firings for hit in firing.hits)),
                )
            )
    return Tagging(domain=domain, tags=tuple(tags))


def combine_weights(weights: list[float]) -> float:
    """Combine weights as the chance that at least one of independent reasons holds: 0.3 and 0.3 make 0.51."""
    return round(1 - prod(1 - weight for weight in sorted(weights)), 6)
