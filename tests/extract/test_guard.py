"""Poisonous pages: refused or read, but never for long and never with anything but the documented error."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extract.pages import ENGLISH, page, paragraphs
from transforms.extract.extract import ExtractError, extract_article, extract_record
from transforms.extract.guard import MAX_ATTRIBUTES, disarm_markup
from transforms.extract.refusal import MAX_BYTES

STORY = paragraphs(ENGLISH, 16)
KINDS = {"empty", "too-large", "not-html"}


def _many_attributes(value: str) -> str:
    return "<div " + " ".join(f'a{number}="{value}"' for number in range(20_000)) + ">"


POISON = {
    "deep nesting": page("<div>" * 3_000 + STORY),
    "attributes": page(_many_attributes("x") + STORY),
    "attributes that hold brackets": page(_many_attributes("<>") + STORY),
    "attributes without values": page("<div " + "/".join(f"a{number}" for number in range(20_000)) + ">" + STORY),
    "a vast attribute": page(f'<div data-x="{"x" * 2_000_000}">' + STORY),
    "line breaks": page(STORY + "text<br>" * 50_000),
    "paragraphs": page(
        STORY + "".join(f"<p>A paragraph that is long enough to count, number {n}.</p>" for n in range(25_000))
    ),
    "unclosed links": page(STORY + '<a href="/x">t ' * 45_000),
    "null bytes": page(STORY).replace(" ", "\0 "),
    "vast json-ld": page(STORY, head='<script type="application/ld+json">{"a":"' + "x" * 5_000_000 + '"}</script>'),
    "deep json-ld": page(STORY, head='<script type="application/ld+json">' + "[" * 50_000 + "</script>"),
    "only opening brackets": page(STORY + "<" * 500_000),
    "comments that never close": page("<!--" * 100_000 + STORY),
    "quotes that never close": page(STORY + '<a "' * 100_000),
    "a stray quote before much else": page(
        f'<a href="/x" sub links" class="y">Gifts</a>{STORY}' + '<a href="/z">Also of interest</a>' * 5_000
    ),
    "surrogate halves": page(
        STORY, head='<script type="application/ld+json">{"@type":"Article","headline":"\\ud800"}</script>'
    ),
}


@pytest.mark.parametrize("name", POISON)
def test_poison_does_not_cost_the_article(name: str) -> None:
    extraction = extract_article(POISON[name].encode(), url="https://ledger.example/a")
    assert "By noon, relatives stood outside the county jail" in extraction.text
    assert "\0" not in extraction.text
    extraction.text.encode()
    (extraction.title or "").encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b" \n\0 ", "empty"),
        (b"<!-- -->", "empty"),
        (b"<" * (MAX_BYTES + 1), "too-large"),
        (b"%PDF-1.7\n...", "not-html"),
        (b"\xff\xd8\xff\xe0" + b"\x01" * 40, "not-html"),
        (b"\x89PNG\r\n\x1a\n", "not-html"),
        (b'{"items": [1, 2]}', "not-html"),
        (b'[{"a": 1}]', "not-html"),
        (b'<?xml version="1.0"?><!-- x --><rss version="2.0"><channel/></rss>', "not-html"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "not-html"),
        (b"just words", "not-html"),
        (bytes(range(1, 256)) * 40, "not-html"),
    ],
)
def test_what_is_no_page_is_refused(content: bytes, kind: str) -> None:
    with pytest.raises(ExtractError) as caught:
        extract_article(content, url="https://ledger.example/a", content_type="text/html")
    assert caught.value.kind == kind
    assert extract_record(7, content, content_type="text/html") == {"id": 7, "error": str(caught.value)}
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_xhtml_is_a_page() -> None:
    markup = '<?xml version="1.0" encoding="UTF-8"?>\n' + page(STORY)
    assert "roofing company" in extract_article(markup.encode(), url="https://ledger.example/a").text


def test_disarming_keeps_what_is_harmless() -> None:
    scripts = b'<script>if (a<b) {}</script><script type="application/ld+json">{}</script>'
    markup = b'<p class="a">one</p>' + scripts + b"<!-- x --><p>two</p>"
    assert disarm_markup(markup) == (b'<p class="a">one</p> <script type="application/ld+json">{}</script> <p>two</p>')


def test_a_tag_with_too_many_attributes_becomes_bare() -> None:
    attributes = " ".join(f"a{number}='{'x' * 400}'" for number in range(MAX_ATTRIBUTES + 1)).encode()
    assert disarm_markup(b"<div " + attributes + b">text</div>") == b"<div>text</div>"


PIECES = [
    *(
        "<p>",
        "</p>",
        "<a",
        "<b>",
        ">",
        '"',
        "<!--",
        "-->",
        "<script>",
        "</script",
        "<table><tr>",
        "<h1>",
        "<svg>",
        "<select>",
    ),
    *(
        "<select>",
        "&#0;",
        "&lt",
        "\0",
        "text ",
        "é",
        "]]",
        "<article>",
        "<body",
        "<html",
        "<frameset>",
        "<!DOCTYPE",
        "<?xml",
    ),
    *("<meta property=og:title content=", "<time datetime=", "2026-03-01T10:00", "<script type='application/ld+json'>"),
    '{"@type":"NewsArticle","author":[[',
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_no_markup_raises_anything_else(pieces: list[str]) -> None:
    answer = extract_record("x", "".join(pieces).encode(), "https://ledger.example/2026/03/01/a", "text/html")
    assert answer.get("error", "empty:").split(":")[0] in KINDS
