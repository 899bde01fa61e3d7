"""Subscription lists as readers really export them: golden text in, outlines out."""

import gzip
import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transforms.discover.guards import MAX_ENTRIES
from transforms.discover.listing import FeedError
from transforms.discover.opml import Outline, Subscriptions, askable_address, read_subscriptions
from transforms.discover.outline_tags import mend_outlines
from transforms.discover.parse import parse_feed


def read(*outlines: str) -> tuple[Outline, ...]:
    """The outlines of a list with these in its body."""
    return read_list("".join(outlines)).outlines


def read_list(outlines: str) -> Subscriptions:
    text = f'<opml version="2.0"><head><title>Mine</title></head><body>{outlines}</body></opml>'
    return read_subscriptions(text.encode())


def test_a_list_with_all_that_an_outline_can_say() -> None:
    subscriptions = read_list(
        '<outline text="News"><outline text="Local">'
        '<outline type="rss" text="The Post" xmlUrl="https://post.example/feed" htmlUrl="https://post.example/"'
        ' language="es-MX"/>'
        "</outline></outline>"
        '<outline title="Only a title" xmlUrl="https://b.example/"/>'
    )
    assert subscriptions == Subscriptions(
        title="Mine",
        outlines=(
            Outline(
                address="https://post.example/feed",
                url="https://post.example/feed",
                title="The Post",
                homepage="https://post.example/",
                language="es-mx",
                folders=("News", "Local"),
            ),
            Outline(address="https://b.example/", url="https://b.example/", title="Only a title"),
        ),
    )


@pytest.mark.parametrize(
    ("outline", "title"),
    [
        ('<outline text="A & B" xmlUrl="{}"/>', "A & B"),
        ('<outline text="A &amp; B" xmlUrl="{}">', "A & B"),
        ("<outline text='The \"Daily\" News' xmlUrl='{}'></outline>", 'The "Daily" News'),
        ('<outline text="The "Daily" News" xmlUrl="{}" type="rss"/>', 'The "Daily" News'),
        ('<outline text=""Daily" News" xmlUrl="{}" type="rss">', '"Daily" News'),
        ('<outline text="Daily" description="by <a href="https://x.example/">X</a>." xmlUrl="{}" />', "Daily"),
        ('<outline text="Daily" description="<p>The best.</p>" xmlUrl="{}" />', "Daily"),
        ('<outline text="Daily" description="Say "hi"" > xmlUrl="{}" />', "Daily"),
        ('<outline text="1 > 0" xmlUrl="{}"/>', "1 > 0"),
        ('<OUTLINE TEXT="Daily" XMLURL="{}"/>', "Daily"),
        ('<outline text="Daily"xmlUrl="{}"/>', "Daily"),
        ('<outline text="Daily\n\tNews" xmlUrl="{}"/>', "Daily News"),
        ('<outline text="Daily\u202e\u0007 News" xmlUrl="{}"/>', "Daily News"),
        ('<outline text="&lt;b&gt;Daily&lt;/b&gt; News" xmlUrl="{}"/>', "Daily News"),
    ],
)
def test_broken_outlines_lose_neither_address_nor_title(outline: str, title: str) -> None:
    address = "https://a.example/feed?x=1&y=2"
    first, second = read(outline.format(address), '<outline text="next" xmlUrl="https://next.example/"/>')
    assert (first.url, first.title) == (address, title)
    assert (second.url, second.title) == ("https://next.example/", "next")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_out_whatever_the_list_says(encoding: str) -> None:
    text = '<?xml version="1.0" encoding="utf-8"?><opml><body><outline text="Año “1”" xmlUrl="https://a.example/"/>'
    assert read_subscriptions(text.encode(encoding)).outlines[0].title == "Año “1”"
    assert read_subscriptions(gzip.compress(text.encode(encoding))).outlines[0].title == "Año “1”"


def test_lists_within_lists_and_outlines_without_address_are_told_apart_from_folders() -> None:
    outlines = read(
        '<outline text="folder"><outline text="empty"/></outline>',
        '<outline type="source" text="list" xmlUrl="https://a.example/list.opml"/>',
        '<outline type="include" text="more" url="https://a.example/more.opml"/>',
        '<outline text="ftp" xmlUrl="ftp://a.example/feed"/>',
    )
    assert [(each.title, each.address is None, each.url is None, each.is_list) for each in outlines] == [
        ("empty", True, True, False),
        ("list", False, False, True),
        ("more", True, True, True),
        ("ftp", False, True, False),
    ]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (" https://a.example/feed ", "https://a.example/feed"),
        ("HTTP://A.example/Feed#new", "HTTP://A.example/Feed#new"),
        ("https://a.example/año", "https://a.example/año"),
        ("https://a.example/a feed", "https://a.example/a%20feed"),
        ("https://a.example/\u200bfeed", "https://a.example/feed"),
        ("feed://a.example/rss", "http://a.example/rss"),
        ("feed:https://a.example/rss", "https://a.example/rss"),
        ("ftp://a.example/feed", None),
        ("a.example/feed", None),
        ("/feed", None),
        ("https://me:secret@a.example/feed", None),
        ("https://a.example:99999/feed", None),
        ("https://a$b.example/", None),
        ("https://a.example/" + "x" * 2_048, None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_stays_as_written_if_it_can_be_asked(written: str | None, asked: str | None) -> None:
    assert askable_address(written) == asked


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<rss><channel><item/></channel></rss>", "not-a-feed"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "not-a-feed"),
        (b"just words", "not-a-feed"),
        (b"<opml>" + b"x" * 10_000_000, "too-large"),
    ],
)
def test_what_is_no_list_is_told(body: bytes, kind: str) -> None:
    with pytest.raises(FeedError) as caught:
        read_subscriptions(body)
    assert caught.value.kind == kind


def test_feeds_that_are_never_closed_do_not_lie_in_one_another() -> None:
    feeds = "".join(f'<outline text="{n}" xmlUrl="https://{n}.example/">' for n in range(900))
    subscriptions = read_subscriptions(f'<opml><body><outline text="The "A" folder">{feeds}</outline>{feeds}'.encode())
    assert [each.title for each in subscriptions.outlines] == [str(n) for n in range(900)] * 2
    assert [each.folders for each in subscriptions.outlines] == [('The "A" folder',)] * 900 + [()] * 900


def test_a_feed_may_hold_outlines_that_are_none() -> None:
    outlines = read(
        '<outline text="A"><outline text="B" xmlUrl="https://b.example/"><outline text="C"/></outline>',
        '<outline text="D" xmlUrl="https://d.example/"/></outline>',
    )
    assert [(each.title, each.folders) for each in outlines] == [("B", ("A",)), ("C", ("A",)), ("D", ("A",))]


def test_a_list_is_cut_at_the_cap() -> None:
    subscriptions = read_list('<outline text="a" xmlUrl="https://a.example/"/>' * (MAX_ENTRIES + 1))
    assert len(subscriptions.outlines) == MAX_ENTRIES
    assert subscriptions.truncated_at == MAX_ENTRIES


def test_the_reader_of_all_formats_reads_lists_the_same_way() -> None:
    body = b'<opml><body><outline text="The "Daily"" xmlUrl="https://a.example/"/><outline xmlUrl="x"/></body></opml>'
    documents = parse_feed(body, feed_id="f", url="").documents
    assert [(each.entry_id, each.url, each.title) for each in documents] == [
        ("https://a.example/", "https://a.example/", 'The "Daily"'),
        ("x", None, None),
    ]


TITLES = st.one_of(st.text("ab \"'&;,.()=<"), st.text("ab \"'&;,.()=>"))


@given(st.lists(TITLES, max_size=5))
@example(['"', '">', "<", "'", '"/> "', 'a" b="'])
def test_no_title_costs_an_address(titles: list[str]) -> None:
    outlines = [f'<outline text="{title}" xmlUrl="https://{n}.example/"/>' for n, title in enumerate(titles)]
    assert [each.url for each in read(*outlines)] == [f"https://{n}.example/" for n in range(len(titles))]


@given(st.lists(st.text('ab &;:"<>', max_size=8), max_size=4))
def test_sound_outlines_are_left_as_they_are(names: list[str]) -> None:
    escaped = [re.sub('[&"<>]', lambda match: f"&#{ord(match[0])};", name) for name in names]
    text = "\n".join(f"<outline text=\"{name}\" xmlUrl='https://a.example/'></outline>" for name in escaped)
    assert mend_outlines(text) == text


PIECES = ["<opml>", "<body>", "<outline ", 'text="', "xmlUrl='", "https://a.example/", '"', "'", "/>", ">", "<"]
PIECES += ["</outline>", "&", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE x [", "\0", "é", "</opml>", "type=link "]
DOCUMENTS = st.lists(st.sampled_from(PIECES)).map(lambda pieces: "".join(["<opml>", *pieces]).encode())


def survive(body: bytes) -> None:
    """Reading gives a list within the cap, or a FeedError and no other."""
    with suppress(FeedError):
        assert len(read_subscriptions(body).outlines) <= MAX_ENTRIES


@given(st.binary() | DOCUMENTS)
def test_whatever_the_bytes_there_is_a_list_or_a_feed_error(body: bytes) -> None:
    survive(body)


@pytest.mark.parametrize(
    "piece",
    ["<outline ", "<outline text='", '<outline text="x', '<outline text="x">', " text='", "<!--", "<outline\t/"],
)
def test_a_large_list_of_broken_tags_is_read_in_linear_time(piece: str) -> None:
    survive(b"<opml><outline " + piece.encode() * (1_000_000 // len(piece)))  # quadratic time would be hours
