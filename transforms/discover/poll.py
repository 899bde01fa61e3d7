"""Read one feed: ask for it conditionally, read what came, and remember it for the next pass."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from schemas.records import DeadLetter, Dropped, Entry, Feed, FeedMemory, FeedTurn, Header, Poll, Silence
from transforms.addresses import redact, registrable_domain
from transforms.answer import Answer, Asker, WebError
from transforms.discover.listing import FeedError
from transforms.discover.parse import parse_feed
from transforms.retry_after import SILENCE_S, retry_after_seconds

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, */*;q=0.1"
)

VALIDATORS_KEPT = timedelta(days=7)
"""Validators are dropped after this: one whole answer a week finds a server whose 304 lies."""

BACK_OFF, BACK_OFF_CAP = timedelta(minutes=15), timedelta(hours=24)
"""After the n-th failure in a row a feed rests 15 min x 2^(n-2), at most a day; after one it may be asked at once."""

RETRY_AFTER_FLOOR = timedelta(minutes=10)
"""A host that asked us to slow down is never asked again sooner than this, whatever it said."""


SILENCING = frozenset({"http-429", "http-503", "host-blocked"})
"""Failures whose Retry-After is meant for everything on the domain, not for one feed."""


async def poll_feed(web: Asker, turn: FeedTurn, *, run_id: str) -> list[Any]:
    """Poll a feed: its Poll, entries and FeedMemory; Dropped if it is not due; a Poll and a DeadLetter if it fails.

    A poll whose bytes cannot be read keeps the validators of the last good one, so that no 304 can hide its entries.
    """
    feed = turn.feed
    # Validators, pauses and failures belong to an address: one that was mended in the feeds file starts afresh.
    memory = turn.memory if turn.memory and turn.memory.url == feed.url else None
    now = web.now()
    if memory and memory.next_due_at and memory.next_due_at > now:
        reason = f"asked not to be read before {memory.next_due_at:%Y-%m-%d %H:%M} UTC"
        dropped = Dropped(
            run_id=run_id, stage="discover", reason="not-due", detail=reason, at=now, feed_id=feed.feed_id, url=feed.url
        )
        return [dropped]
    try:
        answer = await web.get(feed.url, accept=ACCEPT, conditions=conditions(memory, now))
        poll, entries = read_answer(feed, memory, answer, run_id=run_id)
    except (WebError, FeedError) as error:
        return failed_poll(feed, memory, error, run_id=run_id, now=now)
    if poll.error:
        return failed_poll(feed, memory, _status_error(answer), run_id=run_id, now=now, poll=poll)
    return [poll, *entries, remember_poll(memory, poll)]


def conditions(memory: FeedMemory | None, now: datetime) -> tuple[Header, ...]:
    """The conditional headers of a poll: both validators byte for byte, unless none are known or they are too old."""
    if memory is None or memory.validators_at is None or now - memory.validators_at > VALIDATORS_KEPT:
        return ()
    pairs = (("If-None-Match", memory.etag), ("If-Modified-Since", memory.last_modified))
    return tuple(Header(name=name, value=value) for name, value in pairs if value)


def read_answer(
    feed: Feed, memory: FeedMemory | None, answer: Answer, *, run_id: str
) -> tuple[Poll, tuple[Entry, ...]]:
    """The Poll and the entries that an answer means; a status other than 200 and 304 gives a Poll with an error.

    The hash of the bytes decides whether a feed changed, not its validators, which some servers get wrong. Raises
    FeedError if the bytes are no feed.
    """
    facts: dict[str, Any] = {
        "run_id": run_id,
        "feed_id": feed.feed_id,
        "publisher": feed.publisher,
        "url": feed.url,
        "final_url": redact(answer.url),
        "polled_at": answer.asked_at,
        "status": answer.status,
        "etag": answer.header("etag"),
        "last_modified": answer.header("last-modified"),
    }
    if answer.status == 304 and memory is not None:
        facts["etag"] = facts["etag"] or memory.etag
        facts["last_modified"] = facts["last_modified"] or memory.last_modified
        known: dict[str, Any] = {"body_sha256": memory.body_sha256, "entry_ids": memory.entry_ids}
        return Poll(outcome="not-modified", **facts, **known), ()
    if answer.status != 200:
        return Poll(outcome="error", error=f"HTTP {answer.status}", **facts), ()
    body_sha256 = hashlib.sha256(answer.content).hexdigest()
    if memory is not None and body_sha256 == memory.body_sha256:
        return Poll(outcome="unchanged", body_sha256=body_sha256, entry_ids=memory.entry_ids, **facts), ()
    listing = parse_feed(
        answer.content,
        feed_id=feed.feed_id,
        url=answer.url,
        content_type=answer.header("content-type"),
        now=answer.asked_at,
    )
    ids = tuple(dict.fromkeys(entry.entry_id for entry in listing.entries))
    before = set(memory.entry_ids) if memory else set()
    both = sum(1 for each in ids if each in before)
    poll = Poll(
        outcome="entries",
        kind=listing.kind,
        body_sha256=body_sha256,
        entries_listed=len(listing.entries),
        truncated_at=listing.truncated_at,
        entries_new=len(ids) - both,
        overlap=both / len(ids) if before and ids else None,
        entry_ids=ids,
        **facts,
    )
    return poll, listing.entries


def failed_poll(
    feed: Feed,
    memory: FeedMemory | None,
    error: WebError | FeedError,
    *,
    run_id: str,
    now: datetime,
    poll: Poll | None = None,
) -> list[Any]:
    """The Poll, DeadLetter and FeedMemory of a feed that could not be read, and the Silence its domain asked for.

    What the feed said before stays known.
    """
    retry_after_s = error.retry_after_s if isinstance(error, WebError) else None
    failures = (memory.errors if memory else 0) + 1
    rest = min(BACK_OFF * 2 ** min(failures - 2, 10), BACK_OFF_CAP) if failures > 1 else None
    if retry_after_s is not None:
        rest = max(timedelta(seconds=retry_after_s), RETRY_AFTER_FLOOR)
    next_due_at = now + rest if rest else None
    detail = redact(str(error))
    if poll is not None:
        poll = replace(poll, next_due_at=next_due_at)
    else:
        poll = Poll(
            run_id=run_id,
            feed_id=feed.feed_id,
            publisher=feed.publisher,
            url=feed.url,
            polled_at=now,
            outcome="error",
            error=detail,
            next_due_at=next_due_at,
        )
    dead = DeadLetter(
        run_id=run_id,
        stage="discover",
        error=error.kind,
        detail=detail,
        at=now,
        feed_id=feed.feed_id,
        url=feed.url,
        retry_after_s=retry_after_s,
    )
    known = memory or FeedMemory(feed_id=feed.feed_id, url=feed.url)
    outputs: list[Any] = [poll, dead, replace(known, polled_at=now, next_due_at=next_due_at, errors=failures)]
    if error.kind in SILENCING and retry_after_s:
        outputs.append(Silence(domain=registrable_domain(feed.url), seconds=retry_after_s))
    return outputs


def remember_poll(memory: FeedMemory | None, poll: Poll) -> FeedMemory:
    """What the next pass must know after a poll that went well."""
    full = poll.outcome != "not-modified" or memory is None or memory.validators_at is None
    return FeedMemory(
        feed_id=poll.feed_id,
        url=poll.url,
        etag=poll.etag,
        last_modified=poll.last_modified,
        validators_at=poll.polled_at if full or memory is None else memory.validators_at,
        body_sha256=poll.body_sha256,
        entry_ids=poll.entry_ids,
        polled_at=poll.polled_at,
        succeeded_at=poll.polled_at,
    )


def _status_error(answer: Answer) -> WebError:
    wait_s = retry_after_seconds(answer.header("retry-after"), answer.asked_at)
    if wait_s is None and answer.status == 429:
        wait_s = SILENCE_S
    return WebError(f"http-{answer.status}", f"{answer.url} answered HTTP {answer.status}", wait_s)
