"""When a page that is not there counts as deleted: servers say 404 by mistake, too, so it takes checks and days."""

from datetime import datetime, timedelta

from schemas.memory import PageMemory
from schemas.records import Capture

NO_PAGE = frozenset({404, 410})
"""The publisher says there is no such page: a decision of its own, so it is dropped and not a dead letter."""

DELETED_CHECKS, DELETED_AFTER = 3, timedelta(hours=72)
"""A page is deleted once so many checks in a row, over so long, found none."""

RECHECK = timedelta(hours=24)

TAKEN_DOWN = "taken-down"
"""Outcome of a page that was removed on request, and reason for which what leads there is dropped: never ask again."""


def judge_missing(capture: Capture) -> str:
    """`deleted` once DELETED_CHECKS checks in a row, over DELETED_AFTER or longer, found no page; before, `missing`."""
    known = capture.known
    if known is None or known.missing_since is None or known.missing_checks + 1 < DELETED_CHECKS:
        return "missing"
    return "deleted" if capture.fetched_at - known.missing_since >= DELETED_AFTER else "missing"


def recheck_at(page: PageMemory, now: datetime) -> datetime:
    """When to look again for a page that was not there: after a day, and last when it can be told to be deleted."""
    since = page.missing_since or now
    is_last = page.missing_checks + 1 >= DELETED_CHECKS
    return max(now + RECHECK, since + DELETED_AFTER) if is_last else now + RECHECK
