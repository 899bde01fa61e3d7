"""One record in, one record out, exactly as the filter's contract says."""

import json

import pytest

from tests.tag.rulebooks import rule, rulebook
from transforms.tag.filter import filter_record

BOOK = rulebook(protests=[rule(["protest*"], id="protest-word")])


def test_a_record_is_answered() -> None:
    answer = filter_record(BOOK, {"id": 7, "title": "ICE", "text": "A protest."})
    assert json.loads(json.dumps(answer)) == {
        "id": 7,
        "on_domain": True,
        "topics": ["protests"],
        "tags": [
            {
                "topic": "protests",
                "rule_id": "protest-word",
                "score": 0.7,
                "evidence": [{"field": "text", "start": 2, "end": 9, "quote": "protest"}],
            }
        ],
    }


def test_absent_title_and_text_are_empty() -> None:
    nothing = {"id": "a", "on_domain": False, "topics": [], "tags": []}
    assert filter_record(BOOK, {"id": "a", "title": None}) == nothing


@pytest.mark.parametrize(("given", "field"), [({"text": "A"}, "id"), ({"id": "a", "text": 5}, "text")])
def test_a_record_that_cannot_be_read_says_why(given: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=f"'{field}'"):
        filter_record(BOOK, given)
