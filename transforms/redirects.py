"""Follow redirects: one request after the other, until an answer leads nowhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from schemas.records import Header, Redirect
from transforms.addresses import redact
from transforms.answer import Answer, WebError

MAX_REDIRECTS = 5

Ask = Callable[[str, str, tuple[Header, ...]], Awaitable[Answer]]
"""One request (address, Accept, conditions) and its answer; WebError if there is none."""


async def follow(ask: Ask, url: str, *, accept: str, conditions: tuple[Header, ...]) -> Answer:
    """The answer that an address leads to, with the redirects on the way; WebError after MAX_REDIRECTS of them.

    A hop from https to http is followed, since pages are public either way; the answer's redirects show it.
    """
    redirects: list[Redirect] = []
    while target := (answer := await ask(url, accept, conditions)).redirect_target():
        redirects.append(Redirect(url=redact(url), status=answer.status))
        if len(redirects) > MAX_REDIRECTS:
            raise WebError("redirects", f"more than {MAX_REDIRECTS} redirects from {redirects[0].url}")
        url = target
    return replace(answer, url=url, redirects=tuple(redirects))
