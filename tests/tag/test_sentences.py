"""Sentences start where they should, on any text."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from transforms.tag.fold import fold
from transforms.tag.sentences import LONGEST_SENTENCE, split_sentences


def sentences(text: str) -> list[str]:
    starts = split_sentences(text)
    return [text[start:end] for start, end in zip(starts, (*starts[1:], len(text)), strict=True)]


def test_abbreviations_do_not_end_a_sentence_and_lines_do() -> None:
    assert sentences("Mr. Homan left the U.S. Border Patrol. He ran ICE\nRaids went on.") == [
        "Mr. Homan left the U.S. Border Patrol. ",
        "He ran ICE\n",
        "Raids went on.",
    ]


def test_a_text_without_stops_is_cut() -> None:
    starts = split_sentences("raid " * 2_000)
    assert max(later - start for start, later in pairwise(starts)) <= LONGEST_SENTENCE


@given(
    st.lists(
        st.sampled_from(
            ["A.", "a", ". ", "U.S. ", "\n", "\u2028", "\u0085", "“", "’", "İ", "🙂", "\ud800", "é. ", "\x00"]
        )
    )
)
def test_no_folded_text_stops_the_splitter(pieces: list[str]) -> None:
    plain = fold("".join(pieces)).plain
    starts = split_sentences(plain)
    assert starts[0] == 0
    assert list(starts) == sorted(set(starts))
    assert starts[-1] <= len(plain)
