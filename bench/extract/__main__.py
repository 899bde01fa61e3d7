"""Measure extractors side by side: pages per CPU second, and how near their texts and facts come to the truth.

    python -m bench.extract --out FOLDER
    python -m bench.extract --out FOLDER --pages PAGES [--scorer SCORER]

icewire, trafilatura (default and fast), news-please, newspaper4k, readability and resiliparse read the same bytes in
one run, by turns, beside lxml's bare parse; those that are not installed are left out. The table is printed and written
to FOLDER, with results.json, the plot and the answers of each.

Without --pages, the bundled newsroom is read: pages of eight layouts, whose texts are known. They have 4 kB, those of
the web a hundred and more, so speed on them says little of speed there. PAGES holds `gold.jsonl`, an object a line with
id, url, source, tier (`silver`: not a person's) and gold (text, title, author, date), and `<id>.html.gz`.
Quality is measured by bench/extract/measure.py, or by SCORER, called as
`SCORER ANSWERS.jsonl NAME-OF-PAGES --only-present --json FIGURES`.

Each extractor works in a process of its own without a network and is timed by that process's CPU clock; one works at a
time. It has read the newsroom before it is timed. What raises has given an empty answer; what takes longer than
--limit-s is ended, and charged what it took.
"""

import argparse
import json
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.extract.child import Reading
from bench.extract.measure import Quality, measure_answers
from bench.extract.pages import LabelledPage, folder_pages, newsroom_pages, spread
from bench.extract.plot import draw_plot
from bench.extract.readers import EXTRACTORS, OURS, Extractor
from bench.extract.report import write_report
from bench.extract.results import Results, compare_sources, count_states, describe_machine, sum_up
from bench.extract.scorer import run_scorer
from bench.extract.timing import time_extractors
from bench.progress import show_progress
from schemas.errors import UserError

REMEDY = "pip install -c constraints.txt -e '.[bench]'"


def main() -> None:
    """Measure, print the table, and write everything to a folder."""
    options = _parse_options()
    try:
        results = measure_extractors(options)
    except UserError as error:
        sys.exit(f"{error}")
    (options.out / "results.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    report = write_report(results)
    (options.out / "table.md").write_text(report, encoding="utf-8")
    print(report, end="")
    try:
        draw_plot(results, options.out / "plot.svg")
    except ImportError:
        print(f"no plot, matplotlib is not installed: {REMEDY}", file=sys.stderr)


def measure_extractors(options: argparse.Namespace) -> Results:
    """Time and score the extractors asked for; their answers are written to the folder. Raises UserError."""
    pages = spread(folder_pages(options.pages) if options.pages else newsroom_pages(), options.limit)
    if not pages:
        raise UserError(f"{options.pages or 'newsroom'}: no page to read; give --pages and --limit more")
    if options.scorer and not options.scorer.is_file():
        raise UserError(f"{options.scorer}: no such file; --scorer names the program that goes with --pages")
    asked = [one for one in EXTRACTORS if not options.only or one.name in options.only]
    extractors = [one for one in asked if _is_installed(one.package)]
    left_out = [f"{one.name} is not installed: {REMEDY}" for one in asked if one not in extractors]
    for reason in left_out:
        print(reason, file=sys.stderr)
    if not extractors:
        raise UserError("none of the extractors asked for is installed")
    options.out.mkdir(parents=True, exist_ok=True)
    load_before = os.getloadavg()[0]
    with show_progress(len(pages) * options.repeats) as advance:
        repeats = [time_extractors(extractors, pages, options.limit_s, advance) for _ in range(options.repeats)]
    load_after = os.getloadavg()[0]
    rows = {
        one.name: sum_up(
            one, pages, [readings[one.name] for readings in repeats], _score(options, one, pages, repeats[0][one.name])
        )
        for one in extractors
    }
    return {
        "machine": describe_machine(),
        "load": {"before": load_before, "after": load_after},
        "pages": {
            "set": options.pages.resolve().name if options.pages else "newsroom",
            "count": len(pages),
            "bytes": sum(len(page.read()) for page in pages),
        },
        "repeats": options.repeats,
        "limit_s": options.limit_s,
        "quality_by": options.scorer.name if options.scorer else "bench/extract/measure.py",
        "left_out": left_out,
        "extractors": rows,
        "sources": compare_sources(pages, rows),
        "states": count_states(pages, repeats[0][OURS]) if OURS in rows else None,
    }


def _score(
    options: argparse.Namespace, extractor: Extractor, pages: list[LabelledPage], readings: list[Reading]
) -> dict[str, Quality]:
    """Write an extractor's answers, and score them."""
    answers = {page.id: reading.answer for page, reading in zip(pages, readings, strict=True)}
    path = options.out / f"{extractor.name.replace(' ', '-')}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for id, answer in answers.items():
            file.write(json.dumps({"id": id} | answer, ensure_ascii=False) + "\n")
    if options.scorer:
        return run_scorer(options.scorer, path, options.pages.resolve().name)
    return measure_answers(pages, answers)


def _is_installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.extract", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [extractor.name for extractor in EXTRACTORS]
    add: Any = parser.add_argument
    add("--out", type=Path, required=True, metavar="FOLDER", help="where table, results, plot and answers are written")
    add("--pages", type=Path, help="a folder of labelled pages (default: the newsroom's)")
    add("--scorer", type=Path, help="the program that scores answers for PAGES")
    add("--limit", type=_count, help="only so many pages, spread over the set")
    add("--only", nargs="+", choices=names, metavar="NAME", help=f"only these, of {', '.join(names)}")
    add("--repeats", type=_count, default=1, help="how often everything is read; speed is of the median (default 1)")
    add("--limit-s", type=float, default=20.0, help="CPU seconds that one page may cost (default 20)")
    options = parser.parse_args()
    if options.scorer and not options.pages:
        parser.error("--scorer goes with --pages; name the pages that it scores")
    return options


def _count(value: str) -> int:
    count = int(value)
    if count < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return count


if __name__ == "__main__":
    main()
