"""`icewire feeds check`: ask every feed once, politely and for real, and tell what it proved to be. Writes nothing."""

import asyncio
import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pipelines.context import printable
from pipelines.feeds.advice import advise
from schemas.errors import UserError
from schemas.records import Feed, record
from transforms.addresses import redact, refusal, registrable_domain
from transforms.answer import Asker, WebError, WebSettings
from transforms.discover.ask import ACCEPT, read_answer, refused
from transforms.discover.listing import FeedError
from transforms.discover.moves import permanent_target
from transforms.discover.sitemaps import read_parts
from transforms.web import Web

DOMAINS_AT_ONCE = 32
"""Domains asked at the same time; each of them one request at a time."""

_DETAIL = 160
"""Characters shown of an error in words."""


@record
class Finding:
    """What asking one feed found: what the document proved to be, or the error that says why it cannot be read."""

    feed_id: str
    status: int | None = None
    kind: str | None = None
    entries: int = 0
    newest_at: datetime | None = None
    moved_to: str | None = None
    error: str | None = None
    detail: str | None = None


def choose_feeds(feeds: Sequence[Feed], only: Sequence[str]) -> tuple[Feed, ...]:
    """The feeds to check: those named, enabled or not, else all that are enabled. UserError for a name there is not."""
    if not only:
        return tuple(feed for feed in feeds if feed.enabled)
    ids = [feed.feed_id for feed in feeds]
    for name in only:
        if name not in ids:
            near = difflib.get_close_matches(name, ids, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "name a feed_id of the feeds file"
            raise UserError(f"--only {name!r}: no such feed; {hint}")
    return tuple(feed for feed in feeds if feed.feed_id in only)


def run_check(feeds: Sequence[Feed], settings: WebSettings, tell: Callable[[Finding], None]) -> list[Finding]:
    """Check feeds over the real web; `tell` is given each finding as it comes."""

    async def check() -> list[Finding]:
        web = Web(settings)
        try:
            return await check_feeds(web, feeds, tell)
        finally:
            await web.close()

    return asyncio.run(check())


async def check_feeds(web: Asker, feeds: Iterable[Feed], tell: Callable[[Finding], None]) -> list[Finding]:
    """Check feeds, those of one registrable domain in turn, DOMAINS_AT_ONCE domains at the same time."""
    domains: defaultdict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        domains[feed.url if refusal(feed.url) else registrable_domain(feed.url)].append(feed)
    room = asyncio.Semaphore(DOMAINS_AT_ONCE)
    findings: list[Finding] = []

    async def check_domain(of_domain: Sequence[Feed]) -> None:
        async with room:
            for feed in of_domain:
                findings.append(await check_feed(web, feed))
                tell(findings[-1])

    await asyncio.gather(*map(check_domain, domains.values()))
    return findings


async def check_feed(web: Asker, feed: Feed) -> Finding:
    """Ask for one feed, without conditions, and read what comes."""
    try:
        answer = await web.get(feed.url, accept=ACCEPT)
    except WebError as error:
        return Finding(feed_id=feed.feed_id, error=error.kind, detail=str(error))
    found = Finding(feed_id=feed.feed_id, status=answer.status)
    try:
        if answer.status != 200:
            raise refused(answer)
        listing = await read_answer(answer, feed_id=feed.feed_id)
        read = await read_parts(web, feed, listing, now=answer.asked_at)
        if read.error is not None and not read.entries:
            raise read.error
    except (WebError, FeedError) as error:
        return replace(found, error=error.kind, detail=str(error))
    dates = [at for entry in read.entries if (at := entry.published_at or entry.updated_at)]
    return replace(
        found,
        kind=listing.kind,
        entries=len(read.entries),
        newest_at=max(dates, default=None),
        moved_to=permanent_target(feed.url, answer),
    )


def describe(finding: Finding, width: int = 0) -> str:
    """A finding as one line for a terminal; `width` is that of the longest feed_id."""
    if finding.error is None:
        newest = f"newest {finding.newest_at:%Y-%m-%d %H:%M} UTC" if finding.newest_at else "no dates"
        said = f"{finding.kind:12} {finding.entries:4} entries, {newest}"
    else:
        said = f"{finding.error}: {advise(finding.error)} ({redact(finding.detail or '')[:_DETAIL]})"
    if finding.moved_to:
        said += f"; moved for good, make this its url in the feeds file: {finding.moved_to}"
    mark = "FAIL" if finding.error else "ok"
    return printable(f"{mark:4} {finding.feed_id:{width}} {finding.status or '-':>3} {said}")


def summarise(findings: Sequence[Finding]) -> str:
    """All findings in one line."""
    errors = Counter(finding.error for finding in findings if finding.error)
    moved = sum(1 for finding in findings if finding.moved_to)
    line = f"{len(findings) - errors.total()} of {len(findings)} feeds can be read"
    if errors:
        line += "; cannot: " + ", ".join(f"{kind} {count}" for kind, count in errors.most_common())
    return f"{line}; {moved} moved for good" if moved else line
