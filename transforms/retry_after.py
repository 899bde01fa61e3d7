"""Read a Retry-After header: seconds or a date, never trusted beyond a cap."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRY_AFTER_CAP_S = 24 * 3600
"""No server may silence us for longer than a day at a time."""

SILENCE_S = 600
"""How long a host is left alone after a 429 that names no time or comes again and again."""


def retry_after_seconds(value: str | None, now: datetime) -> int | None:
    """Seconds to wait, 0 to RETRY_AFTER_CAP_S; None if the header is absent or means nothing."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), RETRY_AFTER_CAP_S)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0, min(int((until - now).total_seconds()), RETRY_AFTER_CAP_S))
