"""Name the stretches of time in which a feed could not show us everything: what it was, from when and until when."""

from dataclasses import replace
from datetime import datetime

from schemas.memory import FeedMemory
from schemas.records import Gap
from transforms.answer import Answer
from transforms.discover.reading import Reading
from transforms.discover.validators import lied

_KINDS = {
    "slow": {"timeout", "postponed"},
    "challenged": {"challenge"},
    "blocked": {"robots", "http-401", "http-403", "http-407", "http-429", "http-451", "egress", "host-blocked"},
    "gone": {"http-404", "http-410"},
    "unreadable": {
        "empty", "not-a-feed", "unreadable", "limits", "too-large", "parse-limit", "bad-coding", "unasked-coding",
    },
}  # fmt: skip

SILENT = frozenset({"rolled-over", "lying-304", "truncated"})
"""Kinds of gaps in which entries were missed though nothing failed; of the others a dead letter tells, too."""


def gap_kind(error: str) -> str:
    """The kind of gap that an error opens; whatever is not the server's word or its slowness is an outage."""
    return next((kind for kind, errors in _KINDS.items() if error in errors), "outage")


def after_error(memory: FeedMemory, error: str, now: datetime) -> tuple[FeedMemory, tuple[Gap, ...]]:
    """The memory with its gap open since the last good poll, and the gaps to tell of.

    A gap that lasts keeps the cause it began with; one of another kind ends it and begins where it was last seen.
    """
    kind = gap_kind(error)
    if memory.gap is not None and memory.gap.kind == kind:
        return memory, (memory.gap,)
    began_at = memory.succeeded_at if memory.gap is None else memory.polled_at
    gap = Gap(kind=kind, cause=error, began_at=began_at or now)
    ended = () if memory.gap is None else (replace(memory.gap, ended_at=now),)
    return replace(memory, gap=gap), (*ended, gap)


def after_recovery(memory: FeedMemory, now: datetime) -> tuple[FeedMemory, tuple[Gap, ...]]:
    """The memory without an open gap, and the gap that a good poll ended."""
    if memory.gap is None:
        return memory, ()
    return replace(memory, gap=None), (replace(memory.gap, ended_at=now),)


def find_losses(memory: FeedMemory, answer: Answer, reading: Reading) -> tuple[Gap, ...]:
    """The gaps that a list shows by its entries: what "not modified" hid, and what came and went between two lists."""
    now, gaps = answer.asked_at, []
    has_lied = lied(memory, answer, reading.news)
    if has_lied:
        gaps.append(Gap(kind="lying-304", cause="http-304", began_at=memory.validators_at or now, ended_at=now))
    if reading.rolled_over and reading.listing is not None:
        cause = f"all of {len(reading.listing.entries)} entries new"
        began_at = last_listed(memory, has_lied=has_lied) or now
        gaps.append(Gap(kind="rolled-over", cause=cause, began_at=began_at, ended_at=now))
    return tuple(gaps)


def last_listed(memory: FeedMemory, *, has_lied: bool) -> datetime | None:
    """When the entries known from the list were last certain to stand there: a lie proves nothing of its time."""
    listed_at = memory.listed_at or memory.succeeded_at
    if has_lied and listed_at and memory.validators_at:
        return min(listed_at, memory.validators_at)
    return listed_at


def tell_emptied(before: FeedMemory, after: FeedMemory, now: datetime) -> tuple[Gap, ...]:
    """The gap of a list that came without entries: it lasts until entries are listed again."""
    if after.emptied:
        return (after.emptied,)
    return (replace(before.emptied, ended_at=now),) if before.emptied else ()
