"""From one capture to an article, or to the reason why there is none."""

import gzip
from typing import Any

import pytest

from schemas.records import Article, DeadLetter, Dropped, Header
from tests.builders import NOON, make_capture, make_page
from transforms.extract.capture import extract_capture

PARAGRAPHS = "".join(
    f"<p>Sentence {n} tells what agents did at the plant and who saw it happen that day.</p>" for n in range(12)
)
PAGE = (
    "<html><head><title>Raid at a plant</title></head><body><article><h1>Raid at a plant</h1>"
    f"{PARAGRAPHS}</article></body></html>"
)
CHALLENGE = (
    "<html><head><title>Just a moment...</title></head><body><p>Checking your browser before accessing.</p>"
    "<p>Enable JavaScript and cookies to continue</p></body></html>"
)


def outcome(body: bytes, headers: dict[str, str] | None = None, **facts: Any) -> Any:
    fields = tuple(Header(name=name, value=value) for name, value in (headers or {}).items())
    (record,) = extract_capture(make_capture(body=body, headers=fields, **facts), run_id="run-1", now=NOON)
    return record


def test_a_page_becomes_an_article_that_points_to_its_capture() -> None:
    article = outcome(PAGE.encode())
    assert isinstance(article, Article)
    assert (article.title, article.body_state, article.language) == ("Raid at a plant", "full", "en")
    assert article.capture_id
    assert "Sentence 11" in article.text


@pytest.mark.parametrize(
    ("head", "declared"),
    [
        ("", None),
        ('<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>', False),
        ('<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":true}</script>', True),
        ('<meta property="article:content_tier" content="locked">', False),
        ('<meta property="article:content_tier" content="metered">', None),
    ],
)
def test_what_a_publisher_declares_of_access_is_kept_beside_what_was_found(head: str, declared: bool | None) -> None:
    article = outcome(PAGE.replace("</head>", f"{head}</head>").encode())
    assert (article.declared_free, article.body_state) == (declared, "full"), "the whole text is there"


def test_the_body_is_decoded_here_since_captures_keep_it_as_received() -> None:
    packed = outcome(gzip.compress(PAGE.encode()), {"Content-Encoding": "gzip"})
    assert packed.text == outcome(PAGE.encode()).text
    assert packed.article_id == outcome(PAGE.encode()).article_id, "the id depends on page, title and text alone"


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_not_there_is_dropped(status: int) -> None:
    dropped = outcome(PAGE.encode(), status=status)
    assert isinstance(dropped, Dropped)
    assert dropped.reason == "missing", "one answer does not prove that a page was deleted"


def test_another_status_is_a_dead_letter_that_keeps_the_servers_wish() -> None:
    dead = outcome(PAGE.encode(), {"Retry-After": "90"}, status=503)
    assert isinstance(dead, DeadLetter)
    assert (dead.error, dead.retry_after_s) == ("http-503", 90)


@pytest.mark.parametrize(
    ("body", "error"),
    [(CHALLENGE, "challenge"), ("", "empty"), ("%PDF-1.7 stream", "not-html")],
    ids=lambda text: text[:9],
)
def test_what_holds_no_article_is_a_dead_letter(body: str, error: str) -> None:
    dead = outcome(body.encode())
    assert isinstance(dead, DeadLetter)
    assert (dead.error, bool(dead.capture_id)) == (error, True)


def test_the_same_bytes_again_are_not_extracted_again() -> None:
    known = make_page(article_ids=("a1",), content_sha256="the-hash")
    dropped = outcome(PAGE.encode(), known=known, content_sha256="the-hash")
    assert isinstance(dropped, Dropped)
    assert dropped.reason == "same-bytes"


def test_the_same_bytes_are_extracted_again_if_nothing_came_of_them_before() -> None:
    known = make_page(article_ids=(), content_sha256="the-hash")
    assert isinstance(outcome(PAGE.encode(), known=known, content_sha256="the-hash"), Article)
