"""The dead letter of a record that a stage failed on without saying why."""

from datetime import datetime
from typing import Any

from schemas.records import DeadLetter


def dead_letter(stage: str, run_id: str, now: datetime, element: Any, error: Exception) -> DeadLetter:
    """The dead letter of an element that a function failed on without saying why."""
    element = getattr(element, "article", element)  # a linked article
    entry = getattr(element, "entry", None) or getattr(element, "feed", None)  # a visit's or capture's; a feed's turn
    return DeadLetter(
        run_id=run_id,
        stage=stage,
        error="bug",
        detail=f"{type(error).__name__}: {error}"[:1000],
        at=now,
        feed_id=getattr(element, "feed_id", None) or getattr(entry, "feed_id", None),
        url=getattr(element, "url", None) or getattr(entry, "url", None),
        url_key=getattr(element, "url_key", None),
        entry_id=getattr(entry, "entry_id", None),
        capture_id=getattr(element, "capture_id", None),
    )
