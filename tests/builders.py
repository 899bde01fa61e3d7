"""Small records with sensible fields, for tests that care about one or two of them."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.memory import FeedMemory, PageMemory, StoryMemory
from schemas.records import Article, Capture, Entry, Feed, Header, KeptPayload, Run, Visit
from transforms.answer import Answer

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PAGE = "https://ledger.example/raid"


def make_feed(feed_id: str = "ledger", **facts: Any) -> Feed:
    known: dict[str, Any] = {"url": f"https://{feed_id}.example/feed", "publisher": f"The {feed_id.title()}"}
    return Feed(feed_id=feed_id, **(known | facts))


def make_feed_memory(feed_id: str = "ledger", **facts: Any) -> FeedMemory:
    known: dict[str, Any] = {"url": f"https://{feed_id}.example/feed"}
    return FeedMemory(feed_id=feed_id, **(known | facts))


def make_answer(content: bytes = b"", status: int = 200, *, asked_at: datetime = NOON, **headers: str) -> Answer:
    """An answer of the Ledger's feed; `Last_Modified="…"` becomes the header Last-Modified."""
    fields = tuple(Header(name=name.replace("_", "-"), value=value) for name, value in headers.items())
    return Answer(
        url="https://ledger.example/feed",
        redirects=(),
        status=status,
        headers=fields,
        request_headers=(),
        body=content,
        content=content,
        asked_at=asked_at,
    )


def make_entry(url: str | None = PAGE, **facts: Any) -> Entry:
    known: dict[str, Any] = {"feed_id": "ledger", "entry_id": url or "nowhere", "title": "Raid at a plant"}
    return Entry(url=url, **(known | facts))


def make_page(url: str = PAGE, **facts: Any) -> PageMemory:
    known: dict[str, Any] = {
        "entry": make_entry(url),
        "publisher": "The Ledger",
        "language": "en",
        "needs_topic_filter": False,
        "first_seen_at": NOON,
    }
    return PageMemory(url_key=url, **(known | facts))


def make_visit(url: str = PAGE, **facts: Any) -> Visit:
    known: dict[str, Any] = {
        "entry": make_entry(url),
        "publisher": "The Ledger",
        "language": "en",
        "needs_topic_filter": False,
        "reason": "new",
    }
    return Visit(url_key=url, **(known | facts))


def make_capture(url: str = PAGE, body: bytes = b"<p>Hello</p>", **facts: Any) -> Capture:
    digest = hashlib.sha256(body).hexdigest()
    known: dict[str, Any] = {
        "capture_id": hashlib.sha256(url.encode() + body).hexdigest()[:32],
        "run_id": "run-1",
        "feed_id": "ledger",
        "publisher": "The Ledger",
        "url_key": url,
        "requested_url": url,
        "visit_reason": "new",
        "fetched_at": NOON,
        "status": 200,
        "headers": (),
        "payload_bytes": len(body),
        "payload_sha256": digest,
        "content_sha256": digest,
        "robots": "allowed",
        "entry": make_entry(url),
    }
    return Capture(url=url, body=body, **(known | facts))


def make_kept_payload(capture: Capture, **facts: Any) -> KeptPayload:
    """What is remembered of the payload of a capture."""
    known: dict[str, Any] = {
        "capture_id": capture.capture_id,
        "url": capture.url,
        "fetched_at": capture.fetched_at,
        "status": capture.status,
        "payload_sha256": capture.payload_sha256,
    }
    return KeptPayload(**(known | facts))


def make_article(article_id: str = "a1", text: str = "Agents came.", **facts: Any) -> Article:
    known: dict[str, Any] = {
        "run_id": "run-1",
        "as_of": NOON,
        "capture_id": f"capture-{article_id}",
        "feed_id": "ledger",
        "publisher": "The Ledger",
        "url": f"https://ledger.example/{article_id}",
        "url_key": f"https://ledger.example/{article_id}",
        "captured_at": NOON,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "word_count": len(text.split()),
        "body_state": "full",
        "extractor": "test",
    }
    return Article(article_id=article_id, text=text, **(known | facts))


def make_story_memory(article_id: str = "a1", **facts: Any) -> StoryMemory:
    known: dict[str, Any] = {
        "story_id": article_id,
        "url_key": f"https://ledger.example/{article_id}",
        "seen_at": NOON,
        "sketch": (1, 2, 3),
    }
    return StoryMemory(article_id=article_id, **(known | facts))


def make_run(run_id: str = "run-1", **facts: Any) -> Run:
    known: dict[str, Any] = {
        "verb": "ingest",
        "started_at": NOON,
        "finished_at": NOON,
        "runner": "FnApiRunner",
        "options": "{}",
        "versions": "{}",
        "data_version": 1,
        "counts": (),
        "data_missing": False,
    }
    return Run(run_id=run_id, **(known | facts))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
