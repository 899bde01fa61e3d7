"""The tables, described for people: docs/tables.md, written from the records so that it cannot be wrong.

python -m pipelines.table_docs > docs/tables.md
"""

from schemas.tables import TABLES, Table, describe

_HEAD = """# Tables

Written by `make tables` from `schemas/records.py`; do not edit. Every table lies in
`<data>/data/<table>/captured_on=YYYY-MM-DD/part-<run>-<shard>.parquet`. `captured_on` is the UTC day on which the run
started; tables that tell of passes have `captured_in` instead, the first day of its month. Both are DATE columns for
readers that know hive partitioning. Rows are only ever added, but for takedowns; where a table names what a row tells
of, the row with the latest `as_of` counts, unless it is `withdrawn`: `open_dataset(…).current(table)` gives those that
do. Instants are UTC with microseconds. The same descriptions are in the Parquet files, as field metadata `description`.
"""


def render_tables() -> str:
    """The whole document, as Markdown."""
    parts = [_HEAD]
    for table in TABLES.values():
        about = (table.row.__doc__ or "").strip()
        parts.append(f"## {table.name}\n\n{about} {_arrangement(table)}\n")
        parts.append("| column | type | meaning |\n|---|---|---|")
        parts += [f"| `{name}` | {_shorten(kind)} | {about} |" for name, kind, about in describe(table)]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _arrangement(table: Table) -> str:
    said = f"Partitioned by `{table.partition_column}`, sorted by {', '.join(table.sort_by)}."
    return said + (f" A row tells of one {', '.join(table.key)}." if table.key else "")


def _shorten(kind: str) -> str:
    """An Arrow type as a reader wants it: structs and lists by their field names."""
    return kind.replace("timestamp[us, tz=UTC]", "timestamp").replace("item: ", "").replace("|", "\\|")


if __name__ == "__main__":
    print(render_tables(), end="")
