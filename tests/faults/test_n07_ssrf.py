"""N7: every spelling of a private address, names that change their mind, proxies: no packet where we may not go."""

import pytest

from schemas.records import Capture
from tests.faults.oracle import FORBIDDEN, PAGE, dead_poll, error_of, fetch, fetch_beside, names, poll
from tests.faults.server import FaultServer, reply

SPELLINGS = {
    "dotted": "127.0.0.9",
    "decimal": "2130706441",
    "hexadecimal": "0x7f000009",
    "hexadecimal parts": "0x7f.0.0.9",
    "octal": "0177.0.0.011",
    "two parts": "127.9",
    "trailing dot": "127.0.0.9.",
    "two trailing dots": "127.0.0.9..",
    "full-width digits and dots": "１２７。０。０。９",
    "circled digits": "①②⑦.⓪.⓪.⑨",
    "percent-encoded": "%31%32%37.0.0.9",
    "NUL behind it": "127.0.0.9%00.ledger.example",
    "localhost": "localhost",
    "localhost, upper case": "LOCALHOST",
    "localhost, trailing dot": "localhost.",
    "localhost, circled letter": "ⓛocalhost",
    "localhost, percent-encoded": "%6cocalhost",
    "unspecified": "0.0.0.0",
    "unspecified, short": "0",
    "loopback of IPv6": "[::1]",
    "loopback of IPv6, written out": "[0:0:0:0:0:0:0:1]",
    "unspecified of IPv6": "[::]",
    "mapped into IPv6": "[::ffff:127.0.0.9]",
    "mapped into IPv6, hexadecimal": "[::ffff:7f00:9]",
    "compatible with IPv6": "[::127.0.0.9]",
    "NAT64": "[64:ff9b::7f00:9]",
    "local NAT64": "[64:ff9b:1::7f00:9]",
    "6to4": "[2002:7f00:9::]",
    "Teredo": "[2001:0:7f00:9::]",
    "IPv6 zone": "[::1%25lo]",
    "link-local with zone": "[fe80::1%25eth0]",
    "private": "10.0.0.1",
    "carrier-grade NAT": "100.64.0.1",
    "cloud metadata": "169.254.169.254",
    "cloud metadata of IPv6": "[fd00:ec2::254]",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "host behind credentials": "ledger.example@127.0.0.9",
    "port behind credentials": "127.0.0.9:80@ledger.example",
    "backslash": "127.0.0.9\\.ledger.example",
}


@pytest.mark.parametrize("host", SPELLINGS.values(), ids=SPELLINGS)
def test_n7_no_spelling_of_a_private_address_is_dialled(
    canary: FaultServer, healthy: FaultServer, dialled: list[str], host: str
) -> None:
    record = fetch_beside(healthy, f"http://{host}:{canary.port}/page", allow_networks=("127.0.0.2/32",))
    assert error_of(record) in ("egress", "bad-link", "credentials", "dns")
    assert set(dialled) == {"127.0.0.2"}
    assert canary.connections.total() == 0


def test_n7_a_feed_at_a_private_address_is_one_dead_letter(canary: FaultServer, dialled: list[str]) -> None:
    assert dead_poll(poll(canary.url("/feed", host=FORBIDDEN))) == "egress"
    assert (dialled, canary.connections.total()) == ([], 0)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.9"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.9"], ["64:ff9b::7f00:9"], ["127.0.0.9", "::1"]],
    ids=str,
)
def test_n7_a_name_of_private_addresses_is_refused(
    canary: FaultServer, healthy: FaultServer, dialled: list[str], addresses: list[str]
) -> None:
    record = fetch_beside(healthy, canary.url("/page", host="ledger.example"), lookup=names(ledger_example=addresses))
    assert error_of(record) == "egress"
    assert set(dialled) == {"127.0.0.2"}


def test_n7_a_name_that_turns_private_between_two_requests_is_refused(canary: FaultServer, dialled: list[str]) -> None:
    public = FaultServer("127.0.0.1", port=canary.port)
    try:
        public.serve("/page", reply(body=PAGE))
        # robots.txt is asked of the public address; by then the name leads elsewhere.
        lookup = names(ledger_example=[["127.0.0.1"], [FORBIDDEN]])
        record = fetch(public.url("/page", host="ledger.example"), lookup=lookup)
    finally:
        public.stop()
    assert error_of(record) == "egress"
    assert [request.path for request in public.requests] == ["/robots.txt"]
    assert (set(dialled), canary.connections.total()) == ({"127.0.0.1"}, 0)


@pytest.mark.parametrize("addresses", [["127.0.0.9", "127.0.0.1"], ["::1", "127.0.0.1"], ["127.0.0.1", "::1"]], ids=str)
def test_n7_of_a_name_with_public_and_private_addresses_only_the_public_are_dialled(
    site: FaultServer, dialled: list[str], addresses: list[str]
) -> None:
    site.serve("/page", reply(body=PAGE))
    lookup = names(ledger_example=addresses)
    record = fetch(site.url("/page", host="ledger.example"), lookup=lookup)
    assert isinstance(record, Capture)
    assert set(dialled) == {"127.0.0.1"}


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"])
def test_n7_proxies_of_the_environment_are_not_used(
    site: FaultServer, canary: FaultServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, canary.url(host=FORBIDDEN))
    monkeypatch.delenv("no_proxy", raising=False)
    site.serve("/page", reply(body=PAGE))
    assert fetch(site.url("/page")).body == PAGE
    assert canary.connections.total() == 0


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_n7_a_public_address_is_dialled_on_the_webs_ports_only(dialled: list[str], port: int) -> None:
    record = fetch(f"http://ledger.example:{port}/page", lookup=names(ledger_example=["93.184.215.14"]))
    assert error_of(record) == "egress"
    assert dialled == []
