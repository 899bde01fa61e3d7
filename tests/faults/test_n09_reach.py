"""N9: names that do not resolve, connections that break, addresses that swallow packets: one host's trouble only."""

import asyncio
import socket
import time

import pytest

from schemas.records import Capture
from tests.faults.oracle import PAGE, dead_poll, error_of, fetch, fetch_all, fetch_beside, names, poll
from tests.faults.server import FaultServer, Play, half_closed, reply, reset
from transforms.lookup import look_up
from transforms.web import ATTEMPTS

NOT_FOUND = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
FAILED = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.mark.parametrize("answer", [NOT_FOUND, FAILED, []], ids=["NXDOMAIN", "SERVFAIL", "no addresses"])
def test_n9_a_name_that_does_not_resolve_is_one_record(healthy: FaultServer, answer: object) -> None:
    record = fetch_beside(healthy, "http://ledger.example/page", lookup=names(ledger_example=answer))
    assert error_of(record) == "dns"


def test_n9_a_slow_name_server_ends_at_the_deadline(healthy: FaultServer, quick: float) -> None:
    began = time.monotonic()
    record = fetch_beside(healthy, "http://ledger.example/page", lookup=names(ledger_example=30))
    assert error_of(record) == "timeout"
    assert time.monotonic() - began < ATTEMPTS * quick + 2.5


def test_n9_a_feed_whose_name_is_gone_is_one_dead_letter() -> None:
    assert dead_poll(poll("http://ledger.example/feed", lookup=names(ledger_example=NOT_FOUND))) == "dns"


def test_n9_many_dead_names_hold_up_no_other(
    healthy: FaultServer, quick: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More names hang in the system's resolver than any pool of threads has room for."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: object, **more: object) -> object:
        if str(host).startswith("dead"):
            time.sleep(3)
            raise FAILED
        return resolve("127.0.0.2" if host == "alive.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    dead = [f"http://dead{number}.example/page" for number in range(60)]
    *_, alive = fetch_all(*dead, healthy.url("/page", host="alive.example"))
    assert isinstance(alive, Capture)
    assert alive.body == PAGE


def test_n9_a_lookup_nobody_waits_for_any_more_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(0.2) or [])

    async def impatient() -> None:
        await asyncio.wait_for(look_up("slow.example"), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    time.sleep(0.3)  # the thread finds the loop closed; pytest would show an exception in it


def test_n9_a_label_too_long_for_a_name_is_one_record(healthy: FaultServer) -> None:
    assert error_of(fetch_beside(healthy, f"http://{'a' * 70}.example/page")) in ("dns", "bad-link")


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        pytest.param(reset(), "connect", id="reset before an answer"),
        pytest.param(reset(b"HTTP/1.1 200 OK\r\nContent-Le"), "connect", id="reset within the headers"),
        pytest.param(reset(reply(body=PAGE, content_length=9999)), "truncated", id="reset within the body"),
        pytest.param(half_closed(b""), "connect", id="half closed before an answer"),
        pytest.param(half_closed(b"HTTP/1.1 200 OK\r\nContent-Le"), "connect", id="half closed within the headers"),
        pytest.param(half_closed(reply(body=PAGE, content_length=9999)), "truncated", id="half closed within the body"),
    ],
)
def test_n9_a_connection_that_breaks_is_one_record(
    site: FaultServer, healthy: FaultServer, quick: float, play: Play, kind: str
) -> None:
    site.serve("/page", play)
    assert error_of(fetch_beside(healthy, site.url("/page"))) == kind
    assert len(site.asked()) == (ATTEMPTS if kind == "connect" else 1)


def test_n9_a_closed_port_is_one_record(site: FaultServer, healthy: FaultServer) -> None:
    site.stop()
    assert error_of(fetch_beside(healthy, site.url("/page"))) == "connect"


def test_n9_an_ipv6_address_that_swallows_packets_is_passed_by(blackhole: int) -> None:
    server = FaultServer("127.0.0.5", port=blackhole)  # where no other test takes a port
    try:
        server.serve("/page", reply(body=PAGE))
        record = fetch(
            server.url("/page", host="ledger.example"),
            lookup=names(ledger_example=["::1", "127.0.0.5"]),
            allow_networks=("127.0.0.5/32", "::1/128"),
        )
    finally:
        server.stop()
    assert isinstance(record, Capture)
    assert record.body == PAGE


def test_n9_nothing_but_swallowing_addresses_ends_in_time(healthy: FaultServer, blackhole: int, quick: float) -> None:
    record = fetch_beside(
        healthy,
        f"http://ledger.example:{blackhole}/page",
        lookup=names(ledger_example=["::1"]),
        allow_networks=("127.0.0.2/32", "::1/128"),
    )
    assert error_of(record) == "timeout"
