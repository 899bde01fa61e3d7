"""Poison pages in a guarded process: each is answered within its limits, and its neighbours are right."""

import json
from dataclasses import asdict

import pytest

from tests.extract.pages import ENGLISH, page, paragraphs
from tests.extract.poison import POISON, build
from transforms.content_coding import ContentCodingError
from transforms.extract.extract import ExtractError, Extraction
from transforms.extract.guarded_read import read_guarded

NO_PAGES = {
    "empty": "empty",
    "blank": "empty",
    "null bytes only": "empty",
    "a pdf": "not-html",
    "a jpeg": "not-html",
    "a pdf behind blanks": "not-html",
    "a picture of no known kind": "not-html",
    "json": "not-html",
    "a feed": "not-html",
    "a gzip of a page in a page": "not-html",
    "a gzip bomb as a page": "not-html",
    "only text": "not-html",
    "a 20 MB attribute": "too-large",
}
"""What is refused, and the kind of its error."""

NO_STORY = frozenset({
    *NO_PAGES, "cut within a tag", "cut within a character", "cut after the head", "drawings", "dots of 8 MB",
    "windows-1252 as utf-8", "two character sets in one page", "100,000 paragraphs", "39,000 paragraphs",
    "a body of marks in json-ld", "a body of dashes", "a body of dots", "appeals without end",
    "descriptions like the text", "links without a word", "hidden elements", "a live blog of 5,000 stamps",
})  # fmt: skip
"""Pages that hold no story to be found; in all others it must be found in spite of the poison."""

NEIGHBOUR = page(paragraphs(ENGLISH, 12)).encode()


def read(content: bytes) -> Extraction:
    page = {"body": content, "coding": None, "url": "https://ledger.example/a", "content_type": "text/html"}
    ((extraction, error),) = read_guarded([page])
    if error is not None:
        raise error
    made: Extraction = extraction
    return made


def in_bytes(extraction: Extraction) -> bytes:
    return json.dumps(asdict(extraction), default=str, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def sound() -> bytes:
    """What the neighbour comes to before there is any poison."""
    return in_bytes(read(NEIGHBOUR))


@pytest.mark.parametrize("name", POISON)
def test_poison_is_answered_within_its_limits_and_its_neighbour_is_right(sound: bytes, name: str) -> None:
    if name in NO_PAGES:
        with pytest.raises((ExtractError, ContentCodingError)) as refused:
            read(build(name))
        assert refused.value.kind == NO_PAGES[name]
    else:
        answer = read(build(name))
        assert in_bytes(answer), "what no encoding can keep is gone"
        assert "\0" not in answer.text
        assert "limit" not in answer.extractor
        assert "By noon, relatives stood outside the county jail" in answer.text or name in NO_STORY
    assert in_bytes(read(NEIGHBOUR)) == sound


def test_what_cannot_be_decoded_right_is_no_mojibake() -> None:
    for name in ("utf-16 without a mark", "utf-16-be without a mark", "null bytes between"):
        assert ENGLISH[5] in read(build(name)).text
    assert "según dos empleados" in read(build("windows-1252 as utf-8")).text
