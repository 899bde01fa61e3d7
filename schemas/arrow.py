"""The only place that maps records to Arrow and back.

Types and descriptions come from the record's annotations, so a column is described once, in `schemas.records`.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import pyarrow as pa

from schemas.records import NotAColumn

R = TypeVar("R")

_SURROGATE = re.compile("[\ud800-\udfff]")

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    datetime: pa.timestamp("us", tz="UTC"),
    date: pa.date32(),
}


@cache
def arrow_schema(row: type) -> pa.Schema:
    """Arrow schema of a record: one field a column, described in its metadata under b"description"."""
    return pa.schema(list(_arrow_fields(row)))


def to_arrow(row: type, rows: Iterable[Any], sort_by: Sequence[str] = ()) -> pa.Table:
    """Rows of one record type as an Arrow table, sorted by `sort_by` with nulls last.

    Lone surrogates, which a page's JSON can smuggle into a string but UTF-8 cannot hold, become U+FFFD: as many
    characters as before, so offsets of evidence hold.
    """
    schema = arrow_schema(row)
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for each in rows:
        for name, values in columns.items():
            values.append(_plain(getattr(each, name)))
    table = pa.Table.from_arrays([_arrow_array(columns[field.name], field.type) for field in schema], schema=schema)
    if sort_by:
        table = table.sort_by([(name, "ascending") for name in sort_by])
    return table


def from_arrow(row: type[R], table: pa.Table) -> list[R]:
    """Records read back from an Arrow table; columns the record does not know are ignored."""
    return msgspec.convert(table.to_pylist(), list[row])  # type: ignore[valid-type]


def conform(row: type, table: pa.Table) -> pa.Table:
    """A table written for an older form of a record, as its schema is now; what it lacks holds the field's default.

    So it is with records within records.
    """
    schema = arrow_schema(row)
    columns = {name: table[name].combine_chunks() for name in table.schema.names}
    return pa.Table.from_arrays(_conform_columns(row, schema, columns, table.num_rows), schema=schema)


def unknown_columns(row: type, table: pa.Table) -> list[str]:
    """Columns, also within columns, that a table has and the record does not: a newer icewire wrote them."""
    return _unknown(table.schema, arrow_schema(row))


def _unknown(then: Iterable[pa.Field], now: Iterable[pa.Field]) -> list[str]:
    known = {field.name: field.type for field in now}
    found = []
    for field in then:
        if field.name not in known:
            found.append(field.name)
            continue
        inner, inner_now = (
            kind.value_type if pa.types.is_list(kind) else kind for kind in (field.type, known[field.name])
        )
        if pa.types.is_struct(inner) and pa.types.is_struct(inner_now):
            found += [f"{field.name}.{name}" for name in _unknown(inner, inner_now)]
    return found


def _within(kind: pa.DataType) -> Iterable[pa.Field]:
    kind = kind.value_type if pa.types.is_list(kind) else kind
    return list(kind) if pa.types.is_struct(kind) else ()


def _conform_columns(row: type, now: Iterable[pa.Field], then: Mapping[str, pa.Array], length: int) -> list[pa.Array]:
    """The columns of a record as they are now, from those it had then."""
    hints = get_type_hints(row, include_extras=True)
    defaults = {field.name: field.default for field in fields(row)}
    return [
        _conform_array(hints[field.name], field.type, then[field.name])
        if field.name in then
        else pa.array([_plain(defaults[field.name])] * length, type=field.type)
        for field in now
    ]


def _conform_array(kind: Any, now: pa.DataType, then: pa.Array) -> pa.Array:
    if then.type == now:
        return then
    kind = _bare(kind)
    if pa.types.is_list(now) and pa.types.is_list(then.type):
        values = _conform_array(get_args(kind)[0], now.value_type, then.values)
        return pa.ListArray.from_arrays(then.offsets, values, type=now, mask=then.is_null())
    if pa.types.is_struct(now) and pa.types.is_struct(then.type):
        parts = {field.name: then.field(field.name) for field in then.type}
        columns = _conform_columns(kind, list(now), parts, len(then))
        return pa.StructArray.from_arrays(columns, fields=list(now), mask=then.is_null())
    return then.cast(now)


def schema_sha256(schema: pa.Schema) -> str:
    """Hash of column names and types, in order: equal exactly when files can be read as one table."""
    # Parquet gives the items of a list another name than Arrow, which tells nothing.
    text = "\n".join(f"{field.name}: {field.type}" for field in schema).replace("list<element: ", "list<item: ")
    return hashlib.sha256(text.encode()).hexdigest()


def _arrow_fields(row: type) -> Iterable[pa.Field]:
    hints = get_type_hints(row, include_extras=True)
    for field in fields(row):
        kind, notes = _split_annotation(hints[field.name])
        if NotAColumn in notes:
            continue
        description = next((note for note in notes if isinstance(note, str)), None)
        metadata = {"description": description} if description else None
        yield pa.field(field.name, _arrow_type(kind), nullable=True, metadata=metadata)


def _split_annotation(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is Annotated:
        kind, *notes = get_args(hint)
        return kind, tuple(notes)
    return hint, ()


def _bare(kind: Any) -> Any:
    """The type of a field without its notes, and without None."""
    kind, _ = _split_annotation(kind)
    if get_origin(kind) in (UnionType, Union):
        (inner,) = (arg for arg in get_args(kind) if arg is not NoneType)
        return _bare(inner)
    return kind


def _arrow_type(kind: Any) -> pa.DataType:
    """Arrow type of a field: scalars, X | None, tuple[X, ...] as a list and records as structs."""
    kind = _bare(kind)
    if get_origin(kind) is tuple:
        return pa.list_(_arrow_type(get_args(kind)[0]))
    if kind in _SCALARS:
        return _SCALARS[kind]
    if isinstance(kind, type):
        return pa.struct(list(_arrow_fields(kind)))
    return pa.string()  # a Literal of strings


def _arrow_array(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:
        return pa.array([_without_surrogates(value) for value in values], type=kind)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list | tuple):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_surrogates(each) for name, each in value.items()}
    return value


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, builtin_types=(datetime, date, bytes))
