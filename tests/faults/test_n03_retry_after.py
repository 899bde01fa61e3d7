"""N3: Retry-After as seconds, date, past, ten years and nonsense: kept, capped, and never a request too early."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from schemas.records import Capture, DeadLetter, Dropped, Silence
from tests.builders import NOON
from tests.faults.oracle import error_of, fetch_page_of, poll, with_web
from tests.faults.server import FaultServer, reply
from transforms.retry_after import RETRY_AFTER_CAP_S, SILENCE_S
from transforms.web import ATTEMPTS, Web


def date(**ahead: float) -> str:
    return format_datetime(NOON + timedelta(**ahead), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3600", 3600),
        (date(hours=2), 7200),
        (str(10 * 365 * 86400), RETRY_AFTER_CAP_S),
        (date(days=3650), RETRY_AFTER_CAP_S),
        ("9" * 4000, RETRY_AFTER_CAP_S),
    ],
    ids=["seconds", "date", "ten years", "date in ten years", "4000 digits"],
)
def test_n3_a_long_wait_silences_the_domain_and_is_told_once(
    site: FaultServer, status: int, said: str, seconds: int
) -> None:
    site.serve("/page", reply(status, retry_after=said))

    async def work(web: Web) -> tuple[list[object], list[object], list[object]]:
        first = await fetch_page_of(web, site.url("/page"))
        others = [await fetch_page_of(web, site.url(path)) for path in ("/a", "/b")]
        return [first, *others], web.learnt(), web.learnt()

    (first, *others), learnt, again = with_web(work, now=NOON)
    assert isinstance(first, Capture)
    assert [error_of(each) for each in others] == ["host-blocked"] * 2
    assert all(seconds - 5 < each.retry_after_s <= seconds for each in others)
    assert site.asked() == ["/page"]
    silences = [each for each in learnt if isinstance(each, Silence)]
    assert silences == [Silence(domain="127.0.0.1", until=NOON + timedelta(seconds=seconds), reason=f"http-{status}")]
    assert again == []


@pytest.mark.parametrize("said", ["soon", "-5", "", "1.5", "Mon, 99 Nov 2026 12:00:00 GMT"])
def test_n3_a_429_with_nonsense_silences_for_ten_minutes(site: FaultServer, said: str) -> None:
    site.serve("/page", reply(429, retry_after=said))

    async def work(web: Web) -> list[object]:
        return [await fetch_page_of(web, site.url(path)) for path in ("/page", "/other")]

    _, other = with_web(work)
    assert SILENCE_S - 5 < other.retry_after_s <= SILENCE_S
    assert site.asked() == ["/page"]


@pytest.mark.parametrize("said", ["0", date(hours=-1)])
def test_n3_a_wait_that_is_over_is_asked_again_in_turn(site: FaultServer, said: str) -> None:
    site.serve("/page", reply(503, retry_after=said), reply(body=b"at last"))
    assert with_web(lambda web: fetch_page_of(web, site.url("/page")), now=NOON).body == b"at last"


def test_n3_no_request_comes_early_not_even_for_another_page(site: FaultServer) -> None:
    site.serve("/page", reply(503, retry_after=1))

    async def work(web: Web) -> list[object]:
        return [await fetch_page_of(web, site.url(path)) for path in ("/page", "/other")]

    page, _ = with_web(work)
    assert isinstance(page, Capture)
    refused = [request for request in site.requests if request.path == "/page"]
    assert len(refused) == ATTEMPTS
    for request in refused:
        later = [each.began - request.ended for each in site.requests if each.began > request.began]
        assert all(gap >= 0.95 for gap in later)


def test_n3_the_seconds_told_are_those_that_remain() -> None:
    until = datetime.now(UTC) + timedelta(seconds=90)
    silence = Silence(domain="127.0.0.1", until=until, reason="http-429")

    async def work(web: Web) -> tuple[object, list[object]]:
        return await fetch_page_of(web, "http://127.0.0.1:1/page"), web.learnt()

    record, learnt = with_web(work, silences=(silence,))
    assert error_of(record) == "host-blocked"
    assert 80 < record.retry_after_s <= 90
    assert learnt == [], "it was known before"


def test_n3_a_silence_that_is_over_is_no_silence(site: FaultServer) -> None:
    over = Silence(domain="127.0.0.1", until=NOON - timedelta(seconds=1), reason="http-429")
    site.serve("/page", reply(body=b"here"))
    assert with_web(lambda web: fetch_page_of(web, site.url("/page")), silences=(over,), now=NOON).body == b"here"


def test_n3_a_429_for_robots_txt_silences_the_domain_too(site: FaultServer) -> None:
    site.serve("/robots.txt", reply(429, retry_after=3600))

    async def work(web: Web) -> list[object]:
        return [await fetch_page_of(web, site.url(path)) for path in ("/page", "/other")]

    page, other = with_web(work)
    assert (error_of(page), error_of(other)) == ("host-blocked", "host-blocked")
    assert page.retry_after_s > 3590
    assert len(site.requests) == 1


def test_n3_a_silenced_feed_is_dropped_without_being_asked(site: FaultServer) -> None:
    silence = Silence(domain="127.0.0.1", until=NOON + timedelta(hours=1), reason="http-503")
    outputs = poll(site.url("/feed"), silences=(silence,), now=NOON)
    assert [each.reason for each in outputs if isinstance(each, Dropped)] == ["silenced"]
    assert not [each for each in outputs if isinstance(each, DeadLetter)]
    assert site.requests == []
