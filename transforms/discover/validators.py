"""Conditional requests that cannot lie to us: validators go back byte for byte, but are never believed for long."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from schemas.memory import FeedMemory
from schemas.records import Entry, Header
from transforms.addresses import registrable_domain
from transforms.answer import Answer

VALIDATORS_KEPT = timedelta(days=7)
"""Validators are dropped after this: one whole answer a week finds a server whose 304 lies."""

DOUBTED_ENTRIES = 12.0
"""They are dropped sooner if the feed would usually have listed so many entries while nothing changed."""

DISTRUST = timedelta(days=30)
"""A server caught lying, or one that answers validators with what is no HTTP, is sent none for so long."""

REPEATS = 5
"""Whole answers with the same bytes after which an ETag is taken never to match (Apache's `-gzip`, bug 45023; farms
whose servers disagree); Last-Modified alone is sent from then on."""

BACK_DATED = timedelta(minutes=30)
"""An entry is dated so much before it is listed without anybody lying."""

ZONES = timedelta(hours=14), timedelta(hours=12)
"""How far east and west of UTC clocks are set (UTC+14 in Kiribati, UTC-12 at sea)."""


def conditions(memory: FeedMemory, now: datetime) -> tuple[Header, ...]:
    """The conditional headers of a poll: both validators byte for byte, unless none are known or they are in doubt.

    One that is not ASCII is left out, since the client would send other bytes than it received.
    """
    if memory.validators_at is None or now - memory.validators_at > VALIDATORS_KEPT:
        return ()
    if memory.distrusted_at is not None and now - memory.distrusted_at < DISTRUST:
        return ()
    since = max(memory.validators_at, memory.changed_at or memory.validators_at)
    if (memory.usual_rate or 0.0) * ((now - since) / timedelta(hours=1)) >= DOUBTED_ENTRIES:
        return ()
    etag, last_modified = _usable(memory, memory.etag, memory.last_modified)
    pairs = (("If-None-Match", etag), ("If-Modified-Since", last_modified))
    return tuple(Header(name=name, value=value) for name, value in pairs if value)


def is_anothers(memory: FeedMemory, answer: Answer) -> bool:
    """Whether "not modified" comes from another domain than the validators: it knows nothing of what we have."""
    known = memory.validators_from
    return answer.status == 304 and known is not None and registrable_domain(known) != registrable_domain(answer.url)


def remember_validators(memory: FeedMemory, answer: Answer, *, is_same: bool) -> FeedMemory:
    """The memory with the validators of an answer; a 304 keeps those it does not name.

    `is_same` tells whether the bytes were known already.
    """
    etag, last_modified = answer.header("etag"), answer.header("last-modified")
    if answer.status == 304:
        # An ETag that never matched may still be sent with a 304 that Last-Modified earned: it stays out.
        return replace(
            memory,
            etag=etag or memory.etag,
            last_modified=last_modified or memory.last_modified,
            not_modified_at=answer.asked_at,
            repeats=memory.repeats if memory.repeats >= REPEATS else 0,
        )
    sent_etag = any(field.name.lower() == "if-none-match" for field in answer.request_headers)
    return replace(
        memory,
        etag=etag,
        last_modified=last_modified,
        validators_at=answer.asked_at,
        validators_from=answer.url,
        not_modified_at=None,
        repeats=memory.repeats + 1 if is_same and sent_etag else memory.repeats,
    )


def doubt_server(memory: FeedMemory, error: str, now: datetime) -> FeedMemory:
    """The memory after a failed poll: distrusting a server if validators may be why its answer was no HTTP.

    Some send the document with their "not modified", which has no place for it; a request without validators works.
    """
    return replace(memory, distrusted_at=now) if error == "protocol" and conditions(memory, now) else memory


def lied(memory: FeedMemory, answer: Answer, news: Sequence[Entry]) -> bool:
    """Whether the "not modified" answers before this whole one hid `news`, the entries not listed before.

    They did if the validators that were sent are the same although the entries are not, or if entries are dated well
    before the last of those answers and after the last whole one, wherever a date without a known zone was meant.
    """
    if memory.not_modified_at is None or memory.validators_at is None or not news:
        return False
    before = _usable(memory, memory.etag, memory.last_modified)
    if before == _usable(memory, answer.header("etag"), answer.header("last-modified")) and any(before):
        return True
    since, until = memory.validators_at, memory.not_modified_at - BACK_DATED
    return sum(_is_dated_between(entry, since, until) for entry in news) >= 2


def _is_dated_between(entry: Entry, since: datetime, until: datetime) -> bool:
    """Whether an entry is certainly dated between two instants; without a known zone its date was read as UTC."""
    if entry.published_at is None:
        return False
    east, west = (timedelta(), timedelta()) if entry.date_flag == "ok" else ZONES
    return since < entry.published_at - east and entry.published_at + west < until


def _usable(memory: FeedMemory, etag: str | None, last_modified: str | None) -> tuple[str | None, str | None]:
    """Those of two validators that are sent: what is ASCII, and no ETag that never matches if there is a date."""
    never_matches = memory.repeats >= REPEATS and _is_sendable(memory.last_modified)
    return (
        etag if _is_sendable(etag) and not never_matches else None,
        last_modified if _is_sendable(last_modified) else None,
    )


def _is_sendable(value: str | None) -> bool:
    return value is not None and value != "" and value.isascii()
