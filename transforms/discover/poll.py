"""Read one feed: ask for it conditionally, read what came, and remember it for the next pass."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from schemas.records import DeadLetter, Dropped, Entry, Feed, FeedMemory, FeedTurn
from transforms.addresses import redact
from transforms.answer import Answer, Asker, WebError
from transforms.discover.ask import ask_document, read_answer
from transforms.discover.listing import FeedError
from transforms.discover.polled import failed_poll, good_poll
from transforms.discover.reading import Reading, entry_marks, read_listing
from transforms.discover.schedule import is_due
from transforms.discover.sitemaps import fill_gap, read_parts
from transforms.discover.validators import conditions

NOT_ASKED = {"host-blocked": "silenced", "postponed": "postponed"}
"""Not the feed's failure: its domain asked us to stay away, for another feed's sake perhaps, or we had no time left."""


async def poll_feed(web: Asker, turn: FeedTurn, *, run_id: str) -> list[Any]:
    """Poll a feed: its Poll, entries and FeedMemory; Dropped if it is not due; a Poll and a DeadLetter if it fails.

    A poll whose bytes cannot be read keeps the validators of the last good one, so that no 304 can hide its entries.
    """
    feed, now = turn.feed, web.now()
    memory = turn.recalled
    pointer: dict[str, Any] = {"run_id": run_id, "stage": "discover", "at": now, "feed_id": feed.feed_id}
    asked = memory.adopted_url or feed.url
    if not (turn.is_forced or is_due(memory, now)):
        return [Dropped(reason="not-due", detail=f"due at {memory.next_due_at}", url=asked, **pointer)]
    try:
        answer = await ask_document(web, asked, conditions(memory, now))
        reading, part_error = await _read(web, feed, memory, answer)
    except (WebError, FeedError) as error:
        wait_s = error.retry_after_s if isinstance(error, WebError) else None
        if reason := NOT_ASKED.get(error.kind):
            known = replace(memory, next_due_at=now + timedelta(seconds=wait_s or 0))
            return [Dropped(reason=reason, detail=str(error)[:1000], url=redact(asked), **pointer), known]
        dead = DeadLetter(
            error=error.kind, detail=redact(str(error))[:1000], url=redact(asked), retry_after_s=wait_s, **pointer
        )
        return [dead, *failed_poll(feed, memory, error, run_id=run_id, now=now, wait_s=wait_s)]
    back: tuple[Entry, ...] = ()
    back_error: WebError | FeedError | None = None
    if reading.rolled_over and memory.succeeded_at:
        back, back_error = await fill_gap(web, feed, since=memory.succeeded_at, until=now)
        back = _not_listed(back, reading, memory)
    poll, known = good_poll(
        feed, memory, answer, reading, run_id=run_id, backfilled=len(back), part_error=part_error, back_error=back_error
    )
    entries = reading.listing.entries if reading.listing else ()
    return [poll, *entries, *back, known]


async def _read(
    web: Asker, feed: Feed, memory: FeedMemory, answer: Answer
) -> tuple[Reading, WebError | FeedError | None]:
    """What an answer means; the hash of the bytes decides whether a feed changed, not its validators."""
    if answer.status == 304:
        return Reading(outcome="not-modified", body_sha256=memory.body_sha256, marks=memory.marks), None
    body_sha256 = hashlib.sha256(answer.content).hexdigest()
    if body_sha256 == memory.body_sha256:
        return Reading(outcome="unchanged", body_sha256=body_sha256, marks=memory.marks), None
    listing = await read_answer(answer, feed_id=feed.feed_id)
    if listing.kind != "sitemap-index":
        return read_listing(memory, listing, body_sha256), None
    entries, error = await read_parts(web, feed, listing)
    if error is not None and not entries:
        raise error
    # Parts change without their index: neither its hash nor its validators say that nothing is new.
    return replace(read_listing(memory, replace(listing, entries=entries), ""), body_sha256=None), error


def _not_listed(entries: Sequence[Entry], reading: Reading, memory: FeedMemory) -> tuple[Entry, ...]:
    """The entries that neither this poll nor the one before lists."""
    known = set(reading.marks) | set(memory.marks)
    return tuple(entry for entry, marks in zip(entries, entry_marks(entries), strict=True) if known.isdisjoint(marks))
