"""A domain's turn: what an item needs of another domain waits until the item is in that domain's turn."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from schemas.errors import UserError
from schemas.records import Header, Silence, record
from transforms.addresses import refusal, registrable_domain
from transforms.answer import Answer, Asker, WebError
from transforms.dead_letter import dead_letter
from transforms.redirects import follow, trim_redirect

ROUNDS = 3
"""Turns that an item may take in a pass, one after the other: a shortener, a tracker and the page; a page, its login
elsewhere and the page again."""

Asked = tuple[tuple[str, tuple[Header, ...]], Answer | WebError]
"""A request, which is an address and the conditions that went along, and what came of it."""


class Requester(Protocol):
    """Whoever makes single polite requests: `transforms.web.Web`, or a stand-in for it."""

    def now(self) -> datetime:
        """The run's clock."""

    def heed(self, silence: Silence) -> None:
        """Leave a domain alone for as long as it asked."""

    async def ask(self, url: str, accept: str, conditions: tuple[Header, ...], *, share: float) -> Answer:
        """The answer to one request, redirects not followed; WebError if there is none, or no time of the domain's."""


@record
class Onward:
    """An item that waits for the turn of `domain`; begun anew there with what it `asked`, it asks nothing twice."""

    domain: str
    item: Any
    asked: tuple[Asked, ...]


class LedAway(Exception):
    """What is asked for next is another domain's, whose turn is not ours to take."""

    def __init__(self, domain: str) -> None:
        super().__init__(domain)
        self.domain = domain


class DomainTurn:
    """An Asker in the turn of one domain; LedAway says whose turn is next, or, in an item's last turn, a WebError."""

    def __init__(
        self, web: Requester, domain: str, asked: Iterable[Asked] = (), *, share: float = 1.0, is_last: bool = False
    ) -> None:
        self._web, self._domain, self._share, self._is_last = web, domain, share, is_last
        self._asked = dict(asked)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What was asked so far, in this turn and those before."""
        return tuple(self._asked.items())

    def now(self) -> datetime:
        """The run's clock."""
        return self._web.now()

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = ()) -> Answer:
        """Ask for an address, following redirects; see `answer.Asker`."""
        return await follow(self._ask, url, accept=accept, conditions=conditions)

    async def _ask(self, url: str, accept: str, conditions: tuple[Header, ...]) -> Answer:
        request = (url, conditions)
        if request not in self._asked:
            self._asked[request] = await self._ask_now(url, accept, conditions)
        answer = self._asked[request]
        if isinstance(answer, WebError):
            raise answer
        return answer

    async def _ask_now(self, url: str, accept: str, conditions: tuple[Header, ...]) -> Answer | WebError:
        if not refusal(url) and (domain := registrable_domain(url)) != self._domain:
            if not self._is_last:
                raise LedAway(domain)
            return WebError("redirects", f"{url}: this needs the turns of more than {ROUNDS} domains")
        try:
            answer = await self._web.ask(url, accept, conditions, share=self._share)
        except WebError as error:
            return error
        return trim_redirect(answer) if answer.redirect_target() else answer


async def begin_item(
    function: Callable[[Asker, Any], Awaitable[list[Any]]],
    web: Requester,
    item: Any,
    *,
    domain: str,
    where: tuple[str, str, datetime],
    share: float,
    is_last: bool,
) -> list[Any]:
    """The records that `function` makes of an item in a domain's turn, or the item as Onward to another's.

    A Silence is heeded and gives none. What was not foreseen becomes a DeadLetter, whose stage, run and instant are
    `where`; a UserError is raised.
    """
    if isinstance(item, Silence):
        web.heed(item)
        return []
    item, asked = (item.item, item.asked) if isinstance(item, Onward) else (item, ())
    turn = DomainTurn(web, domain, asked, share=share, is_last=is_last)
    try:
        return await function(turn, item)
    except LedAway as away:
        return [Onward(domain=away.domain, item=item, asked=turn.asked)]
    except UserError:
        raise
    except Exception as error:
        return [dead_letter(*where, item, error)]
