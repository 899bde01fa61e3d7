"""What was known of each page at each run, told anew by the captures before it."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.memory import PageMemory
from schemas.records import Article, Capture, DeadLetter, Dropped, Entry, Run, Visit
from transforms.write.clocks import as_of
from transforms.write.memory import Memory
from transforms.write.remember import remember_page

_BARE = Entry(feed_id="", entry_id="", url=None)
"""Stands in for what a feed says of a page, which no later stage asks memory for; a page takes about 1 KB so."""


class Pages:
    """The memory of pages as it stood when a run began."""

    def __init__(self, memory: Memory, runs: Iterable[Run]) -> None:
        self._memory = memory
        self._first: dict[datetime, int] = {}
        for run in runs:
            self._first.setdefault(run.started_at, run.data_version)
        self._recalled: dict[str, PageMemory] = {}
        self.states: dict[str, PageMemory] = {}
        """Pages that captures were settled of, by url_key."""

    def recall(self, url_keys: Collection[str]) -> None:
        """Look up when these pages were first seen, before any run that visits them is asked for."""
        self._recalled = self._memory.pages([key for key in url_keys if key not in self.states])

    def before(self, url_key: str, run: Run) -> PageMemory | None:
        """What was known of a page when a run began; None if that run was the first to see it."""
        if url_key in self.states:
            return as_of(self.states[url_key], run.started_at)
        page = self._recalled.get(url_key)
        # An earlier run can have visited it in vain. If it was first seen later than now, a clock was ahead.
        if page is None or self._first.get(page.first_seen_at, run.data_version) >= run.data_version:
            return None
        return page_seen(url_key, page.first_seen_at, needs_topic_filter=page.needs_topic_filter)

    def settle(self, run: Run, capture: Capture, outcome: Any) -> None:
        """Remember what a capture came to: an Article, Dropped or DeadLetter."""
        visit = Visit(
            entry=_BARE,
            url_key=capture.url_key,
            publisher="",
            language="",
            needs_topic_filter=capture.needs_topic_filter,
            reason="new",
            known=capture.known,
        )
        # The place of the bytes and the way there are not asked for, so they are not kept.
        bare = replace(capture, body=b"", redirects=(), payload_bytes=0, known=None)
        self.states[capture.url_key] = remember_page(
            visit,
            now=run.started_at,
            capture=bare,
            article=outcome if isinstance(outcome, Article) else None,
            dropped=outcome if isinstance(outcome, Dropped) else None,
            dead=outcome if isinstance(outcome, DeadLetter) else None,
        )


def page_seen(url_key: str, first_seen_at: datetime, *, needs_topic_filter: bool = False) -> PageMemory:
    """The memory of a page of which no more is told than when it was first seen."""
    return PageMemory(
        url_key=url_key,
        entry=_BARE,
        publisher="",
        language="",
        needs_topic_filter=needs_topic_filter,
        first_seen_at=first_seen_at,
    )
