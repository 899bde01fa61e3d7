"""How near an extractor's answers come to the truth.

Bodies are compared by their runs of four words, counted with repetition: precision is the share of an answer's runs
that the truth has, recall the share of the truth's that the answer has. Both are averaged over pages; F1 is of the
averages, as in published comparisons of extractors.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from bench.extract.pages import LabelledPage

RUN_WORDS = 4
"""Words in a run; scrapinghub/article-extraction-benchmark compares bodies by as many."""

NAME_SHARE = 0.5
"""Share of the words of the authors' names that an answer must have."""

_WORD = re.compile(r"\w+")

Quality = dict[str, dict[str, float]]
"""By field (body, title, author, date), the figures by name; `docs` is the number of pages that have a truth."""


def measure_answers(pages: Iterable[LabelledPage], answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Quality]:
    """The quality of answers (by page id; text, title, author, date) on ALL pages and on those of each source.

    A page without an answer counts as answered with nothing. Pages of the tier silver count for their source alone.
    """
    groups: dict[str, list[LabelledPage]] = defaultdict(list)
    for page in pages:
        groups[page.source].append(page)
        if page.tier != "silver":
            groups["ALL"].append(page)
    return {name: _measure_group(group, answers) for name, group in groups.items()}


def compare_bodies(truth: str, answer: str) -> tuple[float | None, float | None]:
    """Precision and recall of a body, 0 to 1; None for a side that has no word, since there is nothing to share."""
    wanted, given = _runs(truth), _runs(answer)
    shared = (wanted & given).total()
    return shared / given.total() if given else None, shared / wanted.total() if wanted else None


def is_same_title(truth: str, answer: str) -> bool:
    """Whether two titles are the same but for case and white space."""
    return truth.casefold().split() == answer.casefold().split()


def names_overlap(truth: Iterable[str] | str, answer: Iterable[str] | str) -> bool:
    """Whether an answer names at least half (NAME_SHARE) of the words of the authors' names."""
    wanted, given = _name_words(truth), _name_words(answer)
    return bool(wanted) and len(wanted & given) / len(wanted) >= NAME_SHARE


def is_near_day(truths: Iterable[str], answer: str, days: int) -> bool:
    """Whether an answer that begins with an ISO date is at most so many days from one that is true."""
    day = _read_day(answer)
    known = [true_day for truth in truths if (true_day := _read_day(truth))]
    return day is not None and any(abs(true_day - day) <= timedelta(days=days) for true_day in known)


def _measure_group(pages: list[LabelledPage], answers: Mapping[str, Mapping[str, Any]]) -> Quality:
    told: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
    for page in pages:
        answer = answers.get(page.id, {})
        for field in ("text", "title", "author", "date"):
            if truth := _days(page) if field == "date" else page.truth.get(field):
                told[field].append((truth, answer.get(field) or ""))
    quality: Quality = {}
    if told["text"]:
        quality["body"] = _measure_bodies(told["text"])
    if told["title"]:
        quality["title"] = {"docs": len(told["title"]), "exact": fmean(is_same_title(*pair) for pair in told["title"])}
    if told["author"]:
        overlaps = fmean(names_overlap(*pair) for pair in told["author"])
        quality["author"] = {"docs": len(told["author"]), "overlap": overlaps}
    if told["date"]:
        near = {name: fmean(is_near_day(*pair, n) for pair in told["date"]) for name, n in (("day", 0), ("near", 1))}
        quality["date"] = {"docs": len(told["date"]), **near}
    return quality


def _days(page: LabelledPage) -> list[str]:
    """The day of publication where the publisher is, and in UTC if that is known; labels may hold what is no date."""
    return [day for name in ("date", "date_utc") if _read_day(day := str(page.truth.get(name)))]


def _read_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _measure_bodies(pairs: list[tuple[str, str]]) -> dict[str, float]:
    shares = [compare_bodies(truth, answer) for truth, answer in pairs]
    precision = _mean(share for share, _ in shares)
    recall = _mean(share for _, share in shares)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"docs": len(pairs), "precision": precision, "recall": recall, "f1": f1}


def _mean(shares: Iterable[float | None]) -> float:
    known = [share for share in shares if share is not None]
    return fmean(known) if known else 0.0


def _runs(text: str) -> "Counter[tuple[str, ...]]":
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - RUN_WORDS + 1)) if words else ()
    return Counter(tuple(words[start : start + RUN_WORDS]) for start in starts)


def _name_words(names: Iterable[str] | str) -> set[str]:
    joined = names if isinstance(names, str) else " ".join(names)
    return set(_WORD.findall(joined.casefold()))
