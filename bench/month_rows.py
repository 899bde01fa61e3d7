"""What the data set says of the month: its polls, its account of each feed's day, and the pages it knows of."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from schemas.arrow import from_arrow
from schemas.records import Coverage, Gap, Poll, record
from schemas.tables import TABLES
from transforms.write.coverage import merge_gaps


@record
class Month:
    """The tables of the month, by feed."""

    polls: Mapping[str, tuple[Poll, ...]]
    """In the order of their instants."""
    days: Mapping[str, Mapping[date, Coverage]]
    """Of each day the row that stands: the one with the latest `as_of`."""
    gaps: Mapping[str, tuple[Gap, ...]]
    """Each gap once, as coverage told of it last."""
    kept: frozenset[str]
    """Keys of the pages of which there is an article."""
    told: frozenset[str]
    """Keys of the pages of which an article, a row in `dropped` or one in `dead_letters` tells."""


def read_month(data: Path) -> Month:
    """Read the tables of a data set."""
    polls: dict[str, list[Poll]] = {}
    for poll in sorted(_rows(data, "polls"), key=lambda each: each.polled_at):
        polls.setdefault(poll.feed_id, []).append(poll)
    days: dict[str, dict[date, Coverage]] = {}
    gaps: dict[str, list[Gap]] = {}
    coverage: list[Coverage] = _rows(data, "coverage")
    for row in sorted(coverage, key=attrgetter("as_of")):
        days.setdefault(row.feed_id, {})[row.day] = row
        gaps.setdefault(row.feed_id, []).extend(row.gaps)
    kept = _keys(data, "articles")
    return Month(
        polls={feed_id: tuple(each) for feed_id, each in polls.items()},
        days=days,
        gaps={feed_id: merge_gaps(its_gaps) for feed_id, its_gaps in gaps.items()},
        kept=kept,
        told=kept | _keys(data, "dropped") | _keys(data, "dead_letters"),
    )


def whole_polls(polls: Iterable[Poll]) -> tuple[Poll, ...]:
    """The polls that brought the whole document, new or not."""
    return tuple(poll for poll in polls if poll.outcome in ("entries", "unchanged"))


def good_polls(polls: Iterable[Poll]) -> tuple[Poll, ...]:
    """The polls that did not fail."""
    return tuple(poll for poll in polls if poll.outcome != "error")


def last_before(polls: Iterable[Poll], instant: datetime) -> Poll | None:
    """The last of the polls at or before an instant."""
    return max((poll for poll in polls if poll.polled_at <= instant), key=lambda poll: poll.polled_at, default=None)


def first_after(polls: Iterable[Poll], instant: datetime) -> Poll | None:
    """The first of the polls at or after an instant."""
    return min((poll for poll in polls if poll.polled_at >= instant), key=lambda poll: poll.polled_at, default=None)


def memory_size(data: Path) -> str:
    """The memory's files and bytes, by kind, as the newest version has them or older ones left them."""
    told = []
    for folder in sorted((data / "memory").iterdir()):
        files = list(folder.rglob("*.parquet"))
        told.append(f"{folder.name} {len(files)} files {sum(file.stat().st_size for file in files) / 1e6:.2f} MB")
    return ", ".join(told)


def _rows(data: Path, table: str) -> list[Any]:
    files = sorted((data / "data" / table).rglob("*.parquet"))
    rows: list[Any] = []
    for file in files:
        rows += from_arrow(TABLES[table].row, pq.ParquetFile(file).read())
    return rows


def _keys(data: Path, table: str) -> frozenset[str]:
    if not any((data / "data" / table).rglob("*.parquet")):
        return frozenset()
    files = f"{data}/data/{table}/**/*.parquet"
    with duckdb.connect() as database:
        found = database.execute(f"SELECT DISTINCT url_key FROM read_parquet('{files}') WHERE url_key IS NOT NULL")
        return frozenset(key for (key,) in found.fetchall())
