"""`icewire feeds health`: how each feed fares by the memory of a data set, when it is due, and what to do about it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipelines.context import printable
from pipelines.feeds.advice import advise
from schemas.errors import UserError
from schemas.memory import FeedMemory
from schemas.records import Coverage, Feed, record
from transforms.write.manifest import newest_version, read_manifest
from transforms.write.memory import Memory
from transforms.write.store import Root

SICK = frozenset({"failing", "parked", "gone", "never read"})
"""States that want a person's attention."""


@record
class Health:
    """One feed's health: facts as remembered, and in words what to do; None where nothing is known."""

    feed_id: str
    url: str
    state: str
    succeeded_at: datetime | None = None
    interval_s: int | None = None
    entries_a_day: float | None = None
    overlap: float | None = None
    rollovers: int = 0
    failures: int = 0
    error: str | None = None
    since: datetime | None = None
    next_due_at: datetime | None = None
    today: str | None = None
    advice: str | None = None


def read_health(data: Root, feeds: Sequence[Feed] | None, now: datetime) -> list[Health]:
    """The health of every feed of a feeds file, or of every feed that the data set remembers if there is no file.

    UserError if there is no data set.
    """
    version = newest_version(data)
    if not version:
        raise UserError(f"--data {data}: no data set there; run icewire ingest first, or name its folder")
    memory = Memory.of(data, read_manifest(data, version))
    known = memory.feeds(now)
    today = {feed_id: day for (feed_id, on), day in memory.coverage().items() if on == now.date().isoformat()}
    if feeds is None:
        return [judge(feed_id, row.url, row, today) for feed_id, row in sorted(known.items())]
    return [judge(feed.feed_id, feed.url, known.get(feed.feed_id), today, feed=feed) for feed in feeds]


def judge(
    feed_id: str,
    url: str,
    memory: FeedMemory | None,
    today: Mapping[str, Coverage] | None = None,
    *,
    feed: Feed | None = None,
) -> Health:
    """One feed's state and what to do about it."""
    if feed is not None and not feed.enabled:
        return Health(feed_id=feed_id, url=url, state="disabled")
    if memory is None:
        return Health(feed_id=feed_id, url=url, state="new", advice="the next pass reads it")
    is_mended, memory = memory.url != url, memory.at(url)
    day = (today or {}).get(feed_id)
    return Health(
        feed_id=feed_id,
        url=memory.adopted_url or url,
        state="new" if is_mended else _state(memory),
        succeeded_at=memory.succeeded_at,
        interval_s=memory.interval_s,
        entries_a_day=round(memory.usual_rate * 24, 1) if memory.usual_rate is not None else None,
        overlap=memory.overlap,
        rollovers=memory.rollovers,
        failures=memory.failures,
        error=memory.last_error or (memory.gap.cause if memory.gap else None),
        since=gap.began_at if (gap := memory.gap or memory.move) else None,
        next_due_at=memory.next_due_at,
        today=day.state if day else None,
        advice="its address was changed; the next pass asks there" if is_mended else _advise(memory, feed),
    )


def _state(memory: FeedMemory) -> str:
    if memory.parked:
        return "gone" if memory.parked == "gone" else "parked"
    if memory.failures:
        return "failing" if memory.succeeded_at else "never read"
    if memory.gap:
        if memory.gap.kind == "truncated":
            return "failing"
        return "postponed" if memory.gap.cause == "postponed" else "silenced"
    return "moved" if memory.adopted_url or memory.moved_to else "ok"


def _advise(memory: FeedMemory, feed: Feed | None) -> str | None:
    if memory.last_error:
        said = advise(memory.last_error)
        if memory.parked == "gone":
            return f"probed once a month; {said}"
        return f"probed once a week; {said}" if memory.parked else said
    if memory.gap:
        return advise(memory.gap.cause.rpartition(": ")[2])
    if memory.adopted_url:
        return f"it moved for good: make {memory.adopted_url} its url in the feeds file"
    if memory.moved_to:
        return f"it says it moved to {memory.moved_to}; adopted after three polls over a day"
    if memory.distrusted_at:
        return "its server said “not modified” of a changed feed; it is asked without validators for a month"
    if memory.rollovers and not (feed and feed.sitemap):
        return "its list rolled over between polls; name its news sitemap in the feeds file, so that gaps are filled"
    return None


def print_table(healths: Iterable[Health], now: datetime) -> str:
    """The health of feeds as a table for a terminal, the sick first, each with a line on what to do."""
    rows = sorted(healths, key=lambda health: (health.state not in SICK, health.state == "disabled", health.feed_id))
    width = max((len(row.feed_id) for row in rows), default=4)
    lines = [
        f"{'feed':{width}} {'state':10} {'last read':>12} {'every':>7} {'a day':>7} {'overlap':>8} {'rolled':>6} "
        f"{'failed':>6}  {'due':>9}  error"
    ]
    for row in rows:
        every = f"{row.interval_s // 60} min" if row.interval_s else "-"
        a_day = f"{row.entries_a_day:.1f}" if row.entries_a_day is not None else "-"
        overlap = f"{row.overlap:.0%}" if row.overlap is not None else "-"
        lines.append(
            f"{row.feed_id:{width}} {row.state:10} {_ago(row.succeeded_at, now):>12} {every:>7} {a_day:>7} "
            f"{overlap:>8} "
            f"{row.rollovers or '-':>6} {row.failures or '-':>6}  {_until(row.next_due_at, now):>9}  {row.error or ''}"
        )
        if row.advice:
            lines.append(f"{'':{width}}   └ {row.advice}")
    counted = Counter(row.state for row in rows)
    lines.append(f"{len(rows)} feeds: " + ", ".join(f"{count} {state}" for state, count in counted.most_common()))
    return "\n".join(printable(line) for line in lines)


def as_json(health: Health) -> str:
    """One feed's health as a JSON line; instants in ISO 8601."""
    shown: dict[str, Any] = {name: getattr(health, name) for name in Health.__dataclass_fields__}
    return json.dumps(shown, ensure_ascii=False, default=lambda value: value.isoformat())


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{_span(now - at)} ago" if at else "never"


def _until(at: datetime | None, now: datetime) -> str:
    return f"in {_span(at - now)}" if at and at > now else "now"


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return f"{max(minutes, 0)} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"
