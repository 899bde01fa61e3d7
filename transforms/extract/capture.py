"""Turn one capture into an article, or say why it is none."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Any

from schemas.publishers import Publishers
from schemas.records import Article, Capture, DeadLetter, Dropped
from transforms.content_coding import ContentCodingError, decode_content
from transforms.extract.extract import ExtractError, Extraction, extract_article
from transforms.extract.quirks import find_publisher
from transforms.limits import LimitError
from transforms.missing import NO_PAGE, judge_missing
from transforms.retry_after import retry_after_seconds

NO_ARTICLE = frozenset({"challenge", "consent", "empty"})
"""Body states in which the article itself is not in the bytes: it is missing, and asked for again later."""


NO_PUBLISHERS: Publishers = MappingProxyType({})


def read_body(body: bytes, coding: str | None, **facts: Any) -> Extraction:
    """The article in a body as it was received; `facts` are those of `extract_article`.

    Raises ExtractError and ContentCodingError.
    """
    return extract_article(decode_content(body, coding), **facts)


def has_page(capture: Capture) -> bool:
    """Whether extraction looks at the body: not at that of an error, and not at one that is known already."""
    return 200 <= capture.status < 300 and not _is_known(capture)


def page_of(capture: Capture, publishers: Publishers) -> dict[str, Any]:
    """The arguments of `read_body` for a capture."""
    return {
        "body": capture.body,
        "coding": _header(capture, "content-encoding"),
        "url": capture.url,
        "content_type": capture.content_type,
        "status": capture.status,
        "feed_entry": capture.entry,
        "last_modified": _header(capture, "last-modified"),
        "captured_at": capture.fetched_at,
        "publisher": find_publisher(publishers, capture.url),
        "first_seen_at": capture.known.first_seen_at if capture.known else capture.fetched_at,
    }


def extract_capture(
    capture: Capture,
    *,
    run_id: str,
    now: datetime,
    publishers: Publishers = NO_PUBLISHERS,
    read: Callable[..., Extraction] = read_body,
) -> list[Any]:
    """One Article, a Dropped (missing, deleted, same-bytes) or a DeadLetter (http-…, challenge, empty, limit-cpu, …).

    `read` is `read_body`, or tells what came of reading elsewhere, which may be a LimitError.
    """
    pointer: dict[str, Any] = {
        "run_id": run_id,
        "stage": "extract",
        "at": now,
        "feed_id": capture.feed_id,
        "url": capture.url,
        "url_key": capture.url_key,
        "entry_id": capture.entry.entry_id,
        "capture_id": capture.capture_id,
    }
    if capture.status in NO_PAGE:
        return [Dropped(reason=judge_missing(capture), detail=f"the page answered HTTP {capture.status}", **pointer)]
    if not 200 <= capture.status < 300:
        wait_s = retry_after_seconds(_header(capture, "retry-after"), capture.fetched_at)
        detail = f"the page answered HTTP {capture.status}"
        return [DeadLetter(error=f"http-{capture.status}", detail=detail, retry_after_s=wait_s, **pointer)]
    if _is_known(capture):
        return [Dropped(reason="same-bytes", detail="the page is what it was when last fetched", **pointer)]
    try:
        extraction = read(**page_of(capture, publishers))
    except (ExtractError, ContentCodingError) as error:
        return [DeadLetter(error=error.kind, detail=str(error)[:1000], **pointer)]
    except LimitError as met:
        return [DeadLetter(error=f"limit-{met.kind}", detail=met.detail[:1000], **pointer)]
    if extraction.body_state in NO_ARTICLE:
        return [DeadLetter(error=extraction.body_state, detail=extraction.body_state_reason, **pointer)]
    return [make_article(capture, extraction, run_id=run_id, now=now)]


def make_article(capture: Capture, extraction: Extraction, *, run_id: str, now: datetime) -> Article:
    """The article of a capture; its id depends on page, title and text alone."""
    words = f"{extraction.title or ''}\n\n{extraction.text}"
    return Article(
        article_id=hashlib.sha256(f"{capture.url_key}\n{words}".encode()).hexdigest()[:32],
        run_id=run_id,
        as_of=now,
        capture_id=capture.capture_id,
        feed_id=capture.feed_id,
        publisher=capture.publisher,
        original_url=capture.entry.url,
        url=capture.url,
        canonical_url=extraction.canonical_url,
        url_key=capture.url_key,
        title=extraction.title,
        authors=extraction.authors,
        published_at=extraction.published_at,
        published_precision=extraction.published_precision,
        published_source=extraction.published_source,
        published_agreement=extraction.published_agreement,
        published_flags=extraction.published_flags,
        modified_at=extraction.modified_at,
        captured_at=capture.fetched_at,
        section=extraction.section,
        image_url=extraction.image,
        language=extraction.language,
        text=extraction.text,
        text_sha256=hashlib.sha256(words.encode()).hexdigest(),
        word_count=extraction.word_count,
        body_state=extraction.body_state,
        body_state_reason=extraction.body_state_reason,
        declared_free=extraction.declared_free,
        charset=extraction.charset,
        charset_source=extraction.charset_source,
        extractor=extraction.extractor,
        needs_topic_filter=capture.needs_topic_filter,
        known=capture.known,
    )


def _is_known(capture: Capture) -> bool:
    known = capture.known
    return known is not None and bool(known.article_ids) and known.content_sha256 == capture.content_sha256


def _header(capture: Capture, name: str) -> str | None:
    return next((field.value for field in capture.headers if field.name.lower() == name), None)
