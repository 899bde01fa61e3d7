"""The newsroom's server: every outlet a host of its own on loopback, all on one port.

`serve` puts `answer`, which decides everything about a response, behind aiohttp in a thread, so that synchronous code,
tests and whole pipelines can read from it.
"""

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from aiohttp import web

from pipelines.newsroom.answer import Request, answer
from pipelines.newsroom.faults import PlannedFault, planned_faults
from pipelines.newsroom.layouts import FEED_PATHS
from schemas.errors import UserError
from schemas.records import record
from seeds.newsroom.newsroom import DAYS, Newsroom, Outlet

FIRST_HOST = 11  # outlets are 127.0.0.11, 127.0.0.12, … in order of their slugs
ATTEMPTS = 5  # at finding a port that is free on every address

Respond = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@record
class Asked:
    """One request as it was answered, for tests to look at."""

    host: str
    method: str
    path: str
    status: int
    conditional: bool
    asked_at: datetime


class RunningNewsroom:
    """A newsroom that is being served: its addresses, its clock, and what it was asked."""

    def __init__(self, newsroom: Newsroom, port: int, day: int) -> None:
        self.newsroom = newsroom
        self.port = port
        self.faults = planned_faults(newsroom)
        self.hosts = {host_of(number): outlet for number, outlet in enumerate(newsroom.outlets)}
        self._asked: list[Asked] = []
        self._counts: Counter[tuple[int, str, str]] = Counter()
        self.set_day(day)

    @property
    def day(self) -> int:
        """The newsroom day it is now: 1, 2 or 3."""
        return self._day

    def set_day(self, day: int) -> None:
        """Move the newsroom's clock; what is dated later is not there yet. `ValueError` outside the three days."""
        if day not in DAYS:
            raise ValueError(f"newsroom day {day}: must be one of {DAYS}")
        self._day = day

    @property
    def requests(self) -> list[Asked]:
        """What was asked so far, in the order of the answers."""
        return list(self._asked)

    def base_of(self, slug: str) -> str:
        """An outlet's address without a final slash; `KeyError` if there is no such outlet."""
        for host, outlet in self.hosts.items():
            if outlet.slug == slug:
                return f"http://{host}:{self.port}"
        raise KeyError(slug)

    def feeds_toml(self) -> str:
        """A feeds file that names every outlet's feed and the further feeds that are planned to fail."""
        return "\n".join(
            _write_feed_table(outlet, f"http://{host}:{self.port}", self.faults) for host, outlet in self.hosts.items()
        )

    async def respond(self, request: web.BaseRequest) -> web.Response:
        """Answer one request at the address that it came to, whatever host it names, and note it."""
        host = request.transport.get_extra_info("sockname")[0] if request.transport else ""
        day, outlet = self._day, self.hosts[host]
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(
            method=request.method, path=request.path, headers=headers, earlier=self._counts[day, host, request.path]
        )
        base = f"http://{host}:{self.port}"
        response = answer(outlet, asked, day=day, base=base, faults=self.faults)
        self._counts[day, host, request.path] += 1
        self._asked.append(
            Asked(
                host=host,
                method=request.method,
                path=request.path,
                status=response.status,
                conditional=bool({"if-none-match", "if-modified-since"} & headers.keys()),
                asked_at=datetime.now(UTC),
            )
        )
        return web.Response(status=response.status, headers=response.headers, body=response.body or None)


def host_of(number: int) -> str:
    """The loopback address of the n-th outlet, counted from 0 in order of slugs."""
    return f"127.0.0.{FIRST_HOST + number}"


@contextmanager
def serve(newsroom: Newsroom, *, port: int = 0, day: int = 1) -> Iterator[RunningNewsroom]:
    """Serve a newsroom from a thread of its own until the block ends; port 0 takes a free one.

    `UserError` if the port is taken, or if the machine has no loopback addresses beyond 127.0.0.1.
    """
    listeners = open_hosts(len(newsroom.outlets), port)
    running = RunningNewsroom(newsroom, listeners[0].getsockname()[1], day)
    with answer_on(listeners, running.respond):
        yield running


@contextmanager
def answer_on(listeners: Sequence[socket.socket], respond: Respond) -> Iterator[None]:
    """Answer from a thread of its own whatever comes to the listeners, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="newsroom", daemon=True)
    thread.start()
    try:
        runner = asyncio.run_coroutine_threadsafe(_start(respond, listeners), loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(respond: Respond, listeners: Sequence[socket.socket]) -> web.ServerRunner:
    runner = web.ServerRunner(web.Server(respond, access_log=None), shutdown_timeout=1)
    await runner.setup()
    for listener in listeners:
        await web.SockSite(runner, listener).start()
    return runner


def open_hosts(count: int, port: int = 0) -> list[socket.socket]:
    """One listening socket per outlet, on a port that is free on all their addresses; 0 takes any. `UserError`."""
    listeners: list[socket.socket] = []
    for attempt in range(ATTEMPTS):
        try:
            for number in range(count):
                chosen = listeners[0].getsockname()[1] if listeners else port
                listeners.append(socket.create_server((host_of(number), chosen)))
        except OSError as error:
            for listener in listeners:
                listener.close()
            listeners.clear()
            # Another program may hold the free port of one address on another: try again, unless it was asked for.
            if port or attempt == ATTEMPTS - 1:
                raise UserError(f"newsroom: port {port or 'any'}: {error}; choose another --port") from error
        else:
            break
    return listeners


def _write_feed_table(outlet: Outlet, base: str, faults: Sequence[PlannedFault]) -> str:
    ours = [fault for fault in faults if fault.outlet == outlet.slug]
    moved = [fault.path for fault in ours if fault.kind == "feed-moved"]
    main = moved[0] if moved else FEED_PATHS[outlet.feed_format]
    further = {f"{outlet.slug}-{fault.extra_feed}": fault.path for fault in ours if fault.extra_feed}
    tables = []
    for feed_id, path in {outlet.slug: main, **further}.items():
        facts = {
            "feed_id": feed_id,
            "url": base + path,
            "publisher": outlet.name,
            "homepage": f"{base}/",
            "kind": outlet.kind,
            "language": outlet.language,
            "needs_topic_filter": outlet.needs_topic_filter,
            "tier": 1 if outlet.kind in ("national", "wire") else 2,
            "enabled": True,
        }
        # JSON's strings, numbers and booleans are TOML's too, except for the rarest control characters.
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items()]
        tables.append("\n".join(["[[feeds]]", *lines, ""]))
    return "\n".join(tables)
