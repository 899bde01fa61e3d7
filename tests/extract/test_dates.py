"""When an article was published, from what pages, feeds and addresses say."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from schemas.records import Entry
from tests.extract.pages import json_ld
from transforms.extract.dateline import find_dateline
from transforms.extract.dates import Published, agree, choose_modified, choose_published
from transforms.extract.declared import Declared, read_declared
from transforms.extract.moments import Moment, find_moment, read_moment
from transforms.extract.told import read_url_day

SEEN = datetime(2026, 3, 2, 12, tzinfo=UTC)


def declared_in(head: str) -> Declared:
    return read_declared(document_fromstring(f"<html><head>{head}</head><body><p>x</p></body></html>"))


def published(head: str = "", url: str = "https://ledger.example/a", **given: Any) -> tuple[str, str, str] | None:
    found = choose_published(declared_in(head), url=url, **{"first_seen_at": SEEN, **given})
    return (found.at.isoformat()[:19], str(found.precision), str(found.source)) if found.at else None


def doubts(head: str = "", url: str = "https://ledger.example/a", **given: Any) -> tuple[tuple[str, ...], ...]:
    found = choose_published(declared_in(head), url=url, **{"first_seen_at": SEEN, **given})
    return found.agreement, found.flags


def dateline(body: str, lang: str = "en-US", headline: str = "Eleven roofers detained", title: str = "") -> str | None:
    markup = f"<html lang='{lang}'><head><title>{title}</title></head><body>{body}</body></html>"
    found = find_dateline(document_fromstring(markup), headline)
    return found and f"{found.instant().isoformat()[:16]} {found.precision}"


def meta(name: str, value: str) -> str:
    return f'<meta property="{name}" content="{value}">'


def article(**properties: object) -> str:
    return json_ld(**{"@type": "NewsArticle", **properties})


@pytest.mark.parametrize(
    ("text", "instant", "precision"),
    [
        ("2026-03-01T10:15:20Z", "2026-03-01T10:15:20", "second"),
        ("2026-03-01T10:15-05:00", "2026-03-01T15:15:00", "minute"),
        ("2026-03-01 10:15:20.123 -0500", "2026-03-01T15:15:20", "second"),
        ("20260301T101520+0000", "2026-03-01T10:15:20", "second"),
        ("2026-03-01T10:15:20", "2026-03-01T00:00:00", "day"),
        ("2026-03-01", "2026-03-01T00:00:00", "day"),
        ("2026-03-01T00:00:00-06:00", "2026-03-01T00:00:00", "day"),
        ("Sun, 01 Mar 2026 10:15:20 GMT", "2026-03-01T10:15:20", "second"),
        ("March 1, 2026 10:15 PM ET", "2026-03-02T03:15:00", "minute"),
        ("Published July 4, 2025, 9:05 a.m. EDT", "2025-07-04T13:05:00", "minute"),
        ("1 de marzo de 2026", "2026-03-01T00:00:00", "day"),
        ("1er mars 2026", "2026-03-01T00:00:00", "day"),
        ("1772360120", "2026-03-01T10:15:20", "second"),
    ],
)
def test_dates_as_pages_write_them(text: str, instant: str, precision: str) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert (moment.instant().isoformat()[:19], moment.precision) == (instant, precision)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "el 4 de nadie de 2026",
        "2026-13-01",
        "2026-02-30",
        "0000-00-00",
        "12",
        "9" * 80,
        "Smarch 1, 2026",
    ],
)
def test_what_is_no_date(text: str | None) -> None:
    assert read_moment(text) is None


@given(st.text(max_size=100))
def test_no_text_raises(text: str) -> None:
    if moment := read_moment(text):
        assert moment.instant().tzinfo is UTC


def test_json_ld_goes_before_meta_feed_and_address() -> None:
    entry = Entry(feed_id="f", entry_id="e", url=None, published_at=SEEN - timedelta(hours=5), date_flag="ok")
    ours = article(datePublished="2026-03-01T10:00:00Z")
    theirs = meta("article:published_time", "2026-02-28T10:00:00Z")
    url = "https://ledger.example/2026/02/27/a"
    assert published(ours + theirs, url, entry=entry) == ("2026-03-01T10:00:00", "second", "json-ld")
    assert published(theirs, url, entry=entry) == ("2026-02-28T10:00:00", "second", "meta")
    assert published("", url, entry=entry) == ("2026-03-02T07:00:00", "second", "feed")
    assert published("", url) == ("2026-02-27T00:00:00", "day", "url")
    assert published() is None


def test_a_time_element_that_says_what_it_dates_counts_as_meta() -> None:
    body = '<time itemprop="datePublished" datetime="2026-03-01T10:00:00Z">yesterday</time>'
    assert published(body) == ("2026-03-01T10:00:00", "second", "meta")


def test_naive_times_keep_only_their_day_unless_the_page_tells_the_zone() -> None:
    naive = article(datePublished="2026-03-01T23:30:00")
    assert published(naive) == ("2026-03-01T00:00:00", "day", "json-ld")
    same = meta("article:published_time", "2026-03-01T23:30:00-06:00")
    assert published(naive + same) == ("2026-03-02T05:30:00", "second", "json-ld")
    neighbour = article(datePublished="2026-03-01T23:30:00", dateModified="2026-03-02T01:00:00-06:00")
    assert published(neighbour) == ("2026-03-02T05:30:00", "second", "json-ld")
    stored_in_utc = article(datePublished="2026-03-01T23:30:00", dateModified="2026-03-02T01:00:00Z")
    assert published(stored_in_utc) == ("2026-03-01T00:00:00", "day", "json-ld")


def test_another_source_may_tell_the_instant_of_a_naive_time() -> None:
    naive = article(datePublished="2026-03-01T23:30:00")
    entry = Entry(
        feed_id="f", entry_id="e", url=None, published_at=datetime(2026, 3, 2, 5, 31, tzinfo=UTC), date_flag="ok"
    )
    assert published(naive, entry=entry) == ("2026-03-02T05:31:00", "second", "feed")


def test_implausible_dates_are_passed_over() -> None:
    future = article(datePublished="2026-03-09T10:00:00Z")
    assert published(future) is None
    assert published(future + meta("article:published_time", "2026-03-02T20:00:00Z")) == (
        "2026-03-02T20:00:00",
        "second",
        "meta",
    )
    assert published(article(datePublished="1970-01-01T00:00:01Z")) is None


def test_two_sources_that_agree_make_an_old_date_plausible() -> None:
    old = article(datePublished="1991-05-04")
    assert published(old + meta("date", "1991-05-04")) == ("1991-05-04T00:00:00", "day", "json-ld")
    assert published(old + meta("date", "1991-05-05")) is None


def test_the_page_is_looked_at_last() -> None:
    shown = read_moment("March 1, 2026, 9:05 a.m. CST")
    assert published(shown=lambda: shown) == ("2026-03-01T15:05:00", "minute", "text")
    assert published("", "https://ledger.example/2026/03/01/a", shown=lambda: shown) == published(shown=lambda: shown)
    # An address is the surer of the two, should they tell different days.
    other = "https://ledger.example/2026/02/02/a"
    assert published("", other, shown=lambda: shown) == ("2026-02-02T00:00:00", "day", "url")
    assert doubts("", other, shown=lambda: shown)[1] == ("conflict text",)

    def never() -> Moment:
        raise AssertionError("a page that declares its date is not searched")

    assert published(article(datePublished="2026-03-01"), shown=never) == ("2026-03-01T00:00:00", "day", "json-ld")


def test_a_publishers_zone_places_naive_times() -> None:
    chicago = ZoneInfo("America/Chicago")
    naive = article(datePublished="2026-03-01T23:30:00", dateModified="2026-03-01T23:45:00")
    assert published(naive, zone=chicago) == ("2026-03-02T05:30:00", "second", "json-ld")
    zoned = article(datePublished="2026-03-01T23:30:00Z")
    assert published(zoned, zone=chicago) == ("2026-03-01T23:30:00", "second", "json-ld")
    assert published(article(datePublished="2026-03-01"), zone=chicago) == ("2026-03-01T00:00:00", "day", "json-ld")
    # The hour that clocks repeat in autumn names two instants: nothing is guessed.
    twice = article(datePublished="2025-11-02T01:30:00")
    assert published(twice, zone=chicago) == ("2025-11-02T00:00:00", "day", "json-ld")
    feed = Entry(feed_id="f", entry_id="e", url=None, published_at=SEEN - timedelta(hours=8), date_flag="no_zone")
    assert published(entry=feed, zone=chicago) == ("2026-03-02T10:00:00", "second", "feed")
    at = Published(at=datetime(2026, 3, 2, 5, 30, tzinfo=UTC))
    assert choose_modified(declared_in(naive), at, SEEN, chicago) == datetime(2026, 3, 2, 5, 45, tzinfo=UTC)


def test_who_else_tells_the_day_is_recorded() -> None:
    ours = article(datePublished="2026-03-02T03:30:00Z") + meta("date", "2026-03-02")
    entry = Entry(
        feed_id="f", entry_id="e", url=None, published_at=datetime(2026, 3, 2, 3, 31, tzinfo=UTC), date_flag="ok"
    )
    url = "https://ledger.example/2026/03/02/a"
    everyone = doubts(ours, url, entry=entry, last_modified="Mon, 02 Mar 2026 03:40:00 GMT")
    assert everyone == (("meta", "feed", "url", "last-modified", "first-seen"), ())
    assert doubts(ours, first_seen_at=None) == (("meta",), ())
    assert doubts(ours, first_seen_at=SEEN + timedelta(days=9), last_modified="Mon, 09 Mar 2026 03:40:00 GMT") == (
        ("meta",),
        (),
    )


def test_headers_and_first_sight_never_date_an_article() -> None:
    assert published(last_modified="Mon, 02 Mar 2026 03:40:00 GMT") is None
    assert doubts(last_modified="Mon, 02 Mar 2026 03:40:00 GMT") == ((), ("missing",))


def test_what_is_odd_is_told() -> None:
    future, past = article(datePublished="2026-03-09T10:00:00Z"), article(datePublished="1970-01-01T00:00:01Z")
    assert doubts(future)[1] == ("too-late json-ld",)
    assert doubts(past)[1] == ("too-early json-ld",)
    assert doubts(future + meta("date", "2026-03-01"))[1] == ("too-late json-ld",)
    assert doubts(article(datePublished="2026-03-01"), "https://ledger.example/2025/12/30/a")[1] == ("conflict url",)
    # A day between two sources is a night shift, not a conflict.
    assert doubts(article(datePublished="2026-03-01"), "https://ledger.example/2026/02/28/a")[1] == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2026-03-01", "2026-03-01T23:30:00-06:00", True),
        ("2026-03-02", "2026-03-01T23:30:00-06:00", True),
        ("2026-03-03", "2026-03-01T23:30:00-06:00", False),
        ("2026-03-02T05:30:00Z", "2026-03-01T23:30:00-06:00", True),
        ("2026-03-01", "2026-03-02", False),
    ],
)
def test_days_agree_across_zones(one: str, other: str, same: bool) -> None:
    first, second = read_moment(one), read_moment(other)
    assert first is not None
    assert second is not None
    assert agree(first, second) == agree(second, first) == same


H1 = "<h1>Eleven roofers detained</h1>"
SENTENCE = "Federal officers detained eleven workers at a roofing company on Tuesday morning, two employees of it said."


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{H1}<p>Posted: Mar. 1, 2026 9:05 a.m. CST | Last Updated: Mar. 2, 2026</p>", "2026-03-01T15:05 minute"),
        (f"{H1}<time datetime='2026-03-01T10:00:00Z'>yesterday</time>", "2026-03-01T10:00 second"),
        (f"{H1}<span>Updated March 2, 2026</span><span>Published March 1, 2026</span>", "2026-03-01T00:00 day"),
        (f"{H1}<p>Updated March 2, 2026</p>", None),
        (f"<div class='date'>3/1/2026</div>{H1}", "2026-03-01T00:00 day"),
        (f"{H1}<p>{SENTENCE} The law dates from March 1, 2019, and was meant for another trade altogether.</p>", None),
        (f"{H1}<p>{SENTENCE}</p><p>{SENTENCE}</p><p>{SENTENCE}</p><div>March 1, 2026</div>", None),
        (f"{H1}<p>{SENTENCE}</p><p>{SENTENCE}</p><p class='pubdate'>March 1, 2026</p>", "2026-03-01T00:00 day"),
        (f"{H1}<p>{SENTENCE}</p><p>{SENTENCE}</p><aside><p class='pubdate'>March 1, 2026</p></aside>", None),
        ("<h2>Else</h2><p>Feb. 3, 2026</p><h2>Eleven roofers detained</h2>Mar 1, 2026", "2026-03-01T00:00 day"),
    ],
)  # fmt: skip
def test_a_dateline_stands_beside_the_headline(body: str, found: str | None) -> None:
    assert dateline(body) == found


def test_a_dateline_may_end_the_title() -> None:
    assert dateline(H1, title="Roofers detained | The Ledger | March 1, 2026") == "2026-03-01T00:00 day"
    assert dateline(H1, title="What changes on March 1, 2026") is None


@pytest.mark.parametrize(
    ("lang", "found"), [("en-US", "2026-03-04T00:00 day"), ("es", "2026-04-03T00:00 day"), ("en", None), ("", None)]
)
def test_the_page_says_whether_the_month_comes_first(lang: str, found: str | None) -> None:
    assert dateline(f"{H1}<p>3/4/2026</p>", lang=lang) == found


@given(st.text(max_size=200), st.sampled_from([True, False, None]))
def test_no_text_raises_when_a_date_is_looked_for(text: str, month_first: bool | None) -> None:
    if found := find_moment(text, month_first=month_first):
        assert 0 <= found[0] < len(text)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2026/03/01/raid", "2026-03-01"),
        ("https://a.example/news/2026-3-1-raid.html", "2026-03-01"),
        ("https://a.example/20260301/raid", "2026-03-01"),
        ("https://a.example/2026/mar/01/raid", "2026-03-01"),
        ("https://a.example/2026/13/01/raid", None),
        ("https://a.example/story/1202603011", None),
        ("https://a.example/2026/03/", None),
    ],
)
def test_days_in_addresses(url: str, day: str | None) -> None:
    found = read_url_day(url)
    assert (found and found.isoformat()) == day


def test_modified_is_never_before_published_nor_after_what_can_be_known() -> None:
    at = Published(at=datetime(2026, 3, 1, 10, tzinfo=UTC), precision="second", source="json-ld")
    later = declared_in(article(dateModified="2026-03-01T11:00:00Z"))
    assert choose_modified(later, at, SEEN) == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert choose_modified(declared_in(article(dateModified="2026-02-01T11:00:00Z")), at, SEEN) is None
    assert choose_modified(declared_in(article(dateModified="2027-02-01T11:00:00Z")), at, SEEN) is None
