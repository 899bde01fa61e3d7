"""The faults of a newsroom: planned from the rules for its outlets and pieces, and found again for each request."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from html import escape
from typing import Any

from pipelines.newsroom.fault_rules import HABITS, RULES, Fault, FaultRule
from pipelines.newsroom.layouts import FEED_PATHS, page_path, section_slug
from schemas.records import record
from seeds.newsroom.newsroom import Newsroom, Outlet, Piece


@record
class PlannedFault(Fault):
    """A fault of one outlet, and the slug of the piece that it befalls, if one does."""

    outlet: str
    piece: str | None = None


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
        lines.append("Crawl-delay: 0.2")
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
