"""How records become Arrow tables and come back."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Literal

import pyarrow as pa
import pytest

from schemas.arrow import arrow_schema, conform, from_arrow, schema_sha256, to_arrow
from schemas.memory import FeedMemory
from schemas.records import DeadLetter, Evidence, Gap, NotAColumn, Poll, TopicTag, record
from schemas.tables import TABLES, Table, describe
from tests.builders import NOON, make_article, make_capture, make_feed_memory, make_page, make_run


@record
class Line:
    """A record with one field of every kind."""

    text: Annotated[str, "some words"]
    count: Annotated[int | None, "how many"] = None
    at: Annotated[datetime | None, "when"] = None
    kind: Literal["a", "b"] = "a"
    spans: Annotated[tuple[Evidence, ...], "where"] = ()
    scratch: Annotated[tuple[str, ...], NotAColumn] = ()


def make_dead_letter(**facts: str | None) -> DeadLetter:
    return DeadLetter(run_id="run-1", stage="download", error="timeout", at=NOON, **facts)  # type: ignore[arg-type]


def test_types_follow_from_the_annotations() -> None:
    assert {field.name: str(field.type) for field in arrow_schema(Line)} == {
        "text": "string",
        "count": "int64",
        "at": "timestamp[us, tz=UTC]",
        "kind": "string",
        "spans": "list<item: struct<field: string, start: int64, end: int64, quote: string>>",
    }


def test_a_column_is_described_by_its_field() -> None:
    table = Table(name="lines", row=Line, sort_by=())
    assert describe(table)[:2] == [("text", "string", "some words"), ("count", "int64", "how many")]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_of_every_table_is_described(table: Table) -> None:
    assert [name for name, _, description in describe(table) if not description] == []
    assert set(table.sort_by) <= set(arrow_schema(table.row).names)


ROWS = (make_article(), make_capture(body=b""), make_page(), make_run())


@pytest.mark.parametrize("each", ROWS, ids=lambda each: type(each).__name__)
def test_records_come_back_as_they_went(each: object) -> None:
    assert from_arrow(type(each), to_arrow(type(each), [each])) == [each]


def test_fields_that_are_no_columns_come_back_empty() -> None:
    (back,) = from_arrow(Line, to_arrow(Line, [Line(text="a", scratch=("gone",))]))
    assert back == Line(text="a")


def test_nested_evidence_comes_back() -> None:
    quote = Evidence(field="text", start=0, end=3, quote="ICE")
    tag = TopicTag(
        article_id="a",
        run_id="r",
        as_of=NOON,
        topic="raids",
        rule_id="r1",
        ruleset_version="1",
        score=0.5,
        evidence=(quote,),
    )
    assert from_arrow(TopicTag, to_arrow(TopicTag, [tag])) == [tag]


def test_columns_of_a_newer_icewire_are_ignored() -> None:
    table = to_arrow(Line, [Line(text="a")]).append_column("mood", pa.array(["good"]))
    assert from_arrow(Line, table) == [Line(text="a")]


def test_a_table_of_an_older_icewire_gets_the_columns_that_came_later() -> None:
    older = pa.table({"count": pa.array([3], pa.int32()), "text": ["a"], "mood": ["good"]})
    table = conform(Line, older)
    assert table.schema == arrow_schema(Line)
    assert from_arrow(Line, table) == [Line(text="a", count=3)]
    assert conform(Line, table) == table


def test_older_rows_hold_the_defaults_of_what_they_lack() -> None:
    older = pa.table(
        {"feed_id": ["ledger"], "url": ["https://ledger.example/feed"], "errors": [2], "entry_ids": [["1"]]}
    )
    (memory,) = from_arrow(FeedMemory, conform(FeedMemory, older))
    assert memory == make_feed_memory(errors=2.0)
    assert isinstance(memory.errors, float)


def without(table: pa.Table, column: str, field: str) -> pa.Table:
    """A table whose records within a column lack a field, as an older icewire wrote them."""
    whole = table[column].combine_chunks()
    is_list = pa.types.is_list(whole.type)
    records = whole.values if is_list else whole
    kept = [each for each in records.type if each.name != field]
    older = pa.StructArray.from_arrays([records.field(each.name) for each in kept], fields=kept, mask=records.is_null())
    older = pa.ListArray.from_arrays(whole.offsets, older, mask=whole.is_null()) if is_list else older
    return table.set_column(table.schema.get_field_index(column), column, older)


def test_records_within_older_rows_hold_the_defaults_of_what_they_lack() -> None:
    gap = Gap(kind="outage", cause="http-503", began_at=NOON)
    memories = [make_feed_memory(gap=gap), make_feed_memory()]
    assert from_arrow(FeedMemory, conform(FeedMemory, without(to_arrow(FeedMemory, memories), "gap", "recovered"))) == (
        memories
    )
    feed = {"run_id": "run-1", "feed_id": "ledger", "publisher": "The Ledger", "url": "https://ledger.example/feed"}
    polls = [Poll(**feed, polled_at=NOON, outcome="error", gaps=(gap,) * number) for number in range(3)]
    older = without(to_arrow(Poll, polls), "gaps", "recovered")
    assert from_arrow(Poll, conform(Poll, older)) == polls
    assert from_arrow(Poll, conform(Poll, older.slice(1))) == polls[1:]


def test_a_gap_within_a_record_comes_back() -> None:
    memory = make_feed_memory(gap=Gap(kind="outage", cause="http-503", began_at=NOON), skip_hours=(1, 2), rate=0.5)
    table = to_arrow(FeedMemory, [memory, make_feed_memory()])
    assert from_arrow(FeedMemory, conform(FeedMemory, table)) == [memory, make_feed_memory()]


def test_rows_are_sorted_with_nulls_last() -> None:
    rows = [make_dead_letter(feed_id="b"), make_dead_letter(), make_dead_letter(feed_id="a")]
    assert to_arrow(DeadLetter, rows, ("feed_id",))["feed_id"].to_pylist() == ["a", "b", None]


def test_instants_of_any_zone_become_utc() -> None:
    there = datetime(2026, 11, 2, 6, tzinfo=timezone(timedelta(hours=-6)))
    (back,) = from_arrow(Line, to_arrow(Line, [Line(text="a", at=there)]))
    assert back.at == NOON
    assert back.at is not None
    assert back.at.utcoffset() == UTC.utcoffset(None)


def test_lone_surrogates_become_replacement_characters_one_for_one() -> None:
    line = Line(text="a\ud800b", spans=(Evidence(field="text", start=0, end=2, quote="a\ud800"),))
    (back,) = from_arrow(Line, to_arrow(Line, [line, line]))[:1]
    assert back.text == "a\ufffdb"
    assert back.spans[0].quote == back.text[0:2]


def test_no_rows_make_an_empty_table_with_all_columns() -> None:
    table = to_arrow(DeadLetter, [], ("stage", "error"))
    assert table.num_rows == 0
    assert table.schema.names == [field.name for field in fields(DeadLetter)]


def test_the_schema_hash_tells_types_but_not_descriptions_apart() -> None:
    plain = pa.schema([pa.field("a", pa.string())])
    described = pa.schema([pa.field("a", pa.string(), metadata={"description": "words"})])
    assert schema_sha256(plain) == schema_sha256(described)
    assert schema_sha256(plain) != schema_sha256(pa.schema([pa.field("a", pa.int64())]))
