"""JSON Feed: the standard's fields, and the liberties that writers take."""

import json
from datetime import UTC, datetime
from typing import Any

from transforms.discover.listing import Listing
from transforms.discover.parse import parse_feed


def parse(items: list[Any], **feed: Any) -> Listing:
    document = {"version": "https://jsonfeed.org/version/1.1", "home_page_url": "https://a.example/", "items": items}
    return parse_feed(json.dumps(document | feed).encode("utf-8-sig"), feed_id="f", url="https://a.example/feed.json")


def test_an_item_gives_every_field() -> None:
    item = {
        "id": "1",
        "url": "/x",
        "title": "Raids <b>",
        "content_html": "<p>Two</p><p>raids</p>",
        "date_published": "2026-11-23T10:00:00-05:00",
        "date_modified": "2026-11-23T16:00:00Z",
        "authors": [{"name": "A. Reporter"}],
        "tags": ["DHS"],
    }
    listing = parse([item], title="News", language="es")
    (entry,) = listing.entries
    assert (listing.kind, listing.title, entry.language) == ("json11", "News", "es")
    assert (entry.entry_id, entry.url, entry.title) == ("1", "https://a.example/x", "Raids <b>")
    assert (entry.summary, entry.authors, entry.categories) == ("Two raids", ("A. Reporter",), ("DHS",))
    assert entry.published_at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert entry.updated_at == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_fields_of_the_wrong_type_count_as_missing() -> None:
    listing = parse([{"id": 1, "title": None, "tags": None, "author": None, "authors": 7, "url": []}, "not an item"])
    (entry,) = listing.entries
    assert (entry.entry_id, entry.title, entry.url, entry.authors) == ("1", None, None, ())


def test_an_external_link_stands_in_for_a_missing_page() -> None:
    assert parse([{"id": "x", "external_url": "https://b.example/"}]).entries[0].url == "https://b.example/"


def test_a_feed_without_items_is_a_feed() -> None:
    assert parse([], version="https://jsonfeed.org/version/1").kind == "json10"
