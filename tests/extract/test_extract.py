"""Whole pages in, whole extractions out."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from lxml.html import document_fromstring

from schemas.records import Entry
from tests.extract.pages import BANNER, ENGLISH, FOOTER, MENU, SPANISH, json_ld, page, paragraphs
from transforms.extract.extract import extract_article, extract_record
from transforms.extract.plain import read_paragraphs
from transforms.extract.region import find_region
from transforms.extract.tidy import is_appeal, tidy_text

URL = "https://www.valleyledger.example/2026/03/02/roofers?utm_source=x"
STANDFIRST = "Relatives waited outside the county jail while the agency kept silent about its warrant."
MARKUP = page(
    BANNER
    + MENU
    + f"<main><article><header><h1>Eleven roofers detained</h1><h2>{STANDFIRST}</h2></header>"
    + f"<div class='article-body'>{paragraphs(ENGLISH, 16)}<p>Sign up for our newsletter to get the latest news.</p>"
    + "<p>Ana Díaz is a staff reporter at The Valley Ledger. Reach her at "
    "ana@valleyledger.example.</p></div></article></main>" + FOOTER,
    title="Eleven roofers detained | The Valley Ledger",
    head=f'<meta name="description" content="{STANDFIRST}"><link rel="canonical" href="/2026/03/02/roofers">'
    '<meta property="og:image" content="//img.valleyledger.example/a.jpg">'
    + json_ld(
        **{
            "@type": "NewsArticle",
            "headline": "Eleven roofers detained",
            "author": {"@type": "Person", "name": "Ana Díaz"},
            "datePublished": "2026-03-02T07:30:00-06:00",
            "dateModified": "2026-03-02T09:00:00-06:00",
            "articleSection": ["Local"],
        }
    ),
)


def test_a_page_becomes_an_extraction() -> None:
    extraction = extract_article(MARKUP.encode(), url=URL, first_seen_at=datetime(2026, 3, 2, 16, tzinfo=UTC))
    lines = extraction.text.splitlines()
    assert lines[0] == STANDFIRST
    assert lines[1:] == [" ".join(ENGLISH[at : at + 2]) for at in range(0, 16, 2)]
    assert extraction.title == "Eleven roofers detained"
    assert extraction.authors == ("Ana Díaz",)
    assert extraction.published_at == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    assert (extraction.published_precision, extraction.published_source) == ("second", "json-ld")
    assert extraction.modified_at == datetime(2026, 3, 2, 15, tzinfo=UTC)
    assert (extraction.language, extraction.section) == ("en", "Local")
    assert extraction.canonical_url == "https://www.valleyledger.example/2026/03/02/roofers"
    assert extraction.image == "https://img.valleyledger.example/a.jpg"
    assert (extraction.body_state, extraction.charset, extraction.charset_source) == ("full", "utf-8", "utf-8")
    assert extraction.word_count == sum(len(line.split()) for line in lines) + 1  # half-built
    assert "trafilatura" in extraction.extractor


def test_the_filter_answers_in_json_values() -> None:
    answer = extract_record(3, MARKUP.encode(), URL, "text/html")
    assert list(answer) == ["id", "title", "authors", "published_at", "language", "text", "body_state", "extractor"]
    assert (answer["id"], answer["authors"], answer["published_at"]) == (3, ["Ana Díaz"], "2026-03-02T13:30:00Z")


def test_the_feed_fills_what_the_page_does_not_say() -> None:
    entry = Entry(
        feed_id="f", entry_id="e", url=URL, title="From the feed", authors=("Rosa Gil",),
        published_at=datetime(2026, 3, 2, 8, tzinfo=UTC), date_flag="ok",
    )  # fmt: skip
    markup = f"<html><body><div>{paragraphs(SPANISH, 12)}</div></body></html>"
    extraction = extract_article(markup.encode(), url="https://a.example/n", feed_entry=entry)
    assert (extraction.title, extraction.authors, extraction.language) == ("From the feed", ("Rosa Gil",), "es")
    assert (extraction.published_at, extraction.published_source) == (entry.published_at, "feed")


def test_results_do_not_depend_on_what_was_read_before() -> None:
    other = page(f"<article>{paragraphs(ENGLISH, 16)}</article>", title="Another page with the same words")
    first = extract_article(MARKUP.encode(), url=URL)
    for _ in range(4):
        extract_article(other.encode(), url="https://a.example/")
    assert extract_article(MARKUP.encode(), url=URL) == first


def test_a_body_only_in_json_ld_is_rescued() -> None:
    body = "\n".join(ENGLISH)
    markup = page(
        "<div id='app'></div>", head=json_ld(**{"@type": "NewsArticle", "headline": "Held", "articleBody": body})
    )
    extraction = extract_article(markup.encode(), url=URL)
    assert extraction.text == body
    assert extraction.extractor.startswith("json-ld ")


def test_an_article_without_paragraph_elements_is_found() -> None:
    markup = page(f"<div class='content'>{'<br><br>'.join(ENGLISH)}</div>", title="Held")
    assert all(sentence in extract_article(markup.encode(), url=URL).text for sentence in ENGLISH)


def test_the_region_is_the_smallest_part_with_nearly_all_paragraphs() -> None:
    root = document_fromstring(
        page(
            f"<div id='page'><div id='story'>{paragraphs(ENGLISH, 16)}</div><div "
            f"id='more'><p>{SPANISH[0]}</p></div></div>"
        )
    )
    region = find_region(root)
    assert region.element is not None
    assert region.element.get("id") == "story"
    assert region.core_chars <= region.chars < len(root.text_content())


def test_of_several_articles_the_one_with_the_headline_is_the_pages_own() -> None:
    follow_up = f"<article><h2>Garden fair opens</h2>{paragraphs(SPANISH, 12) * 3}</article>"
    own = f"<article><h1>Eleven roofers detained</h1>{paragraphs(ENGLISH, 16)}</article>"
    text = extract_article(page(f"<main>{own}</main>{follow_up}").encode(), url=URL).text
    assert ENGLISH[15] in text
    assert not any(sentence in text for sentence in SPANISH)


@pytest.mark.parametrize("box", ["<ol class='comment-list'>", "<div id='article-comments'>", "<section id=disqus_box>"])
def test_comments_do_not_outweigh_the_article(box: str) -> None:
    name = box[1:].split()[0]
    comments = f"{box}{paragraphs(SPANISH, 12, per=1) * 4}</{name}>"
    text = extract_article(page(f"<div>{paragraphs(ENGLISH, 16)}</div>{comments}").encode(), url=URL).text
    assert all(sentence in text for sentence in ENGLISH)
    assert not any(sentence in text for sentence in SPANISH)


def test_an_article_spread_over_many_boxes_is_read_whole() -> None:
    """Names of boxes that trafilatura takes for asides, three of four times."""
    boxes = "".join(
        f"<div class='{'' if place % 4 == 0 else 'card-overlay'}'><div><p>{sentence} {sentence}</p></div></div>"
        for place, sentence in enumerate(ENGLISH)
    )
    extraction = extract_article(page(f"<main>{boxes}</main>").encode(), url=URL)
    assert all(sentence in extraction.text for sentence in ENGLISH)


def test_what_stands_behind_the_end_of_the_page_is_read_as_browsers_do() -> None:
    markup = f"<html><head><title>Held</title></head><body>{MENU}</body></html>\n<div>{paragraphs(ENGLISH, 16)}</div>"
    assert all(sentence in extract_article(markup.encode(), url=URL).text for sentence in ENGLISH)


def test_paragraphs_are_read_from_markup_alone() -> None:
    markup = (
        f"<p>{ENGLISH[0]}<p class=x>short</p><li><a href='/x'>{ENGLISH[1]}</a></li><p>{ENGLISH[2]} &amp; <b>more</b>"
    )
    assert read_paragraphs(markup.encode()).splitlines() == [ENGLISH[0], f"{ENGLISH[2]} & more"]


def test_only_lines_that_are_not_the_article_are_dropped() -> None:
    text = "\n".join(
        [
            "Eleven roofers detained",
            ENGLISH[0],
            "READ MORE: What the sheriff said",
            "Subscribers to the plan said they would read more about it.",
            ENGLISH[1],
            ENGLISH[2],
            "Joe Park contributed to this report.",
            "© 2026 The Valley Ledger",
        ]
    )
    kept = tidy_text(text, title="Eleven roofers detained", authors=("Ana Díaz",))
    assert kept.splitlines() == [
        ENGLISH[0],
        "Subscribers to the plan said they would read more about it.",
        *ENGLISH[1:3],
    ]
    assert is_appeal("Suscríbete a nuestro boletín")
    assert not is_appeal(ENGLISH[3])


def test_extraction_loads_without_beam() -> None:
    code = (
        "import sys; import transforms.extract.extract as x; assert 'apache_beam' not in sys.modules;"
        "page = b'<html><body>' + b'<p>Officers detained eleven workers at a roofing company on Tuesday.</p>' * 9;"
        "print(x.extract_article(page, url='https://a.example/').body_state)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "full"
