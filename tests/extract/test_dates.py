"""When an article was published, from what pages, feeds and addresses say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from schemas.records import Entry
from tests.extract.pages import json_ld
from transforms.extract.dates import Published, choose_modified, choose_published, read_url_day
from transforms.extract.declared import Declared, read_declared
from transforms.extract.moments import read_moment

SEEN = datetime(2026, 3, 2, 12, tzinfo=UTC)


def declared_in(head: str) -> Declared:
    return read_declared(document_fromstring(f"<html><head>{head}</head><body><p>x</p></body></html>"))


def published(head: str = "", url: str = "https://ledger.example/a", **given: Any) -> tuple[str, str, str] | None:
    found = choose_published(declared_in(head), url=url, first_seen_at=SEEN, **given)
    return found and (found.at.isoformat()[:19], found.precision, found.source)


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
        ("1772360120", "2026-03-01T10:15:20", "second"),
    ],
)
def test_dates_as_pages_write_them(text: str, instant: str, precision: str) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert (moment.instant().isoformat()[:19], moment.precision) == (instant, precision)


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "2026-13-01", "2026-02-30", "0000-00-00", "12", "9" * 80, "Smarch 1, 2026"]
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


def test_a_time_element_counts_as_meta() -> None:
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


def test_the_text_is_searched_last() -> None:
    markup = '<html><body><p class="date">Published: 2026-02-25</p><p>x</p></body></html>'
    found = published("", tree=lambda: document_fromstring(markup))
    assert found == ("2026-02-25T00:00:00", "day", "text")


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
