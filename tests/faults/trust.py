"""Certificates of an authority that only the tests trust."""

import ssl
from datetime import datetime

import trustme


class Authority:
    """Makes contexts for servers, good and bad, and one for a client that trusts it."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def client(self) -> ssl.SSLContext:
        """The context of `client.make_tls`, with this authority added to what the machine trusts."""
        from transforms.client import make_tls

        context = make_tls.__wrapped__()
        self._authority.configure_trust(context)
        return context

    def server(self, *names: str, expired_at: datetime | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names, not_after=expired_at).configure_cert(context)
        return context
