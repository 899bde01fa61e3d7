"""Permanent redirects of feeds: followed at once, believed only when they last, so that no mishap moves a feed."""

from dataclasses import replace
from datetime import datetime, timedelta

from schemas.memory import FeedMemory
from schemas.records import Gap
from transforms.addresses import redact, registrable_domain
from transforms.answer import Answer

ADOPT_POLLS, ADOPT_AFTER = 3, timedelta(hours=24)
"""A new address is adopted after so many polls over so long that all led there."""

PERMANENT = frozenset({301, 308})

LOST = frozenset({"http-404", "http-410", "not-a-feed", "dns", "tls"})
"""Errors at an adopted address that send us back to the one in the feeds file."""

PATIENCE_POLLS, PATIENCE = 3, timedelta(hours=24)
"""Any other error does so after so many polls in a row, so long after the address was last read."""


def permanent_target(asked: str, answer: Answer) -> str | None:
    """Where an address says it has moved for good: every hop permanent, none from https to http, nothing secret."""
    if not answer.redirects or any(hop.status not in PERMANENT for hop in answer.redirects):
        return None
    way = [asked, *(hop.url for hop in answer.redirects), answer.url]
    is_safe = [address.lower().startswith("https:") for address in way]
    is_downgrade = is_safe[0] and not all(is_safe)  # whoever can change what is sent openly can name any address
    return None if is_downgrade or redact(answer.url) != answer.url else answer.url


def note_move(memory: FeedMemory, target: str | None, *, asked: str, is_same_feed: bool, now: datetime) -> FeedMemory:
    """The memory after a good poll that `target` answered, with the address adopted if it has lasted.

    On another domain it counts only if `is_same_feed`: entries known before are listed there too. A parking page or a
    portal that took over the name has none of them.
    """
    if target is None or not (is_same_feed or registrable_domain(target) == registrable_domain(asked)):
        return replace(memory, moved_to=None, moved_polls=0, moved_since=None, moved_after=None)
    if target == memory.moved_to and not memory.moved_polls:
        return replace(memory, moved_polls=1, moved_since=now)  # told of another address, which proves nothing of this
    if target != memory.moved_to or memory.moved_since is None:
        after = memory.succeeded_at or now
        return replace(memory, moved_to=target, moved_polls=1, moved_since=now, moved_after=after)
    polls = memory.moved_polls + 1
    if polls >= ADOPT_POLLS and now - memory.moved_since >= ADOPT_AFTER:
        return replace(memory, adopted_url=target, moved_to=None, moved_polls=0, moved_since=None, moved_after=None)
    return replace(memory, moved_polls=polls)


def tell_move(before: FeedMemory, after: FeedMemory, now: datetime) -> tuple[Gap, ...]:
    """The gaps of a good poll's move: adopted or no longer told, they end; else they last."""
    if before.move == after.move:
        return (after.move,) if after.move else ()
    ended = (replace(before.move, ended_at=now),) if before.move else ()
    return (*ended, after.move) if after.move else ended


def forget_move(memory: FeedMemory, error: str, now: datetime) -> FeedMemory:
    """The memory after a failed poll: an adopted address that is gone is given up for the one in the feeds file.

    So is one that fails for long in whatever way, or is parked for it. If the file's address leads there again, it has
    to last again.
    """
    if memory.adopted_url is None:
        return memory
    fails_for_long = memory.failures >= PATIENCE_POLLS and now - (memory.succeeded_at or now) >= PATIENCE
    if not (error in LOST or memory.parked or fails_for_long):
        return memory
    return replace(memory, adopted_url=None, etag=None, last_modified=None, validators_at=None)
