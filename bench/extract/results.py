"""What came of a run as one structure, which is written as JSON and shown as table and plot."""

import os
import platform
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

from bench.extract.child import Reading
from bench.extract.measure import Quality
from bench.extract.pages import LabelledPage
from bench.extract.readers import OURS, YARDSTICK, Extractor

LIBRARIES = ("lxml", "htmldate", "py3langid", "charset-normalizer", "faust-cchardet")
"""Whose versions are told beside those of the extractors: what several of them are built on, or speed up if found."""

SHOWN_FAILURES = 5
"""Kinds of failure an extractor's results name."""

Results = dict[str, Any]


def describe_machine() -> Results:
    """Cores, Python and the versions of libraries that several extractors use."""
    found = {distribution.metadata["Name"] for distribution in metadata.distributions()}
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES if name in found},
    }


def sum_up(
    extractor: Extractor,
    pages: Sequence[LabelledPage],
    repeats: Sequence[Sequence[Reading]],
    quality: Mapping[str, Quality],
) -> Results:
    """One extractor's results on the pages: speed over the repeats, failures and quality of the first.

    `pages_per_cpu_s` is of the median repeat, `spread` how much faster the fastest was than the slowest; `ms` are
    percentiles of the pages, each the median of its repeats.
    """
    totals = [sum(reading.cpu_s for reading in readings) for readings in repeats]
    times = sorted(statistics.median(reading.cpu_s for reading in of_page) for of_page in zip(*repeats, strict=True))
    failures = Counter(reading.failure[:120] for reading in repeats[0] if reading.failure)
    return {
        "version": metadata.version(extractor.package),
        "pages_per_cpu_s": len(pages) / statistics.median(totals),
        "spread": max(totals) / min(totals) - 1,
        "slowest_page": max(zip(repeats[0], pages, strict=True), key=_spent)[1].id,
        "ms": {f"p{share}": 1000 * times[min(len(pages) - 1, len(pages) * share // 100)] for share in (50, 95, 100)},
        "failures": failures.total(),
        "failures_by_kind": dict(failures.most_common(SHOWN_FAILURES)),
        "network_attempts": sum(reading.attempts for reading in repeats[0]),
        "fields": list(extractor.fields),
        "quality": dict(quality) if extractor.fields else {},
    }


def compare_sources(pages: Sequence[LabelledPage], extractors: Mapping[str, Results]) -> list[Results]:
    """For each source of pages and each measure of text: ours, the yardstick's, and how far ours is above it.

    The worst come first, those of the tier silver last. Empty if one of both did not run.
    """
    if not {OURS, YARDSTICK} <= extractors.keys():
        return []
    ours, theirs = (extractors[name]["quality"] for name in (OURS, YARDSTICK))
    tiers = {page.source: page.tier for page in pages}
    rows = [
        {
            "source": source,
            "tier": tier,
            "measure": measure,
            "docs": ours[source][measure]["docs"],
            OURS: ours[source][measure]["f1"],
            YARDSTICK: theirs[source][measure]["f1"],
            "difference": ours[source][measure]["f1"] - theirs[source][measure]["f1"],
        }
        for source, tier in tiers.items()
        for measure in ("body", "segments")
        if measure in ours.get(source, {})
    ]
    return sorted(rows, key=lambda row: (row["measure"], row["tier"] == "silver", row["difference"]))


def count_states(pages: Sequence[LabelledPage], readings: Sequence[Reading]) -> Results:
    """What icewire said of the pages whose truth has a body: body states (or errors), and the paths that gave texts."""
    answers = [reading.answer for page, reading in zip(pages, readings, strict=True) if page.truth.get("text")]
    states = Counter(answer.get("body_state", "none") for answer in answers)
    paths = Counter(answer.get("extractor", "").split(" ")[0] or "none" for answer in answers)
    return {"body_states": dict(states.most_common()), "paths": dict(paths.most_common())}


def _spent(reading_of_page: tuple[Reading, LabelledPage]) -> float:
    return reading_of_page[0].cpu_s


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
