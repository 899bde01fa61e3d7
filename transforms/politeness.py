"""One request at a time per registrable domain, a delay apart, and silence for as long as a host asks for it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf


class HostBlocked(Exception):
    """The host asked us to stay away for `seconds`, and they are not over."""

    def __init__(self, domain: str, seconds: float) -> None:
        super().__init__(f"{domain} asked us to wait {seconds:.0f} s")
        self.seconds = seconds


class Politeness:
    """The turns of one process: who may be asked now. Times are the event loop's monotonic clock."""

    def __init__(self) -> None:
        self._turn: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ended: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}
        self._blocked: dict[str, tuple[float, float]] = {}  # domain -> (until when, for how long)

    @asynccontextmanager
    async def turn(self, domain: str, delay_s: float) -> AsyncIterator[None]:
        """Hold the domain's only turn, at least `delay_s` seconds after the last one ended; HostBlocked if silenced."""
        loop = asyncio.get_running_loop()
        async with self._turn[domain]:
            until, asked_s = self._blocked.get(domain, (-inf, 0.0))
            if until > loop.time():
                raise HostBlocked(domain, asked_s)
            earliest = max(self._ended.get(domain, -inf) + delay_s, self._paused_until.get(domain, -inf))
            if (wait := earliest - loop.time()) > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                self._ended[domain] = loop.time()

    def pause(self, domain: str, seconds: float) -> None:
        """Let every further turn of the domain wait for so many seconds."""
        loop = asyncio.get_running_loop()
        self._paused_until[domain] = max(self._paused_until.get(domain, -inf), loop.time() + seconds)

    def block(self, domain: str, seconds: float) -> None:
        """Refuse every further turn of the domain for so many seconds."""
        loop = asyncio.get_running_loop()
        self._blocked[domain] = max(self._blocked.get(domain, (-inf, 0.0)), (loop.time() + seconds, seconds))
