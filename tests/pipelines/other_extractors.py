"""Extractors that a replay may be given instead of ours; at the top of a module, so that other processes find them."""

import hashlib
import os
import socket
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.records import Article, Capture, DeadLetter
from transforms.extract.capture import extract_capture


def extract_shouting(capture: Capture, *, run_id: str, now: datetime) -> list[Any]:
    """Ours, but that titles are in capitals, so that every article gets another id."""
    (made,) = extract_capture(capture, run_id=run_id, now=now)
    if not isinstance(made, Article):
        return [made]
    title = (made.title or "").upper()
    words = f"{title}\n\n{made.text}"
    name = hashlib.sha256(f"{made.url_key}\n{words}".encode()).hexdigest()[:32]
    return [replace(made, article_id=name, title=title, text_sha256=hashlib.sha256(words.encode()).hexdigest())]


def extract_shouting_anew(capture: Capture, *, run_id: str, now: datetime, **_: Any) -> list[Any]:
    """The same in a pass, for a page whose bytes are never what they were."""
    known = replace(capture.known, content_sha256=None) if capture.known else None
    return extract_shouting(replace(capture, known=known), run_id=run_id, now=now)


def extract_section(capture: Capture, *, run_id: str, now: datetime) -> list[Any]:
    """Ours, but that it finds another section, which is no part of an article's id."""
    (made,) = extract_capture(capture, run_id=run_id, now=now)
    return [replace(made, section="Elsewhere")] if isinstance(made, Article) else [made]


def extract_offline(capture: Capture, *, run_id: str, now: datetime) -> list[Any]:
    """Ours, in a process that cannot open a socket."""
    socket.socket = _no_socket  # type: ignore[assignment,misc]
    return extract_capture(capture, run_id=run_id, now=now)


def extract_nothing(capture: Capture, *, run_id: str, now: datetime) -> list[Any]:
    """One that takes every page for empty."""
    pointer: dict[str, Any] = {"url_key": capture.url_key, "capture_id": capture.capture_id}
    return [DeadLetter(run_id=run_id, stage="extract", error="empty", at=now, **pointer)]


def extract_or_die(capture: Capture, *, run_id: str, now: datetime) -> list[Any]:
    """Ours, but that pages about a quota end the process."""
    if b"quota" in capture.body:
        os._exit(1)
    return extract_capture(capture, run_id=run_id, now=now)


def _no_socket(*_: object, **__: object) -> None:
    raise AssertionError("a replay asks nobody")
