"""The robots.txt of every origin that a run meets: remembered from earlier runs, or asked for once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from yarl import URL

from schemas.records import RobotsMemory
from transforms.addresses import refusal
from transforms.answer import UNASKED, Answer, WebError
from transforms.robots import MAX_ROBOTS_BYTES, RobotsRules, read_robots, recall_rules, remember_robots

MAX_HOPS = 5
"""RFC 9309 §2.3.1.2: a robots.txt behind more redirects may be taken as absent."""

_NOT_REACHED = frozenset({"connect", "dns", "timeout", "tls", "egress", "bad-link"}) | UNASKED
"""Errors that the page itself would meet as well, and for a reason worth telling."""


class RobotsBook:
    """Rules by origin. `ask` makes one polite request, `recall` reads what earlier runs learnt, `learnt` is told news.

    All calls come from one event loop.
    """

    def __init__(
        self,
        ask: Callable[[str], Awaitable[Answer]],
        *,
        now: Callable[[], datetime],
        recall: Callable[[], Mapping[str, RobotsMemory]] | None,
        learnt: Callable[[RobotsMemory], None],
    ) -> None:
        self._ask, self._now, self._recall, self._learnt = ask, now, recall, learnt
        self._rules: dict[str, asyncio.Task[RobotsRules]] = {}
        self._recalled: asyncio.Future[Mapping[str, RobotsMemory]] | None = None

    async def rules(self, url: str) -> RobotsRules:
        """The rules of the address' origin; WebError if its host cannot be reached at all."""
        origin = str(URL(url).origin())
        if origin not in self._rules or _was_blocked(self._rules[origin]):
            self._rules[origin] = asyncio.create_task(self._find(origin))
        return await asyncio.shield(self._rules[origin])

    async def _find(self, origin: str) -> RobotsRules:
        if self._recall is not None:
            if self._recalled is None:
                self._recalled = asyncio.ensure_future(asyncio.to_thread(self._recall))
            if rules := recall_rules((await self._recalled).get(origin), self._now()):
                return rules
        return await self._ask_anew(origin)

    async def _ask_anew(self, origin: str) -> RobotsRules:
        url, hops = f"{origin}/robots.txt", 0
        try:
            answer = await self._ask(url)
            while target := answer.redirect_target():
                hops += 1
                if hops > MAX_HOPS or refusal(target):
                    return self._keep(origin, answer.asked_at, 404, b"")
                answer = await self._ask(target)
        except WebError as error:
            if error.kind in _NOT_REACHED and not hops:
                raise
            return read_robots(None, b"", str(error))
        return self._keep(origin, answer.asked_at, answer.status, answer.content)

    def _keep(self, origin: str, asked_at: datetime, status: int, content: bytes) -> RobotsRules:
        if memory := remember_robots(origin, asked_at, status, content):
            self._learnt(memory)
        return read_robots(status, content[:MAX_ROBOTS_BYTES])


def _was_blocked(task: "asyncio.Task[RobotsRules]") -> bool:
    """Whether the origin was not asked because of a silence, which may be over, or shorter, by now."""
    if not task.done() or task.cancelled():
        return False
    error = task.exception()
    return isinstance(error, WebError) and error.kind in UNASKED
