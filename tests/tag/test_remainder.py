"""A glance at the phrases left never says less than reading the article again without the words quoted."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tag.rulebooks import rule, rulebook
from transforms.tag.evidence import quote_places
from transforms.tag.match import fire_rules
from transforms.tag.page import open_page
from transforms.tag.reading import read_page
from transforms.tag.remainder import weigh_remainder
from transforms.tag.score import score_topic

BOOK = rulebook(
    force=[
        rule(["gas"], id="gas", not_in=("natural gas",)),
        rule(["fired"], id="shot", unless=("gas",)),
        rule(["hit"], id="hit", also=(["agent*"],), weight=0.6),
        rule(["fell"], id="fell", also=(["U.S. agent*"],), within="passage", weight=0.4),
        rule(["hurt"], id="hurt", also=(["gas"], ["agent*"]), within="article", weight=0.5),
    ]
)
WORDS = st.sampled_from(
    [
        "gas",
        "natural gas",
        "fired",
        "hit",
        "agents",
        "U.S. agents",
        "fell",
        "hurt",
        "Rain",
        "U.S.",
        ".",
        ". ",
        "\n",
        "?",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS, max_size=14), st.lists(WORDS, max_size=4))
def test_what_is_left_is_never_worth_more_than_the_glance_says(words: list[str], title: list[str]) -> None:
    page = open_page(" ".join(title), " ".join(words))
    rules = BOOK.topics.of["force"]
    reading = read_page(BOOK.topics, page)
    places = {place for firing in fire_rules(rules, reading, BOOK.scoring) for place in firing.places}
    again = read_page(BOOK.topics, page.without(quote_places(page, places)))
    left = score_topic(list(fire_rules(rules, again, BOOK.scoring)), BOOK.scoring)
    assert left <= weigh_remainder(rules, reading, places)
