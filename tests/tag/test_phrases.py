"""Phrases are found as whole words, with any ending after `*`, and capitals where they are written."""

import pytest

from transforms.tag.fold import fold
from transforms.tag.phrases import build_lexicon, read_phrase


def find(phrase: str, text: str) -> list[str]:
    folded = fold(text)
    found = build_lexicon([read_phrase(0, phrase)]).find(folded)
    spans = [folded.locate(start, end) for start, end, _ in found]
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("raid", "A raid on the raiders, a RAID.", ["raid", "RAID"]),
        ("deport*", "Deported to a port; self-deportation, deport.", ["Deported", "deportation", "deport"]),
        ("ICE", "Police on ice saw ICE and Ice.", ["ICE"]),
        ("ICE agent*", "ICE agents, ICE’s agents, ice agents", ["ICE agents"]),
        (
            "death* in ICE custody",
            "a death in ICE custody, deaths in ICE custody",
            ["death in ICE custody"] * 1 + ["deaths in ICE custody"],
        ),
        ("=Guard", "The Guard guards a guard.", ["Guard"]),
        ("287(g)", "a 287(g) deal; 287 (g)", ["287(g"]),
        ("U.S. citizen*", "a U.S. citizen, U.S. citizens", ["U.S. citizen", "U.S. citizens"]),
        ("third country", "third-country and third country", ["third-country", "third country"]),
        ("$*", "It cost $45 billion.", ["$45"]),
        ("deportación", "la deportacion, la Deportación", ["deportacion", "Deportación"]),
        ("immigration raid", "immigration. Raid", []),
    ],
)
def test_what_a_phrase_finds(phrase: str, text: str, found: list[str]) -> None:
    assert find(phrase, text) == found


def test_all_phrases_that_end_in_one_place_are_found() -> None:
    phrases = ["agents", "ICE agents", "agent*", "federal ICE agents"]
    lexicon = build_lexicon(read_phrase(number, phrase) for number, phrase in enumerate(phrases))
    assert sorted(number for _, _, number in lexicon.find(fold("federal ICE agents"))) == [0, 1, 2, 3]
