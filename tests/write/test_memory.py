"""What a run remembers of earlier ones."""

from dataclasses import replace
from datetime import timedelta
from math import log2
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.arrow import arrow_schema, to_arrow
from schemas.memory import FeedMemory, PageMemory
from schemas.records import Gap, Silence
from tests.builders import NOON, make_capture, make_feed_memory, make_kept_payload, make_page, make_story_memory
from transforms.write.manifest import DataFile
from transforms.write.memory import KINDS, STORY_WINDOW, Memory, write_memory

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Runs:
    """Runs that each remember some rows, published at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, tuple[DataFile, ...]] = {}
        self.count = 0

    def remember(self, now: Any = NOON, **rows: list[Any]) -> Memory:
        self.count += 1
        self.files = write_memory(self.root, self.files, rows, run_id=f"run-{self.count:04d}", now=now)
        for file in (file for files in self.files.values() for file in files):
            if (self.root / file.staged).exists():
                (self.root / file.path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / file.staged).rename(self.root / file.path)
        return Memory(root=str(self.root), files=self.files)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def urls(pages: list[PageMemory]) -> list[str]:
    return [page.url_key for page in pages]


def test_without_a_manifest_nothing_is_remembered(tmp_path: Path) -> None:
    memory = Memory.of(tmp_path, None)
    assert (memory.feeds(NOON), memory.pages(["x"]), memory.due_pages(NOON), memory.stories(NOON)) == ({}, {}, [], [])


def test_feeds_come_back_as_they_went(runs: Runs) -> None:
    feed = FeedMemory(feed_id="ledger", url="https://ledger.example/feed", etag='W/"1"', marks=("a", "b"))
    assert runs.remember(feeds=[feed]).feeds(NOON) == {"ledger": feed}


def test_of_what_runs_remember_of_a_page_the_newest_counts(runs: Runs) -> None:
    old, other = make_page("https://a.example/", visits=1), make_page("https://b.example/")
    new = make_page("https://a.example/", visits=2)
    runs.remember(pages=[old, *(make_page(f"https://x.example/{number}") for number in range(20))])
    memory = runs.remember(pages=[new, other])
    assert len(runs.files["pages"]) == 2
    assert memory.pages(["https://a.example/", "https://b.example/", "https://c.example/"]) == {
        "https://a.example/": new,
        "https://b.example/": other,
    }


def test_a_page_comes_back_with_where_its_bytes_are_kept(runs: Runs) -> None:
    pages = [make_page("https://a.example/", kept_payload=make_kept_payload(make_capture())), make_page()]
    assert list(runs.remember(pages=pages).pages([page.url_key for page in pages]).values()) == pages


def test_merging_keeps_the_newest_too(runs: Runs) -> None:
    runs.remember(pages=[make_page(visits=1)])
    memory = runs.remember(pages=[make_page(visits=2)])
    assert len(runs.files["pages"]) == 1
    (page,) = memory.pages([make_page().url_key]).values()
    assert page.visits == 2


def test_a_run_that_learnt_nothing_adds_no_file(runs: Runs) -> None:
    runs.remember(pages=[make_page()])
    before = runs.files
    runs.remember()
    assert runs.files == before


def test_many_runs_leave_about_log2_n_files(runs: Runs) -> None:
    for number in range(40):
        runs.remember(pages=[make_page(f"https://a.example/{number}/{each}") for each in range(3)])
        assert len(runs.files["pages"]) <= log2(3 * (number + 1)) + 1
    memory = Memory(root=str(runs.root), files=runs.files)
    assert len(memory.pages([f"https://a.example/{number}/0" for number in range(40)])) == 40


def test_pages_whose_time_has_come_are_due(runs: Runs) -> None:
    memory = runs.remember(
        pages=[
            make_page("https://a.example/now", fetch_at=NOON),
            make_page("https://a.example/past", fetch_at=NOON - DAY, failures=1),
            make_page("https://a.example/later", fetch_at=NOON + HOUR),
            make_page("https://a.example/never", fetch_at=None),
        ]
    )
    assert urls(memory.due_pages(NOON)) == ["https://a.example/now", "https://a.example/past"]
    assert urls(memory.due_pages(NOON + DAY)) == [f"https://a.example/{name}" for name in ("later", "now", "past")]


def test_a_page_put_off_by_a_clock_that_was_ahead_is_due(runs: Runs) -> None:
    ahead = NOON + 365 * DAY
    memory = runs.remember(
        pages=[
            make_page("https://a.example/had", fetched_at=ahead, fetch_at=ahead + HOUR),
            make_page("https://a.example/met", first_seen_at=ahead, fetch_at=ahead + HOUR),
            make_page("https://a.example/month", fetch_at=NOON + 30 * DAY),
            make_page("https://a.example/never", fetched_at=ahead, fetch_at=None),
            make_page("https://a.example/odd", fetch_at=NOON + 31 * DAY),
            make_page("https://a.example/old", fetched_at=ahead, fetch_at=None, outcome="fetched"),
            make_page("https://a.example/led", fetched_at=ahead, fetch_at=None, outcome="fetched", same_as="else"),
            make_page("https://a.example/retry", fetch_at=NOON + 2 * DAY, failures=1),
        ]
    )
    due = memory.due_pages(NOON)
    assert urls(due) == [f"https://a.example/{name}" for name in ("had", "met", "odd", "old", "retry")]
    assert (due[0].fetched_at, due[0].fetch_at, due[1].first_seen_at) == (NOON, NOON, NOON), "it is taken for now"


def test_what_a_clock_that_was_ahead_says_of_a_feed_is_taken_for_now(runs: Runs) -> None:
    ahead = NOON + 365 * DAY
    feed = make_feed_memory(polled_at=ahead, succeeded_at=ahead, next_due_at=ahead + HOUR, moved_since=NOON - HOUR)
    (read,) = runs.remember(feeds=[feed]).feeds(NOON).values()
    assert (read.polled_at, read.succeeded_at, read.next_due_at, read.moved_since) == (NOON, NOON, NOON, NOON - HOUR)
    gap = Gap(kind="outage", cause="tls", began_at=ahead)
    (read,) = runs.remember(feeds=[replace(feed, gap=gap)]).feeds(NOON).values()
    assert read.gap == replace(gap, began_at=NOON)
    later = make_feed_memory(feed_id="courier", polled_at=NOON, next_due_at=NOON + HOUR)
    assert runs.remember(feeds=[later]).feeds(NOON)["courier"] == later


def test_no_domain_is_left_alone_for_longer_than_a_day_at_a_time(runs: Runs) -> None:
    silences = [Silence(domain=f"{days}.example", until=NOON + days * DAY, reason="http-429") for days in (1, 2)]
    memory = runs.remember(silences=silences)
    assert [silence.domain for silence in memory.silences(NOON)] == ["1.example"]


def test_a_page_is_due_by_its_newest_appointment_only(runs: Runs) -> None:
    many = [make_page(f"https://x.example/{number}") for number in range(20)]
    runs.remember(pages=[make_page("https://a.example/", fetch_at=NOON), *many])
    memory = runs.remember(pages=[make_page("https://a.example/", fetch_at=None)])
    assert len(runs.files["pages"]) == 2
    assert memory.due_pages(NOON) == []


def test_stories_are_remembered_for_the_window(runs: Runs) -> None:
    old = make_story_memory("old", seen_at=NOON - STORY_WINDOW)
    recent = make_story_memory("recent", seen_at=NOON - DAY, sketch=(5, 2**62))
    memory = runs.remember(stories=[make_story_memory("new"), recent, old])
    assert memory.stories(NOON) == [recent, make_story_memory("new")]


def test_merging_forgets_stories_beyond_the_window_but_no_page(runs: Runs) -> None:
    long_ago = NOON - 2 * STORY_WINDOW
    runs.remember(stories=[make_story_memory("old", seen_at=long_ago)], pages=[make_page(first_seen_at=long_ago)])
    new_page = make_page("https://a.example/")
    runs.remember(stories=[make_story_memory("new")], pages=[new_page])
    assert sum(file.rows for file in runs.files["stories"]) == 2, "the clock may be wrong"
    runs.remember(stories=[make_story_memory("newer"), make_story_memory("new")])
    assert sum(file.rows for file in runs.files["stories"]) == 2
    assert sum(file.rows for file in runs.files["pages"]) == 2


def test_a_run_by_a_clock_that_is_ahead_forgets_nothing(runs: Runs) -> None:
    ahead = NOON + 365 * DAY
    runs.remember(stories=[make_story_memory("old"), make_story_memory("older", seen_at=NOON - DAY)])
    runs.remember(now=ahead, stories=[make_story_memory(name, seen_at=ahead) for name in ("a", "b")])
    assert len(runs.files["stories"]) == 1, "they were merged"
    memory = runs.remember(now=NOON + HOUR, stories=[make_story_memory("new", seen_at=NOON + HOUR)])
    assert {story.article_id for story in memory.stories(NOON + HOUR)} == {"a", "b", "new", "old", "older"}


def test_every_memory_has_a_key_of_its_record() -> None:
    for kind in KINDS.values():
        assert {*kind.key, kind.kept_by} - {None} <= set(kind.row.__dataclass_fields__)  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ older forms

OLD_FEEDS = ["feed_id", "url", "etag", "last_modified", "validators_at", "body_sha256", "polled_at", "succeeded_at"]
OLD_PAGES = ["url_key", "entry", "publisher", "language", "needs_topic_filter", "first_seen_at", "fetched_at"]
OLD_PAGES += ["fetch_at", "visits", "failures", "status", "content_sha256", "article_ids", "latest_id"]


def write_older(root: Path, name: str, table: pa.Table) -> tuple[DataFile, ...]:
    """A memory file with the columns that icewire wrote before it knew marks, gaps and leads."""
    path = f"memory/{name}/run-0000.parquet"
    (root / path).parent.mkdir(parents=True)
    pq.write_table(table, root / path)
    return (DataFile(path=path, staged=path, kind=f"memory/{name}", rows=table.num_rows, bytes=0, sha256=""),)


@pytest.fixture
def older(runs: Runs) -> Runs:
    """What a run before the change left: a feed and two pages, one of them due."""
    feed = FeedMemory(feed_id="ledger", url="https://ledger.example/feed", etag='"1"', succeeded_at=NOON - HOUR)
    feeds = to_arrow(FeedMemory, [feed]).select(OLD_FEEDS)
    feeds = feeds.append_column("entry_ids", pa.array([["1", "2"]])).append_column("errors", pa.array([2]))
    pages = [make_page("https://a.example/", fetch_at=NOON, article_ids=("a1",)), make_page("https://b.example/")]
    runs.files = {
        "feeds": write_older(runs.root, "feeds", feeds),
        "pages": write_older(runs.root, "pages", to_arrow(PageMemory, pages).select(OLD_PAGES)),
    }
    return runs


def test_memory_of_an_older_icewire_is_read_with_defaults(older: Runs) -> None:
    memory = Memory(root=str(older.root), files=older.files)
    feed = memory.feeds(NOON)["ledger"]
    assert (feed.etag, feed.succeeded_at, feed.errors) == ('"1"', NOON - HOUR, 2.0)
    assert (feed.marks, feed.rate, feed.gap, feed.changed_at) == ((), None, None, None)
    assert memory.due_pages(NOON) == [make_page("https://a.example/", fetch_at=NOON, article_ids=("a1",))]
    assert (memory.silences(NOON), memory.robots(NOON), memory.coverage()) == ((), {}, {})


def test_memory_of_an_older_icewire_is_merged_into_the_new_form(older: Runs) -> None:
    lead = make_page("https://c.example/", same_as="https://a.example/", outcome="duplicate")
    memory = older.remember(
        feeds=[FeedMemory(feed_id="courier", url="https://c.example/feed", marks=("m",))], pages=[lead]
    )
    assert (len(older.files["feeds"]), len(older.files["pages"])) == (1, 2), "two files of both forms, one merged"
    assert {feed_id: feed.marks for feed_id, feed in memory.feeds(NOON).items()} == {"courier": ("m",), "ledger": ()}
    assert memory.pages(["https://c.example/"]) == {"https://c.example/": lead}
    assert urls(memory.due_pages(NOON)) == ["https://a.example/"]
    (file,) = older.files["feeds"]
    assert pq.read_schema(older.root / file.path).names == arrow_schema(FeedMemory).names


def test_a_settled_page_is_forgotten_among_the_appointments_but_never_asked_for_again(runs: Runs) -> None:
    url = "https://a.example/"
    runs.remember(pages=[make_page(url, fetched_at=NOON, fetch_at=NOON + DAY)])
    runs.remember(now=NOON + DAY, pages=[make_page(url, fetched_at=NOON + DAY)])
    for day in range(2, 130):
        other = make_page(f"https://a.example/{day}", fetched_at=NOON + day * DAY)
        memory = runs.remember(now=NOON + day * DAY, pages=[other])
    assert sum(file.rows for file in memory.files["pages"]) == 129
    assert sum(file.rows for file in memory.files["appointments"]) < 80
    assert memory.due_pages(NOON + 131 * DAY) == []
    assert set(memory.pages([url])) == {url}
