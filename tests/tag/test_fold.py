"""Folding makes ways of writing equal and never loses a position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.tag.fold import fold


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ICE Agents", " ice agents "),
        ("third-country", " third country "),
        ("third‑country", " third country "),
        ("the officer’s", " the officer s "),
        ("the officer's", " the officer s "),
        ("ICE\u00a0agents", " ice agents "),
        ("Deportación", " deportacion "),
        ("İzmir", " izmir "),
        ("$45 billion", " $45 billion "),
        ("287(g)", " 287 g  "),
        ("raids, arrests", " raids  arrests "),
        ("ICE 🙂 now", " ice   now "),
        ("de\u00adport I\u200bCE", " deport ice "),
        ("Deportacio\u0301n", " deportacion "),
        ("стена ICE", " \x7f\x7f\x7f\x7f\x7f ice "),
        ("", "  "),
    ],
)
def test_folded_words(text: str, words: str) -> None:
    assert fold(text).words == words


def test_a_span_leads_back_to_the_original_code_points() -> None:
    text = "🙂 I\u200bC\u00adE raids İstanbul"
    folded = fold(text)
    start = folded.words.index("ice")
    first, last = folded.locate(start, start + 3)
    assert text[first:last] == "I\u200bC\u00adE"
    start = folded.words.index("istanbul")
    first, last = folded.locate(start, start + 8)
    assert text[first:last] == "İstanbul"


@given(st.text(st.characters() | st.sampled_from("\u0301\u200b\u00ad\u2028 ’“-İß🙂"), max_size=60))
def test_every_position_leads_back_in_order(text: str) -> None:
    folded = fold(text)
    assert folded.words.isascii()
    assert len(folded.words) == len(folded.plain) + 2
    places = [folded.locate(i, i + 1) for i in range(1, len(folded.plain) + 1)]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
