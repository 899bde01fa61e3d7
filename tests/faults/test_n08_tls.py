"""N8: certificates that are expired, self-made or another's, and TLS of old: refused, recorded, never downgraded."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from schemas.records import Capture
from tests.faults.oracle import PAGE, dead_poll, error_of, fetch, fetch_beside, names, poll
from tests.faults.server import FaultServer, held, reply
from tests.faults.trust import Authority

NAMES = names(ledger_example=["127.0.0.1"])


@pytest.fixture
def serve() -> Iterator[object]:
    """Starts servers that speak TLS, and stops them."""
    started: list[FaultServer] = []

    def start(context: ssl.SSLContext) -> FaultServer:
        server = FaultServer("127.0.0.1", tls=context)
        server.serve("/page", reply(body=PAGE))
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


def old_tls(authority: Authority, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = authority.server("ledger.example")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = version
    return context


def test_n8_a_good_certificate_is_accepted(authority: Authority, serve: object) -> None:
    server = serve(authority.server("ledger.example"))
    record = fetch(server.url("/page", host="ledger.example"), lookup=NAMES, tls=authority.client())
    assert isinstance(record, Capture)
    assert record.body == PAGE


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda ca: ca.server("ledger.example", expired_at=datetime.now(UTC) - timedelta(days=1)), id="expired"
        ),
        pytest.param(lambda ca: Authority().server("ledger.example"), id="an authority nobody trusts"),
        pytest.param(lambda ca: ca.server("other.example"), id="another host's"),
        pytest.param(lambda ca: ca.server("*.ledger.example"), id="its subdomains' only"),
        pytest.param(lambda ca: ca.server("127.0.0.1"), id="the address' instead of the name's"),
        pytest.param(lambda ca: old_tls(ca, ssl.TLSVersion.TLSv1), id="TLS 1.0"),
        pytest.param(lambda ca: old_tls(ca, ssl.TLSVersion.TLSv1_1), id="TLS 1.1"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_n8_what_cannot_be_trusted_is_refused_and_not_asked_in_the_clear(
    authority: Authority, serve: object, healthy: FaultServer, make: object
) -> None:
    server = serve(make(authority))
    url = server.url("/page", host="ledger.example")
    record = fetch_beside(healthy, url, lookup=NAMES, tls=authority.client())
    assert error_of(record) == "tls"
    assert server.requests == [], "not one request went out"
    assert server.connections.total() == 1, "nor was it tried in another way"


def test_n8_a_feed_with_a_bad_certificate_is_one_dead_letter(authority: Authority, serve: object) -> None:
    server = serve(authority.server("other.example"))
    outputs = poll(server.url("/feed", host="ledger.example"), lookup=NAMES, tls=authority.client())
    assert dead_poll(outputs) == "tls"


def test_n8_http_where_https_is_expected_is_refused(site: FaultServer, healthy: FaultServer) -> None:
    record = fetch_beside(healthy, site.url("/page").replace("http:", "https:"))
    assert error_of(record) == "tls"


def test_n8_a_handshake_that_never_comes_ends_in_time(healthy: FaultServer, quick: float) -> None:
    silent = FaultServer("127.0.0.1")
    silent.serve("/robots.txt", held(b""))
    try:
        record = fetch_beside(healthy, silent.url("/page").replace("http:", "https:"))
    finally:
        silent.stop()
    assert error_of(record) in ("timeout", "tls")


def test_n8_the_machines_own_trust_is_what_counts_without_a_test(authority: Authority, serve: object) -> None:
    server = serve(authority.server("ledger.example"))
    assert error_of(fetch(server.url("/page", host="ledger.example"), lookup=NAMES)) == "tls"
