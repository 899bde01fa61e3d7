"""The filters over whole inputs: hostile documents cost their own line, whatever the number of jobs."""

import base64
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.filters import MAX_LINE_BYTES, Filter, extract_filter, parse_filter, read_lines, run_filter, tag_filter
from tests import hostile_calls
from tests.extract.pages import ENGLISH, page, paragraphs
from transforms.limits import Limits

ITEM = "<item><title>A</title><link>https://a.example/{}</link></item>"
STORY = page(paragraphs(ENGLISH, 16)).encode()
HASTY = Limits(cpu_s=10, idle_s=0.5, memory_bytes=500_000_000)


def feed_line(number: int, path: Path) -> bytes:
    path.write_text(f'<rss version="2.0"><channel>{ITEM.format(number)}</channel></rss>')
    return json.dumps({"id": number, "path": str(path)}).encode()


def page_line(id: object, content: bytes = STORY) -> bytes:
    return json.dumps({"id": id, "html_base64": base64.b64encode(content).decode()}).encode()


def answers(chosen: Filter, lines: Iterable[bytes], jobs: int = 1) -> list[Any]:
    return [json.loads(line) for line in run_filter(chosen, lines, jobs)]


def run(*arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "pipelines.cli", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=False)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_hostile_document_costs_its_own_line(tmp_path: Path, jobs: int) -> None:
    lines = [feed_line(number, tmp_path / f"{number}.xml") for number in range(12)]
    os.mkfifo(tmp_path / "never-written")
    lines[3] = json.dumps({"id": "hangs", "path": str(tmp_path / "never-written")}).encode()
    lines[5] = json.dumps({"id": "grows", "path": "/dev/zero"}).encode()
    lines[7] = b"no JSON"
    got = answers(replace(parse_filter(), limits=HASTY), lines, jobs)
    assert got[3] == {"id": "hangs", "error": "parse-limit: time: it did nothing for 0.5 s"}
    assert got[5] == {"id": "grows", "error": "/dev/zero: larger than 10485760 bytes"}
    assert got[7]["id"] is None
    sound = [one for number, one in enumerate(got) if number not in (3, 5, 7)]
    assert [one["entries"][0]["url"] for one in sound] == [
        f"https://a.example/{number}" for number in (0, 1, 2, 4, 6, 8, 9, 10, 11)
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_page_that_ends_its_process_is_an_error_and_the_rest_goes_on(jobs: int) -> None:
    """Hostile calls stand in for pages: each id names what its line does to its process."""
    harm = ["burn", "allocate", "segfault", "sleep"]
    lines = [page_line(id) for id in (*harm, 1, 2, *harm, 3)]
    chosen = Filter(answer=hostile_calls.answer, limits=Limits(cpu_s=0.5, idle_s=0.5, memory_bytes=300_000_000))
    got = answers(chosen, lines, jobs)
    assert [one["id"] for one in got] == [*harm, 1, 2, *harm, 3]
    assert [one.get("error", "").split(": ")[:2] for one in got if one["id"] in harm] == [
        ["limit", "cpu"],
        ["limit", "memory"],
        ["limit", "died"],
        ["limit", "time"],
    ] * 2
    assert [one for one in got if one["id"] in (1, 2, 3)] == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_a_page_that_met_its_limit_is_read_once_more_without_a_tree() -> None:
    chosen = replace(extract_filter(), limits=Limits(cpu_s=0.001, idle_s=5, memory_bytes=500_000_000))
    (got,) = answers(chosen, [page_line("slow", page(paragraphs(ENGLISH, 16) * 40).encode())])
    assert got["extractor"].startswith("plain after limit-cpu (")
    assert ENGLISH[2] in got["text"]


def test_a_single_job_answers_each_line_before_it_reads_the_next(tmp_path: Path) -> None:
    read: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in range(3):
            read.append(number)
            yield feed_line(number, tmp_path / "feed.xml")

    for number, answer in enumerate(run_filter(parse_filter(), lines(), 1)):
        assert json.loads(answer)["id"] == number
        assert read == list(range(number + 1))


def test_several_jobs_read_only_a_few_lines_ahead() -> None:
    read: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in range(200):
            read.append(number)
            yield json.dumps({"id": number, "title": "ICE"}).encode()

    given = run_filter(tag_filter(None), lines(), 2)
    for number in range(100):
        assert json.loads(next(given))["id"] == number
        assert len(read) <= number + 8
    given.close()  # type: ignore[attr-defined]


def test_bad_lines_are_errors_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(STORY)[:-200])
    (tmp_path / "latin.html").write_bytes(STORY)
    lines = [
        b'{"id": 1, "path": "\xff"}',
        b'{"id": "\\ud800", "path": "nowhere"}',
        b'{"id": 2}',
        b'{"path": "nowhere"}',
        b'{"id": 3, "path": 4}',
        b'{"id": 4, "html_base64": "?"}',
        b"[" * 100_000,
        json.dumps({"id": 5, "path": str(tmp_path / "bomb.gz")}).encode(),
        json.dumps({"id": 6, "path": str(tmp_path / "cut.gz")}).encode(),
        json.dumps({"id": 7, "path": str(tmp_path)}).encode(),
        json.dumps({"id": ["any", {"id": 8}], "path": str(tmp_path / "latin.html")}).encode(),
    ]
    got = answers(extract_filter(), lines, 2)
    assert [one["id"] for one in got] == [None, "\ud800", 2, None, 3, 4, None, 5, 6, 7, ["any", {"id": 8}]]
    assert all(one["error"] for one in got[:-1])
    assert "larger than 10485760 bytes" in got[7]["error"]
    assert got[-1]["body_state"] == "full"


def test_a_line_without_end_is_read_in_bounded_pieces(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b'{"id": 1}\n\n' + b"x" * (2 * MAX_LINE_BYTES + 5) + b'\n{"id": 2}')
    with path.open("rb") as stream:
        lengths = [len(line) for line in read_lines(stream)]
    assert lengths == [10, MAX_LINE_BYTES + 1, 9]
    with path.open("rb") as stream:
        got = answers(tag_filter(None), read_lines(stream))
    assert [one["id"] for one in got] == [1, None, 2]
    assert got[1]["error"] == f"the line is longer than {MAX_LINE_BYTES} bytes"


@pytest.mark.parametrize("verb", ["parse", "extract", "tag"])
def test_input_that_cannot_be_read_is_one_line_and_status_2(tmp_path: Path, verb: str) -> None:
    for path, told in ((tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory")):
        ran = run(verb, str(path))
        assert (ran.returncode, ran.stdout) == (2, b"")
        assert ran.stderr.decode() == f"icewire: {path}: {told}; give a file of JSON lines\n"


def test_extract_answers_a_file_of_lines_in_order(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_bytes(b"\n".join([page_line(1), page_line(2, b"%PDF-1.7"), b"", page_line(3)]))
    ran = run("extract", "--jobs", "2", str(path))
    assert (ran.returncode, ran.stderr) == (0, b"")
    got = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(one["id"], one.get("error")) for one in got] == [(1, None), (2, "not-html: pdf"), (3, None)]


def test_help_ends_with_examples() -> None:
    ran = run("extract", "--help")
    assert b"icewire extract --jobs 2 pages.jsonl > articles.jsonl" in ran.stdout
