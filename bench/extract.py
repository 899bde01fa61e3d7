"""Measure the extract stage side by side with trafilatura on a labelled set of pages.

    python -m bench.extract --pages ../shared/data/extraction/dev --scorer ../shared/data/extraction/score.py \
        --predictions predictions.jsonl [--limit N] [--only-body]

Both extractors read the same bytes in the same process, page by page, in changing order; speed is pages per CPU second
(time.process_time), so a busy machine changes both alike and the ratio is what counts.
"""

import argparse
import gzip
import json
import logging
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trafilatura

from transforms.extract.extract import extract_record

Reader = Callable[[str, bytes, str], dict[str, Any]]


def read_ours(id: str, content: bytes, url: str) -> dict[str, Any]:
    """Our extractor's answer in the scorer's fields."""
    answer = extract_record(id, content, url)
    published_at = answer.get("published_at")
    return {
        "id": id,
        "text": answer.get("text"),
        "title": answer.get("title"),
        "author": answer.get("authors"),
        "date": published_at[:10] if published_at else None,
        "body_state": answer.get("body_state") or answer["error"],
        "extractor": answer.get("extractor", ""),
    }


def read_trafilatura(id: str, content: bytes, url: str) -> dict[str, Any]:
    """The same from trafilatura with its defaults and metadata."""
    document = trafilatura.bare_extraction(content, url=url, with_metadata=True)
    fields = ("text", "title", "author", "date")
    return {"id": id} | {field: getattr(document, field, None) for field in fields}


READERS: dict[str, Reader] = {"icewire": read_ours, "trafilatura": read_trafilatura}


def main() -> None:
    """Run both readers, write icewire's predictions, print speed, body states and the scorer's figures."""
    options = _parse_options()
    logging.disable(logging.CRITICAL)
    gold = _load_gold(options.pages, options.limit)
    for read in READERS.values():  # models and caches are loaded once, outside the measurement
        read("warm-up", _read_page(options.pages, gold[0]["id"]), gold[0]["url"])
    seconds: dict[str, float] = defaultdict(float)
    slowest: dict[str, tuple[float, str]] = defaultdict(lambda: (0.0, ""))
    predictions = []
    for place, row in enumerate(gold):
        content = _read_page(options.pages, row["id"])
        for name in sorted(READERS, reverse=bool(place % 2)):
            if name == "trafilatura" and options.ours_only:
                continue
            started = time.process_time()
            prediction = READERS[name](row["id"], content, row["url"])
            spent = time.process_time() - started
            seconds[name] += spent
            slowest[name] = max(slowest[name], (spent, row["id"]))
            if name == "icewire":
                predictions.append(prediction)
    with open(options.predictions, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(prediction, ensure_ascii=False) + "\n" for prediction in predictions)
    _print_speed(seconds, slowest, len(gold))
    _print_states(gold, predictions)
    split = options.pages.resolve().name
    subprocess.run([sys.executable, options.scorer, options.predictions, split, "--only-present"], check=True)


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pages", type=Path, default=Path("../shared/data/extraction/dev"), help="folder with gold.jsonl"
    )
    parser.add_argument("--scorer", type=Path, default=Path("../shared/data/extraction/score.py"))
    parser.add_argument("--predictions", type=Path, required=True, help="where the predictions are written")
    parser.add_argument("--limit", type=int, help="so many pages, spread over the set")
    parser.add_argument("--ours-only", action="store_true", help="no comparison, for a quick look at quality")
    return parser.parse_args()


def _load_gold(pages: Path, limit: int | None) -> list[dict[str, Any]]:
    with (pages / "gold.jsonl").open(encoding="utf-8") as file:
        gold = [json.loads(line) for line in file]
    return gold if limit is None else gold[:: max(1, len(gold) // limit)][:limit]


def _read_page(pages: Path, id: str) -> bytes:
    return gzip.decompress((pages / f"{id}.html.gz").read_bytes())


def _print_speed(seconds: dict[str, float], slowest: dict[str, tuple[float, str]], pages: int) -> None:
    for name, spent in sorted(seconds.items()):
        worst, id = slowest[name]
        print(f"{name:12} {pages / spent:7.1f} pages per CPU second; slowest {worst:.2f} s ({id})")
    if len(seconds) > 1:
        print(f"ratio        {seconds['trafilatura'] / seconds['icewire']:7.2f}")


def _print_states(gold: list[dict[str, Any]], predictions: list[dict[str, Any]]) -> None:
    with_body = {row["id"] for row in gold if row["gold"].get("text")}
    states = Counter(row["body_state"] for row in predictions if row["id"] in with_body)
    paths = Counter(row["extractor"].split(" ")[0] for row in predictions)
    total = sum(states.values()) or 1
    print(
        "body states of pages with a gold body: "
        + ", ".join(f"{s} {n} ({n / total:.1%})" for s, n in states.most_common())
    )
    print("paths: " + ", ".join(f"{path or 'none'} {count}" for path, count in paths.most_common()))


if __name__ == "__main__":
    main()
