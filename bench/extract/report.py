"""The results as a page of Markdown, aligned so that it can be read as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.extract.readers import OURS, YARDSTICK
from bench.extract.results import Results

POOLS = ("news-human", "news", "ALL")
"""Groups of sources that have columns of their own, where the set of pages has them."""

MISSING = "–"


def write_report(results: Results) -> str:
    """Machine, speed and quality of each extractor, and our difference by source."""
    machine, pages = results["machine"], results["pages"]
    before, after = results["load"]["before"], results["load"]["after"]
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    lines = [
        f"# Extractors on {pages['count']:,} pages ({pages['set']}, {pages['bytes'] / 1e6:.1f} MB), side by side",
        "",
        f"{machine['cores']} cores, {machine['processor']}; load average {before:.2f} before, {after:.2f} after; "
        f"Python {machine['python']}, {libraries}. Quality by {results['quality_by']}.",
        "",
        _table(*_speed_and_quality(results["extractors"])),
        "",
        f"p/s: pages per CPU second, median of {results['repeats']}; ×: as a multiple of {YARDSTICK}'s; "
        "F1 of bodies and segments; title exact, author overlapping and day exact on "
        f"{_facts_pool(results['extractors'])}; failed: pages on which it raised, or ended at {results['limit_s']:g} "
        "CPU seconds; network: attempts to use it, refused.",
        *_notes(results),
    ]
    return "\n".join(lines) + "\n"


def _speed_and_quality(extractors: Mapping[str, Results]) -> tuple[list[str], list[list[str]]]:
    pools = [pool for pool in POOLS if any(pool in row["quality"] for row in extractors.values())]
    facts = _facts_pool(extractors)
    has_segments = any("segments" in row["quality"].get("ALL", {}) for row in extractors.values())
    header = ["extractor", "version", "p/s", "×", "ms p50", "p95", "max", *(f"F1 {pool}" for pool in pools)]
    header += ["segments"] * has_segments + ["title", "author", "day", "failed", "network"]
    rows = []
    for name, row in extractors.items():
        quality, given = row["quality"], row["fields"]

        def tell(group: str, field: str, figure: str, needs: str, quality: Any = quality, given: Any = given) -> str:
            value = quality.get(group, {}).get(field, {}).get(figure)
            return MISSING if value is None or needs not in given else f"{value:.4f}".removeprefix("0")

        cells = [name, row["version"], f"{row['pages_per_cpu_s']:.1f}", _multiple(extractors, name)]
        cells += [f"{row['ms'][share]:.1f}" for share in ("p50", "p95", "p100")]
        cells += [tell(pool, "body", "f1", "text") for pool in pools]
        cells += [tell("ALL", "segments", "f1", "text")] * has_segments
        cells += [tell(facts, *which) for which in (("title", "exact", "title"), ("author", "overlap", "author"))]
        cells += [tell(facts, "date", "day", "date"), str(row["failures"]), str(row["network_attempts"])]
        rows.append(cells)
    return header, rows


def _notes(results: Results) -> list[str]:
    lines = []
    for name, row in results["extractors"].items():
        lines += [f"- {name} failed on {count}: {kind}" for kind, count in row["failures_by_kind"].items()]
    lines += [f"- left out: {reason}" for reason in results["left_out"]]
    if states := results.get("states"):
        told = ", ".join(f"{state} {count}" for state, count in states["body_states"].items())
        paths = ", ".join(f"{path} {count}" for path, count in states["paths"].items())
        lines += [f"- {OURS} on pages that have a body: {told}; paths: {paths}"]
    lines = ["", *lines] if lines else []
    if sources := results["sources"]:
        header = ["measure", "source", "tier", "pages", OURS, YARDSTICK, "difference"]
        rows = [
            [row["measure"], row["source"], row["tier"], str(row["docs"])]
            + [f"{row[name]:.4f}" for name in (OURS, YARDSTICK)]
            + [f"{row['difference']:+.4f}"]
            for row in sources
        ]
        worst = min((row for row in sources if row["measure"] == "body"), key=_badness, default=None)
        lines += ["", f"## {OURS} against {YARDSTICK}, by source", "", _table(header, rows)]
        if worst:
            lines += ["", f"Worst body: {worst['source']}, {worst['difference']:+.4f} (silver apart)."]
    return lines


def _badness(row: Results) -> tuple[bool, float]:
    return row["tier"] == "silver", row["difference"]


def _multiple(extractors: Mapping[str, Results], name: str) -> str:
    if YARDSTICK not in extractors:
        return MISSING
    return f"{extractors[name]['pages_per_cpu_s'] / extractors[YARDSTICK]['pages_per_cpu_s']:.2f}"


def _facts_pool(extractors: Mapping[str, Results]) -> str:
    """The group on which title, author and day are told: news if the set has it."""
    return "news" if any("title" in row["quality"].get("news", {}) for row in extractors.values()) else "ALL"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; columns of figures stand to the right."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    right = [all(not cell[:1].isalpha() or cell == MISSING for cell in column) for column in zip(*rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        places = zip(cells, widths, right, strict=True)
        return "| " + " | ".join(c.rjust(w) if is_right else c.ljust(w) for c, w, is_right in places) + " |"

    rule = "|".join(
        "-" * (width + 1) + (":" if is_right else "-") for width, is_right in zip(widths, right, strict=True)
    )
    return "\n".join([line(header), f"|{rule}|", *map(line, rows)])
