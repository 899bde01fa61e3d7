"""How well feeds are read: agreement with what a corpus of feed documents states, and survival of mutated ones.

    python -m bench.feeds CORPUS [--verbose] [--mutate N] [--seed S]

CORPUS holds `index.jsonl`, one object a line with `file`, `kind`, `provenance` and, where known, `expected_entries` and
the first entry's `expected_title`, `expected_link` and `expected_date`. Only the index and the files it names are read.
"""

import argparse
import html
import json
import random
import re
import signal
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from transforms.discover.dates import parse_date
from transforms.discover.listing import FeedError, Listing
from transforms.discover.parse import parse_feed

HANG_SECONDS = 20

Row = dict[str, Any]


class Hang(BaseException):
    """One document took longer than HANG_SECONDS; no Exception, so that no reader catches it."""


def main() -> None:
    """Score a corpus, or mutate it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--verbose", action="store_true", help="print every miss")
    parser.add_argument("--mutate", type=int, metavar="N", help="read N mutated documents instead")
    parser.add_argument("--seed", type=int, default=1, help="seed of the mutations (default 1)")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, _raise_hang)
    rows = [json.loads(line) for line in (options.corpus / "index.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if (options.corpus / row["file"]).is_file()]
    if not rows:
        sys.exit(f"{options.corpus}: index.jsonl names no file that is there")
    if options.mutate:
        mutate_corpus(options.corpus, rows, options.mutate, options.seed)
    else:
        score_corpus(options.corpus, rows, options.verbose)


def read(body: bytes, row: Row) -> tuple[Listing | None, str]:
    """The listing and "", or None and what went wrong: an error kind, `hang`, or `uncaught:<exception>`."""
    signal.alarm(HANG_SECONDS)
    try:
        return parse_feed(body, feed_id="bench", url=row.get("captured_from") or ""), ""
    except FeedError as error:
        return None, f"uncaught:{error.__cause__!r}"[:120] if error.__cause__ else error.kind
    except Hang:
        return None, "hang"
    except Exception as error:
        return None, f"uncaught:{error!r}"[:120]
    finally:
        signal.alarm(0)


def score_corpus(corpus: Path, rows: list[Row], verbose: bool) -> None:
    """Print agreement per set (real, synthetic, adversarial) and the totals."""
    tally: Counter[tuple[str, str, bool]] = Counter()
    problems: Counter[str] = Counter()
    entries = Counter[str]()
    size, started = 0, time.process_time()
    for row in rows:
        body = (corpus / row["file"]).read_bytes()
        size += len(body)
        group = "adversarial" if "/adversarial/" in row["file"] else row["provenance"]
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


def mutate_corpus(corpus: Path, rows: list[Row], count: int, seed: int) -> None:
    """Read mutated documents: print uncaught exceptions, hangs and the slowest."""
    chance = random.Random(seed)
    small = [row for row in rows if row["bytes"] <= 200_000]
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    for _ in range(count):
        row = chance.choice(small)
        body = mutate(chance, (corpus / row["file"]).read_bytes())
        started = time.process_time()
        listing, problem = read(body, row)
        slowest = max(slowest, (time.process_time() - started, row["file"]))
        outcomes[problem or ("entries" if listing and listing.entries else "no entries")] += 1
    print(f"{count:,} mutated documents, seed {seed}")
    for outcome, times in outcomes.most_common():
        print(f"{times:7,} {outcome}")
    print(f"slowest {slowest[0]:.2f} CPU s: {slowest[1]}")


_HOSTILE_WORDS = """
&#55357;&#56832; &#xD800; &#99999999999; &oacute; & <![CDATA[ ]]> <!-- --> <!DOCTYPE ]> <x:y/> <item> </item> <entry>
</channel> <gml:Point> <georss:where> </width> <title> " ' > < <?x ?> xmlns:a='b' </rss> \xa0 \xff 1795428000
"""
_HOSTILE = _HOSTILE_WORDS.split()


def mutate(chance: random.Random, body: bytes) -> bytes:
    """The body with one to eight cuts, copies, flips and hostile insertions."""
    mutated = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(mutated) + 1)
        span = slice(at, at + chance.randint(1, 200))
        match chance.randrange(5):
            case 0:
                del mutated[span]
            case 1:
                mutated[at:at] = mutated[span]
            case 2:
                mutated[at:at] = chance.choice(_HOSTILE).encode("latin-1")
            case 3 if at < len(mutated):
                mutated[at] = chance.randrange(256)
            case _:
                tags = [m.start() for m in re.finditer(rb"[<>&]", mutated[:20_000])]
                if tags:
                    del mutated[chance.choice(tags)]
    return bytes(mutated)


def _raise_hang(*_: object) -> None:
    raise Hang


if __name__ == "__main__":
    main()
