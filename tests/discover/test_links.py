"""Which link is the article's, and which can be asked for at all."""

import pytest

from transforms.discover.links import choose_link, usable_url
from transforms.discover.listing import RawLink
from transforms.discover.parse import parse_feed


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://a.example/x", "https://a.example/x"),
        (" https://a.example/\nx ", "https://a.example/x"),
        ("//b.example/x", "https://b.example/x"),
        ("/2026/x", "https://a.example/2026/x"),
        ("https://a.example/redadas de ICE/niños", "https://a.example/redadas%20de%20ICE/ni%C3%B1os"),
        ("https://a.example/%C3%B1?q=a%20b", "https://a.example/%C3%B1?q=a%20b"),
    ],
)
def test_usable_links(href: str, url: str) -> None:
    assert usable_url(href, "https://a.example/") == url


@pytest.mark.parametrize(
    "href",
    [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "tag:a.example,2026:1",
        "ftp://a.example/x",
        "http://user:pw@a.example/",
        "http://",
        "http://[::1",
        "http://a.example:99999/",
        "https://a.example/" + "x" * 2_048,
    ],
)
def test_unusable_links(href: str) -> None:
    assert usable_url(href) is None


def test_alternates_are_chosen_by_type_then_language() -> None:
    links = (
        RawLink(href="https://a.example/self", rel="self"),
        RawLink(href="https://a.example/json", type="application/json"),
        RawLink(href="https://a.example/es", type="text/html", hreflang="es"),
        RawLink(href="https://a.example/en", type="text/html", hreflang="en-US"),
    )
    assert choose_link(links, None, "en") == "https://a.example/en"
    assert choose_link(links, None, "es") == "https://a.example/es"
    assert choose_link(links[:2], None, "en") == "https://a.example/json"


def url_of(item: str) -> str | None:
    body = f"<rss version='2.0'><channel><link>https://a.example/</link><item>{item}</item></channel></rss>"
    return parse_feed(body.encode(), feed_id="f", url="https://proxy.example/f").entries[0].url


def test_rss_links() -> None:
    assert url_of("<link>x.html</link>") == "https://a.example/x.html"
    assert url_of("<guid>https://a.example/g</guid>") == "https://a.example/g"
    assert url_of("<guid isPermaLink='false'>https://a.example/g</guid>") is None
    assert url_of("<guid>tag:x</guid>") is None
    origin = "<f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>https://a.example/o</f:origLink>"
    assert url_of("<link>https://proxy.example/1</link>" + origin) == "https://a.example/o"
    atom = "<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='alternate' href='https://a.example/b'/>"
    assert url_of("<link/>" + atom) == "https://a.example/b"
