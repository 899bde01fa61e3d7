"""Fetch one page: the response as a capture, or why there is none."""

import hashlib
from typing import Any

from schemas.records import Capture, DeadLetter, Dropped, KeptPayload, Visit
from transforms.addresses import redact
from transforms.answer import Answer, Asker, WebError

ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5"

DECISIONS = frozenset({"robots", "postponed"})
"""Errors that are a decision, not a failure: the publisher does not want the page fetched; we put it off."""


async def fetch_page(web: Asker, visit: Visit, *, run_id: str) -> list[Any]:
    """Fetch the page of a visit: a Capture whatever the status, else a DeadLetter.

    Dropped if robots.txt forbids it or the domain had its time of this run.
    """
    pointer: dict[str, Any] = {
        "run_id": run_id,
        "stage": "download",
        "at": web.now(),
        "feed_id": visit.entry.feed_id,
        "url": redact(visit.entry.url or ""),
        "url_key": visit.url_key,
        "entry_id": visit.entry.entry_id,
    }
    try:
        answer = await web.get(visit.entry.url or "", accept=ACCEPT)
    except WebError as error:
        if error.kind in DECISIONS:
            return [Dropped(reason=error.kind, detail=str(error), **pointer)]
        return [DeadLetter(error=error.kind, detail=str(error), retry_after_s=error.retry_after_s, **pointer)]
    return [make_capture(visit, answer, run_id=run_id)]


def make_capture(visit: Visit, answer: Answer, *, run_id: str) -> Capture:
    """The capture of an answer."""
    payload_sha256 = hashlib.sha256(answer.body).hexdigest()
    identity = f"{visit.url_key}\n{answer.asked_at.isoformat()}\n{payload_sha256}"
    return Capture(
        capture_id=hashlib.sha256(identity.encode()).hexdigest()[:32],
        run_id=run_id,
        feed_id=visit.entry.feed_id,
        publisher=visit.publisher,
        url_key=visit.url_key,
        requested_url=visit.entry.url or "",
        url=answer.url,
        redirects=answer.redirects,
        visit_reason=visit.reason,
        fetched_at=answer.asked_at,
        status=answer.status,
        headers=answer.headers,
        request_headers=answer.request_headers,
        content_type=answer.header("content-type"),
        payload_bytes=len(answer.body),
        payload_sha256=payload_sha256,
        content_sha256=hashlib.sha256(answer.content).hexdigest(),
        robots=answer.robots,
        entry=visit.entry,
        needs_topic_filter=visit.needs_topic_filter,
        language=visit.language,
        body=answer.body,
        known=visit.known,
        kept_payload=_kept_payload(visit, answer, payload_sha256),
    )


def _kept_payload(visit: Visit, answer: Answer, payload_sha256: str) -> KeptPayload | None:
    """The payload that the data set has of the page, if it was answered with the very same again."""
    kept = visit.known.kept_payload if visit.known else None
    if kept is None or not answer.body:
        return None
    return kept if (kept.status, kept.payload_sha256) == (answer.status, payload_sha256) else None
