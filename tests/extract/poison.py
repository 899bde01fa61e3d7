"""Pages that cost an extractor time, memory or its process; built when asked for, since some are large."""

import gzip
import itertools
import json
import string
from collections.abc import Callable, Iterator

from tests.extract.pages import ENGLISH, SPANISH, json_ld, page, paragraphs

STORY = paragraphs(ENGLISH, 16)
SENTENCE = ENGLISH[0]


def names(count: int) -> Iterator[str]:
    """So many different short attribute names."""
    letters = string.ascii_lowercase
    spelled = ("".join(each) for size in range(1, 5) for each in itertools.product(letters, repeat=size))
    return itertools.islice(spelled, count)


def _ld(raw: str) -> str:
    return page(STORY, head=f'<script type="application/ld+json">{raw}</script>')


def _deep(tag: str, depth: int, inner: str) -> str:
    return f"<{tag}>" * depth + inner + f"</{tag}>" * depth


def _two_letters(number: int) -> str:
    """A headline of 199 letters a and b that has much in common with all others of its kind."""
    return f"{(number + 3) ** 150:b}"[-199:].translate(str.maketrans("01", "ab"))


def _metas(name: str, value: str, count: int = 50) -> str:
    return "".join(f'<meta name="{name}" content="{value} {number}">' for number in range(count))


POISON: dict[str, Callable[[], str | bytes]] = {
    # what is no page, or hardly one
    "empty": lambda: b"",
    "blank": lambda: b" \n\t \r\n",
    "null bytes only": lambda: bytes(100_000),
    "a pdf": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 2_000,
    "a jpeg": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 2_000,
    "a pdf behind blanks": lambda: b"\r\n\r\n%PDF-1.7\n" + bytes(range(256)) * 2_000,
    "a picture of no known kind": lambda: bytes((number * 167 + 13) % 256 for number in range(500_000)),
    "json": lambda: json.dumps({"text": SENTENCE * 20_000}),
    "a feed": lambda: '<?xml version="1.0"?><rss version="2.0"><channel>' + "<item/>" * 50_000 + "</channel></rss>",
    "a gzip of a page in a page": lambda: gzip.compress(page(STORY).encode()),
    "a gzip bomb as a page": lambda: gzip.compress(bytes(50_000_000)),
    "a page over the size limit": lambda: page(STORY * 5_000),
    "only text": lambda: SENTENCE * 50_000,
    "cut within a tag": lambda: page(STORY)[: page(STORY).index("pay stubs") - 200] + '<div class="',
    "cut within a character": lambda: page(paragraphs(SPANISH, 12)).encode()[:-300].rpartition(b"\xc3")[0] + b"\xc3",
    "cut after the head": lambda: page(STORY).partition("<body>")[0],
    # character sets
    "null bytes between": lambda: page(STORY).replace(" ", "\0 \0"),
    "utf-16 without a mark": lambda: page(STORY).encode("utf-16-le"),
    "utf-16-be without a mark": lambda: page(STORY).encode("utf-16-be"),
    "utf-16 cut at an odd byte": lambda: page(STORY).encode("utf-16-le")[:-101],
    "windows-1252 as utf-8": lambda: page(paragraphs(SPANISH, 12), head='<meta charset="utf-8">').encode("cp1252"),
    "two character sets in one page": lambda: (
        page(paragraphs(SPANISH, 6) * 2).encode() + page(paragraphs(SPANISH, 12)).encode("cp1252")
    ),
    "bytes that fit no character set": lambda: page(STORY).encode() + bytes(range(128, 256)) * 20_000,
    "one byte of another set at the end": lambda: page(STORY * 4_000).encode()[:9_000_000] + b"\xe9",
    "broken bytes everywhere": lambda: (
        page(STORY + "\u00e9" * 2_000_000).encode().replace(b"\xa9" * 1, b"\xa9", 1) + b"\xff" * 90_000
    ),
    "an unknown label": lambda: page(STORY, head='<meta charset="x-user-defined">').encode() + b"\xe9" * 100_000,
    "lone surrogates": lambda: _ld('{"@type": "NewsArticle", "headline": "\\ud800 raid", "articleBody": "\\udc00"}'),
    "right to left and joiners": lambda: page(STORY + "<p>\u202e" + "\u05d0\u200d\u0301" * 200_000),
    "marks upon marks": lambda: page(STORY + "<p>Words that are long enough: a" + "\u0323\u0301" * 120_000),
    # the shape of the markup
    "50,000 nested elements": lambda: page(_deep("div", 50_000, STORY)),
    "250 nested elements around 39,000 paragraphs": lambda: page(
        _deep("div", 245, STORY + "".join(f"<p>{SENTENCE}" for _ in range(39_000)))
    ),
    "nested tables": lambda: page(_deep("table><tr><td", 80, STORY + "<td>x" * 30_000)),
    "nested inline marks": lambda: page(STORY + "<b><i><u><font>" * 9_000 + "x"),
    "200,000 attributes": lambda: page("<div " + " ".join(f"{name}=x" for name in names(200_000)) + ">" + STORY),
    "attributes on a small page": lambda: page("<div " + " ".join(names(20_000)) + ">" + STORY),
    "attributes on many tags": lambda: page(("<div " + " ".join(names(250)) + "></div>") * 5_000 + STORY),
    "200,000 line breaks": lambda: page(STORY + "text<br>" * 200_000),
    "300,000 line breaks": lambda: page(STORY + "<br>" * 300_000),
    "39,000 line breaks in a paragraph": lambda: page(STORY + "<p>" + "some more words<br>" * 39_000),
    "100,000 paragraphs": lambda: page("".join(f"<p>{SENTENCE[:60]} {number}.</p>" for number in range(100_000))),
    "39,000 paragraphs": lambda: page("".join(f"<p>{SENTENCE} {number}." for number in range(39_000))),
    "a 20 MB attribute": lambda: page(f'<div data-x="{"x" * 20_000_000}">' + STORY),
    "a 9 MB attribute": lambda: page(f'<div data-x="{"x" * 9_000_000}">' + STORY),
    "50,000 unclosed links": lambda: page(STORY + '<a href="/x">t ' * 50_000),
    "39,000 unclosed links": lambda: page(STORY + '<a href="/x">t ' * 39_000),
    "100,000 links": lambda: page(STORY + "".join(f'<a href="/{n}">story {n}</a> ' for n in range(100_000))),
    "19,000 links": lambda: page(STORY + "".join(f'<a href="/{n}">story {n}</a> ' for n in range(19_000))),
    "50,000 table rows": lambda: page(STORY + "<table>" + "<tr><td>a</td><td>b</td></tr>" * 50_000 + "</table>"),
    "39,000 table cells": lambda: page(STORY + "<table>" + ("<tr>" + "<td>a cell of words" * 9) * 3_900 + "</table>"),
    "lists in lists": lambda: page(STORY + "<ul><li>item " * 19_000),
    "19,000 spans": lambda: page("<div>" + "<span>word </span>" * 19_000 + "</div>" + STORY),
    "a script of 5 MB": lambda: page(f"<script>{'var a = 1 < 2;' * 380_000}</script>" + STORY),
    "many scripts": lambda: page("<script>1</script>" * 19_000 + STORY),
    "a comment that never ends": lambda: page("<!-- " + STORY),
    "comments that never end": lambda: page("<!--" * 300_000 + STORY),
    "quotes that never end": lambda: page(STORY + '<a "' * 300_000),
    "only opening brackets": lambda: page(STORY + "<" * 900_000),
    "brackets in turn": lambda: page(STORY + "<>" * 900_000),
    "closing tags only": lambda: page(STORY + "</div>" * 900_000),
    "an entity bomb": lambda: (
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise("abcdefghi"))
        + "]>"
        + page(STORY + "<p>&i;</p>")
    ),
    "a million entities": lambda: page(STORY + "<p>" + "&amp;&#8217;" * 600_000),
    "references to huge numbers": lambda: page(STORY + "<p>" + f"&#{'1' * 5_000};" * 100),
    "references to huge numbers in metadata": lambda: page(
        STORY, head=_metas("author", f"&amp;#{'1' * 4_900};", 1) + json_ld(headline=f"&#{'1' * 5_000};")
    ),
    "a text of 8 MB without a tag": lambda: page(STORY + "<div>" + "word " * 1_600_000),
    "a word of 8 MB": lambda: page(STORY + "<p>" + "w" * 8_000_000),
    "blanks of 8 MB": lambda: page(STORY + "<p>" + " " * 8_000_000 + "."),
    "dots of 8 MB": lambda: page("<p>" + "." * 8_000_000 + "</p>"),
    "frames": lambda: page("<frameset>" * 10_000 + STORY),
    "forms": lambda: page("<form><select><option>" * 10_000 + STORY),
    "drawings": lambda: page("<svg>" * 20_000 + STORY),
    "many bodies": lambda: page("<html><body class=a>" * 19_000 + STORY),
    # what a page declares
    "a title of 200,000 dashes": lambda: page(STORY, title="a - " * 200_000),
    "headlines with many separators": lambda: page(STORY, title=" | ".join("abcdefghijklmnop" * 15)),
    "5 MB of json-ld": lambda: _ld('{"@type": "NewsArticle", "a": "' + "x" * 5_000_000 + '"}'),
    "9 blocks of 1 MB of json-ld": lambda: page(
        STORY, head=f'<script type="application/ld+json">[{"[]," * 330_000}1]</script>' * 9
    ),
    "json-ld nested 100,000 deep": lambda: _ld("[" * 100_000),
    "json-ld objects nested deep": lambda: _ld('{"a":' * 100_000 + "1" + "}" * 100_000),
    "a number of 900,000 digits": lambda: _ld('{"@type": "NewsArticle", "wordCount": ' + "1" * 900_000 + "}"),
    "json-ld wrapped in slashes": lambda: _ld("/" * 900_000 + "x"),
    "json-ld wrapped in ends": lambda: _ld("-->" * 300_000 + "x"),
    "json-ld of commas": lambda: _ld("[" + "1,  " * 200_000 + "]"),
    "json-ld of escapes": lambda: _ld('["' + "\\ud800" * 150_000 + '"]'),
    "json-ld of 2,000 articles": lambda: page(
        STORY,
        title=_two_letters(5_000),
        head=json_ld(**{"@graph": [{"@type": "NewsArticle", "headline": _two_letters(n)} for n in range(2_000)]}),
    ),
    "json-ld of 90,000 authors": lambda: _ld(
        json.dumps({"@type": "NewsArticle", "author": [[[["A B"] * 17] * 17] * 20] * 20})
    ),
    "50 long authors of each kind": lambda: page(
        STORY, head="".join(_metas(kind, "– a " * 120) for kind in ("author", "byl", "byline", "dc.creator"))
    ),
    "40,000 metas": lambda: page(STORY, head="".join(f'<meta name="a{n}" content="b">' for n in range(38_000))),
    "a body of marks in json-ld": lambda: page(
        "<p>Short.</p>", head=json_ld(**{"@type": "NewsArticle", "articleBody": "!\n" * 240_000})
    ),
    "a body of dashes": lambda: page("<p>" + "</p><p>".join(["- " * 25] * 9_000)),
    "a body of dots": lambda: page(
        "<p>Short.</p>", head=json_ld(**{"@type": "NewsArticle", "articleBody": '… """""""' * 50_000})
    ),
    "appeals without end": lambda: page("<p>Follow us on the post the post " * 2_000),
    "descriptions like the text": lambda: page(
        "<p>" + "ab" * 300 + "</p><p>Read the full story at the Ledger</p>",
        head=_metas("description", "ba" * 300, 1),
    ),
    "comments before the root": lambda: "<!---->" * 580 + "x" + page(STORY),
    "a class of many addresses": lambda: page(
        f'<div class="author {"href=" * 12_000}">x</div>' * 100 + "<h1>Raid</h1>" + STORY
    ),
    "bylines around all": lambda: page(
        "<h1>Raid</h1>"
        + '<div rel="author" class="author byline author-name">' * 240
        + STORY
        + "<p>"
        + "word " * 1_500_000
    ),
    "headlines around all": lambda: page("<h1><div>" * 120 + STORY + "<p>" + "word " * 1_500_000),
    "standfirsts around all": lambda: page(
        f"<span>{SENTENCE} " * 240 + STORY + "word " * 1_500_000, head=_metas("description", SENTENCE, 1)
    ),
    "marks of everything around all": lambda: page(
        "<h1>Raid</h1>"
        + f'<div rel="author" class="author byline author-name date published" itemprop="datePublished">{SENTENCE}'
        * 240
        + STORY
        + "<p>"
        + "word " * 1_500_000,
        head=_metas("description", SENTENCE, 1),
    ),
    "links without a word": lambda: page("<a>" * 130_000 + "Please enable JavaScript"),
    "hidden elements": lambda: page("<div hidden>" * 20_000 + "Please enable JavaScript"),
    "a live blog of 5,000 stamps": lambda: page(
        "".join(f"<p>{n % 12}:15</p><p>a{n} b c d e f g h i j k l m n o" for n in range(5_000))
        + f"<p>{'x ' * 200_000}",
        title="Live updates: a raid",
    ),
    "dates everywhere": lambda: page(STORY + "<p>Published on March 3, 2026 and 2026-03-03 03/04/2026 " * 9_000),
    "digits everywhere": lambda: page(STORY + "<p>" + "20260303 " * 500_000),
    "times that are none": lambda: page(STORY + '<time datetime="' + "1" * 60_000 + '">' + "2026-1" * 100_000),
}
"""Name to what builds the page; text is UTF-8."""


def build(name: str) -> bytes:
    """The bytes of a page."""
    content = POISON[name]()
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
