"""The outlets' HTML pages: eight houses, each with its own markup, address style, bylines and way of telling dates.

Pages need no script. What surrounds an article (navigation, consent, promotion, other headlines) is there to be told
from it. All content is escaped; JSON-LD is kept to ASCII so that it survives every charset.
"""

import json
import re
import unicodedata
from datetime import datetime, timedelta
from html import escape
from typing import Any, Literal
from zoneinfo import ZoneInfo

from schemas.records import record
from seeds.newsroom import Outlet, Piece, PieceRevision, revision_on

RELATED = 4  # other headlines beside an article
SPANISH_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
POST_EVERY = timedelta(minutes=12)  # between the posts of a live blog

FEED_PATHS = {"rss20": "/feed.xml", "rss10": "/index.rdf", "atom10": "/atom.xml", "json11": "/feed.json"}
FEED_TYPES = {
    "rss20": "application/rss+xml",
    "rss10": "application/rdf+xml",
    "atom10": "application/atom+xml",
    "json11": "application/feed+json",
}


@record
class Layout:
    """How a house builds its pages; the strings are templates of trusted markup."""

    path: str
    site_title: str
    byline: str
    dates: Literal["json-ld", "meta", "time", "words"]
    canonical: Literal["absolute", "relative", "none"]
    paragraph: str = "<p>{}</p>"
    body: str


LAYOUTS = {
    "courier": Layout(
        path="/{date:%Y/%m/%d}/{section}/{slug}/",
        site_title="{headline} | {name}",
        byline='<p class="byline">By <span>{authors}</span></p>',
        dates="json-ld",
        canonical="absolute",
        body="""<div class="consent" role="dialog"><p>{cookies}</p><button>{agree}</button></div>
<header class="masthead"><a class="brand" href="/">{name}</a><p>{tagline}</p><nav><ul>{nav}</ul></nav></header>
<main><article class="story"><p class="kicker">{section}</p><h1>{headline}</h1><p class="dek">{summary}</p>{byline}
<div class="story-body">{text}</div></article><aside class="rail"><h2>{more}</h2><ul>{related}</ul></aside></main>
<section class="newsletter-promo"><h2>{letter}</h2><form action="/letters"><input name="email"></form></section>
<footer><p>{rights}</p></footer>""",
    ),
    "ledger": Layout(
        path="/{section}/{slug}.html",
        site_title="{headline} – {name}",
        byline='<address class="author"><a rel="author" href="/staff">{authors}</a>, Staff Writer</address>',
        dates="meta",
        canonical="relative",
        body="""<div id="top"><div id="logo"><a href="/">{name}</a></div><ul id="menu">{nav}</ul></div>
<div id="columns"><div id="content" role="main"><h1 class="entry-title">{headline}</h1>{byline}
<div class="entry-content">{text}</div><div class="share"><a href="/print">Print</a></div></div>
<div id="sidebar"><div class="widget"><h3>{more}</h3><ul>{related}</ul></div>
<div class="widget promo"><h3>{letter}</h3></div></div></div>
<div id="footer"><p>{rights}</p><p>{tagline}</p></div>
<div class="cookie-bar">{cookies} <a href="/ok">{agree}</a></div>""",
    ),
    "wire": Layout(
        path="/article/{slug}",
        site_title="{headline} | {name}",
        byline='<div class="article-credit">By <span>{authors}</span></div>',
        dates="json-ld",
        canonical="absolute",
        body="""<header class="bar"><a href="/">{name}</a><nav><ul>{nav}</ul></nav></header><main><story-page>
<h1 class="article-headline">{headline}</h1>{byline}<div class="rich-text article-body">{text}</div></story-page>
<div class="list-more"><h2>{more}</h2><ul>{related}</ul></div></main>
<div class="enhancement">{letter}</div><footer class="bottom"><p>{rights}</p><p>{cookies}</p></footer>""",
    ),
    "tv": Layout(
        path="/news/{section}/{slug}",
        site_title="{name}: {headline}",
        byline='<div class="reporter">Reported by: {authors}</div>',
        dates="time",
        canonical="none",
        paragraph='<div class="txt"><p>{}</p></div>',
        body="""<div class="top"><div class="brand"><a href="/">{name}</a></div><div class="ticker">{tagline}</div>
<div class="links"><ul>{nav}</ul></div></div><div class="wrap"><div class="col-8"><div class="head"><h1>{headline}</h1>
{byline}<div class="stamp">{date}</div></div><div class="share-row"><a href="/share">Share</a></div>
<div class="story-text">{text}</div></div>
<div class="col-4"><div class="trending"><h4>{more}</h4><ul>{related}</ul></div>
<div class="app-promo">{letter}</div></div></div><div class="legal">{rights} {cookies}</div>""",
    ),
    "advocacy": Layout(
        path="/{slug}/",
        site_title="{headline} - {name}",
        byline='<span class="author vcard">{authors}</span>',
        dates="meta",
        canonical="absolute",
        body="""<a class="skip" href="#main">Skip</a><header><h2 class="site"><a href="/">{name}</a></h2>
<p class="give"><a href="/donate">{tagline}</a></p><nav><ul>{nav}</ul></nav></header>
<main id="main"><article class="post type-post"><header><h1>{headline}</h1>{byline}</header>{text}</article></main>
<section class="join"><h2>{letter}</h2></section><section class="latest"><h2>{more}</h2><ul>{related}</ul></section>
<footer><p>{rights}</p><p>{cookies} <button>{agree}</button></p></footer>""",
    ),
    "government": Layout(
        path="/newsroom/releases/{slug}",
        site_title="{headline} | {name}",
        byline='<p class="contact">Contact: {authors}</p>',
        dates="words",
        canonical="relative",
        body="""<section class="usa-banner"><p>An imaginary website of an imaginary agency</p></section>
<header class="usa-header"><a href="/">{name}</a><nav><ul class="usa-nav">{nav}</ul></nav></header>
<main><h1>{headline}</h1><div class="field field--date">{date}</div><div class="field field--body">{text}</div>{byline}
<div class="field field--topics">{section}</div></main>
<aside><h2>{more}</h2><ul>{related}</ul></aside><footer class="usa-footer"><p>{tagline}</p><p>{letter}</p></footer>""",
    ),
    "voz": Layout(
        path="/{section}/{date:%Y/%m}/{slug}.html",
        site_title="{headline} » {name}",
        byline='<div class="firma">Por {authors}</div>',
        dates="time",
        canonical="relative",
        body="""<div class="aviso">{cookies} <button>{agree}</button></div><header><h2><a href="/">{name}</a></h2>
<p>{tagline}</p><nav><ul>{nav}</ul></nav></header><section class="nota"><header><h1>{headline}</h1>
<h2 class="bajada">{summary}</h2>{byline}<p class="fecha">{date}</p></header><section class="cuerpo">{text}</section>
</section><section class="mas"><h3>{more}</h3><ul>{related}</ul></section>
<section class="boletin"><h3>{letter}</h3></section><footer><p>{rights}</p></footer>""",
    ),
    "blog": Layout(
        path="/{date:%Y/%m}/{slug}",
        site_title="{headline} « {name}",
        byline='<p class="meta">posted by <a class="u-author" href="/about">{authors}</a></p>',
        dates="time",
        canonical="absolute",
        body="""<div id="page"><h2 id="blog-title"><a href="/">{name}</a></h2><p id="description">{tagline}</p>
<div class="h-entry"><h1 class="p-name">{headline}</h1><p class="when">{date}</p><div class="e-content">{text}</div>
{byline}</div><div id="side"><h3>{more}</h3><ul>{related}</ul><h3>{letter}</h3><ul>{nav}</ul></div>
<p id="colophon">{rights}</p></div>""",
    ),
}

PHRASES = {
    "en": {
        "cookies": "We and our partners store cookies on your device to measure how the site is used.",
        "agree": "Accept all",
        "more": "More headlines",
        "letter": "Sign up for our morning newsletter and never miss a story",
        "rights": "© 2026 {name}. All rights reserved. Terms of service. Privacy policy. Advertise with us.",
        "continue": "Continue reading",
        "subscribe": "Subscribe to continue reading. This story is for subscribers only. Already one? Log in",
        "watch": "Watch the video",
        "updated": "Updated",
    },
    "es": {
        "cookies": "Usamos cookies propias y de terceros para medir la audiencia de este sitio.",
        "agree": "Aceptar",
        "more": "Más titulares",
        "letter": "Reciba nuestro boletín cada mañana en su correo",
        "rights": "© 2026 {name}. Todos los derechos reservados. Aviso legal. Política de privacidad.",
        "continue": "Seguir leyendo",
        "subscribe": "Suscríbase para seguir leyendo. Nota exclusiva para suscriptores. ¿Ya lo es? Inicie sesión",
        "watch": "Ver el video",
        "updated": "Actualizado",
    },
}


def page_path(outlet: Outlet, piece: Piece) -> str:
    """Where a piece lives on its outlet's host, in the outlet's address style."""
    published_on = piece.published_at.astimezone(ZoneInfo(outlet.time_zone))
    return LAYOUTS[outlet.layout].path.format(date=published_on, section=section_slug(piece.section), slug=piece.slug)


def section_slug(section: str) -> str:
    """A section's name in an address: `News Releases` becomes `news-releases`."""
    plain = unicodedata.normalize("NFKD", section).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower())) or "news"


def visible_pieces(outlet: Outlet, day: int) -> list[tuple[Piece, PieceRevision]]:
    """What has appeared by a newsroom day, newest first, each with its text of that day."""
    shown = [(piece, revision) for piece in outlet.pieces if (revision := revision_on(piece, day))]
    return sorted(shown, key=lambda pair: pair[0].published_at, reverse=True)


def render_page(outlet: Outlet, piece: Piece, revision: PieceRevision, *, day: int, base: str) -> str:
    """A piece's page as of a newsroom day; `base` is the outlet's address without a final slash."""
    layout, path = LAYOUTS[outlet.layout], page_path(outlet, piece)
    head = [
        _meta("description", piece.summary),
        _meta("og:title", revision.title),
        _meta("og:type", "article"),
        _meta("og:site_name", outlet.name),
        _meta("og:url", base + path),
    ]
    if layout.canonical != "none":
        head.append(f'<link rel="canonical" href="{escape((base if layout.canonical == "absolute" else "") + path)}">')
    if layout.dates == "meta":
        head += [_meta("author", name) for name in piece.authors]
        head.append(_meta("article:published_time", _local(outlet, piece.published_at).isoformat()))
        if revision.modified_at:
            head.append(_meta("article:modified_time", _local(outlet, revision.modified_at).isoformat()))
    if layout.dates == "json-ld" or piece.state in ("paywalled", "live-blog"):
        head.append(_render_json_ld(outlet, piece, revision, base + path))
    headlines = [(other, text) for other, text in visible_pieces(outlet, day) if other is not piece][:RELATED]
    return _render_document(
        outlet,
        title=layout.site_title.format(headline=revision.title, name=outlet.name),
        head=head,
        headline=escape(revision.title),
        section=escape(piece.section),
        summary=escape(piece.summary),
        byline=layout.byline.format(authors=escape(_join(piece.authors, outlet.language))) if piece.authors else "",
        date=_render_date(outlet, piece, revision),
        text="\n".join(_render_body(outlet, piece, revision)),
        related=_render_headlines(outlet, headlines),
    )


def render_home(outlet: Outlet, day: int) -> str:
    """An outlet's front page: every headline so far."""
    headlines = f"<ul>{_render_headlines(outlet, visible_pieces(outlet, day))}</ul>"
    return render_notice(outlet, outlet.name, headlines)


def render_notice(outlet: Outlet, title: str, markup: str) -> str:
    """A page of the house that is no article: the front page, or the page that says there is none."""
    blank = dict.fromkeys(("section", "summary", "byline", "date", "related"), "")
    return _render_document(outlet, title=title, head=[], headline=escape(title), text=markup, **blank)


def encode_page(outlet: Outlet, markup: str) -> bytes:
    """The page's bytes in the outlet's charset; characters outside it become numeric references."""
    return markup.encode(outlet.charset, "xmlcharrefreplace")


# ------------------------------------------------------------------------------------------------------ the parts


def _render_document(outlet: Outlet, *, title: str, head: list[str], **parts: str) -> str:
    phrases = {key: escape(phrase) for key, phrase in _phrases(outlet).items()}
    phrases["rights"] = phrases["rights"].format(name=escape(outlet.name))
    sections = dict.fromkeys(piece.section for piece in outlet.pieces)
    nav = "".join(f'<li><a href="/#{section_slug(section)}">{escape(section)}</a></li>' for section in sections)
    # The two ways in which pages have declared their charset; the house with the oldest charset uses the older one.
    charset = f'<meta charset="{outlet.charset}">'
    if outlet.charset == "iso-8859-1":
        charset = f'<meta http-equiv="Content-Type" content="text/html; charset={outlet.charset}">'
    body = LAYOUTS[outlet.layout].body.format(
        name=escape(outlet.name), tagline=escape(outlet.tagline), nav=nav, **phrases, **parts
    )
    feed = f'<link rel="alternate" type="{FEED_TYPES[outlet.feed_format]}" href="{FEED_PATHS[outlet.feed_format]}">'
    lines = [
        charset,
        f"<title>{escape(title)}</title>",
        '<meta name="viewport" content="width=device-width">',
        feed,
        *head,
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{outlet.language}">\n<head>\n'
        + "\n".join(lines)
        + f"\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _phrases(outlet: Outlet) -> dict[str, str]:
    return PHRASES.get(outlet.language, PHRASES["en"])


def _meta(name: str, content: str) -> str:
    attribute = "property" if ":" in name else "name"
    return f'<meta {attribute}="{name}" content="{escape(content)}">'


def _local(outlet: Outlet, instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo(outlet.time_zone))


def _join(names: tuple[str, ...], language: str) -> str:
    """Names as a byline joins them."""
    last = " y " if language == "es" else " and "
    return last.join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _render_date(outlet: Outlet, piece: Piece, revision: PieceRevision) -> str:
    """The dates a reader sees: <time> elements where the house trusts in them, else bare words."""
    published_at = _local(outlet, piece.published_at)
    if LAYOUTS[outlet.layout].dates == "words":
        return say_date(published_at, outlet.language)
    shown = f'<time datetime="{published_at.isoformat()}">{say_date(published_at, outlet.language)}</time>'
    if revision.modified_at:
        modified_at = _local(outlet, revision.modified_at)
        updated = _phrases(outlet)["updated"]
        said = say_date(modified_at, outlet.language)
        shown += f' · {updated} <time datetime="{modified_at.isoformat()}">{said}</time>'
    return shown


def say_date(instant: datetime, language: str) -> str:
    """A day in words: `November 2, 2026` or `2 de noviembre de 2026`."""
    if language == "es":
        return f"{instant.day} de {SPANISH_MONTHS[instant.month - 1]} de {instant.year}"
    return f"{instant:%B} {instant.day}, {instant.year}"


def _render_headlines(outlet: Outlet, headlines: list[tuple[Piece, PieceRevision]]) -> str:
    return "\n".join(
        f'<li id="{section_slug(piece.section)}-{piece.slug}"><a href="{page_path(outlet, piece)}">'
        f"{escape(revision.title)}</a></li>"
        for piece, revision in headlines
    )


def _render_body(outlet: Outlet, piece: Piece, revision: PieceRevision) -> list[str]:
    """As much of the text as the piece's state lets readers see."""
    phrases = _phrases(outlet)
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
    start = _local(outlet, piece.published_at)
    posts = []
    for number, text in enumerate(revision.paragraphs):
        at = start + number * POST_EVERY
        clock = re.match(r"(1[0-2]|[1-9]):([0-5]\d) ([ap])\.m\. (?=.)", text)
        if clock:
            hour = int(clock[1]) % 12 + (12 if clock[3] == "p" else 0)
            at, text = start.replace(hour=hour, minute=int(clock[2])), text[clock.end() :]
        posts.append(LivePost(at=at, clock=clock[0].strip() if clock else f"{at:%H:%M}", text=text))
    return posts


def _render_json_ld(outlet: Outlet, piece: Piece, revision: PieceRevision, url: str) -> str:
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if piece.state == "live-blog" else "NewsArticle",
        "headline": revision.title,
        "mainEntityOfPage": url,
        "author": [{"@type": "Person", "name": name} for name in piece.authors],
        "publisher": {"@type": "Organization", "name": outlet.name},
    }
    if LAYOUTS[outlet.layout].dates == "json-ld":
        facts["datePublished"] = _local(outlet, piece.published_at).isoformat()
        facts["dateModified"] = _local(outlet, revision.modified_at or piece.published_at).isoformat()
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
