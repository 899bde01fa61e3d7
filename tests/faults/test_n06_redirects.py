"""N6: loops, twenty hops, other schemes, forbidden addresses: refused after five hops at most, nothing sent there."""

import pytest

from schemas.records import Capture
from tests.faults.oracle import FORBIDDEN, PAGE, dead_poll, error_of, fetch, fetch_beside, poll
from tests.faults.server import FaultServer, reply
from tests.faults.trust import Authority
from transforms.redirects import MAX_REDIRECTS


def test_n6_a_loop_ends(site: FaultServer, healthy: FaultServer) -> None:
    site.serve("/page", reply(302, location="/page"))
    assert error_of(fetch_beside(healthy, site.url("/page"))) == "redirects"
    assert site.asked() == ["/page"] * (MAX_REDIRECTS + 1)


def test_n6_twenty_hops_are_too_many_and_five_are_not(site: FaultServer, healthy: FaultServer) -> None:
    for hop in range(20):
        site.serve(f"/{hop}", reply(301, location=f"/{hop + 1}"))
    site.serve("/20", reply(body=PAGE))
    assert error_of(fetch_beside(healthy, site.url("/0"))) == "redirects"
    assert len(site.asked()) == MAX_REDIRECTS + 1
    assert fetch(site.url(f"/{20 - MAX_REDIRECTS}")).body == PAGE


def test_n6_a_feed_in_a_loop_is_one_dead_letter(site: FaultServer) -> None:
    site.serve("/feed", reply(301, location="/feed"))
    assert dead_poll(poll(site.url("/feed"))) == "redirects"


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("file:///etc/passwd", "bad-scheme"),
        ("gopher://127.0.0.9:70/_x", "bad-scheme"),
        ("ftp://127.0.0.9/x", "bad-scheme"),
        ("data:text/html,<p>Agents</p>", "bad-scheme"),
        ("javascript:alert(1)", "bad-scheme"),
        ("http://me:secret@127.0.0.1/", "credentials"),
        ("http://127.0.0.1\\@evil.example/", "bad-link"),
        ("http://[::1", "bad-link"),
        ("/" + "a" * 5000, "too-long"),
    ],
)
def test_n6_other_schemes_and_no_addresses_are_refused(
    site: FaultServer, healthy: FaultServer, location: str, kind: str
) -> None:
    site.serve("/page", reply(302, location=location))
    record = fetch_beside(healthy, site.url("/page"))
    assert error_of(record) == kind
    assert "secret" not in str(record)
    assert site.asked() == ["/page"]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.9", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::ffff:127.0.0.9]", "0.0.0.0", "evil.example"],
)
def test_n6_a_forbidden_address_gets_no_packet(
    site: FaultServer, healthy: FaultServer, canary: FaultServer, dialled: list[str], host: str
) -> None:
    site.serve("/page", reply(302, location=f"http://{host}:{canary.port}/"))
    record = fetch_beside(healthy, site.url("/page"), lookup=_local_names)
    assert error_of(record) == "egress"
    assert canary.connections.total() == 0
    assert set(dialled) <= {"127.0.0.1", "127.0.0.2"}


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/meta-data/", "http://metadata.example/"])
def test_n6_cloud_metadata_gets_no_packet(
    site: FaultServer, healthy: FaultServer, dialled: list[str], location: str
) -> None:
    site.serve("/page", reply(307, location=location))
    assert error_of(fetch_beside(healthy, site.url("/page"), lookup=_local_names)) == "egress"
    assert set(dialled) <= {"127.0.0.1", "127.0.0.2"}


def test_n6_from_https_to_http_is_followed_and_shown(site: FaultServer, authority: Authority) -> None:
    site.serve("/page", reply(body=PAGE))
    secure = FaultServer("127.0.0.1", tls=authority.server("127.0.0.1"))
    try:
        secure.serve("/page", reply(301, location=site.url("/page")))
        record = fetch(secure.url("/page"), tls=authority.client())
    finally:
        secure.stop()
    assert isinstance(record, Capture)
    assert (record.requested_url, record.url) == (secure.url("/page"), site.url("/page"))
    assert [(hop.url, hop.status) for hop in record.redirects] == [(secure.url("/page"), 301)]


async def _local_names(host: str) -> list[str]:
    table = {"evil.example": [FORBIDDEN], "metadata.example": ["169.254.169.254"]}
    return table.get(host, ["127.0.0.9", "::1"])
