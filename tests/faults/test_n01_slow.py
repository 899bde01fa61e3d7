"""N1: slow headers, a byte at a time, never closing: over when the deadline is, and nobody else waits."""

import time

import pytest

from tests.faults.oracle import dead_poll, error_of, fetch_beside, poll
from tests.faults.server import FaultServer, Play, dripped, endless, held, reply
from transforms.web import ATTEMPTS

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(held(b""), id="accepted, then nothing"),
        pytest.param(dripped(HEAD + b"X-A: b\r\n" * 100, 0.1), id="headers, a byte at a time"),
        pytest.param(endless(HEAD, b""), id="headers without an end"),
        pytest.param(dripped(reply(body=b"a" * 1000), 0.1, at_once=70), id="body, a byte at a time"),
        pytest.param(held(HEAD + b"\r\n<p>Agents came</p>"), id="never closed, length unsaid"),
        pytest.param(held(HEAD + b"Content-Length: 99\r\n\r\n<p>Agents"), id="never closed, length said"),
        pytest.param(held(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<p>Ag\r\n"), id="last chunk never sent"),
        pytest.param(
            endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 50), id="only interim answers"
        ),
    ],
)
def test_n1_what_is_slow_ends_at_the_deadline(
    site: FaultServer, healthy: FaultServer, quick: float, play: Play
) -> None:
    site.serve("/slow", play)
    began = time.monotonic()
    record = fetch_beside(healthy, site.url("/slow"))
    assert error_of(record) == "timeout"
    pauses_s = 0.1 * (2 + 4)
    assert time.monotonic() - began < ATTEMPTS * quick + pauses_s + 2
    assert 1 <= len(site.asked()) <= ATTEMPTS


def test_n1_a_slow_feed_is_one_dead_letter(site: FaultServer, quick: float) -> None:
    site.serve("/feed", dripped(reply(body=b"<rss/>" * 100), 0.1, at_once=70))
    assert dead_poll(poll(site.url("/feed"))) == "timeout"


def test_n1_a_slow_robots_txt_holds_up_its_own_host_only(site: FaultServer, healthy: FaultServer, quick: float) -> None:
    site.serve("/robots.txt", held(b""))
    assert error_of(fetch_beside(healthy, site.url("/page"))) == "timeout"
    assert site.asked() == []
