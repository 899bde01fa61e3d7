"""Feeds read in a guarded process: the same listings, the same errors, and one error more."""

import asyncio
import gzip
import pickle
from datetime import UTC, datetime

import pytest

from transforms.discover import guarded_parse
from transforms.discover.guarded_parse import parse_guarded
from transforms.discover.listing import FeedError, Listing
from transforms.discover.parse import parse_feed
from transforms.limits import Limits

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ITEM = "<item><title>A</title><link>https://a.example/1</link><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item>"
RSS = f'<rss version="2.0"><channel><title>T</title>{ITEM}</channel></rss>'.encode()
LONG = f'<rss version="2.0"><channel><title>T</title>{ITEM * 2_000}</channel></rss>'.encode()


def read(body: bytes) -> Listing:
    return asyncio.run(parse_guarded(body, feed_id="f", url="https://a.example/feed", content_type=None, now=NOW))


@pytest.mark.parametrize("body", [RSS, gzip.compress(RSS)])
def test_a_listing_comes_back_as_it_was_read(body: bytes) -> None:
    assert read(body) == parse_feed(body, feed_id="f", url="https://a.example/feed", now=NOW)


def test_an_error_comes_back_as_it_was_raised() -> None:
    with pytest.raises(FeedError) as caught:
        read(b"<html><body>News</body></html>")
    assert (caught.value.kind, caught.value.detail) == ("not-a-feed", "an HTML page")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value) == "not-a-feed: an HTML page"


@pytest.mark.parametrize(
    ("limits", "detail"),
    [
        (Limits(cpu_s=0.1, idle_s=60, memory_bytes=1_000_000_000), "cpu: it took more than 0.1 s of CPU time"),
        (Limits(cpu_s=20, idle_s=60, memory_bytes=24_000_000), "memory: it took more than 24,000,000 bytes of memory"),
    ],
)
def test_a_document_that_costs_too_much_is_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, detail: str
) -> None:
    read(RSS)
    with monkeypatch.context() as patch:
        patch.setattr(guarded_parse, "FEED_LIMITS", limits)
        with pytest.raises(FeedError) as caught:
            read(LONG)
    assert (caught.value.kind, caught.value.detail) == ("parse-limit", detail)
    assert len(read(RSS).entries) == 1
