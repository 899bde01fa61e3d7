"""Decide whether an article is about US immigration enforcement at all."""

from schemas.records import Evidence, record
from transforms.tag.evidence import quote_places
from transforms.tag.match import fire_rules
from transforms.tag.page import Page, open_page
from transforms.tag.reading import read_page
from transforms.tag.rulebook import DOMAIN, RuleBook
from transforms.tag.score import score_domain


@record
class DomainDecision:
    """Whether an article is on-domain, what the domain's rules add up to, and the first words that speak for it."""

    on_domain: bool
    score: float
    evidence: tuple[Evidence, ...]


def decide_domain(rulebook: RuleBook, title: str, text: str) -> DomainDecision:
    """Decide from title and text; the score adds up the rules for and against, the threshold is in the topics file."""
    return decide_page(rulebook, open_page(title, text))


def decide_page(rulebook: RuleBook, page: Page) -> DomainDecision:
    """Decide for an article that has been made ready."""
    reading = read_page(rulebook.domain, page)
    firings = list(fire_rules(rulebook.domain.of[DOMAIN], reading, rulebook.scoring, everywhere=False))
    score = score_domain(firings, rulebook.scoring)
    return DomainDecision(
        on_domain=score >= rulebook.scoring.domain_threshold,
        score=score,
        evidence=quote_places(page, (place for firing in firings if firing.rule.weight > 0 for place in firing.places)),
    )
