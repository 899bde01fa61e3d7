"""The month, served: every outlet on a loopback address of its own, as of a clock that can be set, with its faults."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from aiohttp import web

from bench.month_faults import PlannedFault
from bench.month_news import START, Archive
from pipelines.newsroom.answer import Request, Response, answer
from pipelines.newsroom.feeds import LISTED
from pipelines.newsroom.layouts import FEED_PATHS, page_path
from pipelines.newsroom.server import answer_on, host_of, open_hosts
from schemas.records import Feed, record
from seeds.feeds import feed_table
from seeds.newsroom.newsroom import Outlet, Piece

SITEMAP, MOVED_TO = "/news-sitemap.xml", "/feeds/newest"
SITEMAP_HOURS = 48
"""A news sitemap lists the pieces of the last two days (Google News)."""

DRIP_S, DRIPS = 0.2, 60
"""A slow server sends a byte in each; together they are longer than any deadline here."""

_TEXT = {"Content-Type": "text/plain"}
_CHECK = b"<html><head><script>window.awsWafCookieDomainList = [];</script></head><body></body></html>"


@record
class Shown:
    """One whole feed document as it was sent: whose, when, and the slugs of the pieces it listed."""

    slug: str
    at: datetime
    pieces: tuple[str, ...]


class RunningMonth:
    """The month being served: its clock, its addresses, and every feed document it sent."""

    def __init__(self, houses: Sequence[Outlet], outlets: Sequence[Outlet], faults: Sequence[PlannedFault]) -> None:
        self.archives = {outlet.slug: Archive(outlet) for outlet in outlets}
        self.faults = {fault.slug: fault for fault in faults}
        self.shown: list[Shown] = []
        self.now = START
        self.port = 0
        self._hosts = {host_of(number): archive for number, archive in enumerate(self.archives.values())}
        self._houses = {outlet.slug: outlet for outlet in houses}

    def base_of(self, slug: str) -> str:
        """An outlet's address without a final slash."""
        return f"http://{host_of(list(self.archives).index(slug))}:{self.port}"

    def page_of(self, slug: str, piece: Piece) -> str:
        """The address of a piece."""
        return self.base_of(slug) + page_path(self.archives[slug].outlet, piece)

    def feeds_toml(self) -> str:
        """A feeds file that names every outlet's feed; only the one whose roll-over can be mended names a sitemap."""
        tables = []
        for slug, archive in self.archives.items():
            outlet, base = archive.outlet, self.base_of(slug)
            feed = Feed(
                feed_id=slug,
                url=base + FEED_PATHS[outlet.feed_format],
                publisher=outlet.name,
                kind=outlet.kind,
                language=outlet.language,
                needs_topic_filter=outlet.needs_topic_filter,
                sitemap=base + SITEMAP if self._has_sitemap(slug) else None,
            )
            # JSON's strings, numbers and booleans are TOML's too, except for the rarest control characters.
            lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in feed_table(feed).items()]
            tables.append("\n".join(["[[feeds]]", *lines, ""]))
        return "\n".join(tables)

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request as of the clock, at the address that it came to."""
        host = request.transport.get_extra_info("sockname")[0] if request.transport else ""
        archive = self._hosts[host]
        slug, path = archive.outlet.slug, request.path
        feed_path = FEED_PATHS[archive.outlet.feed_format]
        fault = self.faults.get(slug)
        name = fault.kind.name if fault else ""
        if fault and name == "moved feed":
            if path == feed_path and self.now >= fault.began_at:
                there = {**_TEXT, "Location": self.base_of(slug) + MOVED_TO}
                return _sent(Response(status=301, headers=there, body=b"") if fault.is_on(self.now) else _status(404))
            if path == MOVED_TO:
                path = feed_path if self.now >= fault.began_at else "/nothing-here"
        elif fault and fault.is_on(self.now):
            if name == "outage" and self.now >= fault.began_at + (fault.ended_at - fault.began_at) / 2:
                assert request.transport is not None
                request.transport.abort()
            if name == "slow feed" and path == feed_path:
                return await _drip(request)
            if refusal := self._refuse(name, request, is_feed=path == feed_path):
                return _sent(refusal)
        headers = {key.lower(): value for key, value in request.headers.items()}
        asked = Request(method=request.method, path=path, headers=headers)
        return _sent(self._find(archive, asked, is_feed=path == feed_path))

    def _refuse(self, name: str, request: web.BaseRequest, *, is_feed: bool) -> Response | None:
        """What a fault that lasts answers instead; None where it lets the request pass."""
        if name == "outage":
            return _status(503)
        if name == "403":
            return _status(403)
        if name == "202 challenge":
            headers = {"Content-Type": "text/html", "x-amzn-waf-action": "challenge", "Cache-Control": "no-store"}
            return Response(status=202, headers=headers, body=_CHECK)
        if name == "lying 304" and is_feed and (etag := request.headers.get("If-None-Match")):
            return Response(status=304, headers={"ETag": etag}, body=b"")
        return None

    def _find(self, archive: Archive, asked: Request, *, is_feed: bool) -> Response:
        slug = archive.outlet.slug
        base = self.base_of(slug)
        if asked.path == SITEMAP and self._has_sitemap(slug):
            body = self._write_sitemap(archive, base)
            return Response(status=200, headers={"Content-Type": "application/xml"}, body=body)
        outlet = archive.at(self.now, asked.path)
        if (
            asked.path == "/robots.txt"
        ):  # a house bars a section by what it publishes; that is not to change by the hour
            outlet = self._houses[slug]
        found = answer(outlet, asked, day=1, base=base, faults=())
        if is_feed and found.status == 200:
            newest = archive.newest(self.now, LISTED)
            self.shown.append(Shown(slug=slug, at=self.now, pieces=tuple(piece.slug for piece in newest)))
        return replace(found, headers={**found.headers, "Date": format_datetime(self.now, usegmt=True)})

    def _has_sitemap(self, slug: str) -> bool:
        return slug in self.faults and self.faults[slug].kind.name == "roll-over, sitemap"

    def _write_sitemap(self, archive: Archive, base: str) -> bytes:
        outlet = archive.outlet
        urls = "\n".join(
            f"<url><loc>{escape(base + page_path(outlet, piece))}</loc><news:news><news:publication>"
            f"<news:name>{escape(outlet.name)}</news:name><news:language>{outlet.language}</news:language>"
            f"</news:publication><news:publication_date>{piece.published_at.isoformat()}</news:publication_date>"
            f"<news:title>{escape(piece.revisions[0].title)}</news:title></news:news></url>"
            for piece in archive.between(self.now - timedelta(hours=SITEMAP_HOURS), self.now)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{urls}\n</urlset>\n'
        ).encode()


@contextmanager
def serve_month(
    houses: Sequence[Outlet], outlets: Sequence[Outlet], faults: Sequence[PlannedFault]
) -> Iterator[RunningMonth]:
    """Serve the month from a thread of its own, on a free port, until the block ends.

    `outlets` are `houses` with all that they publish.
    """
    running = RunningMonth(houses, outlets, faults)
    listeners = open_hosts(len(outlets))
    running.port = listeners[0].getsockname()[1]
    with answer_on(listeners, running.respond):
        yield running


def _status(status: int) -> Response:
    return Response(status=status, headers=_TEXT, body=f"{status}\n".encode())


def _sent(response: Response) -> web.Response:
    return web.Response(status=response.status, headers=response.headers, body=response.body or None)


async def _drip(request: web.BaseRequest) -> web.StreamResponse:
    """A document that comes byte by byte and does not end before whoever asked gives up."""
    response = web.StreamResponse(headers={"Content-Type": "application/xml"})
    with suppress(ConnectionError):
        await response.prepare(request)
        for _ in range(DRIPS):
            await response.write(b"<")
            await asyncio.sleep(DRIP_S)
    return response
