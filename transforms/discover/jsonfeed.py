"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
from typing import Any

from transforms.discover.entries import FeedContext, clean_language, make_entry
from transforms.discover.guards import MAX_ENTRIES, MAX_JSON_NODES, MAX_TITLE
from transforms.discover.links import usable_url
from transforms.discover.listing import FeedError, Listing, RawEntry, RawLink
from transforms.discover.plain import one_line

_Object = dict[str, Any]


def read_json(text: str, url: str, context: FeedContext) -> Listing:
    """Read a JSON Feed; other JSON is no feed. Fields of the wrong type count as missing.

    Raises FeedError: not-a-feed, unreadable (no JSON) or limits.
    """
    if text.count("{") + text.count("[") > MAX_JSON_NODES:
        raise FeedError("limits", f"more than {MAX_JSON_NODES:,} JSON objects and arrays")
    try:
        # raw_decode, since some servers append a comment or script; not strict, since many leave newlines in strings.
        feed, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except (ValueError, RecursionError) as error:
        raise FeedError("unreadable", f"broken JSON: {str(error)[:100]}") from None
    version = _text(feed, "version") or "" if isinstance(feed, dict) else ""
    items = feed.get("items") if isinstance(feed, dict) else None
    if "jsonfeed.org" not in version and not (isinstance(items, list) and any(map(_is_item, items[:10]))):
        raise FeedError("not-a-feed", "JSON, but no JSON Feed")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    inner = FeedContext(
        feed_id=context.feed_id,
        base=usable_url(_text(feed, "home_page_url"), url) or usable_url(url) or usable_url(_text(feed, "feed_url")),
        language=clean_language(_text(feed, "language")) or context.language,
        now=context.now,
    )
    return Listing(
        kind={"1": "json10", "1.0": "json10", "1.1": "json11"}.get(version.rstrip("/").rpartition("/")[2], "json"),
        title=one_line(_text(feed, "title") or "", MAX_TITLE),
        language=inner.language,
        entries=tuple(make_entry(_read_item(item), inner) for item in items[:MAX_ENTRIES]),
        truncated_at=MAX_ENTRIES if len(items) > MAX_ENTRIES else None,
    )


def _read_item(item: _Object) -> RawEntry:
    html = _text(item, "content_html")
    people = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    tags = item.get("tags")
    identifier = item.get("id")
    return RawEntry(
        entry_id=str(identifier) if isinstance(identifier, (str, int, float)) else None,
        permalink=identifier if isinstance(identifier, str) else None,
        # external_url is the page a link blog talks about: the article only where there is no page of its own.
        links=tuple(RawLink(href=href) for href in (_text(item, "url"), _text(item, "external_url")) if href),
        title=_text(item, "title"),
        title_is_text=True,
        summary=_text(item, "summary") or html or _text(item, "content_text"),
        summary_is_text=bool(_text(item, "summary")) or not html,
        authors=tuple(_text(one, "name") or "" for one in people or () if isinstance(one, dict)),
        categories=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        language=_text(item, "language"),
        published_raw=_text(item, "date_published") or _text(item, "date_modified"),
        updated_raw=_text(item, "date_modified"),
    )


def _is_item(value: object) -> bool:
    return isinstance(value, dict) and "id" in value and bool(value.keys() & {"url", "content_html", "content_text"})


def _text(values: _Object, key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) and value.strip() else None
