"""A feed's bytes in, a Listing out: one golden document a format, and one a fault that real feeds have."""

import gzip
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.discover.guards import MAX_BYTES, MAX_ENTRIES
from transforms.discover.listing import FeedError, Listing
from transforms.discover.parse import parse_feed

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SITE = "https://news.example/feed.xml"


def parse(body: bytes | str, content_type: str | None = None) -> Listing:
    body = body.encode() if isinstance(body, str) else body
    return parse_feed(body, feed_id="f", url=SITE, content_type=content_type, now=NOW)


def rss(item: str, channel: str = "") -> str:
    head = "<title>News</title><link>https://news.example/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{channel}{item}</channel></rss>'


def refusal(body: bytes | str) -> str:
    with pytest.raises(FeedError) as caught:
        parse(body)
    return caught.value.kind


# ------------------------------------------------------------------------------------------------ formats


def test_rss_20_gives_every_field() -> None:
    listing = parse(
        rss(
            """<item><title>ICE &amp; courts</title><link>https://news.example/a</link>
            <guid isPermaLink="false">7</guid>
            <description>&lt;p&gt;Two &lt;b&gt;raids&lt;/b&gt;.&lt;/p&gt;</description><category>DHS</category>
            <dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">A. Reporter</dc:creator>
            <pubDate>Mon, 23 Nov 2026 10:00:00 EST</pubDate></item>""",
            channel="<language>en-US</language><ttl>30</ttl>",
        )
    )
    assert (listing.kind, listing.title, listing.refresh_minutes) == ("rss20", "News", 30)
    (entry,) = listing.entries
    assert (entry.feed_id, entry.entry_id, entry.url) == ("f", "7", "https://news.example/a")
    assert (entry.title, entry.summary) == ("ICE & courts", "Two raids.")
    assert (entry.authors, entry.categories, entry.language) == (("A. Reporter",), ("DHS",), "en-us")
    assert entry.published_at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert entry.updated_at is None
    assert (entry.published_raw, entry.date_flag) == ("Mon, 23 Nov 2026 10:00:00 EST", "ok")


def test_rss_10_has_its_items_beside_the_channel() -> None:
    listing = parse(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title></channel>
        <item rdf:about="https://news.example/a"><title>A</title><link>https://news.example/a</link>
        <dc:date>2026-11-23T10:00:00-05:00</dc:date></item></rdf:RDF>"""
    )
    assert listing.kind == "rss10"
    assert listing.entries[0].published_at == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_atom_10_resolves_links_against_xml_base_and_address() -> None:
    listing = parse(
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title type="text">a &lt;b&gt; c</title>
        <id>tag:news.example,2026:1</id><link href="2026/a.html"/><updated>2026-11-23T10:00:00Z</updated></entry>
        <entry xml:base="https://other.example/x/"><title type="html">&lt;b&gt;B&lt;/b&gt;</title>
        <id>2</id><link href="b"/></entry></feed>"""
    )
    assert listing.kind == "atom10"
    assert [entry.url for entry in listing.entries] == ["https://news.example/2026/a.html", "https://other.example/x/b"]
    assert [entry.title for entry in listing.entries] == ["a <b> c", "B"]
    assert listing.entries[0].updated_at == listing.entries[0].published_at == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_atom_entry_document_is_a_listing_of_one() -> None:
    listing = parse('<entry xmlns="http://www.w3.org/2005/Atom"><id>1</id><link href="https://a.example/"/></entry>')
    assert [entry.url for entry in listing.entries] == ["https://a.example/"]


def test_news_sitemap() -> None:
    listing = parse(
        """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
        <url><loc>https://news.example/a?x=1&y=2</loc><n:news><n:publication><n:name>N</n:name><n:language>es</n:language>
        </n:publication><n:publication_date>2026-11-23</n:publication_date><n:title>Redadas</n:title></n:news></url></urlset>"""
    )
    (entry,) = listing.entries
    assert (listing.kind, entry.url, entry.title) == ("news-sitemap", "https://news.example/a?x=1&y=2", "Redadas")
    assert (entry.language, entry.date_flag) == ("es", "no_zone")


def test_sitemap_changes_are_no_publication_dates() -> None:
    listing = parse("<urlset><url><loc>https://a.example/1</loc><lastmod>2026-11-20</lastmod></url></urlset>")
    assert listing.kind == "sitemap"
    assert listing.entries[0].published_at is None
    assert listing.entries[0].updated_at == datetime(2026, 11, 20, tzinfo=UTC)


def test_sitemap_index_and_opml_name_documents_not_entries() -> None:
    index = parse("<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>")
    opml = parse('<opml><body><outline text="A &amp; B" xmlUrl="https://a.example/feed?a=1&b=2"/></body></opml>')
    assert (index.kind, index.entries, index.documents[0].url) == ("sitemap-index", (), "https://a.example/s.xml")
    assert (opml.kind, opml.entries) == ("opml", ())
    assert (opml.documents[0].title, opml.documents[0].url) == ("A & B", "https://a.example/feed?a=1&b=2")


# ------------------------------------------------------------------------------------------------ faults

ITEM = "<item><title>{}</title><link>https://news.example/a</link></item>"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&T, R&D", "AT&T, R&D"),
        ("Deportaci&oacute;n de ni&ntilde;os", "Deportación de niños"),
        ("raid &#55357;&#56832;", "raid 😀"),
        ("x &#xD800; &#99999999999; y", "x \ufffd \ufffd y"),
        ("It&#146;s", "It’s"),
        ("Trump&amp;#8217;s", "Trump’s"),
        ("<![CDATA[Under <10 years]]>", "Under <10 years"),
        ("Under <10 years", "Under <10 years"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Raids", "Raids"),
        ("<![CDATA[<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.0//EN'><html><body>Raids</body></html>]]>", "Raids"),
        ("ICE \u202elive\u202c raids", "ICE live raids"),
        ("bell\x07s", "bells"),
        ("x" * 2_000, "x" * 1_000),
    ],
)
def test_titles(written: str, title: str) -> None:
    assert parse(rss(ITEM.format(written))).entries[0].title == title


@pytest.mark.parametrize(
    "broken",
    [
        "\n\n" + rss(ITEM.format("A")),
        "<br />\n<b>Warning</b>: mysql in <b>/x.php</b><br />" + rss(ITEM.format("A")),
        rss(ITEM.format("A")) + "<!-- 0.4 s --><script>x</script>",
        rss(ITEM.format("A")).replace("</channel></rss>", ""),
        rss(ITEM.format("A")).replace('version="2.0"', "version=2.0 version=3"),
        rss(ITEM.format("A")).replace("?>", "?><!DOCTYPE rss [<!ENTITY a 'b'>]>"),
        rss("<item><title>A</titel><link>https://news.example/a</link></item>"),
        rss("<item\n<title>A</title><link>https://news.example/a</link></item>"),
        rss("<item><title><![CDATA[A</title><link>https://news.example/a</link></item>"),
        rss("<gml:x/>" + ITEM.format("A") + "</width>"),
    ],
)
def test_broken_documents_still_give_their_entry(broken: str) -> None:
    listing = parse(broken)
    assert [(entry.title, entry.url) for entry in listing.entries] == [("A", "https://news.example/a")]


def test_a_lost_end_tag_does_not_hide_the_next_item() -> None:
    listing = parse(rss("<item><title>A</title><item><title>B</title></item>"))
    assert [entry.title for entry in listing.entries] == ["A", "B"]


def test_a_torn_gzip_file_is_read_as_far_as_it_goes_and_said_to_be_cut() -> None:
    whole = rss("".join(ITEM.format(f"Raid {number}") for number in range(50))).encode()
    assert parse(gzip.compress(whole)).truncated_at is None
    torn = parse(gzip.compress(whole)[:-30])
    assert 0 < len(torn.entries) < 50
    assert torn.truncated_at == len(torn.entries)


def test_entry_without_id_or_link_has_an_id_of_its_own() -> None:
    first, second = parse(rss("<item><title>A</title></item><item><title>B</title></item>")).entries
    assert first.url is None
    assert first.entry_id.startswith("sha256:")
    assert first.entry_id != second.entry_id


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!doctype html><html><title>News</title></html>", "not-a-feed"),
        (b"<html><title>Just a moment...</title></html>", "challenge"),
        (b"/etc/passwd", "not-a-feed"),
        (b"https://news.example/feed", "not-a-feed"),
        (b'{"a": 1}', "not-a-feed"),
        (b"{", "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b"{" * 600_000, "limits"),
        (b"\x1f\x8bnot gzip", "unreadable"),
        (b"x" * (MAX_BYTES + 1), "too-large"),
        (b"<note><to>x</to></note>", "not-a-feed"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else value,
)
def test_what_is_no_feed_says_why(body: bytes, kind: str) -> None:
    assert refusal(body) == kind


# ------------------------------------------------------------------------------------------------ attacks


def test_entities_are_never_expanded() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 7))
    bomb = rss(ITEM.format("&l6;")).replace("?>", f"?><!DOCTYPE x [<!ENTITY l0 'ha'>{laughs}]>")
    assert parse(bomb).entries[0].title == "&l6;"


def test_nothing_outside_is_read() -> None:
    opened: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and (event.startswith("socket.") or (event == "open" and "hostname" in str(arguments[0]))):
            opened.append(f"{event} {arguments}")

    sys.addaudithook(watch)
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname"><!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]>'
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    parse(rss(ITEM.format("&e;" + include)).replace("?>", "?>" + outside))
    refusal(b"/etc/hostname")
    watching = False
    assert opened == []


def test_many_entries_are_cut_and_said_so() -> None:
    listing = parse(rss(ITEM.format("A") * 20_000))
    assert len(listing.entries) == listing.truncated_at == MAX_ENTRIES


@pytest.mark.parametrize(
    "hostile",
    [
        "<description>" + "<b>" * 40_000 + "</description>",
        "<description>" + "<a " * 40_000,
        "<description><![CDATA[" + "<!--" * 40_000 + "]]></description>",
        "<x " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/>",
        "<x " + " ".join(f"xmlns:n{n}='urn:{n}'" for n in range(20_000)) + "/>",
        "<!DOCTYPE x [<!ENTITY " * 20_000,
        "<![CDATA[" * 40_000,
        "<a href='" * 40_000,
    ],
    ids=["deep", "unclosed", "comments", "attributes", "namespaces", "doctypes", "cdata", "quotes"],
)
def test_quadratic_traps_are_read_in_passing(hostile: str) -> None:
    assert parse(rss(ITEM.format("A") + hostile)).entries[0].title == "A"


FRAGMENTS = [
    "<rss>",
    "<channel>",
    "<item>",
    "</item>",
    "<title>",
    "</title>",
    "<link>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
]
FRAGMENTS += [
    "&#55357;",
    "&x;",
    "&",
    "<",
    ">",
    '"',
    "='",
    "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "<entry>",
    "\x00",
]
FRAGMENTS += [
    "<gml:pos>",
    "<psc:chapter/>",
    "<creativeCommons:license/>",
    "</width>",
    "{",
    "<urlset><url><loc>",
    "<!DOCTYPE [",
]


@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=30).map("".join))
def test_nothing_but_feed_errors_is_raised(text: str) -> None:
    unforeseen = None
    try:
        parse(text.encode("utf-8", "surrogatepass"))
    except FeedError as error:
        unforeseen = error.__cause__
    assert unforeseen is None, "a reader failed in a way nobody foresaw"
