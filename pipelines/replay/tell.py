"""Say in lines what a replay changes, as a diff does: `+` a row more, `-` a row less, `~` another row."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from pipelines.context import printable

SHOWN_CHARACTERS = 60
ID_CHARACTERS, IDS = 12, ("article_id", "origin_id", "story_id", "_sha256")
"""Of ids and hashes so much is shown: no two of a data set begin alike."""

SIGNS = {"added": "+", "removed": "-", "altered": "~"}

Counts = Mapping[tuple[str, str, str], int]
"""(table, topic or "", added, removed or altered) -> rows."""


def tell_counts(tables: Iterable[str], counts: Counts) -> list[str]:
    """One line for each table, and one for each topic that changed."""
    lines = []
    for table in tables:
        topics = sorted({topic for name, topic, _ in counts if name == table and topic})
        total: Counter[str] = Counter()
        for (name, _, kind), rows in counts.items():
            total[kind] += rows if name == table else 0
        lines.append(f"{table:24} {_tell(total)}")
        for topic in topics:
            lines.append(f"  {topic:22} {_tell({kind: counts.get((table, topic, kind), 0) for kind in SIGNS})}")
    return lines


def tell_row(sign: str, table: str, row: Mapping[str, Any]) -> str:
    """One line for a row that came or went."""
    if table == "articles":
        said = row["title"] or _shorten(row["text"])
    elif table == "stories":
        said = f"{row['role']} of {row['origin_id'][:ID_CHARACTERS]}" if row["origin_id"] else row["role"]
    else:
        quotes = " … ".join(span["quote"] for span in row["evidence"][:3])
        said = f"{row['topic']}  «{_shorten(quotes)}»"
    return printable(f"{sign} {table} {row['article_id'][:ID_CHARACTERS]}  {said}")


def tell_altered(table: str, row: Mapping[str, Any], before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """One line for a row that says something else now; `before` and `after` are what `tell_values` gives."""
    changed = [f"{name}: {before[name]} -> {after[name]}" for name in after if before[name] != after[name]]
    topic = f" {row['topic']}" if "topic" in row else ""
    return printable(f"~ {table} {row['article_id'][:ID_CHARACTERS]}{topic}  {'; '.join(changed)}")


def tell_values(row: Mapping[str, Any], columns: Iterable[str]) -> dict[str, str]:
    """What a row says, column by column, in few words that differ wherever the values do."""
    return {name: _value(row[name])[: ID_CHARACTERS if name.endswith(IDS) else None] for name in columns}


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return _value(" | ".join(map(_span, value)))
    text = str(value)
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return f"{_shorten(text)} ({len(text)} characters, {sha256(text.encode()).hexdigest()[:8]})"


def _span(value: Any) -> str:
    return f"{value['field']} {value['start']} «{value['quote']}»" if isinstance(value, Mapping) else str(value)


def _shorten(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= SHOWN_CHARACTERS and line == text else f"{line[:SHOWN_CHARACTERS]}…"


def _tell(rows: Mapping[str, int]) -> str:
    return " ".join(f"{sign}{rows.get(kind, 0)}" for kind, sign in SIGNS.items())
