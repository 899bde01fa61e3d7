"""Compare what a replay gives with what is stored, and write what differs as new rows of the replay's run."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pipelines.replay.replayed import Replayed
from pipelines.replay.tell import SIGNS, tell_altered, tell_counts, tell_row, tell_values
from pipelines.replay.writer import RowWriter
from schemas.tables import TABLES
from transforms.write.history import History
from transforms.write.stored_rows import StoredRows

REPLAYED = ("articles", "stories", "topic_tags")


class Changes:
    """The difference between a data set and its replay. Give it every run's outcome, then finish.

    `most_lines` bounds how many rows are told of one by one; texts captured after `since` may still be compared with.
    """

    def __init__(self, history: History, *, since: datetime, most_lines: int | None) -> None:
        self._stored = {name: StoredRows(history, TABLES[name]) for name in REPLAYED}
        self._since, self._most_lines = since, most_lines
        self._altered: dict[tuple[str, ...], dict[str, str]] = {}
        self._reasons: dict[str, str] = {}
        self._left_alone: set[str] = set()
        self.rows: Counter[tuple[str, str, str]] = Counter()
        """(table, topic or "", added, removed or altered) -> rows."""
        self.lines: list[str] = []
        self.gone: list[Mapping[str, Any]] = []
        """Rows of `articles` that were withdrawn."""
        self.back: list[Mapping[str, Any]] = []
        """Rows of `articles` that had been withdrawn and count again, with their text if captured after `since`."""
        self.back_in_stories: list[Mapping[str, Any]] = []
        """Rows of `stories` like that."""
        self.not_replayed = 0
        """Articles whose capture or run is not in the data set; they stay as they are."""

    @property
    def latest(self) -> datetime:
        """The latest `as_of` of the rows that may be replaced: those of the replay must be later."""
        return max(stored.latest for stored in self._stored.values())

    def take(self, made: Replayed, writer: RowWriter) -> None:
        """Compare one run's rows."""
        for name, rows in zip(REPLAYED, made.rows, strict=True):
            for match, row in self._stored[name].match(rows):
                if match != "same":
                    writer.write(name, row)
                    self._note(match, name, row)
        for article in made.kept_articles:
            self._stored["articles"].keep([article.capture_id])
        for article_id in made.kept_stories:
            self._stored["stories"].keep([article_id])
        self._left_alone |= made.left_alone
        holds = self._stored["articles"].holds
        self._reasons |= {capture: reason for capture, reason in made.reasons.items() if holds([capture])}

    def finish(self, writer: RowWriter) -> None:
        """Withdraw what was not found again, and tell how altered rows differ."""
        for name, stored in self._stored.items():
            for row in stored.left():
                self._withdraw(name, row, writer)
            for row in stored.revived():
                self._revive(name, row, writer)
            for row in stored.altered() if self._altered else ():
                if after := self._altered.pop((name, *_key(name, row)), None):
                    self.lines.append(tell_altered(name, row, tell_values(row, stored.said), after))

    def tell(self) -> list[str]:
        """What changed, by table and topic, and row by row."""
        told = [*tell_counts(REPLAYED, self.rows), *([""] if self.lines else []), *self.lines]
        changed = sum(self.rows.values())
        return told + (
            [f"… and {changed - len(self.lines)} more; --diff shows all"] if changed > len(self.lines) else []
        )

    def counts(self) -> Counter[str]:
        """Counters of the run: articles:added and so on."""
        counted = Counter({f"{name}:{kind}": 0 for name in REPLAYED for kind in SIGNS})
        for (name, _, kind), rows in self.rows.items():
            counted[f"{name}:{kind}"] += rows
        return counted

    def _note(self, match: str, name: str, row: Mapping[str, Any]) -> None:
        self.rows[name, row.get("topic") or "", match] += 1
        if self._most_lines is not None and len(self.lines) + len(self._altered) >= self._most_lines:
            return
        if match == "altered":
            self._altered[name, *_key(name, row)] = tell_values(row, self._stored[name].said)
        else:
            self.lines.append(tell_row(SIGNS[match], name, row))

    def _withdraw(self, name: str, row: dict[str, Any], writer: RowWriter) -> None:
        why: dict[str, str] = {}
        if name == "articles":
            if row["capture_id"] not in self._reasons:
                self._left_alone.add(row["article_id"])
                self.not_replayed += 1
                return
            why = {"withdrawn_as": self._reasons[row["capture_id"]]}
            self.gone.append(_brief(row))
        if row["article_id"] in self._left_alone:
            return
        writer.write(name, row | {"withdrawn": True} | why)
        self._note("removed", name, row)

    def _revive(self, name: str, row: dict[str, Any], writer: RowWriter) -> None:
        if name == "articles":
            row["withdrawn_as"] = None
            self.back.append(_brief(row) | {"text": row["text"] if row["captured_at"] > self._since else ""})
        else:
            self.back_in_stories.append(row)
        writer.write(name, row | {"withdrawn": False})
        self._note("added", name, row)


def _key(name: str, row: Mapping[str, Any]) -> Iterable[str]:
    return [row[column] for column in TABLES[name].key]


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("article_id", "url_key", "revision")}
