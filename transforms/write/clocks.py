"""What a clock that was ahead left in memory: taken for now, so that it puts nothing off until its own time comes."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from schemas.memory import FeedMemory

R = TypeVar("R")

APPOINTMENTS = frozenset({"next_due_at", "fetch_at"})
"""Instants that may lie ahead of the clock that writes them."""

LONGEST_REVISIT, LONGEST_RETRY = timedelta(days=30, hours=1), timedelta(hours=25)
"""No page is put off for longer: the last revisit of a new one, and the longest pause after a failure (`remember`)."""


def as_of(row: R, now: datetime) -> R:
    """A row of memory without instants later than `now`; if there were any, its appointments have come."""
    kind: type = type(row)
    instants = {name: getattr(row, name) for name in _instants(kind)}
    ahead = {name for name, at in instants.items() if at is not None and at > now and name not in APPOINTMENTS}
    if not ahead:
        return row
    kept = {name for name in APPOINTMENTS & instants.keys() if instants[name] is not None}
    changed: dict[str, Any] = dict.fromkeys(ahead | kept, now)
    if isinstance(row, FeedMemory):
        changed["gap"] = as_of(row.gap, now) if row.gap else None
        changed["unfilled"] = tuple(as_of(gap, now) for gap in row.unfilled)
    return replace(row, **changed)  # type: ignore[type-var]


@cache
def _instants(row: type) -> tuple[str, ...]:
    hints = get_type_hints(row)
    return tuple(
        field.name for field in fields(row) if hints[field.name] is datetime or datetime in get_args(hints[field.name])
    )
