"""How much of the article a page shows, on pages written for it."""

import pytest

from tests.extract.pages import ENGLISH, STATES, page, paragraphs
from transforms.extract.extract import extract_article
from transforms.extract.judge import judge_body
from transforms.extract.signs import Signs, count_words


def _state(markup: str) -> str:
    return extract_article(markup.encode(), url="https://ledger.example/local/raid").body_state


@pytest.mark.parametrize("name", STATES)
def test_pages_are_judged_as_labelled(name: str) -> None:
    expected, markup = STATES[name]
    extraction = extract_article(markup.encode(), url="https://ledger.example/local/raid")
    assert (extraction.body_state, bool(extraction.body_state_reason)) == (expected, True)


def test_a_long_text_is_full_whatever_the_page_declares() -> None:
    text = " ".join(ENGLISH * 3)
    signs = Signs(text=text, words=count_words(text), shown=text, free=False, video=True)
    assert judge_body(signs)[0] == "full"


def test_a_refusing_status_makes_wording_enough() -> None:
    markup = page("<p>Access denied. Contact the administrator of this news site.</p>", title="News")
    extraction = extract_article(markup.encode(), url="https://ledger.example/", status=403)
    assert extraction.body_state == "challenge"


def test_japanese_words_are_counted_by_letters() -> None:
    assert count_words("イオン銀行社長解任") == 4
    assert count_words("don't count twice") == 3


def test_a_subscription_appeal_in_the_header_is_no_wall() -> None:
    header = "<header><p>Subscribe to continue supporting us.</p></header>"
    assert _state(page(header + f"<article>{paragraphs(ENGLISH, 9)}</article>")) == "full"
