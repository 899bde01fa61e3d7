"""Tag an article with the topics it is about, each with the words it stands on."""

from collections.abc import Sequence
from datetime import datetime

from schemas.records import Evidence, TopicTag, record
from seeds.topics import Scoring
from transforms.tag.domain import DomainDecision, decide_page
from transforms.tag.evidence import quote_places
from transforms.tag.match import Firing, fire_rules
from transforms.tag.page import open_page
from transforms.tag.reading import Reading, read_page
from transforms.tag.remainder import weigh_remainder
from transforms.tag.rulebook import RuleBook
from transforms.tag.score import score_topic, weigh


@record
class Tagging:
    """What the tag stage says of one article: its domain, and its topic tags, sorted by topic."""

    domain: DomainDecision
    tags: tuple[TopicTag, ...]


def tag_topics(rulebook: RuleBook, *, article_id: str, run_id: str, now: datetime, title: str, text: str) -> Tagging:
    """Tag one article; an article off the domain gets no tags. Never fails, whatever title and text hold."""
    page = open_page(title, text)
    domain = decide_page(rulebook, page)
    if not domain.on_domain:
        return Tagging(domain=domain, tags=())
    reading = read_page(rulebook.topics, page)
    tags = []
    for topic, rules in rulebook.topics.of.items():
        firings = list(fire_rules(rules, reading, rulebook.scoring))
        if not firings:
            continue
        score = score_topic(firings, rulebook.scoring)
        if score >= rulebook.scoring.topic_threshold:
            tag = TopicTag(
                article_id=article_id,
                run_id=run_id,
                as_of=now,
                topic=topic,
                rule_id=_name_heaviest(firings, rulebook.scoring),
                ruleset_version=rulebook.version,
                score=score,
                evidence=_quote_all(rulebook, topic, firings, reading),
            )
            tags.append(tag)
    return Tagging(domain=domain, tags=tuple(tags))


def _name_heaviest(firings: list[Firing], scoring: Scoring) -> str:
    return min(firings, key=lambda one: (-weigh(one, scoring), one.rule.id)).rule.id


def _quote_all(rulebook: RuleBook, topic: str, firings: Sequence[Firing], reading: Reading) -> tuple[Evidence, ...]:
    """Quote all the words a tag stands on: with them blank, the article would not have it.

    Words may also hold other rules back, as "tear gas" does where "fired" alone would be a shot. So look again without
    the words quoted, until the rules no longer suffice; nearly always a glance at the phrases left tells that at once.
    """
    scoring = rulebook.scoring
    places = {place for firing in firings for place in firing.places}
    page = reading.page
    evidence = list(quote_places(page, places))
    if weigh_remainder(rulebook.topics.of[topic], reading, places) < scoring.topic_threshold:
        return tuple(evidence)
    rules = rulebook.single[topic]
    quoted = tuple(evidence)
    while True:
        page = page.without(quoted)
        firings = list(fire_rules(rules.of[topic], read_page(rules, page), scoring))
        if score_topic(firings, scoring) < scoring.topic_threshold:
            return tuple(sorted(evidence, key=lambda one: (one.field == "text", one.start)))
        quoted = quote_places(page, (place for firing in firings for place in firing.places))
        evidence.extend(quoted)
