"""The parts that pages are put together from: bylines, dates, headlines, texts as far as readers see them, JSON-LD."""

import json
import re
from datetime import datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.newsroom.layouts import LAYOUTS, PHRASES, page_path, section_slug
from schemas.records import record
from seeds.newsroom.newsroom import Outlet, Piece, PieceRevision

SPANISH_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
POST_EVERY = timedelta(minutes=12)  # between the posts of a live blog


def choose_phrases(outlet: Outlet) -> dict[str, str]:
    """The fixed phrases of the outlet's language, in English where we have none."""
    return PHRASES.get(outlet.language, PHRASES["en"])


def localize(outlet: Outlet, instant: datetime) -> datetime:
    """The instant in the outlet's own zone."""
    return instant.astimezone(ZoneInfo(outlet.time_zone))


def render_byline(outlet: Outlet, piece: Piece) -> str:
    """Who wrote a piece, in the markup of the house; empty where nobody is named."""
    if not piece.authors:
        return ""
    return LAYOUTS[outlet.layout].byline.format(authors=escape(_join(piece.authors, outlet.language)))


def _join(names: tuple[str, ...], language: str) -> str:
    """Names as a byline joins them."""
    last = " y " if language == "es" else " and "
    return last.join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def render_date(outlet: Outlet, piece: Piece, revision: PieceRevision) -> str:
    """The dates a reader sees: <time> elements where the house trusts in them, else bare words."""
    published_at = localize(outlet, piece.published_at)
    if LAYOUTS[outlet.layout].dates == "words":
        return say_date(published_at, outlet.language)
    shown = f'<time datetime="{published_at.isoformat()}">{say_date(published_at, outlet.language)}</time>'
    if revision.modified_at:
        modified_at = localize(outlet, revision.modified_at)
        updated = choose_phrases(outlet)["updated"]
        said = say_date(modified_at, outlet.language)
        shown += f' · {updated} <time datetime="{modified_at.isoformat()}">{said}</time>'
    return shown


def say_date(instant: datetime, language: str) -> str:
    """A day in words: `November 2, 2026` or `2 de noviembre de 2026`."""
    if language == "es":
        return f"{instant.day} de {SPANISH_MONTHS[instant.month - 1]} de {instant.year}"
    return f"{instant:%B} {instant.day}, {instant.year}"


def render_headlines(outlet: Outlet, headlines: list[tuple[Piece, PieceRevision]]) -> str:
    """List items that link to pieces."""
    return "\n".join(
        f'<li id="{section_slug(piece.section)}-{piece.slug}"><a href="{page_path(outlet, piece)}">'
        f"{escape(revision.title)}</a></li>"
        for piece, revision in headlines
    )


def render_body(outlet: Outlet, piece: Piece, revision: PieceRevision) -> list[str]:
    """As much of the text as the piece's state lets readers see."""
    phrases = choose_phrases(outlet)
    paragraphs = [LAYOUTS[outlet.layout].paragraph.format(escape(text)) for text in revision.paragraphs]
    if piece.state == "teaser":
        here = page_path(outlet, piece)
        return [paragraphs[0], f'<p class="more-link"><a href="{here}?full=1">{phrases["continue"]}</a></p>']
    if piece.state == "paywalled":
        wall = f'<div class="paywall subscribe-wall"><p>{escape(phrases["subscribe"])}</p></div>'
        return [*paragraphs[:2], wall]
    if piece.state == "video-stub":
        player = f'<figure class="player"><video controls src="/clips/{piece.slug}.mp4"></video>'
        sentence = re.split(r"(?<=[a-z0-9”][.!?])\s", revision.paragraphs[0])[0]
        caption = f"<figcaption>{phrases['watch']}</figcaption></figure>"
        return [player + caption, f"<p>{escape(sentence)}</p>"]
    if piece.state == "live-blog":
        return [
            f'<section class="live-post" id="post-{number}"><h3><time datetime="{post.at.isoformat()}">{post.clock}'
            f"</time></h3>{LAYOUTS[outlet.layout].paragraph.format(escape(post.text))}</section>"
            for number, post in enumerate(live_posts(outlet, piece, revision), start=1)
        ]
    return paragraphs


@record
class LivePost:
    """One post of a live blog: its local time, that time as the page words it, and its text."""

    at: datetime
    clock: str
    text: str


def live_posts(outlet: Outlet, piece: Piece, revision: PieceRevision) -> list[LivePost]:
    """A live blog's posts, one a paragraph, timed by the clock a paragraph begins with or else evenly."""
    start = localize(outlet, piece.published_at)
    posts = []
    for number, text in enumerate(revision.paragraphs):
        at = start + number * POST_EVERY
        clock = re.match(r"(1[0-2]|[1-9]):([0-5]\d) ([ap])\.m\. (?=.)", text)
        if clock:
            hour = int(clock[1]) % 12 + (12 if clock[3] == "p" else 0)
            at, text = start.replace(hour=hour, minute=int(clock[2])), text[clock.end() :]
        posts.append(LivePost(at=at, clock=clock[0].strip() if clock else f"{at:%H:%M}", text=text))
    return posts


def render_json_ld(outlet: Outlet, piece: Piece, revision: PieceRevision, url: str) -> str:
    """The script element that tells machines what the page is, and what of it is not free; `url` is its address."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if piece.state == "live-blog" else "NewsArticle",
        "headline": revision.title,
        "mainEntityOfPage": url,
        "author": [{"@type": "Person", "name": name} for name in piece.authors],
        "publisher": {"@type": "Organization", "name": outlet.name},
    }
    if LAYOUTS[outlet.layout].dates == "json-ld":
        facts["datePublished"] = localize(outlet, piece.published_at).isoformat()
        facts["dateModified"] = localize(outlet, revision.modified_at or piece.published_at).isoformat()
    if piece.state == "paywalled":
        part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"}
        facts |= {"isAccessibleForFree": False, "hasPart": part}
    if piece.state == "live-blog":
        posts = live_posts(outlet, piece, revision)
        facts["coverageStartTime"] = posts[0].at.isoformat()
        facts["liveBlogUpdate"] = [
            {"@type": "BlogPosting", "datePublished": post.at.isoformat(), "articleBody": post.text} for post in posts
        ]
    # "<" is written as an escape, so that no text can end the element.
    return f'<script type="application/ld+json">{json.dumps(facts).replace("<", chr(92) + "u003c")}</script>'
