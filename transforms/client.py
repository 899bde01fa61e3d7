"""One request and its answer: the only place that dials. Guarded, bounded in time and size, and given as received."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from schemas.records import Header
from transforms.addresses import redact, request_url
from transforms.answer import Answer, WebError
from transforms.content_coding import MAX_CONTENT_BYTES, ContentCodingError, decode_content
from transforms.egress import EgressRefused, check_egress
from transforms.lookup import Lookup, look_up

CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S = 10.0, 30.0
"""For a connection with its TLS handshake; for everything from the name's lookup to the last byte."""

MAX_FIELD_BYTES, MAX_FIELDS, MAX_HEADER_BYTES = 64 * 1024, 128, 256 * 1024
"""Header fields: one (8 KB is less than some publishers' Content-Security-Policy), their number, all together."""


class Client:
    """Asks for one address at a time as it is told, over connections that are kept for a while."""

    def __init__(
        self, allow_networks: tuple[str, ...], *, lookup: Lookup | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._allow_networks = allow_networks
        connector = aiohttp.TCPConnector(
            limit=0,  # a bundle bounds what is under way; waiting for a slot would count as the host being slow
            use_dns_cache=False,
            resolver=_GuardedNames(lookup or look_up, allow_networks),
            socket_factory=self._open_socket,
            ssl=tls or make_tls(),
            enable_cleanup_closed=True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,  # clients accept a truncated gzip silently; transforms.content_coding does not
            trust_env=False,  # a proxy would dial out of the egress guard's sight
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=MAX_FIELD_BYTES,
            max_field_size=MAX_FIELD_BYTES,
            max_headers=MAX_FIELDS,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
        )
        self._session._retry_connection = False  # it would repeat a failed request at once, out of turn

    async def ask(self, url: str, request_headers: tuple[Header, ...], *, asked_at: datetime) -> Answer:
        """The answer to one GET, redirects not followed, at most TOTAL_TIMEOUT_S seconds later.

        Raises WebError; its kinds are timeout, dns, connect, tls, egress, too-large, truncated, bad-coding,
        unasked-coding, protocol and bad-link.
        """
        async with _errors_as_web_errors(url), asyncio.timeout(TOTAL_TIMEOUT_S):
            async with self._session.get(
                request_url(url),
                headers=[(field.name, field.value) for field in request_headers],
                allow_redirects=False,
            ) as response:
                headers = _read_headers(response)
                body = await _read_bounded(url, response.content)
            codings = response.headers.getall("Content-Encoding", [])
        # An answer without a body, such as a 304 or a redirect, often still names a content coding.
        content = _decode(url, body, ", ".join(codings)) if body or response.status == 200 else b""
        return Answer(
            url=url,
            redirects=(),
            status=response.status,
            headers=headers,
            request_headers=tuple(Header(name=field.name, value=redact(field.value)) for field in request_headers),
            body=body,
            content=content,
            asked_at=asked_at,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    def _open_socket(self, addr_info: Any) -> socket.socket:
        """The guard that nothing passes by: it sees the very address about to be dialled, however it was spelt."""
        family, kind, protocol, _, address = addr_info
        check_egress(str(address[0]), int(address[1]), self._allow_networks)
        return socket.socket(family=family, type=kind, proto=protocol)


class _GuardedNames(AbstractResolver):
    """Lookups without the addresses that we do not dial, so that a name with none left is refused for that reason."""

    def __init__(self, lookup: Lookup, allow_networks: tuple[str, ...]) -> None:
        self._lookup, self._allow_networks = lookup, allow_networks

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_UNSPEC) -> list[ResolveResult]:
        found: list[ResolveResult] = []
        refused: OSError = OSError(f"{host} has no address")
        for address in await self._lookup(host):
            try:
                check_egress(address, port, self._allow_networks)
            except EgressRefused as error:
                refused = error
                continue
            version = socket.AF_INET6 if ":" in address else socket.AF_INET
            found.append(ResolveResult(hostname=host, host=address, port=port, family=version, proto=0, flags=0))
        if not found:
            raise refused
        return found

    async def close(self) -> None:
        """Nothing is kept."""


@cache
def make_tls() -> ssl.SSLContext:
    """The system's trust, certificates and host names checked, TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _read_headers(response: aiohttp.ClientResponse) -> tuple[Header, ...]:
    size = sum(len(name) + len(value) for name, value in response.raw_headers)
    if size > MAX_HEADER_BYTES:
        raise WebError(
            "protocol", f"{response.url}: {size} bytes of header fields; at most {MAX_HEADER_BYTES} are read"
        )
    return tuple(
        Header(name=name.decode("latin-1"), value=value.decode("latin-1")) for name, value in response.raw_headers
    )


async def _read_bounded(url: str, stream: aiohttp.StreamReader) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream.iter_chunked(65536):
        size += len(chunk)
        if size > MAX_CONTENT_BYTES:
            raise WebError("too-large", f"{url}: the body is larger than {MAX_CONTENT_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _decode(url: str, body: bytes, coding: str) -> bytes:
    try:
        return decode_content(body, coding)
    except ContentCodingError as error:
        raise WebError(error.kind, f"{url}: {error}") from None


@asynccontextmanager
async def _errors_as_web_errors(url: str) -> AsyncIterator[None]:
    """Turn whatever the client raises into a WebError whose kind says what to do about it."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise WebError("timeout", f"{url}: no connection within {CONNECT_TIMEOUT_S:.0f} s") from None
    except TimeoutError:
        raise WebError("timeout", f"{url}: no whole answer within {TOTAL_TIMEOUT_S:.0f} s") from None
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise WebError("tls", f"{url}: {error}") from None
    except EgressRefused as error:
        raise WebError("egress", f"{url}: {error}") from None
    except aiohttp.ClientConnectorError as error:
        kind = "dns" if isinstance(error, aiohttp.ClientConnectorDNSError) else "connect"
        kind = "egress" if isinstance(error.os_error, EgressRefused) else kind
        raise WebError(kind, f"{url}: {error.os_error}") from None
    except aiohttp.ClientPayloadError as error:
        raise WebError("truncated", f"{url}: {error}") from None
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError) as error:
        raise WebError("connect", f"{url}: {error}") from None
    except aiohttp.InvalidURL as error:
        raise WebError("bad-link", f"{url}: {error}") from None
    except (aiohttp.ClientError, ValueError) as error:
        raise WebError("protocol", f"{url}: {type(error).__name__}: {error}") from None
