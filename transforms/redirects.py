"""Follow redirects: one request after the other, until an answer leads nowhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from schemas.records import Header, Redirect
from transforms.addresses import redact
from transforms.answer import Answer, WebError

MAX_REDIRECTS = 5

MAX_REDIRECT_BODY_BYTES = 16 * 1024
"""Nobody reads the body of a redirect; what servers usually write there, some hundred bytes, is kept as evidence."""

Ask = Callable[[str, str, tuple[Header, ...]], Awaitable[Answer]]
"""One request (address, Accept, conditions) and its answer; WebError if there is none."""


async def follow(ask: Ask, url: str, *, accept: str, conditions: tuple[Header, ...]) -> Answer:
    """The answer that an address leads to, with the redirects on the way; WebError after MAX_REDIRECTS of them.

    A hop from https to http is followed, since pages are public either way; the answer's redirects show it.
    """
    redirects: list[Redirect] = []
    while target := (answer := await ask(url, accept, conditions)).redirect_target():
        redirects.append(_hop(url, trim_redirect(answer)))
        if len(redirects) > MAX_REDIRECTS:
            raise WebError("redirects", f"more than {MAX_REDIRECTS} redirects from {redirects[0].url}")
        url = target
    return replace(answer, url=url, redirects=tuple(redirects))


def trim_redirect(answer: Answer) -> Answer:
    """An answer that redirects, as it travels along and is kept: with at most MAX_REDIRECT_BODY_BYTES of its body."""
    is_cut = answer.is_cut or len(answer.body) > MAX_REDIRECT_BODY_BYTES
    return replace(answer, body=answer.body[:MAX_REDIRECT_BODY_BYTES], content=b"", is_cut=is_cut)


def _hop(url: str, answer: Answer) -> Redirect:
    return Redirect(
        url=redact(url),
        status=answer.status,
        asked_at=answer.asked_at,
        headers=answer.headers,
        request_headers=answer.request_headers,
        body=answer.body,
        is_cut=answer.is_cut,
    )
