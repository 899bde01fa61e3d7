"""The eight houses: each with its own markup, address style, bylines and way of telling dates, as data."""

import re
import unicodedata
from typing import Literal
from zoneinfo import ZoneInfo

from schemas.records import record
from seeds.newsroom.newsroom import Outlet, Piece

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
