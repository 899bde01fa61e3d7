"""What a replay must know of each pass: revisions, stories, first sights, clocks, bytes kept elsewhere, lost texts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.clock import Clock
from pipelines.keep.takedown import take_down
from pipelines.replay.run import Outcome, ReplayOptions
from pipelines.replay.run import replay as run_replay
from tests.builders import NOON
from tests.extract.pages import ENGLISH
from tests.pipelines.other_extractors import extract_nothing
from tests.pipelines.passes_by_hand import visit, write_pass
from transforms.write.dataset import open_dataset

LEDGER, POST, HERALD = (f"https://{name}.example/raid" for name in ("ledger", "post", "herald"))
RAID = "ICE agents detained eleven roofers in valley raid"
OURS = ("ICE agents made the arrests to meet a daily arrest quota, officers said.", *ENGLISH[:10])
PLANTS = ("rose", "tulip", "lilac", "daisy", "peony", "iris", "lily", "aster", "poppy", "orchid", "violet", "crocus")
GARDEN = tuple(
    f"The {plant} in the town garden flowered early and drew {number} visitors from the county."
    for number, plant in enumerate(PLANTS)
)
LATER = NOON + timedelta(days=9)
STAGES = ("extract", "link", "tag")
HOUR = timedelta(hours=1)


def replayed(data: Path, start: Any = None, extract: Callable[..., Any] | None = None) -> Outcome:
    more: dict[str, Any] = {"extract": extract} if extract else {}
    return run_replay(ReplayOptions(data=data, start=start, shows_all=True), clock=Clock(fixed=LATER), **more)


def rows(data: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"SELECT {columns} FROM {open_dataset(data).current(table)} ORDER BY ALL").fetchall()


def assert_nothing_changes(data: Path) -> None:
    for start in STAGES:
        outcome = replayed(data, start)
        assert (outcome.rows_changed, outcome.problems, outcome.not_replayed) == (0, [], 0), (start, outcome.lines)


def test_revisions_that_come_and_go_keep_their_numbers(tmp_path: Path) -> None:
    texts = (OURS, OURS[:8], OURS, OURS[:6], OURS[:6])
    for number, text in enumerate(texts):
        at = NOON + number * HOUR
        write_pass(tmp_path, [visit(LEDGER, text, RAID, at)], at=at, run_id=f"run-{number}")
    assert rows(tmp_path, "articles", "revision") == [(1,), (2,), (3,)]
    assert_nothing_changes(tmp_path)


@pytest.mark.parametrize("origin", ["off-domain", "ours"])
def test_words_shared_with_an_article_that_was_dropped_still_make_the_story(tmp_path: Path, origin: str) -> None:
    """A gardening text is dropped at a broad feed and kept by a devoted one; its text is not at hand for linking."""
    early, late = "2026-11-02T08:00:00Z", "2026-11-02T09:00:00Z"
    broad, devoted = (early, late) if origin == "off-domain" else (late, early)
    captures = [
        visit(POST, (*GARDEN, *GARDEN), f"Flowers {broad}", NOON, needs_topic_filter=True),
        visit(LEDGER, (*GARDEN, *GARDEN), f"Flowers {devoted}", NOON),
        visit(HERALD, OURS, RAID, NOON),
    ]
    dated = [replace(each, entry=replace(each.entry, published_at=datetime.fromisoformat(when)))
             for each, when in zip(captures, (broad, devoted, early), strict=True)]  # fmt: skip
    write_pass(tmp_path, dated, at=NOON, run_id="run-1")
    roles = {"off-domain": "copy", "ours": "origin"}
    assert rows(tmp_path, "stories", f"role = '{roles[origin]}'") == [(False,), (True,)]
    assert_nothing_changes(tmp_path)


def test_a_page_is_first_seen_when_it_was_first_visited_even_in_vain(tmp_path: Path) -> None:
    write_pass(tmp_path, [visit(POST, OURS, RAID, NOON)], at=NOON, run_id="run-1", failed=[LEDGER])
    at = NOON + HOUR
    write_pass(tmp_path, [visit(LEDGER, OURS, RAID, at)], at=at, run_id="run-2")
    assert rows(tmp_path, "stories", "seen_at") == [(NOON,), (NOON,)]
    assert_nothing_changes(tmp_path)


def test_stories_are_forgotten_after_their_window(tmp_path: Path) -> None:
    for number, (url, days) in enumerate(((LEDGER, 0), (POST, 13), (HERALD, 40))):
        at = NOON + timedelta(days=days)
        write_pass(tmp_path, [visit(url, OURS, RAID, at)], at=at, run_id=f"run-{number}")
    assert rows(tmp_path, "stories", "role") == [("copy",), ("independent",), ("independent",)]
    assert_nothing_changes(tmp_path)


def test_a_clock_that_was_ahead_changes_nothing(tmp_path: Path) -> None:
    for number, hours in enumerate((0, 20 * 24, 1, 2)):
        at = NOON + hours * HOUR
        pages = [visit(url, OURS[: 11 - number], RAID, at) for url in (LEDGER, f"{POST}/{number}")]
        write_pass(tmp_path, pages, at=at, run_id=f"run-{number}")
    assert_nothing_changes(tmp_path)


def test_bytes_kept_by_an_earlier_capture_are_read_there(tmp_path: Path) -> None:
    """A page that an older extractor could not read twice; the second capture is a revisit record without bytes."""
    for number in range(2):
        at = NOON + number * HOUR
        write_pass(tmp_path, [visit(LEDGER, OURS, RAID, at)], at=at, run_id=f"run-{number}", extract=extract_nothing)
    assert len(rows(tmp_path, "captures", "capture_id")) == 2
    assert [bool(held) for (held,) in rows(tmp_path, "captures", "payload_in")] in ([True, False], [False, True])
    assert replayed(tmp_path, extract=extract_nothing).rows_changed == 0
    outcome = replayed(tmp_path)
    assert (outcome.rows_changed > 0, outcome.problems) == (True, [])
    first = min(rows(tmp_path, "captures", "fetched_at, capture_id"))[1]
    assert rows(tmp_path, "articles", "capture_id, revision") == [(first, 1)]
    at = NOON + 10 * 24 * HOUR
    write_pass(tmp_path, [visit(LEDGER, OURS, RAID, at)], at=at, run_id="run-2")
    assert rows(tmp_path, "articles", "capture_id, revision") == [(first, 1)]
    assert_nothing_changes(tmp_path)


def test_the_copy_of_an_article_that_was_taken_down_stays_a_copy(tmp_path: Path) -> None:
    write_pass(tmp_path, [visit(LEDGER, OURS, RAID, NOON)], at=NOON, run_id="run-1")
    at = NOON + HOUR
    write_pass(tmp_path, [visit(POST, OURS, RAID, at)], at=at, run_id="run-2")
    take_down(tmp_path, LEDGER, reason=None, clock=Clock(fixed=at + HOUR))
    assert rows(tmp_path, "stories", "role") == [("copy",)]
    assert_nothing_changes(tmp_path)
