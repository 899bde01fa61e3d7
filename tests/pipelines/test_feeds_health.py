"""How each feed fares, as told to a person and to a program."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.feeds.health import SICK, as_json, judge, print_table, read_health
from schemas.errors import UserError
from schemas.memory import FeedMemory
from schemas.records import Gap
from tests.builders import NOON, make_feed, make_feed_memory

HOUR = timedelta(hours=1)
GOOD = make_feed_memory(
    succeeded_at=NOON - HOUR,
    interval_s=5400,
    next_due_at=NOON + HOUR / 2,
    usual_rate=0.5,
    overlap=0.9,
)
FAILING = make_feed_memory(
    succeeded_at=NOON - 30 * HOUR,
    failures=7,
    errors=3.5,
    last_error="http-403",
    gap=Gap(kind="blocked", cause="http-403", began_at=NOON - 30 * HOUR),
)


@pytest.mark.parametrize(
    ("memory", "state", "advice"),
    [
        (None, "new", "the next pass reads it"),
        (make_feed_memory(url="https://ledger.example/old"), "new", "its address was changed"),
        (GOOD, "ok", None),
        (FAILING, "failing", "ask the publisher"),
        (make_feed_memory(failures=1, last_error="http-404"), "never read", "homepage"),
        (make_feed_memory(failures=40, last_error="timeout", parked="errors"), "parked", "probed once a week"),
        (make_feed_memory(failures=3, last_error="http-410", parked="gone"), "gone", "probed once a month"),
        (
            make_feed_memory(adopted_url="https://ledger.example/new"),
            "moved",
            "make https://ledger.example/new its url",
        ),
        (make_feed_memory(moved_to="https://ledger.example/new"), "moved", "adopted after three polls"),
        (
            make_feed_memory(gap=Gap(kind="blocked", cause="host-blocked", began_at=NOON)),
            "silenced",
            "asked for a pause",
        ),
        (make_feed_memory(distrusted_at=NOON), "ok", "without validators"),
        (make_feed_memory(rollovers=2), "ok", "name its news sitemap"),
    ],
)
def test_every_state_comes_with_what_to_do(memory: FeedMemory | None, state: str, advice: str | None) -> None:
    health = judge("ledger", "https://ledger.example/feed", memory)
    assert health.state == state
    assert (advice or "") in (health.advice or "")
    assert (health.advice is None) == (advice is None)


def test_a_feed_with_a_sitemap_needs_no_advice_on_its_gaps() -> None:
    feed = make_feed(sitemap="https://ledger.example/news.xml")
    assert judge("ledger", feed.url, make_feed_memory(rollovers=2), feed=feed).advice is None


def test_a_feed_that_is_switched_off_is_said_to_be() -> None:
    assert judge("ledger", GOOD.url, GOOD, feed=make_feed(enabled=False)).state == "disabled"


def test_the_table_shows_the_sick_first_and_counts_them() -> None:
    rows = [judge("a-good-one", GOOD.url, GOOD), judge("ledger", FAILING.url, FAILING)]
    lines = print_table(rows, NOON).splitlines()
    assert lines[1].split()[:4] == ["ledger", "failing", "30", "h"]
    assert "http-403" in lines[1]
    assert "do not disguise the User-Agent" in lines[2]
    assert lines[3].split() == [
        "a-good-one",
        "ok",
        "60",
        "min",
        "ago",
        "90",
        "min",
        "12.0",
        "90%",
        "-",
        "-",
        "in",
        "30",
        "min",
    ]
    assert lines[-1] == "2 feeds: 1 failing, 1 ok"


def test_fetched_words_cannot_move_the_cursor() -> None:
    moved = make_feed_memory(adopted_url="https://ledger.example/\x1b[2J")
    assert "\x1b" not in print_table([judge("ledger", moved.url, moved)], NOON)


def test_programs_get_one_object_a_feed() -> None:
    told = json.loads(as_json(judge("ledger", FAILING.url, FAILING)))
    assert (told["state"], told["error"], told["since"]) == ("failing", "http-403", "2026-11-01T06:00:00+00:00")


def test_a_folder_without_a_data_set_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no data set there; run icewire ingest first"):
        read_health(tmp_path, None, NOON)


@pytest.mark.slow
def test_the_newsrooms_feeds_fare_as_planned(corpus: Path) -> None:
    states = {row.feed_id: row.state for row in read_health(corpus, None, NOON + 72 * HOUR)}
    assert states["harbor-ledger-archive"] in SICK
    assert states["national-courier"] == "moved"
    assert states["continental-wire"] == "ok"
