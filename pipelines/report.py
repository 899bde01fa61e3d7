"""The run report: what came in, what came of it, what is missing, in words and numbers that add up."""

from collections import Counter
from typing import Any

from pipelines.balance import STAGES, stage_balance
from pipelines.context import printable
from schemas.arrow import from_arrow
from schemas.records import Coverage, DeadLetter, Poll, Run
from schemas.tables import TABLES
from transforms.write.manifest import read_manifest
from transforms.write.parquet import read_arrow
from transforms.write.store import Root

NOT_REACHED = frozenset({"connect", "timeout", "tls", "egress"})

SHOWN = 8
"""Dead letters named one by one; the rest are in the table."""


def report(data: Root, run: Run) -> str:
    """The report of a committed run, as plain text."""
    rows = _rows_of(data, run)
    polls: list[Poll] = rows["polls"]
    dead: list[DeadLetter] = rows["dead_letters"]
    outcomes = Counter(poll.outcome for poll in polls)
    waiting = stage_balance(run, "discover").dropped.get("not-due", 0)
    lines = [
        f"run {run.run_id} · version {run.data_version} · {(run.finished_at - run.started_at).total_seconds():.0f} s",
        f"feeds    {len(polls)} polled: "
        + (", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "none")
        + (f"; {waiting} not due yet" if waiting else ""),
        "written  " + ", ".join(f"{len(rows[name])} {name}" for name in ("articles", "topic_tags", "captures")),
        "",
        f"{'stage':10} {'in':>7} {'out':>7} {'dropped':>8} {'dead':>6}   reasons",
    ]
    for stage in STAGES:
        balance = stage_balance(run, stage)
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(balance.dropped.items()))
        adds_up = "" if balance.adds_up else "   DOES NOT ADD UP"
        lines.append(
            f"{stage:10} {balance.entered:7} {balance.passed:7} {sum(balance.dropped.values()):8} {balance.dead:6}   "
            f"{reasons}{adds_up}"
        )
    lines += tell_gaps(polls, [row for row in rows["coverage"] if row.day == run.started_at.date()])
    if dead:
        lines += ["", f"missing  {len(dead)} dead letters (table dead_letters); feeds and pages are tried again later:"]
        lines += [
            printable(f"  {letter.stage}: {letter.error} — {letter.url or letter.feed_id}") for letter in dead[:SHOWN]
        ]
        if len(dead) > SHOWN:
            lines.append(f"  … and {len(dead) - SHOWN} more")
    return "\n".join(lines)


def tell_gaps(polls: list[Poll], days: list[Coverage]) -> list[str]:
    """One line for each gap of each feed: what, why, from when until when, and what was recovered.

    Of feeds that were not asked, the rows of the run's own day tell what lasts.
    """
    asked = {poll.feed_id for poll in polls}
    lasting = [(row.feed_id, gap) for row in days if row.feed_id not in asked for gap in row.gaps if not gap.ended_at]
    found = [(poll.feed_id, gap) for poll in polls for gap in poll.gaps]
    told = sorted([*found, *lasting], key=lambda pair: (pair[0], pair[1].began_at))
    if not told:
        return []
    lines = ["", f"gaps     {len(told)} (table coverage; `icewire feeds health` says what to do):"]
    for feed_id, gap in told:
        until = f"until {gap.ended_at:%Y-%m-%d %H:%M}" if gap.ended_at else "still"
        recovered = f"; {gap.recovered} entries recovered from the sitemap" if gap.recovered else ""
        lines.append(
            printable(f"  {feed_id}: {gap.kind} ({gap.cause}), since {gap.began_at:%Y-%m-%d %H:%M} {until}{recovered}")
        )
    return lines


def outage(data: Root, run: Run) -> str | None:
    """One line if no feed at all could be reached, which is more likely our network's fault than theirs."""
    polled = stage_balance(run, "discover")
    kinds = Counter(letter.error for letter in _rows_of(data, run)["dead_letters"] if letter.stage == "discover")
    if polled.passed or not polled.dead or set(kinds) - NOT_REACHED:
        return None
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return f"none of the {polled.dead} feeds could be reached ({told}); check this machine's network, then run again"


def _rows_of(data: Root, run: Run) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {name: [] for name in TABLES}
    for file in read_manifest(data, run.data_version).added:
        if file.kind in rows:
            rows[file.kind] += from_arrow(TABLES[file.kind].row, read_arrow(data, file.path))
    return rows
