"""Extractors side by side: what is measured, and that neither a hang, a crash nor a network can spoil it."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from socket import create_connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.extract.child import MET_THE_LIMIT, ReaderProcess
from bench.extract.measure import compare_bodies, is_near_day, is_same_title, measure_answers, names_overlap
from bench.extract.pages import LabelledPage, folder_pages, newsroom_pages, spread
from bench.extract.readers import Answer, Reader
from schemas.errors import UserError

WORDS = st.lists(st.sampled_from(["raid", "court", "judge", "town", "bond", "plant"]), max_size=30).map(" ".join)


def run_bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [sys.executable, "-m", "bench.extract", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_newsroom_is_read_side_by_side(tmp_path: Path) -> None:
    done = run_bench("--out", tmp_path, "--only", "icewire", "trafilatura", "--limit", "12")
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert results["pages"]["set"] == "newsroom"
    assert results["pages"]["count"] == 12
    assert set(results["load"]) == {"before", "after"}
    assert list(results["extractors"]) == ["icewire", "trafilatura"]
    for name, row in results["extractors"].items():
        assert row["pages_per_cpu_s"] > 0
        assert row["network_attempts"] == 0
        assert row["failures"] == 0, row["failures_by_kind"]
        assert row["quality"]["ALL"]["body"]["docs"] == 12
        assert row["quality"]["ALL"]["body"]["f1"] > 0.9
        answers = [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text("utf-8").splitlines()]
        assert [answer["id"] for answer in answers] == [page.id for page in spread(newsroom_pages(), 12)]
    differences = [row["difference"] for row in results["sources"]]
    assert differences == sorted(differences)
    assert (tmp_path / "table.md").read_text("utf-8") == done.stdout


def test_a_scorer_can_judge_instead(tmp_path: Path) -> None:
    pages = tmp_path / "set"
    pages.mkdir()
    write_pages(pages, {"a": "<p>One two three four five.</p>"})
    scorer = tmp_path / "scorer.py"
    scorer.write_text(
        "import json, sys\nassert sys.argv[2] == 'set'\n"
        "docs = len(open(sys.argv[1]).readlines())\n"
        "figures = {'ALL': {'body': {'docs': docs, 'f1': 0.25}, 'segments': {'docs': docs, 'f1': 0.5}}}\n"
        "open(sys.argv[sys.argv.index('--json') + 1], 'w').write(json.dumps(figures))\n",
        encoding="utf-8",
    )
    options = ("--out", tmp_path / "out", "--pages", pages, "--only", "trafilatura", "--scorer")
    done = run_bench(*options, scorer)
    assert done.returncode == 0, done.stderr
    assert ".2500" in done.stdout
    assert ".5000" in done.stdout
    broken = run_bench(*options, tmp_path / "missing.py")
    assert broken.returncode == 1
    assert broken.stderr.count("\n") == 1
    assert "--scorer" in broken.stderr


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    done = run_bench("--out", tmp_path / "out", "--pages", tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "gold.jsonl" in done.stderr


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"id": "a"}'])
def test_a_line_that_is_no_page_names_file_and_remedy(tmp_path: Path, line: str) -> None:
    (tmp_path / "gold.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"gold\.jsonl.*each line is an object"):
        folder_pages(tmp_path)


def test_pages_are_taken_evenly() -> None:
    pages = newsroom_pages()
    assert spread(pages, None) == pages == spread(pages, 10_000)
    assert len({page.source for page in spread(pages, 16)}) == len({page.source for page in pages})


# What an extractor may do to us: each reads the newsroom well, and does its worst on pages of its own.


def open_hanging() -> Reader:
    def read(content: bytes, url: str) -> Answer:
        while content == b"bad":
            pass
        return {"text": "read"}

    return read


def open_dying() -> Reader:
    def read(content: bytes, url: str) -> Answer:
        if content == b"bad":
            os._exit(3)
        return {"text": "read"}

    return read


def open_raising() -> Reader:
    def read(content: bytes, url: str) -> Answer:
        if content == b"bad":
            raise ValueError("no article")
        return {"text": "read"}

    return read


def open_calling() -> Reader:
    def read(content: bytes, url: str) -> Answer:
        if content == b"bad":
            create_connection(("127.0.0.1", 9))
        return {"text": "read"}

    return read


def open_missing() -> Reader:
    raise ImportError("no such library")


def open_working() -> Reader:
    def read(content: bytes, url: str) -> Answer:
        until = time.process_time() + 0.05
        while content == b"good" and time.process_time() < until:
            pass
        return {}

    return read


@pytest.mark.parametrize(
    ("opened", "failure", "attempts"),
    [
        (open_hanging, MET_THE_LIMIT, 0),
        (open_dying, "died with status 3", 0),
        (open_raising, "ValueError: no article", 0),
        (open_calling, "NetworkForbiddenError", 1),
    ],
)
def test_an_extractor_fails_alone(opened: Callable[[], Reader], failure: str, attempts: int) -> None:
    process = ReaderProcess(opened, cpu_s=0.5)
    try:
        bad = process.read(b"bad", "https://a.example/")
        good = process.read(b"good", "https://a.example/")
    finally:
        process.end()
    assert bad.answer == {}
    assert failure in (bad.failure or "")
    assert bad.attempts == attempts
    assert (good.answer, good.failure, good.attempts) == ({"text": "read"}, None, 0)


def test_a_page_is_timed_by_the_cpu_it_took() -> None:
    process = ReaderProcess(open_working, cpu_s=60)
    try:
        assert process.read(b"good", "").cpu_s >= 0.05
    finally:
        process.end()


def test_an_extractor_that_cannot_be_loaded_is_the_users_to_mend() -> None:
    with pytest.raises(UserError, match=r"no such library.*--only"):
        ReaderProcess(open_missing, cpu_s=1).read(b"", "")


# Measures.


@given(WORDS)
def test_a_text_is_all_that_it_is(text: str) -> None:
    assert compare_bodies(text, text) == ((1.0, 1.0) if text else (None, None))


@given(WORDS, WORDS)
def test_precision_one_way_is_recall_the_other(one: str, other: str) -> None:
    assert compare_bodies(one, other) == compare_bodies(other, one)[::-1]


@given(WORDS, WORDS)
def test_shares_are_shares(truth: str, answer: str) -> None:
    precision, recall = compare_bodies(truth, answer)
    assert precision is None or 0 <= precision <= 1
    assert recall is None or 0 <= recall <= 1


@given(WORDS.filter(lambda text: len(text.split()) >= 4), st.integers(1, 20))
def test_what_is_added_costs_precision_and_no_recall(text: str, count: int) -> None:
    precision, recall = compare_bodies(text, f"{text} {'menu ' * count}")
    assert recall == 1
    assert precision is not None
    assert precision < 1


def test_pages_without_an_answer_count_as_empty_ones() -> None:
    truth = {"text": "one two three four five", "title": "Raid", "author": ["Ada Quay"], "date": "2026-11-02"}
    pages = [made_page("a", "written", truth), made_page("b", "written", truth), made_page("c", "silver", truth)]
    answer = truth | {"author": "Quay"}
    quality = measure_answers(pages, {"a": answer, "c": answer})
    assert quality["ALL"]["body"] == {"docs": 2, "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3)}
    assert quality["ALL"]["title"] == {"docs": 2, "exact": 0.5}
    assert quality["ALL"]["author"] == {"docs": 2, "overlap": 0.5}
    assert quality["ALL"]["date"] == {"docs": 2, "day": 0.5, "near": 0.5}
    assert quality["silver"]["body"]["docs"] == 1


@pytest.mark.parametrize("label", [float("nan"), "", "soon", "2026-13-01"])
def test_a_label_that_is_no_date_is_none(label: object) -> None:
    page = made_page("a", "written", {"title": "Raid", "date": label})
    assert "date" not in measure_answers([page], {"a": {"title": "Raid", "date": "2026-11-02"}})["ALL"]


def test_facts_are_compared_as_readers_would() -> None:
    assert is_same_title("Raid in  Town", "raid in town")
    assert not is_same_title("Raid in Town", "Raid in Town | Ledger")
    assert names_overlap(["Ada Quay", "Ben Spar"], "By Ada Quay")
    assert not names_overlap(["Ada Quay"], "Staff")
    assert is_near_day(["2026-11-02", "2026-11-03"], "2026-11-03T01:00:00Z", 0)
    assert not is_near_day(["2026-11-02"], "2026-11-03", 0)
    assert is_near_day(["2026-11-02"], "2026-11-03", 1)
    assert not is_near_day(["2026-11-02"], "Monday", 400)


def made_page(name: str, tier: str, truth: dict[str, object]) -> LabelledPage:
    return LabelledPage(id=name, url="", source=tier, tier=tier, truth=truth, read=bytes)


def write_pages(folder: Path, bodies: dict[str, str]) -> None:
    rows = [
        {"id": name, "url": f"https://a.example/{name}", "source": "made", "tier": "written", "gold": {"text": body}}
        for name, body in bodies.items()
    ]
    (folder / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for name, body in bodies.items():
        (folder / f"{name}.html.gz").write_bytes(gzip.compress(f"<html><body>{body}</body></html>".encode()))
