"""How well and how fast articles are tagged: precision and recall by topic on labelled texts, documents a CPU second.

    python -m bench.topics [DIRECTORY] [--misses]

Three sets are scored, each by itself:

short     `dev.jsonl` in DIRECTORY, one object a line: `id`, `title`, `text`, `on_domain`, `labels`; without it the
          bench says so and measures no speed
newsroom  the first texts of the bundled newsroom's pieces
read      every second text of `topics_own.jsonl` beside this file: whole articles, invented and labelled before the
          rules were tuned on any; these were read to find causes of errors
held      the others, which were not

Speed is told twice, for short texts on and off the domain, each repeated to 5,000 characters.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from seeds.newsroom.newsroom import load_newsroom
from seeds.topics import load_topics
from transforms.tag.filter import filter_record
from transforms.tag.rulebook import RuleBook, compile_rules

DIRECTORY = Path(__file__).parents[2] / "shared" / "data" / "topics"
OWN = Path(__file__).with_name("topics_own.jsonl")
DOCUMENT = 5_000
ROUNDS = 3


def main() -> None:
    """Tag the labelled texts and print what was right, what was wrong and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, nargs="?", default=DIRECTORY)
    parser.add_argument("--misses", action="store_true", help="print every missed and every wrong topic")
    chosen = parser.parse_args()
    rulebook = compile_rules(load_topics())
    print(f"rules {rulebook.version}")
    short = read_labelled(chosen.directory / "dev.jsonl", topics="labels")
    own = read_labelled(OWN, topics="topics")
    sets = {"short": short, "newsroom": read_newsroom(), "read": own[::2], "held": own[1::2]}
    for name, texts in sets.items():
        if texts:
            print(f"\n{name}: {len(texts)} texts")
            print_agreement(rulebook, texts, chosen.misses)
    if not short:
        print(f"\nspeed skipped: there is no dev.jsonl in {chosen.directory.name}/")
        return
    for name, on_domain in (("on", True), ("off", False)):
        documents = [text for text in short if text["on_domain"] is on_domain]
        print(f"{name:>4}-domain documents of 5 KB a CPU second: {measure_speed(rulebook, documents):,.0f}")


def read_labelled(path: Path, *, topics: str) -> list[dict[str, Any]]:
    """Read labelled texts, one object a line, whose field `topics` holds the labels; none if there is no such file."""
    if not path.exists():
        return []
    texts = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [text | {"topics": text[topics]} for text in texts]


def read_newsroom() -> list[dict[str, Any]]:
    """The first text of every piece of the newsroom, as a reader finds it."""
    return [
        {
            "id": f"{outlet.slug}/{piece.slug}",
            "title": piece.revisions[0].title,
            "text": "\n".join(piece.revisions[0].paragraphs),
            "on_domain": piece.on_domain,
            "topics": piece.topics,
        }
        for outlet in load_newsroom().outlets
        for piece in outlet.pieces
    ]


def print_agreement(rulebook: RuleBook, texts: list[dict[str, Any]], misses: bool) -> None:
    """Print precision, recall and F1 of the domain, of each topic and of all."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for text in texts:
        answer = filter_record(rulebook, text)
        given = {*answer["topics"], *(["(on-domain)"] if answer["on_domain"] else [])}
        wanted = {*text["topics"], *(["(on-domain)"] if text["on_domain"] else [])}
        right.update(given & wanted)
        wrong.update(given - wanted)
        missed.update(wanted - given)
        if misses and given != wanted:
            print(f"{text['id']}  missed {sorted(wanted - given)}  wrong {sorted(given - wanted)}")
    for topic in sorted(right | wrong | missed):
        print_line(topic, right[topic], wrong[topic], missed[topic])
    topics = [topic for topic in right | wrong | missed if topic != "(on-domain)"]
    print_line("all topics", *(sum(counter[topic] for topic in topics) for counter in (right, wrong, missed)))


def print_line(name: str, right: int, wrong: int, missed: int) -> None:
    """Print one line of figures; a ratio of nothing is 0."""
    precision = right / (right + wrong) if right else 0.0
    recall = right / (right + missed) if right else 0.0
    f1 = 2 * right / (2 * right + wrong + missed) if right else 0.0
    print(f"{name:24} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  right {right}, wrong {wrong}, missed {missed}")


def measure_speed(rulebook: RuleBook, texts: list[dict[str, Any]]) -> float:
    """Documents tagged in one second of this process's CPU time: the best of some rounds."""
    documents = [
        text | {"text": (f"{text['text']}\n" * (DOCUMENT // max(1, len(text["text"])) + 1))[:DOCUMENT]}
        for text in texts
    ]
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        for document in documents:
            filter_record(rulebook, document)
        best = max(best, len(documents) / (time.process_time() - start))
    return best


if __name__ == "__main__":
    main()
