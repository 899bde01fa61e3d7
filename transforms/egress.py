"""Which addresses we may dial: the public internet on the web's ports, and what a flag names, nothing else."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

WEB_PORTS = frozenset({80, 443})

_TRANSLATED = tuple(IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""NAT64, 6to4 and Teredo: IPv6 that reaches an IPv4 address of the sender's choosing."""


class EgressRefused(OSError):
    """An address that we do not dial; an OSError so that the HTTP client treats it as a failed connection."""


def check_egress(host: str, port: int, allow_networks: tuple[str, ...]) -> None:
    """Raise EgressRefused unless the very address about to be dialled is public (port 80 or 443) or explicitly allowed.

    `allow_networks` are CIDR ranges; an allowed range may be reached on any port.
    """
    address = _unmapped(ip_address(host.partition("%")[0]))
    for text in allow_networks:
        network = ip_network(text, strict=False)
        if address.version == network.version and address in network:
            return
    if not address.is_global or address.is_multicast or address.is_reserved or _is_translated(address):
        raise EgressRefused(f"{address} is not a public address; --allow-network opens a range deliberately")
    if port not in WEB_PORTS:
        raise EgressRefused(f"port {port} of {address} is not a web port (80 or 443)")


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_translated(address: IPv4Address | IPv6Address) -> bool:
    return isinstance(address, IPv6Address) and any(address in network for network in _TRANSLATED)
