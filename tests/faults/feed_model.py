"""A feed's server, honest or not: what it lists, what it says of it, and what it knows that it said."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from schemas.records import Header, Redirect
from tests.builders import NOON, make_answer
from transforms.answer import Answer, WebError

FEED = "https://ledger.example/feed"
WINDOW = 12
"""Entries that the feed lists at the most."""

SHARED = -1
"""The version of an id that all entries share."""

HTML = b"<!doctype html><title>Just news</title><p>Hello</p>"


@dataclass(frozen=True)
class Item:
    """An entry as it is listed; its id and its link may change, its number does not."""

    number: int
    dated_at: datetime | None
    guid: int = 0
    link: int = 0

    def entry_id(self) -> str:
        return "the same" if self.guid == SHARED else f"{self.number}.{self.guid}"

    def url(self) -> str:
        return f"https://ledger.example/{self.number}/{self.link}"

    def marks(self, beside: Sequence["Item"]) -> set[str]:
        """What tells the item from those beside it: its link, and its id if it is its own."""
        is_own = sum(item.entry_id() == self.entry_id() for item in beside) == 1
        return {self.url(), *([self.entry_id()] if is_own else [])}

    def render(self) -> str:
        date = f"<pubDate>{format_datetime(self.dated_at)}</pubDate>" if self.dated_at else ""
        return (
            f"<item><guid>{self.entry_id()}</guid><title>Raid {self.number}</title>"
            f"<link>{self.url()}</link>{date}</item>"
        )


@dataclass
class Move:
    """Where the feed lives by now, and the hops that lead there."""

    target: str
    statuses: tuple[int, ...]
    through: str = FEED

    def redirects(self) -> tuple[Redirect, ...]:
        addresses = (FEED, *(self.through for _ in self.statuses[1:]))
        return tuple(Redirect(url=url, status=status) for url, status in zip(addresses, self.statuses, strict=True))


@dataclass
class FeedServer:
    """Answers as an asker's web would; `said` is the last answer: whole, 304 or the kind of error it should make.

    `fault` is played once instead of an answer; a `lying` one says 304 to whoever sends conditions.
    """

    at: datetime = NOON
    etags: str = "honest"
    dates: str = "none"
    needs_both: bool = False
    max_age: int | None = None
    move: Move | None = None
    fault: Answer | WebError | None = None
    is_lying: bool = False
    items: list[Item] = field(default_factory=list)
    published: int = 0
    changed_at: datetime = NOON
    asked: list[str] = field(default_factory=list)
    asked_with: list[dict[str, str]] = field(default_factory=list)
    conditions: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def now(self) -> datetime:
        return self.at

    def publish(self, count: int, *, is_dated: bool) -> None:
        for _ in range(count):
            self.published += 1
            self.items.insert(0, Item(self.published, self.at if is_dated else None))
        self.items = self.items[:WINDOW]
        self.changed_at = self.at

    def rename(self, *, guid: int | None = None, link: int | None = None) -> None:
        self.items = [
            replace(item, guid=item.guid if guid is None else guid, link=item.link if link is None else link)
            for item in self.items
        ]
        self.changed_at = self.at

    def lose(self, count: int) -> None:
        self.items = self.items[: max(len(self.items) - count, 0)]
        self.changed_at = self.at

    def body(self) -> bytes:
        items = "".join(item.render() for item in self.items)
        return f"<rss version='2.0'><channel><title>Ledger</title>{items}</channel></rss>".encode()

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = (), **_: Any) -> Answer:
        self.asked.append(url)
        self.conditions = {header.name: header.value for header in conditions}
        self.asked_with.append(self.conditions)
        answer = self._answer(url)
        if isinstance(answer, WebError):
            self.said = answer.kind
            raise answer
        moved = self.move if self.move and url == FEED else None
        return replace(
            answer,
            url=moved.target if moved else url,
            redirects=moved.redirects() if moved else (),
            asked_at=self.at,
            request_headers=conditions,
        )

    def _answer(self, url: str) -> Answer | WebError:
        if isinstance(self.fault, WebError) and self.fault.kind == "host-blocked":
            fault, self.fault = self.fault, None
            return fault  # nobody is asked, whoever lives there
        if url != FEED and (self.move is None or url != self.move.target):
            self.said = "http-404"  # nobody lives there any more
            return make_answer(b"no such page", 404)
        if self.fault is not None:
            fault, self.fault = self.fault, None
            if isinstance(fault, Answer):
                self.said = {200: "not-a-feed" if fault.content else "empty", 304: "unasked-304"}.get(
                    fault.status, f"http-{fault.status}"
                )
            return fault
        self.said = "304" if self._says_not_modified() else "whole"
        content = b"" if self.said == "304" else self.body()
        headers = {"ETag": self.etag(), "Last-Modified": self.date()}
        if self.max_age is not None:
            headers["Cache-Control"] = f"max-age={self.max_age}"
        return make_answer(
            content, int(self.said == "304") * 104 + 200, **{name: value for name, value in headers.items() if value}
        )

    def _says_not_modified(self) -> bool:
        if not self.conditions or self.is_lying:
            return bool(self.conditions)
        current = {"If-None-Match": self.etag(), "If-Modified-Since": self.date()}
        if self.etags == "gzip":  # Apache compares what comes back with what it was before it was compressed
            current["If-None-Match"] = None
        hits = {name: value == current[name] for name, value in self.conditions.items()}
        if self.needs_both:
            return all(hits.values())
        return hits.get("If-None-Match", hits.get("If-Modified-Since", False))

    def etag(self) -> str | None:
        digest = hashlib.sha256(self.body()).hexdigest()[:8]
        told = {
            "honest": f'"{digest}"',
            "weak": f'W/"{digest}"',
            "constant": '"1"',
            "flapping": f'"{digest}-{len(self.asked) % 2}"',
            "gzip": f'"{digest}-gzip"',
            "unquoted": f"{digest}, '\t{digest}",
            "not ascii": f'"caf\xe9-{digest}"',
        }
        return told.get(self.etags)

    def date(self) -> str | None:
        told = {
            "honest": format_datetime(self.changed_at, usegmt=False),
            "future": format_datetime(self.changed_at + timedelta(days=400)),
            "touched": format_datetime(self.at),
            "constant": "Thu, 01 Jan 1970 00:00:00 GMT",
            "odd": f"yesterday, more or less; {self.changed_at.timestamp():.0f}",
        }
        return told.get(self.dates)
