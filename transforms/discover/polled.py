"""What a poll leaves behind: its row, and what the next pass must know of the feed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from schemas.records import Feed, FeedMemory, Gap, Poll
from transforms.addresses import redact
from transforms.answer import Answer, WebError
from transforms.discover.gaps import after_error, after_recovery
from transforms.discover.listing import FeedError, Listing
from transforms.discover.moves import forget_move, note_move, permanent_target, tell_move
from transforms.discover.reading import Reading, listed_rate
from transforms.discover.schedule import Observation, after_failure, after_success
from transforms.discover.validators import doubt_server, lied, remember_validators
from transforms.discover.wishes import cache_wish


def good_poll(
    feed: Feed,
    memory: FeedMemory,
    answer: Answer,
    reading: Reading,
    *,
    run_id: str,
    backfilled: int = 0,
    part_error: WebError | FeedError | None = None,
    back_error: WebError | FeedError | None = None,
) -> tuple[Poll, FeedMemory]:
    """The Poll and the memory of a poll that went well.

    `part_error` kept us from a part of a sitemap index, `back_error` from the sitemap that was to fill a gap.
    """
    now, listing = answer.asked_at, reading.listing
    asked = memory.adopted_url or feed.url
    target = permanent_target(asked, answer)
    is_same_feed = reading.outcome != "entries" or bool(reading.overlap)
    known, gaps = after_recovery(memory, now)
    gaps += _listing_gaps(memory, answer, reading, backfilled, part_error, back_error)
    known = remember_validators(known, answer, is_same=reading.outcome == "unchanged")
    known = note_move(known, target, asked=asked, is_same_feed=is_same_feed, now=now)
    if listing is not None:
        known = _learn(known, listing, reading, now, has_lied=any(gap.kind == "lying-304" for gap in gaps))
    if listing is not None and memory.changed_at is None:
        known = replace(known, succeeded_at=None)  # nothing is known of what earlier polls listed: no pace to go by
    known = replace(after_success(feed, known, _observe(known, answer, reading), now), polled_at=now)
    gaps += tell_move(memory, known, now)
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
        backfilled=backfilled,
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
    known = forget_move(after_failure(feed, known, error.kind, now, retry_after_s=wait_s), error.kind)
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
        gaps=gaps,
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


def _listing_gaps(
    memory: FeedMemory,
    answer: Answer,
    reading: Reading,
    backfilled: int,
    part_error: WebError | FeedError | None,
    back_error: WebError | FeedError | None,
) -> tuple[Gap, ...]:
    """The gaps that the entries themselves show."""
    if reading.listing is None:
        return ()
    now, gaps = answer.asked_at, []
    last_seen = memory.succeeded_at or now
    if lied(memory, answer, reading.news):
        gaps.append(Gap(kind="lying-304", cause="http-304", began_at=memory.validators_at or now, ended_at=now))
    if reading.rolled_over:
        cause = f"all of {len(reading.listing.entries)} entries new"
        cause += f"; the sitemap could not be read: {back_error.kind}" if back_error else ""
        gaps.append(Gap(kind="rolled-over", cause=cause, began_at=last_seen, ended_at=now, recovered=backfilled))
    if part_error is not None:
        cause = f"a part could not be read: {part_error.kind}"
        gaps.append(Gap(kind="truncated", cause=cause, began_at=last_seen, ended_at=now))
    elif reading.listing.truncated_at is not None:
        cause = f"cut at {reading.listing.truncated_at} entries"
        gaps.append(Gap(kind="truncated", cause=cause, began_at=last_seen, ended_at=now))
    return tuple(gaps)


def _pace(known: FeedMemory) -> dict[str, Any]:
    return {
        "rate": known.rate,
        "usual_rate": known.usual_rate,
        "interval_s": known.interval_s,
        "next_due_at": known.next_due_at,
    }
