"""Ask the web as a good guest: what robots.txt allows, in turn, patiently, and not at all where silence is wished."""

import asyncio
import ssl
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from yarl import URL

from schemas.records import Header, RobotsMemory, Silence
from transforms.addresses import refusal, registrable_domain
from transforms.answer import Answer, WebError, WebSettings
from transforms.circuit import FAILURES, OPEN_AFTER, Circuit
from transforms.client import Client
from transforms.lookup import Lookup
from transforms.politeness import HostBlocked, Politeness
from transforms.redirects import follow
from transforms.retry_after import retry_after_seconds, silence_seconds
from transforms.robots_book import RobotsBook

ATTEMPTS = 3
"""Requests for one address in one run, at the most."""

_RETRIED_STATUS = frozenset({500, 502, 503, 504})


class Web:
    """One run's view of the web in one process: its connections, the domains' turns and their robots rules.

    `lookup` and `tls` stand in for the machine's name servers and trusted certificates where there is no internet.
    """

    def __init__(
        self, settings: WebSettings, *, lookup: Lookup | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.settings = settings
        self._client = Client(settings.allow_networks, lookup=lookup, tls=tls)
        self._politeness = Politeness()
        self._circuit = Circuit()
        self._learnt: deque[Silence | RobotsMemory] = deque()
        self._robots = RobotsBook(
            self._ask_robots, now=self.now, recall=settings.recall_robots, learnt=self._learnt.append
        )
        for silence in settings.silences:
            self.heed(silence)

    def now(self) -> datetime:
        """The run's clock."""
        return self.settings.now or datetime.now(UTC)

    def learnt(self) -> list[Silence | RobotsMemory]:
        """What later runs should know of domains and robots.txt, learnt since the last call; from any thread."""
        news: list[Silence | RobotsMemory] = []
        while self._learnt:
            news.append(self._learnt.popleft())
        return news

    def heed(self, silence: Silence) -> None:
        """Leave a domain alone for as long as it asked, in this run or before."""
        self._politeness.block(silence.domain, (silence.until - self.now()).total_seconds(), silence.reason)

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = ()) -> Answer:
        """Ask for an address, following redirects (`redirects.follow`), each polite, guarded and allowed by robots.txt.

        Raises WebError; its kinds are redirects and those of `ask`.
        """
        return await follow(self.ask, url, accept=accept, conditions=conditions)

    async def ask(self, url: str, accept: str, conditions: tuple[Header, ...] = (), *, share: float = 1.0) -> Answer:
        """The answer to one polite request that robots.txt allows, repeated where that may help; a redirect as it is.

        `share` is the part of a domain's time that may be used up before it is put off (postponed).
        Raises WebError; its kinds are robots, robots-unreachable, host-blocked, host-down, postponed, those of
        `client.Client.ask` and the refusals of `addresses.refusal`.
        """
        if reason := refusal(url):
            raise WebError(reason, f"refused to ask {url[:200]!r}")
        self._check_time(url, share)
        self._check_silence(url)
        rules = await self._robots.rules(url)
        if not rules.allows(url, self.settings.agent_token):
            self._check_silence(url)  # a 429 for robots.txt says more than that it was not to be had
            kind = "robots-unreachable" if rules.state == "unreachable" else "robots"
            raise WebError(kind, f"robots.txt does not let us ask for {url}: {rules.detail}")
        delay_s = max(self.settings.host_delay_s, rules.crawl_delay_s(self.settings.agent_token))
        return replace(await self._patiently(url, delay_s, accept, conditions), robots=rules.state)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _ask_robots(self, url: str) -> Answer:
        return await self._patiently(url, self.settings.host_delay_s, "text/plain, */*;q=0.1", ())

    async def _patiently(self, url: str, delay_s: float, accept: str, conditions: tuple[Header, ...]) -> Answer:
        """One hop with retries for what may succeed: connections that fail, 5xx, and a short Retry-After."""
        host, loop = URL(url).host or "", asyncio.get_running_loop()
        try:
            answer = await self._retry(url, delay_s, accept, conditions)
        except WebError as error:
            if error.kind in FAILURES:
                self._circuit.note(host, failed=True, now_s=loop.time())
            raise
        self._circuit.note(host, failed=answer.status >= 500, now_s=loop.time())
        return answer

    async def _retry(self, url: str, delay_s: float, accept: str, conditions: tuple[Header, ...]) -> Answer:
        domain = registrable_domain(url)
        for attempt in range(1, ATTEMPTS + 1):
            is_last = attempt == ATTEMPTS
            pause_s = max(delay_s, 0.1) * 2**attempt
            try:
                answer = await self._ask(domain, url, delay_s, accept, conditions)
            except WebError as error:
                if is_last or error.kind not in FAILURES:
                    raise
                await asyncio.sleep(pause_s)
                continue
            if answer.status != 429 and answer.status not in _RETRIED_STATUS:
                return answer
            wait_s = retry_after_seconds(answer.header("retry-after"), self.now())
            if silence_s := silence_seconds(answer.status, wait_s, is_last=is_last):
                self._silence(domain, silence_s, f"http-{answer.status}")
                return answer
            self._politeness.pause(domain, wait_s or 0)
            if is_last:
                return answer
            await asyncio.sleep(pause_s)
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, domain: str, url: str, delay_s: float, accept: str, conditions: tuple[Header, ...]) -> Answer:
        headers = (
            Header(name="User-Agent", value=self.settings.user_agent),
            Header(name="Accept", value=accept),
            Header(name="Accept-Encoding", value="gzip"),
            *conditions,
        )
        self._check_circuit(url)
        try:
            async with self._politeness.turn(domain, delay_s):
                return await self._client.ask(url, headers, asked_at=self.now())
        except HostBlocked as error:
            raise _blocked(url, error) from None

    def _check_silence(self, url: str) -> None:
        try:
            self._politeness.check(registrable_domain(url))
        except HostBlocked as error:
            raise _blocked(url, error) from None

    def _check_time(self, url: str, share: float) -> None:
        domain = registrable_domain(url)
        if self._politeness.used_s(domain) > (limit_s := self.settings.turn_s * share):
            raise WebError("postponed", f"{url}: {domain} had its {limit_s:.0f} s of this run")

    def _check_circuit(self, url: str) -> None:
        host = URL(url).host or ""
        if rest_s := self._circuit.rest_s(host, asyncio.get_running_loop().time()):
            error = HostBlocked(host, rest_s, f"{OPEN_AFTER} addresses in a row failed there")
            raise WebError("host-down", f"{url}: {error}", error.seconds)

    def _silence(self, domain: str, seconds: int, reason: str) -> None:
        if self._politeness.block(domain, seconds, reason):
            self._learnt.append(Silence(domain=domain, until=self.now() + timedelta(seconds=seconds), reason=reason))


def _blocked(url: str, error: HostBlocked) -> WebError:
    return WebError("host-blocked", f"{url}: {error}", error.seconds)
