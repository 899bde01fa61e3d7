"""What asking the web means to everyone who does not ask: settings going in, an answer or an error coming out."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from typing import Protocol

from yarl import URL

from schemas.records import Header, Redirect, RobotsMemory, Silence, record
from transforms.addresses import redact

_REDIRECT_STATUS = frozenset({301, 302, 303, 307, 308})


UNASKED = frozenset({"host-blocked", "host-down"})
"""Errors for which no request was made: the domain wished to be left alone, or its host is down."""


@record
class WebSettings:
    """How this run asks: who it says it is, how long it waits, and what it may reach."""

    user_agent: str
    agent_token: str = "icewire"  # noqa: S105 - the product token that robots.txt names, not a secret
    host_delay_s: float = 5.0
    allow_networks: tuple[str, ...] = ()
    turn_s: float = 900.0
    """What one domain may take of a run, so that a slow or a large one keeps nobody waiting; the rest is put off."""
    run_id: str = ""
    """Equal settings share a Web; a run knows of earlier ones only what `silences` and `recall_robots` tell it."""
    now: datetime | None = None
    """A fixed clock for this run; None reads the system's."""
    silences: tuple[Silence, ...] = ()
    """Domains that earlier runs were asked to leave alone."""
    recall_robots: Callable[[], Mapping[str, RobotsMemory]] | None = field(default=None, compare=False)
    """Reads what earlier runs learnt of robots.txt, by origin; called once, when a robots.txt is needed first."""


@record
class Answer:
    """One HTTP response: `body` as received, `content` after content decoding."""

    url: str
    redirects: tuple[Redirect, ...]
    status: int
    headers: tuple[Header, ...]
    request_headers: tuple[Header, ...]
    body: bytes
    content: bytes
    asked_at: datetime
    robots: str = "allowed"
    is_cut: bool = False
    """Whether `body` is only its begin."""

    def header(self, name: str) -> str | None:
        """The first header field of that name, whatever its case."""
        return next((field.value for field in self.headers if field.name.lower() == name.lower()), None)

    def redirect_target(self) -> str | None:
        """The absolute address it redirects to, as written if that is no address; None if it does not redirect."""
        location = self.header("location")
        if self.status not in _REDIRECT_STATUS or not location:
            return None
        with suppress(UnicodeError):  # servers write raw UTF-8 there, which header fields are not read as
            location = location.encode("latin-1").decode("utf-8")
        try:
            return str(URL(self.url).join(URL(location)).with_fragment(None))
        except (ValueError, IndexError):  # yarl's answers to what is no address
            return location


class WebError(Exception):
    """No usable answer; `kind` is a short stable word, `retry_after_s` what the server asked for, if anything."""

    def __init__(self, kind: str, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(redact(detail))
        self.kind = kind
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[type["WebError"], tuple[str, str, int | None]]:
        """How it is pickled, since it may travel with what was asked."""
        return WebError, (self.kind, str(self), self.retry_after_s)


class Asker(Protocol):
    """Whoever can ask the web: `transforms.web.Web`, or a stand-in for it."""

    def now(self) -> datetime:
        """The run's clock."""

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = ()) -> Answer:
        """Ask for an address, following redirects; WebError if there is no usable answer."""
