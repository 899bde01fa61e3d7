"""What robots.txt, or its absence, allows."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import RobotsMemory
from tests.builders import NOON
from transforms.robots import (
    MAX_CRAWL_DELAY_S,
    MAX_REMEMBERED_BYTES,
    MAX_ROBOTS_BYTES,
    ROBOTS_KEPT,
    read_robots,
    recall_rules,
    remember_robots,
)

AGENT = "icewire"
PAGE = "https://ledger.example/news/raid?id=1"


def allows(text: str, url: str = PAGE) -> bool:
    return read_robots(200, text.encode()).allows(url, AGENT)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301])
def test_no_robots_file_means_everything_is_allowed(status: int) -> None:
    rules = read_robots(status, b"User-agent: *\nDisallow: /")
    assert rules.state == "no-robots"
    assert rules.allows(PAGE, AGENT)


@pytest.mark.parametrize("status", [None, 429, 500, 503])
def test_an_unreachable_robots_file_means_nothing_is_allowed(status: int | None) -> None:
    rules = read_robots(status, b"")
    assert rules.state == "unreachable"
    assert not rules.allows(PAGE, AGENT)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("<html>Not found</html>", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /news/", False),
        ("User-agent: *\nDisallow: /sport/", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/", True),
        ("User-agent: *\nDisallow: /*?id=", False),
        ("User-agent: icewire\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: otherbot\nDisallow: /", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\0\nDisallow: /", False),
    ],
)
def test_rules_are_read_as_rfc_9309_says(text: str, allowed: bool) -> None:
    assert allows(text) is allowed


@pytest.mark.parametrize(
    ("said", "delay_s"),
    [("7", 7.0), ("0.5", 0.5), ("100000", MAX_CRAWL_DELAY_S), ("-3", 0.0), ("nan", 0.0), ("soon", 0.0)],
)
def test_the_crawl_delay_is_honoured_within_reason(said: str, delay_s: float) -> None:
    assert read_robots(200, f"User-agent: *\nCrawl-delay: {said}".encode()).crawl_delay_s(AGENT) == delay_s


def test_without_rules_there_is_no_crawl_delay() -> None:
    assert read_robots(404, b"").crawl_delay_s(AGENT) == 0.0


def test_what_lies_behind_the_cap_is_not_read() -> None:
    padding = "#" * MAX_ROBOTS_BYTES
    assert allows(f"User-agent: *\n{padding}\nDisallow: /")


@given(st.binary(max_size=300))
def test_no_bytes_can_raise(content: bytes) -> None:
    rules = read_robots(200, b"User-agent: *\n" + content)
    assert rules.allows(PAGE, AGENT) in (True, False)
    assert 0.0 <= rules.crawl_delay_s(AGENT) <= MAX_CRAWL_DELAY_S


@given(st.sampled_from([200, 204, 301, 403, 404, 429, 500, 503]), st.binary(max_size=300))
def test_rules_remembered_are_the_rules_read(status: int, content: bytes) -> None:
    memory = remember_robots("https://ledger.example", NOON, status, content)
    read = read_robots(status, content)
    assert (memory is None) == (read.state == "unreachable")
    if memory is not None:
        recalled = recall_rules(memory, NOON)
        assert recalled is not None
        assert (recalled.state, recalled.allows(PAGE, AGENT)) == (read.state, read.allows(PAGE, AGENT))


def test_rules_too_long_to_keep_whole_are_not_remembered() -> None:
    rules = b"#" * (MAX_REMEMBERED_BYTES + 1)
    assert remember_robots("https://ledger.example", NOON, 200, rules) is None
    assert remember_robots("https://ledger.example", NOON, 404, rules) is not None, "a 404's page has no rules"


@pytest.mark.parametrize(
    ("age", "is_used"),
    [
        (timedelta(), True),
        (ROBOTS_KEPT - timedelta(seconds=1), True),
        (ROBOTS_KEPT, False),
        (-timedelta(hours=1), False),
    ],
    ids=str,
)
def test_rules_are_remembered_for_a_day(age: timedelta, is_used: bool) -> None:
    memory = RobotsMemory(origin="https://ledger.example", asked_at=NOON - age, status=404, body=b"")
    assert (recall_rules(memory, NOON) is not None) is is_used


def test_nothing_is_known_of_an_origin_never_met() -> None:
    assert recall_rules(None, NOON) is None
