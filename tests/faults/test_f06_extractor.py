"""F6: the extractor's process hangs, is killed, or takes all memory: each page of a pass still ends as something."""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that

from tests.builders import NOON, make_capture
from tests.extract import hostile_pages
from tests.extract.pages import ENGLISH, page, paragraphs
from transforms.extract import guarded_read
from transforms.extract.beam import ExtractArticles
from transforms.extract.language import load_languages
from transforms.guarded_process import GuardedProcess
from transforms.limits import Limits

STORY = page(paragraphs(ENGLISH, 16)).encode()
HARM = ("cpu", "memory", "time", "died")


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    process = GuardedProcess(prepare=load_languages)
    monkeypatch.setattr(guarded_read, "_process", process)
    monkeypatch.setattr(guarded_read, "read_body", hostile_pages.read_body)
    for name in ("PAGE_LIMITS", "LAST_LIMITS"):
        monkeypatch.setattr(guarded_read, name, Limits(cpu_s=0.5, idle_s=0.5, memory_bytes=300_000_000))
    yield
    process.close()


def test_a_pass_goes_on_and_loses_nothing(hostile: None) -> None:
    bodies = [f"always {kind};".encode() + STORY for kind in HARM] + [
        f"first {kind};".encode() + STORY for kind in HARM
    ]
    poisoned = [make_capture(f"https://ledger.example/poison-{n}", body) for n, body in enumerate(bodies)]
    sound = [make_capture(f"https://ledger.example/sound-{n}", STORY) for n in range(12)]
    captures = [capture for pair in zip(sound, poisoned, strict=False) for capture in pair] + sound[len(poisoned) :]

    def articles_are_right(made: list[Any]) -> None:
        paths = {article.capture_id: article.extractor.partition(" (")[0] for article in made}
        assert len(made) == len(paths) == len(sound) + len(HARM)
        assert {paths[capture.capture_id] for capture in sound} == {"page"}
        partial = [paths[capture.capture_id] for capture in poisoned[len(HARM) :]]
        assert partial == [f"plain after limit-{kind}" for kind in HARM]
        assert len({article.text_sha256 for article in made if "page" in article.extractor}) == 1

    def dead_letters_are_right(dead: list[Any]) -> None:
        errors = {letter.capture_id: letter.error for letter in dead}
        assert errors == {c.capture_id: f"limit-{kind}" for c, kind in zip(poisoned, HARM, strict=False)}

    with beam.Pipeline(runner="FnApiRunner") as root:
        made = root | beam.Create(captures) | ExtractArticles(publishers={}, run_id="run-1", now=NOON)
        assert_that(made.Article, articles_are_right, label="articles")
        assert_that(made.DeadLetter, dead_letters_are_right, label="dead letters")
