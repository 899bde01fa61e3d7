"""When pages are to be looked at again, kept apart from their memory: small, since a pass reads it of all pages."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from schemas.arrow import arrow_schema
from schemas.memory import Appointment
from transforms.write.clocks import LONGEST_RETRY, LONGEST_REVISIT

SETTLED_WINDOW: timedelta = LONGEST_REVISIT
"""A page without an appointment is kept here for so long after it was seen, to hide the row with its last one."""


def make_appointments(pages: pa.Table) -> pa.Table:
    """What the memory of pages (rows of PageMemory) tells of appointments, as rows of Appointment."""
    seen_at = pc.coalesce(pages["fetched_at"], pages["first_seen_at"])
    never = pa.nulls(pages.num_rows, seen_at.type)
    settled_at = pc.if_else(pc.is_valid(pages["fetch_at"]), never, seen_at)
    schema = arrow_schema(Appointment)
    return pages.append_column("settled_at", settled_at).select(schema.names).cast(schema)


def is_due(now: datetime) -> Any:
    """Which rows, of Appointment or PageMemory, are due: a filter for Arrow.

    An appointment that a clock ahead of ours made, or that is further ahead than any rule makes one, has come; by such
    a clock an article may also have outlived its appointments.
    """
    fetch_at, failures, fetched_at = ds.field("fetch_at"), ds.field("failures"), ds.field("fetched_at")
    is_article = ds.field("outcome").isin(["fetched", "paywalled"]) & ds.field("same_as").is_null()
    has_come = (
        (fetch_at <= now)
        | (ds.field("first_seen_at") > now)
        | (fetched_at > now)
        | (fetch_at > now + LONGEST_REVISIT)
        | ((failures > 0) & (fetch_at > now + LONGEST_RETRY))
    )
    return (fetch_at.is_valid() & has_come) | (is_article & (fetched_at > now))
