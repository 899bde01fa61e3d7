"""What a poll leaves behind: its row, and what the next pass must know of the feed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from schemas.memory import FeedMemory
from schemas.records import Feed, Gap, Poll
from transforms.addresses import redact
from transforms.answer import Answer, WebError
from transforms.discover.backfill import BackFill, past_marks, tell_waiting
from transforms.discover.gaps import after_error, after_recovery, last_listed, tell_emptied
from transforms.discover.listing import FeedError, Listing
from transforms.discover.moves import forget_move, note_move, permanent_target, tell_move
from transforms.discover.reading import Reading, listed_rate
from transforms.discover.schedule import Observation, after_failure, after_success
from transforms.discover.sitemaps import Sitemap
from transforms.discover.validators import doubt_server, remember_validators
from transforms.discover.wishes import cache_wish


def good_poll(
    feed: Feed,
    memory: FeedMemory,
    answer: Answer,
    reading: Reading,
    *,
    run_id: str,
    losses: Sequence[Gap] = (),
    filled: BackFill,
    parts: Sitemap | None = None,
) -> tuple[Poll, FeedMemory]:
    """The Poll and the memory of a poll that went well.

    `losses` are the gaps that the list shows, `filled` what its sitemap gave for them and for those that waited;
    `parts` is what was read of a feed that is a sitemap index.
    """
    now, listing = answer.asked_at, reading.listing
    asked = memory.adopted_url or feed.url
    target = permanent_target(asked, answer)
    is_same_feed = reading.outcome != "entries" or bool(reading.overlap)
    known, gaps = after_recovery(memory, now)
    has_lied = any(gap.kind == "lying-304" for gap in losses)
    if lasting := _missing_part(memory, parts, now, has_lied=has_lied):
        known = replace(known, gap=lasting)
        gaps = (lasting,) if lasting == memory.gap else (*gaps, lasting)
    gaps += (*filled.gaps, *_truncated(memory, reading, parts, now, has_lied=has_lied))
    known = remember_validators(known, answer, is_same=reading.outcome == "unchanged")
    known = note_move(known, target, asked=asked, is_same_feed=is_same_feed, now=now)
    if listing is not None:
        known = _learn(known, listing, reading, now, has_lied=has_lied)
    if listing is not None and memory.changed_at is None:
        known = replace(known, succeeded_at=None)  # nothing is known of what earlier polls listed: no pace to go by
    known = replace(after_success(feed, known, _observe(known, answer, reading), now), polled_at=now)
    known = replace(
        known,
        listed_at=_seen_at(known, reading, now),
        past_marks=past_marks(feed, memory, reading, filled.entries),
        unfilled=filled.unfilled,
        unfilled_error=filled.error,
    )
    gaps += (*tell_emptied(memory, known, now), *tell_move(memory, known, now))
    poll = Poll(
        run_id=run_id,
        feed_id=feed.feed_id,
        publisher=feed.publisher,
        url=redact(asked),
        final_url=redact(answer.url),
        polled_at=now,
        outcome=reading.outcome,
        status=answer.status,
        kind=listing.kind if listing else None,
        etag=known.etag,
        last_modified=known.last_modified,
        body_sha256=reading.body_sha256,
        entries_listed=len(listing.entries) if listing else 0,
        truncated_at=listing.truncated_at if listing else None,
        entries_new=len(reading.news),
        overlap=reading.overlap,
        backfilled=len(filled.entries),
        moved_to=target,
        gaps=gaps,
        **_pace(known),
    )
    return poll, known


def failed_poll(
    feed: Feed,
    memory: FeedMemory,
    error: WebError | FeedError,
    *,
    run_id: str,
    now: datetime,
    wait_s: int | None = None,
) -> list[Any]:
    """The Poll and the memory of a feed that could not be read; what it said before stays known."""
    known, gaps = after_error(doubt_server(memory, error.kind, now), error.kind, now)
    known = forget_move(after_failure(feed, known, error.kind, now, retry_after_s=wait_s), error.kind, now)
    waiting = tuple(tell_waiting(gap, memory.unfilled_error) for gap in memory.unfilled)
    status = error.kind.removeprefix("http-")
    poll = Poll(
        run_id=run_id,
        feed_id=feed.feed_id,
        publisher=feed.publisher,
        url=redact(memory.adopted_url or feed.url),
        polled_at=now,
        outcome="error",
        status=int(status) if status.isdecimal() else None,
        error=redact(str(error))[:1000],
        gaps=(*gaps, *waiting),
        **_pace(known),
    )
    return [poll, known]


def _learn(known: FeedMemory, listing: Listing, reading: Reading, now: datetime, *, has_lied: bool) -> FeedMemory:
    """The memory with what a new listing says; without a hash of its own its validators say nothing of its parts."""
    return replace(
        known,
        etag=known.etag if reading.body_sha256 else None,
        last_modified=known.last_modified if reading.body_sha256 else None,
        body_sha256=reading.body_sha256,
        marks=reading.marks,
        changed_at=now,
        distrusted_at=now if has_lied else known.distrusted_at,
        refresh_s=listing.refresh_minutes * 60 if listing.refresh_minutes else None,
        skip_hours=tuple(sorted(listing.skip_hours)),
        skip_days=tuple(sorted(listing.skip_days)),
        overlap=reading.overlap,
        rollovers=known.rollovers + reading.rolled_over,
    )


def _observe(known: FeedMemory, answer: Answer, reading: Reading) -> Observation:
    """What the schedule is told of a good poll."""
    entries = reading.listing.entries if reading.listing else ()
    wishes = (timedelta(seconds=known.refresh_s) if known.refresh_s else None, cache_wish(answer))
    return Observation(
        listed=len(entries),
        new=len(reading.news),
        rolled_over=reading.rolled_over,
        first_rate=listed_rate(entries),
        wish=max((wish for wish in wishes if wish is not None), default=None),
    )


def _seen_at(known: FeedMemory, reading: Reading, now: datetime) -> datetime | None:
    """When the marks were last seen in a list; one without entries held none, and is the same until it changes.

    A sitemap without entries is no such list: it holds two days of news, and there were none.
    """
    if reading.listing is not None:
        return now if reading.listing.entries or "sitemap" in reading.listing.kind else known.listed_at
    return known.listed_at if known.emptied else now


def _missing_part(memory: FeedMemory, parts: Sitemap | None, now: datetime, *, has_lied: bool) -> Gap | None:
    """The gap of a sitemap index while a part of it cannot be read, open since the last list without that."""
    if parts is None or parts.error is None:
        return None
    if memory.gap is not None and memory.gap.kind == "truncated":
        return memory.gap
    began_at = last_listed(memory, has_lied=has_lied) or now
    return Gap(kind="truncated", cause=f"a part could not be read: {parts.error.kind}", began_at=began_at)


def _truncated(
    memory: FeedMemory, reading: Reading, parts: Sitemap | None, now: datetime, *, has_lied: bool
) -> tuple[Gap, ...]:
    """The gap of a list that was not read to its end."""
    if reading.listing is None:
        return ()
    if parts is not None and parts.error is not None:
        return ()
    if parts is not None and parts.left_out:
        cause = f"{parts.left_out} of {parts.parts} parts were not read"
    elif reading.listing.truncated_at is not None:
        cause = f"cut at {reading.listing.truncated_at} entries"
    else:
        return ()
    began_at = last_listed(memory, has_lied=has_lied) or now
    return (Gap(kind="truncated", cause=cause, began_at=began_at, ended_at=now),)


def _pace(known: FeedMemory) -> dict[str, Any]:
    return {
        "rate": known.rate,
        "usual_rate": known.usual_rate,
        "interval_s": known.interval_s,
        "next_due_at": known.next_due_at,
    }
