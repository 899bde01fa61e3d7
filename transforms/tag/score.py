"""Add up what rules that fire are worth, by where in the article they do.

The title and the lead say what an article is about. Behind them a sentence may be said in passing, so it counts in
part, and however many rules meet in it, it is one sentence: only when others say as much do they weigh nearly as much
as the lead.
"""

from collections.abc import Iterable, Sequence
from math import prod

from seeds.topics import Scoring
from transforms.tag.match import Firing

_MOST_SENTENCES = 3
"""Sentences behind the lead that count; more of them make nothing surer."""


def score_topic(firings: Sequence[Firing], scoring: Scoring) -> float:
    """The score of a topic, 0 to 1: the chance that the lead or what stands behind it is a reason."""
    in_lead = combine_weights(firing.rule.weight for firing in firings if firing.in_lead)
    behind = [firing for firing in firings if not firing.in_lead]
    sentences = frozenset[int]().union(*(firing.later for firing in behind))
    later = max((firing.rule.weight for firing in behind), default=0.0) * _share(len(sentences), scoring)
    return round(1 - (1 - in_lead) * (1 - later), 6)


def score_domain(firings: Iterable[Firing], scoring: Scoring) -> float:
    """The sum of the domain's rules, each in full if it fires in the lead and in part if only behind it."""
    return round(sum(weigh(firing, scoring) for firing in firings), 6)


def weigh(firing: Firing, scoring: Scoring) -> float:
    """What one rule is worth by itself."""
    return firing.rule.weight * (1.0 if firing.in_lead else _share(len(firing.later), scoring))


def combine_weights(weights: Iterable[float]) -> float:
    """Combine weights as the chance that at least one of independent reasons holds: 0.3 and 0.3 make 0.51."""
    return round(1 - prod(1 - weight for weight in sorted(weights)), 6)


def _share(sentences: int, scoring: Scoring) -> float:
    return 1 - (1 - scoring.later) ** min(sentences, _MOST_SENTENCES)
