"""How well feeds are read: agreement with what a corpus of feed documents states, and survival of mutated ones.

    python -m bench.feeds CORPUS [--verbose]
    python -m bench.feeds CORPUS --mutate N [--seed S] [--jobs J]
    python -m bench.feeds CORPUS --only INDEX [--seed S] [--keep FILE]

CORPUS holds `index.jsonl`, one object a line with `file`, `kind`, `provenance` and, where known, `expected_entries` and
the first entry's `expected_title`, `expected_link` and `expected_date`. Only the index and the files it names are read.

Mutated documents have up to 10 MB. Each must be read, or refused in words, within 20 CPU seconds and 1 GB of memory; if
one is not, the status is 1 and its index repeats it.
"""

import argparse
import html
import json
import re
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from bench.survival import Hang, Row, cpu_limit, draw, survive
from transforms.discover.dates import parse_date
from transforms.discover.listing import FeedError, Listing
from transforms.discover.parse import parse_feed


def main() -> None:
    """Score a corpus, or mutate it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--verbose", action="store_true", help="print every miss")
    parser.add_argument("--mutate", type=int, metavar="N", help="read N mutated documents instead")
    parser.add_argument("--only", type=int, metavar="INDEX", help="read this one of the mutated documents instead")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="with --only, where to write the mutated document")
    parser.add_argument("--seed", type=int, default=1, help="seed of the mutations (default 1)")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the mutated documents (default 1)")
    options = parser.parse_args()
    rows = [json.loads(line) for line in (options.corpus / "index.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if (options.corpus / row["file"]).is_file()]
    if not rows:
        sys.exit(f"{options.corpus}: index.jsonl names no file that is there")
    if options.mutate or options.only is not None:
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(_group(row), []).append(row)
        if options.only is not None and options.keep:
            options.keep.write_bytes(draw(options.corpus, groups, options.seed, options.only)[1])
        first, count = (0, options.mutate) if options.only is None else (options.only, 1)
        sys.exit(0 if survive(options.corpus, groups, count, options.seed, max(options.jobs, 1), first) else 1)
    score_corpus(options.corpus, rows, options.verbose)


def read(body: bytes, row: Row) -> tuple[Listing | None, str]:
    """The listing and "", or None and what went wrong: an error kind, `hang`, or `uncaught:<exception>`."""
    try:
        with cpu_limit():
            return parse_feed(body, feed_id="bench", url=row.get("captured_from") or ""), ""
    except FeedError as error:
        return None, f"uncaught:{error.__cause__!r}"[:120] if error.__cause__ else error.kind
    except Hang:
        return None, "hang"
    except Exception as error:
        return None, f"uncaught:{error!r}"[:120]


def score_corpus(corpus: Path, rows: list[Row], verbose: bool) -> None:
    """Print agreement per set (real, synthetic, adversarial) and the totals."""
    tally: Counter[tuple[str, str, bool]] = Counter()
    problems: Counter[str] = Counter()
    entries = Counter[str]()
    size, started = 0, time.process_time()
    for row in rows:
        body = (corpus / row["file"]).read_bytes()
        size += len(body)
        group = _group(row)
        listing, problem = read(body, row)
        if problem:
            problems[f"{group} {problem}"] += 1
            if verbose:
                print(f"{group:11} {row['kind']:11} {problem}: {row['file']}")
        entries[group] += len(listing.entries) if listing else 0
        for name, agrees, got, expected in _judge(row, listing):
            tally[group, name, agrees] += 1
            if verbose and not agrees:
                print(f"{group:11} {name:6} got {got!r}, expected {expected!r}: {row['file']}")
        if group == "real" and row["kind"] not in ("opml", "jsonfeed", "sitemap"):
            tally[group, "read", bool(listing and listing.entries)] += 1
    seconds = time.process_time() - started
    print(f"{len(rows):,} documents, {size / 1e6:.1f} MB, {sum(entries.values()):,} entries, {seconds:.1f} CPU s")
    print("problems:", dict(problems) or "none")
    for group in ("real", "synthetic", "adversarial"):
        parts = []
        for name in ("read", "counts", "titles", "links", "dates"):
            right, wrong = tally[group, name, True], tally[group, name, False]
            if right + wrong:
                parts.append(f"{name} {right}/{right + wrong} ({right / (right + wrong):.1%})")
        print(f"{group:11} {entries[group]:6,} entries  {'  '.join(parts)}")


def _group(row: Row) -> str:
    return "adversarial" if "/adversarial/" in row["file"] else str(row["provenance"])


def _judge(row: Row, listing: Listing | None) -> list[tuple[str, bool, object, object]]:
    """What the row states of the document, beside what was read: name, agreement, got, expected."""
    found = (listing.entries or listing.documents) if listing else ()
    first = found[0] if found else None
    verdicts: list[tuple[str, bool, object, object]] = []
    if isinstance(row.get("expected_entries"), int):
        verdicts.append(("counts", len(found) == row["expected_entries"], len(found), row["expected_entries"]))
    if row.get("expected_title") is not None:
        got = first.title if first else None
        verdicts.append(("titles", _plain(got) == _plain(row["expected_title"]), got, row["expected_title"]))
    if row.get("expected_link") is not None:
        got = first.url if first else None
        verdicts.append(("links", _plain_url(got) == _plain_url(row["expected_link"]), got, row["expected_link"]))
    if "expected_date" in row:
        at = first.published_at if first else None
        wanted = _instant(row["expected_date"])
        close = at == wanted or bool(at and wanted and abs((at - wanted).total_seconds()) < 1)
        verdicts.append(("dates", close, at and at.isoformat(), row["expected_date"]))
    return verdicts


def _plain(title: str | None) -> str:
    """A title without tags and references: sources state markup where we state text."""
    stripped = re.sub(r"</?[a-z][^<>]*>", "", title or "", flags=re.IGNORECASE)
    return " ".join(re.sub(r"</?[a-z][^<>]*>", "", html.unescape(stripped), flags=re.IGNORECASE).split())


def _plain_url(url: str | None) -> str:
    return unquote(html.unescape((url or "").strip())).rstrip("/")


def _instant(text: str | None) -> datetime | None:
    """The stated instant; sources state it in the feed's words too, which only our own reader understands."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return parse_date(text).at


if __name__ == "__main__":
    main()
