"""N11: robots.txt absent, forbidden, broken, huge, moved, or old: RFC 9309, and no page asked against it."""

import gzip
import time
from collections.abc import Mapping
from datetime import timedelta

import pytest

from schemas.records import Capture, Dropped, RobotsMemory
from tests.builders import NOON
from tests.faults.oracle import (
    PAGE,
    dead_poll,
    error_of,
    fetch,
    fetch_all,
    fetch_beside,
    fetch_page_of,
    names,
    poll,
    with_web,
)
from tests.faults.server import FaultServer, Play, endless, held, reply, said
from transforms.robots import MAX_REMEMBERED_BYTES, MAX_ROBOTS_BYTES
from transforms.web import Web

NOBODY = b"User-agent: *\nDisallow: /\n"
NOT_HERE = b"User-agent: *\nDisallow: /page\n"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_n11_a_robots_txt_that_is_not_there_allows_everything(site: FaultServer, status: int) -> None:
    site.serve("/robots.txt", reply(status, NOBODY))
    site.serve("/page", reply(body=PAGE))
    record = fetch(site.url("/page"))
    assert isinstance(record, Capture)
    assert record.robots == "no-robots"


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(said(reply(500)), id="500"),
        pytest.param(said(reply(503)), id="503"),
        pytest.param(said(reply(599)), id="599"),
        pytest.param(said(reply(body=NOBODY, content_length=999)), id="cut off"),
        pytest.param(said(reply(body=gzip.compress(NOBODY)[:-8], content_encoding="gzip")), id="gzip cut off"),
        pytest.param(said(reply(body=NOBODY, content_encoding="br")), id="br unasked"),
        pytest.param(endless(reply(content_length=None), b"#" * 65_536), id="without an end"),
        pytest.param(said(b"* BYE\r\n\r\n"), id="no HTTP"),
    ],
)
def test_n11_a_robots_txt_that_breaks_off_forbids_everything_for_now(
    site: FaultServer, healthy: FaultServer, play: Play
) -> None:
    site.serve("/robots.txt", play)
    assert error_of(fetch_beside(healthy, site.url("/page"))) == "robots-unreachable"
    assert site.asked() == []


def test_n11_a_robots_txt_that_hangs_forbids_everything_for_now(
    site: FaultServer, healthy: FaultServer, quick: float
) -> None:
    site.serve("/robots.txt", held(b"HTTP/1.1 200 OK\r\n"))
    assert error_of(fetch_beside(healthy, site.url("/page"))) == "timeout"
    assert site.asked() == []


def test_n11_a_feed_is_read_by_the_same_rules(site: FaultServer) -> None:
    site.serve("/robots.txt", reply(body=NOBODY))
    assert dead_poll(poll(site.url("/feed"))) == "robots"
    assert site.asked() == []


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (NOT_HERE, False),
        (b"\xef\xbb\xbf" + NOT_HERE, False),
        (NOT_HERE.replace(b"\n", b"\r"), False),
        (b"User-agent: *\nDisallow: /*.html$\nDisallow: /p*e\n", False),
        (b"User-agent: *\nDisallow: /*\nAllow: /page$\n", True),
        (b"User-agent: ICEWIRE\nDisallow: /page\n", False),
        (b"User-agent: icewirebot\nDisallow: /page\n", True),
        (b"User-agent: *\nDisallow:\n", True),
        (b"\xff\xfe\x00\n" + NOT_HERE, False),
        (b"<html><title>Welcome</title></html>", True),
        (b"", True),
    ],
    ids=["plain", "BOM", "CR only", "wildcard", "allow is longer", "by name", "another's", "empty rule", "junk before",
         "a page", "nothing"],
)  # fmt: skip
def test_n11_rules_are_read_as_rfc_9309_says(site: FaultServer, rules: bytes, allowed: bool) -> None:
    site.serve("/robots.txt", reply(body=rules))
    site.serve("/page", reply(body=PAGE))
    record = fetch(site.url("/page"))
    assert isinstance(record, Capture if allowed else Dropped)
    assert site.asked() == (["/page"] if allowed else [])


def test_n11_of_5_mb_of_rules_the_first_512_kb_count(site: FaultServer, healthy: FaultServer) -> None:
    filler = b"Disallow: /%07d\n"
    head = b"User-agent: *\nDisallow: /page\n" + b"".join(filler % n for n in range(MAX_ROBOTS_BYTES // len(filler)))
    site.serve("/robots.txt", reply(body=head + filler * 250_000 + b"Disallow: /late\n"))
    site.serve("/late", reply(body=PAGE))
    began_s = time.process_time()
    page, late = fetch_all(site.url("/page"), site.url("/late"))
    assert isinstance(page, Dropped)
    assert isinstance(late, Capture)
    assert time.process_time() - began_s < 5


def test_n11_a_rule_made_to_take_for_ever_does_not(site: FaultServer) -> None:
    site.serve("/robots.txt", reply(body=b"User-agent: *\n" + b"Disallow: /" + b"*a" * 200 + b"*b$\n"))
    url = site.url("/" + "a" * 1500)
    began_s = time.process_time()
    assert isinstance(fetch(url), Capture)
    assert time.process_time() - began_s < 5


def test_n11_rules_may_be_kept_on_another_host(site: FaultServer) -> None:
    elsewhere = FaultServer("127.0.0.2")
    try:
        elsewhere.serve("/rules.txt", reply(body=NOT_HERE))
        site.serve("/robots.txt", reply(301, location=elsewhere.url("/rules.txt", host="127.0.0.2")))
        assert isinstance(fetch(site.url("/page")), Dropped)
    finally:
        elsewhere.stop()
    assert site.asked() == []


def test_n11_a_robots_txt_that_leads_to_a_private_address_forbids_everything_for_now(
    site: FaultServer, canary: FaultServer
) -> None:
    site.serve("/robots.txt", reply(302, location=canary.url("/robots.txt", host="127.0.0.9")))
    assert error_of(fetch(site.url("/page"))) == "robots-unreachable"
    assert (site.asked(), canary.connections.total()) == ([], 0)


def test_n11_more_than_five_hops_are_no_robots_txt(site: FaultServer) -> None:
    site.serve("/robots.txt", reply(302, location="/robots.txt"))
    site.serve("/page", reply(body=PAGE))
    assert fetch(site.url("/page")).robots == "no-robots"
    assert len(site.requests) == 1 + 5 + 1


# ------------------------------------------------------------------------------------------------ from run to run


def remembered(site: FaultServer, age: timedelta, status: int = 200, body: bytes = NOT_HERE) -> dict[str, RobotsMemory]:
    origin = site.url("")
    return {origin: RobotsMemory(origin=origin, asked_at=NOON - age, status=status, body=body)}


def robots_learnt(site: FaultServer, **settings: object) -> tuple[object, list[object]]:
    async def work(web: Web) -> tuple[object, list[object]]:
        record = await fetch_page_of(web, site.url("/page"))
        learnt = web.learnt()
        assert web.learnt() == [], "told once"
        return record, learnt

    outcome: tuple[object, list[object]] = with_web(work, now=NOON, **settings)
    return outcome


@pytest.mark.parametrize("status", [200, 404])
def test_n11_what_was_learnt_in_the_last_day_is_not_asked_for(site: FaultServer, status: int) -> None:
    site.serve("/page", reply(body=PAGE))
    known = remembered(site, timedelta(hours=23, minutes=59), status)
    record, learnt = robots_learnt(site, recall_robots=lambda: known)
    assert isinstance(record, Dropped if status == 200 else Capture)
    assert [request.path for request in site.requests] == ([] if status == 200 else ["/page"])
    assert learnt == [], "it is known already"


@pytest.mark.parametrize("age", [timedelta(hours=24), timedelta(days=9), -timedelta(minutes=1)], ids=str)
def test_n11_older_rules_are_asked_for_again_and_told(site: FaultServer, age: timedelta) -> None:
    known = remembered(site, age)
    site.serve("/robots.txt", reply(body=b"User-agent: *\nAllow: /\n"))
    site.serve("/page", reply(body=PAGE))
    record, learnt = robots_learnt(site, recall_robots=lambda: known)
    assert isinstance(record, Capture)
    told = RobotsMemory(origin=site.url(""), asked_at=NOON, status=200, body=b"User-agent: *\nAllow: /\n")
    assert learnt == [told]


def test_n11_old_rules_do_not_help_when_the_new_ones_cannot_be_had(site: FaultServer) -> None:
    known = remembered(site, timedelta(hours=25), body=b"User-agent: *\nAllow: /\n")
    site.serve("/robots.txt", reply(500))
    record, learnt = robots_learnt(site, recall_robots=lambda: known)
    assert error_of(record) == "robots-unreachable"
    assert learnt == [], "a failed try is nothing to go by"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (reply(403, b"<html>no</html>"), (403, b"")),
        (reply(body=b"#" * MAX_REMEMBERED_BYTES), (200, b"#" * MAX_REMEMBERED_BYTES)),
        (reply(body=b"#" * (MAX_REMEMBERED_BYTES + 1)), None),
        (reply(302, location="/robots.txt"), (404, b"")),
        (reply(500), None),
    ],
    ids=["403", "just fits", "too long", "a loop", "500"],
)
def test_n11_what_is_remembered_is_whole_or_nothing(
    site: FaultServer, answer: bytes, told: tuple[int, bytes] | None
) -> None:
    site.serve("/robots.txt", answer)
    _, learnt = robots_learnt(site)
    assert [(each.status, each.body) for each in learnt] == ([told] if told else [])


def test_n11_memory_is_read_once_and_only_if_needed(site: FaultServer) -> None:
    site.serve("/page", reply(body=PAGE))
    reads: list[str] = []

    def recall() -> Mapping[str, RobotsMemory]:
        reads.append("read")
        return {}

    fetch("ftp://127.0.0.1/page", recall_robots=recall)
    assert reads == []
    lookup = names(a_example=["127.0.0.1"], b_example=["127.0.0.1"])
    urls = [site.url("/page", host=host) for host in ("127.0.0.1", "a.example", "b.example")]
    assert all(isinstance(each, Capture) for each in fetch_all(*urls, recall_robots=recall, lookup=lookup))
    assert reads == ["read"]
