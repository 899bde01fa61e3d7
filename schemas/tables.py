"""The tables of the data set: which record a row is, how files are sorted, and by which key they are partitioned."""

from typing import Literal

from schemas import records
from schemas.arrow import arrow_schema
from schemas.records import record

PARTITIONS: dict[str, str] = {"day": "captured_on", "month": "captured_in"}
"""Tables are partitioned by the UTC day of the run's start, or by its month, told by its first day: append-only, and no
fetched value becomes a path. What tells of the pass and not of articles goes by the month, since so many small files a
year would be a burden to all readers."""


@record
class Table:
    """A table of the data set: which record a row is, and how rows are sorted within a file."""

    name: str
    row: type
    sort_by: tuple[str, ...]
    """Columns of the sort, most significant first; chosen so that row-group statistics prune usual queries."""
    partition: Literal["day", "month"] = "day"
    key: tuple[str, ...] = ()
    """Columns that name what a row tells of; of rows with equal ones the latest `as_of` counts. None: all count."""

    @property
    def partition_column(self) -> str:
        """The column that partitions the table; it is in its files' paths."""
        return PARTITIONS[self.partition]


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(name="polls", row=records.Poll, partition="month", sort_by=("feed_id", "polled_at")),
        Table(name="captures", row=records.Capture, sort_by=("fetched_at", "url_key", "capture_id")),
        Table(name="articles", row=records.Article, sort_by=("published_at", "article_id"), key=("capture_id",)),
        Table(name="stories", row=records.Story, sort_by=("story_id", "article_id"), key=("article_id",)),
        Table(name="topic_tags", row=records.TopicTag, sort_by=("topic", "article_id"), key=("article_id", "topic")),
        Table(
            name="coverage",
            row=records.Coverage,
            partition="month",
            sort_by=("feed_id", "day", "as_of"),
            key=("feed_id", "day"),
        ),
        Table(
            name="dead_letters",
            row=records.DeadLetter,
            partition="month",
            sort_by=("stage", "error", "feed_id", "url_key"),
        ),
        Table(
            name="dropped",
            row=records.Dropped,
            partition="month",
            sort_by=("stage", "reason", "feed_id", "url_key", "entry_id"),
        ),
        Table(name="takedowns", row=records.Takedown, partition="month", sort_by=("taken_down_at", "url")),
        Table(name="runs", row=records.Run, partition="month", sort_by=("run_id",)),
    )
}


def partition_of(table: Table, day: str) -> str:
    """The folder of a table that holds what a run of that day (2026-11-02) writes: captured_on=2026-11-02."""
    return f"{table.partition_column}={day if table.partition == 'day' else f'{day[:7]}-01'}"


def describe(table: Table) -> list[tuple[str, str, str]]:
    """(column, Arrow type, description) of each column of a table, in order."""
    return [
        (field.name, str(field.type), (field.metadata or {}).get(b"description", b"").decode())
        for field in arrow_schema(table.row)
    ]
