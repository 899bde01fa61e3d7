"""What must hold whatever the network does: an end in time, bounded memory, one clear record, and nobody else hurt."""

import asyncio
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from schemas.memory import FeedTurn
from schemas.records import Capture, DeadLetter, Dropped, Visit
from tests.builders import make_feed, make_visit
from tests.faults.server import FaultServer
from transforms.answer import Asker, WebSettings
from transforms.discover.poll import poll_feed
from transforms.download.fetch import fetch_page
from transforms.web import Web

PAGE = b"<html><title>Raid at a plant</title><p>Agents came to the plant at noon.</p></html>"
FORBIDDEN = "127.0.0.9"
ALLOWED = ("127.0.0.1/32", "127.0.0.2/32")
"""What stands for the public internet in these tests; FORBIDDEN, localhost's ::1 and all else do not."""

HANG_S = 20.0
"""No test may take longer; deadlines are shortened to fractions of a second."""

Names = Callable[[str], Awaitable[Sequence[str]]]


def names(**known: Any) -> Names:
    """A name server: `ledger_example=["127.0.0.1"]`; a list of lists answers in turn, an exception is raised."""
    table = {host.replace("_", "."): answer for host, answer in known.items()}

    async def lookup(host: str) -> Sequence[str]:
        answer = table.get(host.rstrip(".").lower(), OSError(-2, "Name or service not known"))
        if isinstance(answer, list) and answer and isinstance(answer[0], list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, (int, float)):
            await asyncio.sleep(answer)
            raise OSError(-3, "Temporary failure in name resolution")
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    return lookup


def make_settings(**facts: Any) -> WebSettings:
    known: dict[str, Any] = {"user_agent": "icewire/test", "host_delay_s": 0.0, "allow_networks": ALLOWED}
    return WebSettings(**(known | facts))


def with_web(work: Callable[[Web], Awaitable[Any]], *, lookup: Any = None, tls: Any = None, **settings: Any) -> Any:
    """What work with a fresh Web comes to."""

    async def scenario() -> Any:
        web = Web(make_settings(**settings), lookup=lookup, tls=tls)
        try:
            return await asyncio.wait_for(work(web), HANG_S)
        finally:
            await web.close()

    return asyncio.run(scenario())


def fetch_all(*urls: str, **options: Any) -> list[Any]:
    """The one record of each page, all asked for at once."""
    return with_web(lambda web: _fetch_all(web, urls), **options)


def fetch(url: str, **options: Any) -> Any:
    """The one record of a page."""
    return fetch_all(url, **options)[0]


def fetch_beside(healthy: FaultServer, url: str, **options: Any) -> Any:
    """The one record of a page, fetched while another host is asked, too, and answers as if nothing were the matter."""

    async def work(web: Web) -> Any:
        page = asyncio.create_task(fetch_page_of(web, url))
        began = time.monotonic()
        other = await fetch_page_of(web, healthy.url("/page", host="127.0.0.2"))
        assert isinstance(other, Capture), other
        assert (other.status, other.body) == (200, PAGE)
        assert time.monotonic() - began < HANG_S / 4, "the healthy host was held up"
        return await page

    return with_web(work, **options)


def poll(url: str, **options: Any) -> list[Any]:
    """The records of one poll."""
    turn = FeedTurn(feed=make_feed(url=url))
    outputs: list[Any] = with_web(lambda web: poll_feed(web, turn, run_id="run-1"), **options)
    return outputs


def error_of(record: Any) -> str:
    """The kind of a dead letter, whose detail tells more than the kind does."""
    assert isinstance(record, DeadLetter), record
    assert record.detail
    assert (record.run_id, record.stage, record.feed_id) == ("run-1", "download", "ledger")
    return record.error


def dead_poll(outputs: list[Any]) -> str:
    """The kind of the one dead letter of a poll."""
    (dead,) = [each for each in outputs if isinstance(each, DeadLetter)]
    return dead.error


@contextmanager
def bounded_memory(megabytes: int) -> Iterator[None]:
    """Fail if Python objects take more than so much more memory within."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < megabytes * 1024 * 1024, f"{(peak - before) / 1024 / 1024:.0f} MB"


async def _fetch_all(web: Asker, urls: Sequence[str]) -> list[Any]:
    return await asyncio.gather(*(fetch_page_of(web, url) for url in urls))


async def fetch_page_of(web: Asker, url: str) -> Any:
    """The one record of a page, asked for with this Web."""
    (record,) = await fetch_page(web, make_visit(url), run_id="run-1")
    if isinstance(record, Visit):  # led to another domain, in whose turn a pass goes on
        (record,) = await fetch_page(web, record, run_id="run-1")
    assert isinstance(record, (Capture, DeadLetter, Dropped))
    return record
