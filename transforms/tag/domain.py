"""Decide whether an article is about US immigration enforcement at all."""

from schemas.records import Evidence, record
from transforms.tag.evidence import quote_hits
from transforms.tag.match import Reading, fire_rules, read_article
from transforms.tag.rulebook import RuleBook


@record
class DomainDecision:
    """Whether an article is on-domain, what the domain's rules add up to, and the words that speak for it."""

    on_domain: bool
    score: float
    evidence: tuple[Evidence, ...]


def decide_domain(rulebook: RuleBook, title: str, text: str) -> DomainDecision:
    """Decide from title and text; the score adds up the rules for and against, the threshold is in the topics file."""
    return decide_reading(rulebook, read_article(rulebook, title, text))


def decide_reading(rulebook: RuleBook, reading: Reading) -> DomainDecision:
    """Decide for an article that has been read."""
    firings = sorted(fire_rules(rulebook.domain_rules_of, reading, rulebook.scoring), key=lambda one: one.rule.id)
    score = round(sum(firing.weight for firing in firings), 6)
    return DomainDecision(
        on_domain=score >= rulebook.scoring.domain_threshold,
        score=score,
        evidence=quote_hits(reading, (hit for firing in firings if firing.weight > 0 for hit in firing.hits)),
    )
