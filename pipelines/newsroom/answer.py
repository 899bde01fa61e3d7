"""What the newsroom answers to a request: a page, a feed, robots.txt or a planned fault. It knows no network."""

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from pipelines.newsroom.fault_rules import HABITS
from pipelines.newsroom.faults import PlannedFault, find_fault, render_challenge, write_robots
from pipelines.newsroom.feed_documents import write_feed
from pipelines.newsroom.feeds import list_entries
from pipelines.newsroom.layouts import FEED_PATHS, FEED_TYPES, page_path
from pipelines.newsroom.pages import encode_page, render_home, render_notice, render_page, visible_pieces
from schemas.records import record
from seeds.newsroom.newsroom import Outlet, clock_on

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
