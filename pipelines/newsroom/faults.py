"""What goes wrong on purpose: the houses' habits and the planned faults, as data with a reason each.

Victims are chosen by rule from the content, so that any newsroom has the same kinds of faults: a rule takes the n-th
*plain* piece (full, there from day 1, never revised, neither a wire copy nor copied) of the house it names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from html import escape
from typing import Any, Literal

from pipelines.newsroom.pages import FEED_PATHS, page_path, section_slug
from schemas.records import record
from seeds.newsroom import DAYS, Newsroom, Outlet, Piece


@record
class Habits:
    """How a house serves its pages and writes its feed, whatever the article."""

    dates: Literal["offset", "zone-name", "two-digit-year", "no-zone", "spanish"] = "offset"
    titles: Literal["plain", "entities", "markup"] = "plain"
    links: Literal["absolute", "relative", "tracked"] = "absolute"
    robots: Literal["open", "none", "slow"] = "open"
    validators: bool = True
    gzip: bool = False


HABITS = {
    "courier": Habits(dates="zone-name", titles="entities", links="tracked", gzip=True),
    "ledger": Habits(),
    "wire": Habits(gzip=True),
    "tv": Habits(dates="no-zone", links="tracked", gzip=True),
    "advocacy": Habits(titles="markup", links="relative"),
    "government": Habits(dates="two-digit-year", links="relative", robots="slow"),
    "voz": Habits(dates="spanish", titles="entities"),
    "blog": Habits(robots="none", validators=False),
}


@record
class Fault:
    """One thing that goes wrong: where, on which days, why we do it, and what a careful reader makes of it.

    With a `status` the server answers so instead of the page or feed; without, the fault lies in what is served.
    """

    kind: str
    path: str
    expect: str
    reason: str
    days: tuple[int, ...] = DAYS
    status: int | None = None
    target: str | None = None  # where a redirect leads
    retry_after: int | None = None  # seconds
    first_only: bool = False  # only the first request of each such day meets it
    linked: bool = False  # feeds (or the feeds file) give this address instead of the real one
    ghost: str | None = None  # title of an entry that the feed lists, though there is no such piece
    extra_feed: str | None = None  # the feeds file lists it as a further feed of the outlet, with this suffix


@record
class FaultRule(Fault):
    """A fault to be planned; `{page}`, `{stem}` (page without its ending), `{slug}` and `{feed}` stand in its paths."""

    layout: str
    nth: int | None = None


@record
class PlannedFault(Fault):
    """A fault of one outlet, and the slug of the piece that it befalls, if one does."""

    outlet: str
    piece: str | None = None


# One rule a paragraph reads better than one argument a line.
# fmt: off
RULES = (
    FaultRule(layout="courier", kind="feed-moved", path="/moved-feed.xml", status=301, target="{feed}", linked=True,
              reason="outlets move their feeds and leave a redirect", expect="the real feed is read"),
    FaultRule(layout="courier", kind="feed-html", path="/news.rss",
              reason="a discontinued feed often answers with the front page and 200", expect="dead letter: not a feed"),
    FaultRule(layout="courier", kind="feed-missing", path="/podcast.xml", status=404,
              reason="a feed may vanish by mistake and return", expect="dead letter, asked again later"),
    FaultRule(layout="ledger", kind="feed-gone", path="/old-feed.xml", status=410, extra_feed="archive",
              reason="an outlet says that a feed is gone for good", expect="dead letter, hardly asked again"),
    FaultRule(layout="tv", kind="feed-throttled", path="/weather.xml", status=429, retry_after=120, days=(1,),
              extra_feed="weather", reason="a feed asks to be left alone; later it repeats entries of the main feed",
              expect="not asked again within the wait; the repeated entries give no second visit"),

    FaultRule(layout="courier", nth=1, kind="redirect-slash", path="{stem}", status=301, target="{page}", linked=True,
              reason="feeds leave out the final slash", expect="one capture with one hop"),
    FaultRule(layout="ledger", nth=1, kind="redirect-renamed", path="{stem}-early-edition.html", status=301,
              target="{page}", linked=True, reason="an editor renamed the page", expect="one capture with one hop"),
    FaultRule(layout="tv", nth=1, kind="redirect-chain", path="/go/{slug}", status=302, target="/r/{slug}", linked=True,
              reason="feeds count clicks through two temporary addresses", expect="one capture with two hops"),
    FaultRule(layout="tv", nth=1, kind="redirect-chain", path="/r/{slug}", status=302, target="{page}",
              reason="the second address of the chain", expect="one capture with two hops"),
    FaultRule(layout="tv", kind="page-missing", path="/news/traffic/live-map", status=404, ghost="Live traffic map",
              reason="feeds list pages that were never published", expect="dead letter http-404"),
    FaultRule(layout="voz", kind="page-gone", path="/avisos/2026/11/fe-de-erratas.html", status=410,
              ghost="Fe de erratas", reason="an outlet withdrew a page", expect="dead letter http-410"),
    FaultRule(layout="government", nth=2, kind="page-unavailable", path="{page}", status=503, days=(1,),
              reason="a server breaks down for a day; its feed does not announce the page anew",
              expect="dead letter http-503 on day 1, captured by a retry from day 2"),
    FaultRule(layout="courier", nth=3, kind="page-throttled", path="{page}", status=429, retry_after=1, days=(1,),
              first_only=True, reason="a server asks for a short wait", expect="captured when asked again"),

    FaultRule(layout="courier", nth=2, kind="entry-twice", path="{page}",
              reason="feeds list an entry twice", expect="one visit"),
    FaultRule(layout="ledger", nth=2, kind="entry-undated", path="{page}",
              reason="entries lack a date", expect="the date comes from the page"),
    FaultRule(layout="government", nth=1, kind="entry-far-future", path="{page}",
              reason="a typing mistake dates an entry 2099", expect="the feed's date is not believed"),
    FaultRule(layout="advocacy", kind="entry-without-link", path="", ghost="Our office is closed on Wednesday",
              reason="entries are announcements without a page", expect="dropped: nothing to visit"),
)
# fmt: on


def planned_faults(newsroom: Newsroom) -> tuple[PlannedFault, ...]:
    """All that goes wrong on purpose in a newsroom, outlet by outlet."""
    copied = {piece.wire_of for outlet in newsroom.outlets for piece in outlet.pieces}
    return tuple(fault for outlet in newsroom.outlets for fault in _plan_outlet(outlet, copied, newsroom))


def _plan_outlet(outlet: Outlet, copied: set[str | None], newsroom: Newsroom) -> Iterator[PlannedFault]:
    barred = _barred_section(outlet)
    plain = [
        piece
        for piece in outlet.pieces
        if piece.state == "full" and piece.revisions[0].day == 1 and len(piece.revisions) == 1
        if piece.wire_of is None and f"{outlet.slug}/{piece.slug}" not in copied and piece.section != barred
    ]
    first_of_house = next(other for other in newsroom.outlets if other.layout == outlet.layout)
    for rule in RULES if outlet is first_of_house else ():
        if rule.layout == outlet.layout and (rule.nth is None or rule.nth <= len(plain)):
            yield _plan_rule(rule, outlet, plain[rule.nth - 1] if rule.nth else None)
    yield from _plan_charset(outlet)
    for number, piece in enumerate(piece for piece in outlet.pieces if piece.state == "challenge"):
        yield PlannedFault(
            outlet=outlet.slug,
            path=page_path(outlet, piece),
            piece=piece.slug,
            kind="challenge",
            status=(403, 202)[number % 2],
            reason="bot protection answers instead of the page, sometimes with a status of success",
            expect="dead letter: challenge, never an article",
        )
    for piece in outlet.pieces:
        if piece.section == barred:
            yield PlannedFault(
                outlet=outlet.slug,
                path=page_path(outlet, piece),
                piece=piece.slug,
                kind="robots-disallowed",
                reason="robots.txt bars a section that the feed lists",
                expect="never asked; dropped: robots",
            )


def _plan_rule(rule: FaultRule, outlet: Outlet, piece: Piece | None) -> PlannedFault:
    words = {"feed": FEED_PATHS[outlet.feed_format]}
    if piece:
        page = page_path(outlet, piece)
        words |= {"page": page, "stem": page.removesuffix("/").removesuffix(".html"), "slug": piece.slug}
    facts: dict[str, Any] = {field.name: getattr(rule, field.name) for field in fields(Fault)}
    facts["path"] = rule.path.format(**words)
    facts["target"] = rule.target and rule.target.format(**words)
    return PlannedFault(outlet=outlet.slug, piece=piece.slug if piece else None, **facts)


def _plan_charset(outlet: Outlet) -> Iterator[PlannedFault]:
    """The two charsets of old pages come with the two mistakes their servers make."""
    mistakes = {
        "windows-1252": ("charset-wrong", "the Content-Type header claims utf-8; the page's own meta is right"),
        "iso-8859-1": ("charset-unsaid", "the Content-Type header names no charset; only the page's meta does"),
    }
    if outlet.charset in mistakes:
        kind, reason = mistakes[outlet.charset]
        yield PlannedFault(outlet=outlet.slug, path="/", kind=kind, reason=reason, expect="text with right letters")


def _barred_section(outlet: Outlet) -> str | None:
    """The section that the ledger house bars to robots: its smallest one that is least about enforcement."""
    if outlet.layout != "ledger":
        return None
    sections: dict[str, list[Piece]] = {}
    for piece in outlet.pieces:
        sections.setdefault(piece.section, []).append(piece)
    if len(sections) < 2:
        return None
    return min(sections, key=lambda name: (sum(p.on_domain for p in sections[name]), len(sections[name]), name))


def write_robots(outlet: Outlet) -> str | None:
    """The outlet's robots.txt; None where the house has none."""
    robots = HABITS[outlet.layout].robots
    if robots == "none":
        return None
    lines = ["User-agent: *", "Disallow: /admin/"]
    if barred := _barred_section(outlet):
        lines.append(f"Disallow: /{section_slug(barred)}/")
    if robots == "slow":
        lines.append("Crawl-delay: 1")
    return "\n".join(lines) + "\n"


def find_fault(
    faults: Iterable[PlannedFault], outlet: Outlet, path: str, *, day: int, requests: int
) -> PlannedFault | None:
    """The fault that replaces the answer to a request; `requests` counts those the path had before on that day."""
    for fault in faults:
        if fault.outlet == outlet.slug and fault.path == path and fault.status and day in fault.days:
            return None if fault.first_only and requests else fault
    return None


def render_challenge(outlet: Outlet) -> str:
    """What bot protection shows instead of a page, in as many words as such pages have."""
    host = escape(outlet.name)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Just a moment...</title>'
        '<meta name="robots" content="noindex,nofollow"></head>\n<body><div id="challenge-running">'
        f"<h1>{host}</h1><h2>Checking your browser before you can go on.</h2>"
        "<p>Please enable JavaScript and cookies to continue.</p></div></body></html>\n"
    )
