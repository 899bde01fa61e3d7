"""Read a Retry-After header: seconds or a date, never trusted beyond a cap."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRY_AFTER_CAP_S = 24 * 3600
"""No server may silence us for longer than a day at a time."""

PATIENCE_S = 30
"""A Retry-After up to this is waited out in the run; a longer one silences the domain until a later run."""

SILENCE_S = 600
"""How long a domain is left alone after a 429 that names no time or comes again and again."""


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


def silence_seconds(status: int, wait_s: int | None, *, is_last: bool) -> int | None:
    """Seconds for which an answer silences its whole domain; None if it does not.

    `wait_s` is its Retry-After, `is_last` that the address will not be asked again in this run anyway.
    """
    if wait_s is not None and wait_s > PATIENCE_S:
        return wait_s
    if status == 429 and (wait_s is None or is_last):
        return SILENCE_S
    return None
