"""Feeds are read in a guarded process: a hostile document costs its own poll, and nothing else."""

from datetime import datetime

from transforms.discover.listing import FeedError, Listing
from transforms.discover.parse import parse_feed
from transforms.guarded import GuardedCaller
from transforms.limits import LimitError, Limits

FEED_LIMITS = Limits(cpu_s=20, idle_s=10, memory_bytes=1_000_000_000)
"""What a document may cost. The dearest found within the caps of `guards`, 9 MB of 96,000 tags, took 3 CPU seconds."""

LIMIT_KIND = "parse-limit"
"""The kind of error of a document that met FEED_LIMITS."""

_guard = GuardedCaller()


async def parse_guarded(
    content: bytes, *, feed_id: str, url: str, content_type: str | None = None, now: datetime | None = None
) -> Listing:
    """`parse_feed` in this worker's guarded process, off the event loop.

    Raises FeedError as `parse_feed` does and with the kind parse-limit; UserError if no process can be started.
    """
    try:
        return await _guard.call_guarded(
            FEED_LIMITS, parse_feed, content, feed_id=feed_id, url=url, content_type=content_type, now=now
        )
    except LimitError as error:
        raise FeedError(LIMIT_KIND, str(error)) from error
