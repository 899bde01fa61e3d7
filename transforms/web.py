"""The network's one home: ask for an address politely, bounded and guarded, and give the answer as received."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

from schemas.records import Header, Redirect
from transforms.addresses import redact, refusal, registrable_domain, request_url
from transforms.answer import Answer, WebError, WebSettings
from transforms.content_coding import MAX_CONTENT_BYTES, ContentCodingError, decode_content
from transforms.egress import EgressRefused, check_egress
from transforms.politeness import HostBlocked, Politeness
from transforms.retry_after import SILENCE_S, retry_after_seconds
from transforms.robots import MAX_ROBOTS_BYTES, RobotsRules, read_robots

CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S = 10.0, 30.0
MAX_REDIRECTS = 5
MAX_HEADER_BYTES = 64 * 1024
"""One header field at the most; aiohttp's own 8 KB is less than some publishers' Content-Security-Policy."""

ATTEMPTS = 3
"""Requests for one address in one run, at the most."""

PATIENCE_S = 30
"""A Retry-After up to this is waited out in the run; a longer one silences the host until a later run."""

_NOT_REACHED = frozenset({"connect", "timeout", "tls", "egress", "host-blocked"})
_RETRIED_STATUS = frozenset({500, 502, 503, 504})


class Web:
    """One run's view of the web in one process: a session, the hosts' turns and their robots rules."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        self._politeness = Politeness()
        self._robots: dict[str, asyncio.Task[RobotsRules]] = {}
        connector = aiohttp.TCPConnector(
            limit=0,  # a bundle bounds what is under way; waiting for a slot would count as the host being slow
            use_dns_cache=False,
            socket_factory=self._open_socket,
            enable_cleanup_closed=True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,  # clients accept a truncated gzip silently; transforms.content_coding does not
            trust_env=False,  # a proxy would dial out of the egress guard's sight
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            timeout=aiohttp.ClientTimeout(total=TOTAL_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S),
        )
        self._session._retry_connection = False  # it would repeat a failed request at once, out of turn

    def now(self) -> datetime:
        """The run's clock."""
        return self.settings.now or datetime.now(UTC)

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = ()) -> Answer:
        """Ask for an address, following at most MAX_REDIRECTS hops, each polite, guarded and allowed by robots.txt.

        Raises WebError; its kinds are robots, robots-unreachable, host-blocked, timeout, connect, tls, egress,
        too-large, truncated, bad-coding, unasked-coding, protocol, redirects and the refusals of `addresses.refusal`.
        """
        redirects: list[Redirect] = []
        while True:
            if reason := refusal(url):
                raise WebError(reason, f"refused to ask {url[:200]!r}")
            rules = await self._rules(url)
            if not rules.allows(url, self.settings.agent_token):
                kind = "robots-unreachable" if rules.state == "unreachable" else "robots"
                raise WebError(kind, f"robots.txt does not let us ask for {url}: {rules.detail}")
            delay_s = max(self.settings.host_delay_s, rules.crawl_delay_s(self.settings.agent_token))
            answer = await self._patiently(url, delay_s, accept, conditions)
            if not (target := answer.redirect_target()):
                break
            redirects.append(Redirect(url=redact(url), status=answer.status))
            if len(redirects) > MAX_REDIRECTS:
                raise WebError("redirects", f"more than {MAX_REDIRECTS} redirects from {redirects[0].url}")
            url = target
        return replace(answer, url=url, redirects=tuple(redirects), robots=rules.state)

    async def close(self) -> None:
        """Close the session's connections."""
        await self._session.close()

    def _open_socket(self, addr_info: Any) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        check_egress(str(address[0]), int(address[1]), self.settings.allow_networks)
        return socket.socket(family=family, type=kind, proto=protocol)

    async def _rules(self, url: str) -> RobotsRules:
        """The rules of the address' origin, asked for once a run."""
        origin = str(URL(url).origin())
        if origin not in self._robots:
            self._robots[origin] = asyncio.create_task(self._ask_robots(f"{origin}/robots.txt"))
        return await asyncio.shield(self._robots[origin])

    async def _ask_robots(self, url: str) -> RobotsRules:
        try:
            for _ in range(MAX_REDIRECTS):
                answer = await self._patiently(url, self.settings.host_delay_s, "text/plain, */*;q=0.1", ())
                if not (target := answer.redirect_target()):
                    return read_robots(answer.status, answer.content[:MAX_ROBOTS_BYTES])
                if refusal(target):
                    break
                url = target
            return read_robots(404, b"")  # RFC 9309 §2.3.1.2: more than five hops may be taken as absent
        except WebError as error:
            if error.kind in _NOT_REACHED:
                raise  # the page would not be reached either, and for a reason worth telling
            return read_robots(None, b"", str(error))

    async def _patiently(self, url: str, delay_s: float, accept: str, conditions: tuple[Header, ...]) -> Answer:
        """One hop with retries for what may succeed: connections that fail, 5xx, and a short Retry-After."""
        domain = registrable_domain(url)
        for attempt in range(1, ATTEMPTS + 1):
            pause_s = max(delay_s, 0.1) * 2**attempt
            try:
                answer = await self._ask(domain, url, delay_s, accept, conditions)
            except WebError as error:
                if error.kind not in ("connect", "timeout") or attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(pause_s)
                continue
            if answer.status == 429 or answer.status in _RETRIED_STATUS:
                wait_s = retry_after_seconds(answer.header("retry-after"), self.now())
                is_last = attempt == ATTEMPTS
                if wait_s is not None and wait_s > PATIENCE_S:
                    self._politeness.block(domain, wait_s)
                elif answer.status == 429 and (wait_s is None or is_last):
                    self._politeness.block(domain, SILENCE_S)
                elif not is_last:
                    self._politeness.pause(domain, wait_s or 0)
                    await asyncio.sleep(pause_s)
                    continue
            return answer
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, domain: str, url: str, delay_s: float, accept: str, conditions: tuple[Header, ...]) -> Answer:
        request_headers = (
            Header(name="User-Agent", value=self.settings.user_agent),
            Header(name="Accept", value=accept),
            Header(name="Accept-Encoding", value="gzip"),
            *conditions,
        )
        try:
            async with _errors_as_web_errors(url), self._politeness.turn(domain, delay_s):
                asked_at = self.now()
                async with self._session.get(
                    request_url(url),
                    headers=[(field.name, field.value) for field in request_headers],
                    allow_redirects=False,
                ) as response:
                    body = await _read_bounded(response.content)
            headers = tuple(
                Header(name=name.decode("latin-1"), value=value.decode("latin-1"))
                for name, value in response.raw_headers
            )
            # An answer without a body, such as a 304 or a redirect, often still names a content coding.
            coded = body or response.status == 200
            content = decode_content(body, response.headers.get("Content-Encoding")) if coded else b""
        except ContentCodingError as error:
            raise WebError(error.kind, f"{url}: {error}") from None
        return Answer(
            url=url,
            redirects=(),
            status=response.status,
            headers=headers,
            request_headers=request_headers,
            body=body,
            content=content,
            asked_at=asked_at,
        )


async def _read_bounded(stream: aiohttp.StreamReader) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream.iter_chunked(65536):
        size += len(chunk)
        if size > MAX_CONTENT_BYTES:
            raise WebError("too-large", f"the body is larger than {MAX_CONTENT_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


@asynccontextmanager
async def _errors_as_web_errors(url: str) -> AsyncIterator[None]:
    """Turn whatever the client raises into a WebError whose kind says what to do about it."""
    try:
        yield
    except HostBlocked as error:
        raise WebError("host-blocked", f"{url}: {error}", int(error.seconds)) from None
    except TimeoutError:
        raise WebError("timeout", f"{url}: no whole answer within {TOTAL_TIMEOUT_S:.0f} s") from None
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise WebError("tls", f"{url}: {error}") from None
    except EgressRefused as error:
        raise WebError("egress", f"{url}: {error}") from None
    except aiohttp.ClientConnectorError as error:
        refused = isinstance(error.os_error, EgressRefused)
        raise WebError("egress" if refused else "connect", f"{url}: {error.os_error}") from None
    except aiohttp.ClientPayloadError as error:
        raise WebError("truncated", f"{url}: {error}") from None
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError) as error:
        raise WebError("connect", f"{url}: {error}") from None
    except (aiohttp.ClientError, ValueError) as error:
        raise WebError("protocol", f"{url}: {type(error).__name__}: {error}") from None
