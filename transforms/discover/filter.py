"""The `parse` filter: one document in, one JSON-ready object out."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from schemas.records import Entry
from transforms.discover.listing import FeedError
from transforms.discover.parse import parse_feed


def parse_record(
    id: object, body: bytes, url: str | None = None, content_type: str | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """The answer to one request: id, kind, title and entries; or id and error (`kind: detail`). Never raises.

    `body` may be gzip. Instants are ISO 8601 strings in UTC. Of an OPML or a sitemap index the feeds or sitemaps it
    names stand in for entries. `truncated_at` is there only if the document was cut at a cap.
    """
    try:
        listing = parse_feed(body, feed_id="", url=url or "", content_type=content_type, now=now)
    except FeedError as error:
        return {"id": id, "error": str(error)}
    answer = {
        "id": id,
        "kind": listing.kind,
        "title": listing.title,
        "entries": [_jsonable(entry) for entry in listing.entries or listing.documents],
    }
    return answer if listing.truncated_at is None else answer | {"truncated_at": listing.truncated_at}


def _jsonable(entry: Entry) -> dict[str, Any]:
    fields = {name: _value(value) for name, value in asdict(entry).items()}
    del fields["feed_id"]  # a filter's input has no feed
    return fields


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value
