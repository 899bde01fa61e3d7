"""One request at a time per registrable domain, a delay apart, and silence for as long as a domain asks for it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil, inf


class HostBlocked(Exception):
    """The domain is left alone for `seconds` more, rounded up so that nobody comes back too early."""

    def __init__(self, domain: str, seconds: float, reason: str) -> None:
        self.seconds = ceil(seconds)
        super().__init__(f"{domain} is left alone for {self.seconds} s: {reason}")


class Politeness:
    """The turns of one process: who may be asked now. Times are the event loop's monotonic clock."""

    def __init__(self) -> None:
        self._turn: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._used_s: defaultdict[str, float] = defaultdict(float)
        self._ended: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}
        self._blocked: dict[str, tuple[float, str]] = {}  # domain -> (until when, why)

    @asynccontextmanager
    async def turn(self, domain: str, delay_s: float) -> AsyncIterator[None]:
        """Hold the domain's only turn, at least `delay_s` seconds after the last one ended; HostBlocked if silenced."""
        loop = asyncio.get_running_loop()
        async with self._turn[domain]:
            began = loop.time()
            self.check(domain)
            earliest = max(self._ended.get(domain, -inf) + delay_s, self._paused_until.get(domain, -inf))
            if (wait := earliest - loop.time()) > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                self._ended[domain] = loop.time()
                self._used_s[domain] += self._ended[domain] - began

    def check(self, domain: str) -> None:
        """Raise HostBlocked if the domain is silenced."""
        until, reason = self._blocked.get(domain, (-inf, ""))
        if (left := until - asyncio.get_running_loop().time()) > 0:
            raise HostBlocked(domain, left, reason)

    def used_s(self, domain: str) -> float:
        """Seconds that the domain's turns took so far, with the pauses before them."""
        return self._used_s.get(domain, 0.0)

    def pause(self, domain: str, seconds: float) -> None:
        """Let every further turn of the domain wait for so many seconds."""
        loop = asyncio.get_running_loop()
        self._paused_until[domain] = max(self._paused_until.get(domain, -inf), loop.time() + seconds)

    def block(self, domain: str, seconds: float, reason: str) -> bool:
        """Refuse every further turn of the domain for so many seconds; False if that ends before an earlier block."""
        until = asyncio.get_running_loop().time() + seconds
        if until <= self._blocked.get(domain, (-inf, ""))[0]:
            return False
        self._blocked[domain] = (until, reason)
        return True
