"""Reading pages in a guarded process: the same extractions and errors, and what comes of pages that break it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import KindError
from schemas.records import Article, DeadLetter
from tests.builders import NOON, make_capture
from tests.extract import hostile_pages
from tests.extract.pages import ENGLISH, page, paragraphs
from transforms.content_coding import ContentCodingError
from transforms.extract import guarded_read
from transforms.extract.capture import extract_capture
from transforms.extract.extract import ExtractError, Extraction
from transforms.extract.guarded_read import LAST_LIMITS, PAGE_LIMITS, read_guarded
from transforms.extract.language import load_languages
from transforms.guarded_process import GuardedProcess
from transforms.limits import Limits

STORY = page(paragraphs(ENGLISH, 16)).encode()
WHERE: dict[str, Any] = {"run_id": "run-1", "now": NOON}
KINDS = ["cpu", "memory", "time", "died"]


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages may be hostile, limits are tight."""
    process = GuardedProcess(prepare=load_languages)
    monkeypatch.setattr(guarded_read, "_process", process)
    monkeypatch.setattr(guarded_read, "read_body", hostile_pages.read_body)
    monkeypatch.setattr(guarded_read, "PAGE_LIMITS", Limits(cpu_s=0.5, idle_s=0.5, memory_bytes=300_000_000))
    monkeypatch.setattr(guarded_read, "LAST_LIMITS", Limits(cpu_s=0.5, idle_s=0.5, memory_bytes=300_000_000))
    yield
    process.close()


def read(**page: Any) -> Extraction:
    ((extraction, error),) = read_guarded([page])
    if error is not None:
        raise error
    made: Extraction = extraction
    return made


def outcome(body: bytes) -> Any:
    (made,) = extract_capture(make_capture(body=body), read=read, **WHERE)
    return made


def test_an_article_is_what_it_is_without_a_guard() -> None:
    capture = make_capture(body=STORY)
    assert extract_capture(capture, read=read, **WHERE) == extract_capture(capture, **WHERE)


def test_errors_come_back_as_they_were_raised() -> None:
    with pytest.raises(ExtractError) as refused:
        read(body=b"%PDF-1.7", coding=None, url="https://ledger.example/a")
    assert (refused.value.kind, refused.value.detail) == ("not-html", "pdf")
    with pytest.raises(ContentCodingError) as coding:
        read(body=STORY, coding="br", url="https://ledger.example/a")
    assert coding.value.kind == "unasked-coding"
    assert outcome(b"%PDF-1.7").error == "not-html"


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_breaks_its_process_is_a_dead_letter_and_its_neighbours_are_read(hostile: None, kind: str) -> None:
    capture = make_capture(body=b"always " + kind.encode() + b";" + STORY)
    before = outcome(STORY)
    (dead,) = extract_capture(capture, read=read, **WHERE)
    assert isinstance(dead, DeadLetter)
    assert (dead.stage, dead.error, dead.capture_id) == ("extract", f"limit-{kind}", capture.capture_id)
    assert outcome(STORY) == before


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_read_without_a_tree_is_a_partial_article_that_says_so(hostile: None, kind: str) -> None:
    made = outcome(b"first " + kind.encode() + b";" + STORY)
    assert isinstance(made, Article)
    assert made.extractor.startswith(f"plain after limit-{kind} (")
    assert ENGLISH[2] in made.text
    assert made.title == "Eleven roofers detained in valley raid"


def test_a_page_during_which_the_process_died_is_tried_again(hostile: None, tmp_path: Path) -> None:
    made = outcome(f"once {tmp_path / 'died'};".encode() + STORY)
    assert isinstance(made, Article)
    assert "limit" not in made.extractor
    assert (tmp_path / "died").exists()


def test_both_tries_and_a_new_process_fit_into_five_seconds() -> None:
    new_process_s = 1.0
    assert PAGE_LIMITS.cpu_s + new_process_s + LAST_LIMITS.cpu_s <= 5
    assert PAGE_LIMITS.idle_s + new_process_s + LAST_LIMITS.idle_s <= 5


def test_a_group_keeps_its_order_whatever_is_in_it(hostile: None) -> None:
    bodies = [STORY, b"always died;" + STORY, b"%PDF-1.7", STORY, b"first memory;" + STORY, b"always cpu;", STORY]
    outcomes = read_guarded([{"body": body, "coding": None, "url": "https://ledger.example/a"} for body in bodies])
    told = [error.kind if isinstance(error, KindError) else made.extractor.split()[0] for made, error in outcomes]
    assert told == ["page", "died", "not-html", "page", "plain", "cpu", "page"]
