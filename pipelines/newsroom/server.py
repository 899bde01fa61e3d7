"""The newsroom's server: every outlet a host of its own on loopback, all on one port.

`answer` decides everything about a response and knows no network; `serve` puts it behind aiohttp in a thread, so that
synchronous code, tests and whole pipelines can read from it.
"""

import asyncio
import gzip
import hashlib
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

from pipelines.newsroom.faults import HABITS, PlannedFault, find_fault, planned_faults, render_challenge, write_robots
from pipelines.newsroom.feeds import list_entries, write_feed
from pipelines.newsroom.pages import (
    FEED_PATHS,
    FEED_TYPES,
    encode_page,
    page_path,
    render_home,
    render_notice,
    render_page,
    visible_pieces,
)
from schemas.errors import UserError
from schemas.records import record
from seeds.newsroom import DAYS, Newsroom, Outlet, clock_on

FIRST_HOST = 11  # outlets are 127.0.0.11, 127.0.0.12, … in order of their slugs
ATTEMPTS = 5  # at finding a port that is free on every address
EXTRA_LISTED = 3  # entries in an outlet's further feed


@record
class Request:
    """What `answer` needs to know of a request; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    earlier: int = 0  # requests for the same path before it on the same newsroom day


@record
class Response:
    """What is sent back."""

    status: int
    headers: dict[str, str]
    body: bytes


@record
class Asked:
    """One request as it was answered, for tests to look at."""

    host: str
    method: str
    path: str
    status: int
    conditional: bool
    asked_at: datetime


def answer(outlet: Outlet, request: Request, *, day: int, base: str, faults: Sequence[PlannedFault]) -> Response:
    """The response of an outlet on a newsroom day; `base` is its address without a final slash."""
    if request.method not in ("GET", "HEAD"):
        return Response(status=405, headers={"Allow": "GET, HEAD", "Content-Type": "text/plain"}, body=b"")
    fault = find_fault(faults, outlet, request.path, day=day, requests=request.earlier)
    response = _fail(outlet, fault, base) if fault else _find(outlet, request.path, day, base, faults)
    dated = {"Date": format_datetime(clock_on(day), usegmt=True), **response.headers}
    response = replace(response, headers=dated)
    if response.status != 200:
        return response
    return _compress(outlet, request, _validate(outlet, request, response, day))


def _find(outlet: Outlet, path: str, day: int, base: str, faults: Sequence[PlannedFault]) -> Response:
    """What the outlet has at a path when all goes well."""
    ours = {fault.path: fault for fault in faults if fault.outlet == outlet.slug}
    extra = path in ours and ours[path].extra_feed is not None
    if path == FEED_PATHS[outlet.feed_format] or extra:
        entries = list_entries(outlet, day, base, faults)[: EXTRA_LISTED if extra else None]
        headers = {"Content-Type": FEED_TYPES[outlet.feed_format]}
        return Response(status=200, headers=headers, body=write_feed(outlet, entries, base))
    if path == "/robots.txt" and (robots := write_robots(outlet)):
        return Response(status=200, headers={"Content-Type": "text/plain"}, body=robots.encode())
    if path == "/" or (path in ours and ours[path].kind == "feed-html"):
        return _page(outlet, 200, render_home(outlet, day))
    for piece, revision in visible_pieces(outlet, day):
        if page_path(outlet, piece) == path:
            return _page(outlet, 200, render_page(outlet, piece, revision, day=day, base=base))
    return _page(outlet, 404, render_notice(outlet, "404", "<p>404 Not Found</p>"))


def _fail(outlet: Outlet, fault: PlannedFault, base: str) -> Response:
    status = fault.status or 500
    if fault.kind == "challenge":
        headers = {"Content-Type": "text/html; charset=utf-8", "cf-mitigated": "challenge", "Cache-Control": "no-store"}
        return Response(status=status, headers=headers, body=render_challenge(outlet).encode())
    more = {}
    if fault.target:
        # Permanent redirects are given whole, temporary ones relative: both forms are met.
        more["Location"] = fault.target if status == 302 else base + fault.target
    if fault.retry_after is not None:
        more["Retry-After"] = str(fault.retry_after)
    response = _page(outlet, status, render_notice(outlet, str(status), f"<p>{status}</p>"))
    return replace(response, headers=response.headers | more)


def _page(outlet: Outlet, status: int, markup: str) -> Response:
    said = {"utf-8": "; charset=utf-8", "windows-1252": "; charset=utf-8", "iso-8859-1": ""}  # the planned mistakes
    headers = {"Content-Type": f"text/html{said[outlet.charset]}"}
    return Response(status=status, headers=headers, body=encode_page(outlet, markup))


def _validate(outlet: Outlet, request: Request, response: Response, day: int) -> Response:
    """Add the validators, and answer 304 if the client's say that it has these very bytes (RFC 9110, section 13)."""
    if not HABITS[outlet.layout].validators:
        return response
    # A page changes with the headlines beside it, so its date is that of the outlet's newest text.
    shown = [revision.modified_at or piece.published_at for piece, revision in visible_pieces(outlet, day)]
    changed_at = max(shown, default=clock_on(0)).replace(microsecond=0)
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:20]}"'
    validators = {"ETag": etag, "Last-Modified": format_datetime(changed_at, usegmt=True)}
    known = request.headers.get("if-none-match")
    if known is not None:
        same = known.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]
    else:
        since = _read_date(request.headers.get("if-modified-since"))
        same = since is not None and changed_at <= since
    if same:
        return Response(status=304, headers={"Date": response.headers["Date"], **validators}, body=b"")
    return replace(response, headers=response.headers | validators)


def _read_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _compress(outlet: Outlet, request: Request, response: Response) -> Response:
    accepted = [coding.replace(" ", "") for coding in request.headers.get("accept-encoding", "").lower().split(",")]
    wanted = any(coding == "gzip" or (coding.startswith("gzip;q=") and coding != "gzip;q=0") for coding in accepted)
    if not (HABITS[outlet.layout].gzip and wanted and response.body):
        return response
    headers = response.headers | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return replace(response, headers=headers, body=gzip.compress(response.body, mtime=0))


# ------------------------------------------------------------------------------------------------------- running


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
    listeners = _listen(len(newsroom.outlets), port)
    running = RunningNewsroom(newsroom, listeners[0].getsockname()[1], day)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="newsroom", daemon=True)
    thread.start()
    try:
        runner = asyncio.run_coroutine_threadsafe(_start(running, listeners), loop).result()
        try:
            yield running
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(running: RunningNewsroom, listeners: Sequence[socket.socket]) -> web.ServerRunner:
    runner = web.ServerRunner(web.Server(running.respond, access_log=None), shutdown_timeout=1)
    await runner.setup()
    for listener in listeners:
        await web.SockSite(runner, listener).start()
    return runner


def _listen(count: int, port: int) -> list[socket.socket]:
    """Open one listening socket per outlet on a port that is free on all their addresses."""
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
