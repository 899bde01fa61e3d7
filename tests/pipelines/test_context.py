"""Evidence shown to people."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.context import BEFORE, WINDOW, in_context, printable

TEXT = (
    "Officials set a quota. " + "They said little more about it to anyone. " * 4 + "Every office owed 75 arrests a day."
)


def span(quote: str, text: str = TEXT, field: str = "text") -> dict[str, object]:
    start = text.index(quote)
    return {"field": field, "start": start, "end": start + len(quote), "quote": quote}


def test_the_words_are_marked_among_their_neighbours() -> None:
    shown = in_context("", TEXT, [span("75 arrests a day"), span("quota")])
    assert shown == "… to anyone. Every office owed «75 arrests a day»."


def test_the_title_serves_where_the_evidence_is_there() -> None:
    assert in_context("Quota for ICE", "…", [span("Quota", "Quota for ICE", "title")]) == "«Quota» for ICE"


def test_overlapping_evidence_is_marked_once() -> None:
    shown = in_context(
        "", "ICE agents quit", [span("ICE agents", "ICE agents quit"), span("agents", "ICE agents quit")]
    )
    assert shown == "«ICE agents» quit"


@given(st.text(max_size=300), st.data())
def test_it_is_one_printable_line_whatever_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    shown = in_context("", text, [{"field": "text", "start": start, "end": end}])
    assert shown.isprintable()
    assert len(shown) <= max(WINDOW, end - start + BEFORE) + 6


def test_a_terminal_is_not_at_the_mercy_of_a_title() -> None:
    assert printable("Raid\x1b[2J\u202eat a plant\n") == "Raid [2J at a plant "
