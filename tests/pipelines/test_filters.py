"""The `parse` filter over whole inputs: hostile documents cost their own line, whatever the number of jobs."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.filters import parse_line, run_filter
from transforms.discover import guarded_parse
from transforms.limits import Limits

ITEM = "<item><title>A</title><link>https://a.example/{}</link></item>"


def request_line(number: int, path: Path) -> str:
    path.write_text(f'<rss version="2.0"><channel>{ITEM.format(number)}</channel></rss>')
    return json.dumps({"id": number, "path": str(path)})


def answers(lines: Iterator[str] | list[str], jobs: int) -> list[Any]:
    return [json.loads(line) for line in run_filter(parse_line, lines, jobs)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_hostile_document_costs_its_own_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr(guarded_parse, "FEED_LIMITS", Limits(cpu_s=20, wall_s=1.5, memory_bytes=200_000_000))
    lines = [request_line(number, tmp_path / f"{number}.xml") for number in range(12)]
    os.mkfifo(tmp_path / "never-written")
    lines[3] = json.dumps({"id": "hangs", "path": str(tmp_path / "never-written")})
    lines[5] = json.dumps({"id": "grows", "path": "/dev/zero"})
    lines[7] = "no JSON"
    got = answers(lines, jobs)
    assert got[3] == {"id": "hangs", "error": "parse-limit: time: it took more than 1.5 s"}
    assert got[5] == {"id": "grows", "error": "parse-limit: memory: it took more than 200,000,000 bytes of memory"}
    assert got[7]["id"] is None
    sound = [one for number, one in enumerate(got) if number not in (3, 5, 7)]
    assert [one["entries"][0]["url"] for one in sound] == [
        f"https://a.example/{number}" for number in (0, 1, 2, 4, 6, 8, 9, 10, 11)
    ]


def test_a_single_job_answers_each_line_before_it_reads_the_next(tmp_path: Path) -> None:
    read: list[int] = []

    def lines() -> Iterator[str]:
        for number in range(3):
            read.append(number)
            yield request_line(number, tmp_path / "feed.xml")

    for number, answer in enumerate(run_filter(parse_line, lines(), 1)):
        assert json.loads(answer)["id"] == number
        assert read == list(range(number + 1))
