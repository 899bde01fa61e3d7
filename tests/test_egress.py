"""Which addresses may be dialled."""

import pytest

from transforms.egress import EgressRefused, check_egress


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_dialled_on_the_webs_ports(host: str) -> None:
    check_egress(host, 443, ())
    check_egress(host, 80, ())
    with pytest.raises(EgressRefused, match="not a web port"):
        check_egress(host, 8080, ())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # carrier-grade NAT
        "169.254.169.254",  # cloud metadata
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",  # cloud metadata
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::7f00:1",  # IPv4-compatible
        "64:ff9b::7f00:1",  # NAT64
        "2002:7f00:1::",  # 6to4
        "2001:0:7f00:1::",  # Teredo
    ],
)
def test_every_other_address_is_refused(host: str) -> None:
    with pytest.raises(EgressRefused, match="not a public address"):
        check_egress(host, 443, ())


def test_a_named_range_is_open_on_any_port_and_only_that_range() -> None:
    check_egress("127.0.0.2", 8000, ("127.0.0.2/32",))
    check_egress("::ffff:127.0.0.2", 8000, ("127.0.0.2/32",))
    check_egress("fd00::5", 8000, ("10.0.0.0/8", "fd00::/64"))
    for host in ("127.0.0.1", "127.0.0.3", "::1"):
        with pytest.raises(EgressRefused):
            check_egress(host, 8000, ("127.0.0.2/32",))


def test_a_range_with_host_bits_is_understood() -> None:
    check_egress("10.9.9.9", 8000, ("10.1.2.3/8",))


def test_a_refusal_is_a_failed_connection_to_the_http_client() -> None:
    assert issubclass(EgressRefused, OSError)
