"""Read one feed: ask for it conditionally, read what came, and remember it for the next pass."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from schemas.memory import FeedMemory, FeedTurn
from schemas.records import DeadLetter, Dropped, Feed
from transforms.addresses import redact
from transforms.answer import UNASKED, Answer, Asker, WebError
from transforms.discover.ask import ask_document, read_answer
from transforms.discover.backfill import fill_gaps
from transforms.discover.gaps import after_error, find_losses
from transforms.discover.listing import FeedError
from transforms.discover.polled import failed_poll, good_poll
from transforms.discover.reading import Reading, read_listing
from transforms.discover.schedule import is_due
from transforms.discover.sitemaps import Sitemap, read_parts
from transforms.discover.validators import conditions, is_anothers

NOT_ASKED = dict.fromkeys(UNASKED, "silenced") | {"postponed": "postponed"}
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
        if is_anothers(memory, answer):
            answer = await ask_document(web, asked)
        reading, parts = await _read(web, feed, memory, answer)
    except (WebError, FeedError) as error:
        wait_s = error.retry_after_s if isinstance(error, WebError) else None
        if reason := NOT_ASKED.get(error.kind):
            known = replace(memory, next_due_at=now + timedelta(seconds=wait_s or 0))
            if memory.gap is None:  # no poll is made that could tell of the end of another
                known, _ = after_error(known, error.kind, now)
            return [Dropped(reason=reason, detail=str(error)[:1000], url=redact(asked), **pointer), known]
        dead = DeadLetter(
            error=error.kind, detail=redact(str(error))[:1000], url=redact(asked), retry_after_s=wait_s, **pointer
        )
        return [dead, *failed_poll(feed, memory, error, run_id=run_id, now=now, wait_s=wait_s)]
    losses = find_losses(memory, answer, reading)
    filled = await fill_gaps(web, feed, memory, reading, losses, now=answer.asked_at)
    poll, known = good_poll(feed, memory, answer, reading, run_id=run_id, losses=losses, filled=filled, parts=parts)
    news = {*reading.news, *filled.entries}
    listed = (*(reading.listing.entries if reading.listing else ()), *filled.entries)
    return [poll, *(replace(entry, is_new=entry in news) for entry in listed), known]


async def _read(web: Asker, feed: Feed, memory: FeedMemory, answer: Answer) -> tuple[Reading, Sitemap | None]:
    """What an answer means; the hash of the bytes decides whether a feed changed, not its validators.

    Of a feed that is a sitemap index, also what was read of its parts.
    """
    if answer.status == 304:
        return Reading(outcome="not-modified", body_sha256=memory.body_sha256, marks=memory.marks), None
    body_sha256 = hashlib.sha256(answer.content).hexdigest()
    if body_sha256 == memory.body_sha256:
        return Reading(outcome="unchanged", body_sha256=body_sha256, marks=memory.marks), None
    listing = await read_answer(answer, feed_id=feed.feed_id)
    if listing.kind != "sitemap-index":
        return read_listing(memory, listing, body_sha256), None
    parts = await read_parts(web, feed, listing, now=answer.asked_at, since=memory.listed_at)
    if parts.error is not None and not parts.entries:
        raise parts.error
    listing = replace(listing, entries=parts.entries, truncated_at=parts.truncated_at)
    reading = read_listing(memory, listing, "", is_partial=parts.error is not None)
    # Parts change without their index: neither its hash nor its validators say that nothing is new.
    return replace(reading, body_sha256=None), parts
