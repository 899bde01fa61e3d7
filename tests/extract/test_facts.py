"""Headline, authors and JSON-LD: what pages declare, in the ways they do."""

import json

import pytest
from lxml.html import document_fromstring

from tests.extract.pages import ENGLISH, json_ld, page, paragraphs
from transforms.extract.bylines import choose_authors
from transforms.extract.declared import Declared, read_declared
from transforms.extract.headline import choose_headline
from transforms.extract.jsonld import choose_article, read_nodes
from transforms.extract.names import split_names
from transforms.extract.site import site_names

URL = "https://www.valleyledger.example.com/2026/03/02/raid"


def declared_in(head: str = "", body: str = "") -> Declared:
    return read_declared(document_fromstring(f"<html><head>{head}</head><body>{body or '<p>x</p>'}</body></html>"))


def headline(head: str, body: str = "", url: str = URL) -> str | None:
    declared = declared_in(head, body)
    return choose_headline(declared, site_names(declared, url))


def authors(head: str = "", body: str = "", listed: tuple[str, ...] = ()) -> tuple[str, ...]:
    root = document_fromstring(f"<html><head>{head}</head><body>{body or '<p>x</p>'}</body></html>")
    declared = read_declared(root)
    return choose_authors(declared, root, site_names(declared, URL), listed)


def og(name: str, value: str) -> str:
    return f'<meta property="og:{name}" content="{value}">'


LEDGER = og("site_name", "Valley Ledger")
DASHED = "ICE – and the sheriff – disagree"


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (og("title", "Roofers held | The Valley Ledger") + LEDGER, "", "Roofers held"),
        ("<title>Roofers held - Local - Valley Ledger</title>", "<h1>Roofers held</h1>", "Roofers held"),
        ("<title>Valley Ledger: Roofers held</title>" + LEDGER, "", "Roofers held"),
        (og("title", DASHED) + LEDGER, f"<h1>{DASHED}</h1>", DASHED),
        (og("title", "Valley Ledger") + LEDGER, "<h1>Roofers held</h1>", "Roofers held"),
        ("<title>Roofers held • valleyledger</title>", "", "Roofers held"),
        (
            "<title>Techadores detenidos | Noticias Valley</title>" + og("site_name", "Valley"),
            "",
            "Techadores detenidos",
        ),
        (json_ld(**{"@type": "NewsArticle", "headline": "Roofers &amp; bosses held"}), "", "Roofers & bosses held"),
        ("", "", None),
    ],
)
def test_headlines_lose_the_site_and_nothing_else(head: str, body: str, expected: str | None) -> None:
    assert headline(head, body) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Ana Díaz and Joe Park", ["Ana Díaz", "Joe Park"]),
        ("Por María José López, corresponsal", ["María José López", "corresponsal"]),
        ("ANA DÍAZ, Staff Writer | The Valley Ledger", ["ANA DÍAZ", "The Valley Ledger"]),
        ("Written by: Joe Park (Reuters)", ["Joe Park"]),
        ("Ana Díaz; Joe Park; Updated March 3, 2026", ["Ana Díaz", "Joe Park"]),
        ("https://facebook.com/ledger", []),
        ("admin", []),
        ("Dec 16", []),
        ("", []),
    ],
)
def test_names_are_told_from_what_surrounds_them(text: str, names: list[str]) -> None:
    assert split_names([text]) == names


def test_authors_come_from_the_first_source_that_names_a_person() -> None:
    publisher = {"@type": "Organization", "name": "Valley Ledger"}
    house = json_ld(**{"@type": "NewsArticle", "author": publisher, "publisher": publisher})
    person = json_ld(**{"@type": "NewsArticle", "author": [{"@type": "Person", "name": "Ana Díaz"}, "Joe Park"]})
    meta = '<meta name="author" content="Joe Park">'
    assert authors(person + meta) == ("Ana Díaz", "Joe Park")
    assert authors(house + meta) == ("Joe Park",)
    assert authors(house) == ("Valley Ledger",)
    assert authors(house, listed=("Rosa Gil",)) == ("Rosa Gil",)
    assert authors() == ()


@pytest.mark.parametrize(
    "byline",
    [
        '<p class="byline">By <a href="/author/ana">Ana Díaz</a> and <a href="/author/joe">Joe Park</a></p>',
        '<div><span itemprop="author">Ana Díaz</span>, <span itemprop="author">Joe Park</span></div>',
        "<p>By Ana Díaz and Joe Park</p>",
        '<ul class="authors"><li class="author-name">Ana Díaz</li><li class="author-name">Joe Park</li></ul>',
    ],
)
def test_bylines_are_read_from_the_page(byline: str) -> None:
    related = '<div class="related-author">By Max Other</div>'
    assert authors(body=f"<h1>Roofers held</h1>{byline}{paragraphs(ENGLISH, 4)}{related}") == ("Ana Díaz", "Joe Park")


@pytest.mark.parametrize(
    "block",
    [
        '{"@type": "NewsArticle", "headline": "Held", }',
        '<!-- {"@type": "NewsArticle", "headline": "Held"} -->',
        '{"@graph": [{"@type": "WebPage"}, {"@type": ["Thing", "http://schema.org/NewsArticle"], "headline": "Held"}]}',
        '{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "Held"}}',
        '{"@type": "NewsArticle", "headline": "He\nld"};',
        "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;Held&quot;}",
    ],
)
def test_json_ld_is_read_as_publishers_write_it(block: str) -> None:
    declared = declared_in(f'<script type="application/ld+json">{block}</script>')
    assert (declared.said("headline") or "").replace(" ", "") == "Held"


def test_the_node_that_fits_the_headline_is_chosen() -> None:
    other = {"@type": "NewsArticle", "headline": "Weather for the weekend"}
    ours = {"@type": "NewsArticle", "headline": "Eleven roofers held after raid"}
    assert choose_article([other, ours], ["Eleven roofers held after a raid"]) == ours
    assert choose_article([other, other], ["Eleven roofers held after a raid"]) is None
    assert choose_article([{"@type": "Person"}], []) is None


def test_hostile_json_ld_is_bounded() -> None:
    nested: dict[str, object] = {"@type": "NewsArticle"}
    for _ in range(200):
        nested = {"@type": "Thing", "x": nested}
    many = [{"@type": "NewsArticle", "headline": str(number)} for number in range(5_000)]
    for value in (nested, many, 7, None, ["x"], {"@type": 3, "author": {"name": {"name": {"name": [1]}}}}):
        root = document_fromstring(f'<script type="application/ld+json">{json.dumps(value)}</script><p>x</p>')
        assert len(read_nodes(root)) <= 2_000


def test_facts_of_a_whole_page_do_not_depend_on_attribute_case() -> None:
    declared = declared_in('<META NAME="Author" CONTENT="Ana Díaz"><LINK REL="Canonical" HREF="/a">')
    assert (declared.first("author"), declared.links["canonical"]) == ("Ana Díaz", "/a")
    assert read_declared(document_fromstring(page("<h1>One</h1><h1>Two</h1>"))).headings == ("One", "Two")
