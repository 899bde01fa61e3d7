"""What a site's robots.txt allows us: protego reads it, RFC 9309 says what its absence means."""

from datetime import datetime, timedelta

from protego import Protego

from schemas.records import RobotsMemory, record

MAX_ROBOTS_BYTES = 512 * 1024
"""Cut before parsing: protego has no cap of its own (500,000 lines took 21 s); RFC 9309 asks for at least 500 KiB."""

ROBOTS_KEPT = timedelta(hours=24)
"""A remembered robots.txt is asked for again after this (RFC 9309 §2.4)."""

MAX_REMEMBERED_BYTES = 64 * 1024
"""A longer robots.txt is not remembered but asked for in every run, since half of its rules would be other rules."""

MAX_CRAWL_DELAY_S = 120.0
"""A longer Crawl-delay is honoured only up to this."""


@record
class RobotsRules:
    """One origin's rules for one user agent: `state` is allowed, no-robots or unreachable."""

    state: str
    rules: Protego | None = None
    detail: str = "its rules disallow it"

    def allows(self, url: str, agent: str) -> bool:
        """Whether the agent may ask for the address; nothing may be asked while robots.txt is unreachable."""
        if self.rules is None:
            return self.state == "no-robots"
        return bool(self.rules.can_fetch(url, agent))

    def crawl_delay_s(self, agent: str) -> float:
        """Seconds the site wants between requests, 0 if it does not say."""
        delay = self.rules.crawl_delay(agent) if self.rules is not None else None
        return min(max(float(delay or 0.0), 0.0), MAX_CRAWL_DELAY_S)


def is_unreachable(status: int | None) -> bool:
    """Whether an answer to GET /robots.txt tells nothing of the rules; None means that no answer came."""
    return status is None or status >= 500 or status == 429


def read_robots(status: int | None, content: bytes, error: str | None = None) -> RobotsRules:
    """Rules from the answer to GET /robots.txt; `status` None means no answer came, and `error` says why.

    RFC 9309 §2.3.1: a 4xx means there are no rules, a 5xx or no answer means everything is disallowed for now.
    """
    if is_unreachable(status):
        return RobotsRules(state="unreachable", detail=error or f"it answered HTTP {status}")
    if status is None or status >= 300:
        return RobotsRules(state="no-robots")
    text = content[:MAX_ROBOTS_BYTES].decode("utf-8", "replace").removeprefix("\ufeff").replace("\0", "")
    return RobotsRules(state="allowed", rules=Protego.parse(text))


def remember_robots(origin: str, asked_at: datetime, status: int, content: bytes) -> RobotsMemory | None:
    """What later runs may go by instead of asking; None if it was unreachable, or has rules too long to keep whole."""
    body = content if status < 300 else b""
    if is_unreachable(status) or len(body) > MAX_REMEMBERED_BYTES:
        return None
    return RobotsMemory(origin=origin, asked_at=asked_at, status=status, body=body)


def recall_rules(memory: RobotsMemory | None, now: datetime) -> RobotsRules | None:
    """The rules remembered of an origin; None if there are none, or if they are too old, or from the future."""
    if memory is None or not timedelta() <= now - memory.asked_at < ROBOTS_KEPT:
        return None
    return read_robots(memory.status, memory.body)
