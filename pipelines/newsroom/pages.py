"""The outlets' HTML pages: articles, front pages and notices, each in the markup of its house.

Pages need no script. What surrounds an article (navigation, consent, promotion, other headlines) is there to be told
from it. All content is escaped; JSON-LD is kept to ASCII so that it survives every charset.
"""

from html import escape

from pipelines.newsroom.layouts import FEED_PATHS, FEED_TYPES, LAYOUTS, page_path, section_slug
from pipelines.newsroom.parts import (
    choose_phrases,
    localize,
    render_body,
    render_byline,
    render_date,
    render_headlines,
    render_json_ld,
)
from seeds.newsroom.newsroom import Outlet, Piece, PieceRevision, revision_on

RELATED = 4  # other headlines beside an article


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
        head.append(_meta("article:published_time", localize(outlet, piece.published_at).isoformat()))
        if revision.modified_at:
            head.append(_meta("article:modified_time", localize(outlet, revision.modified_at).isoformat()))
    if layout.dates == "json-ld" or piece.state in ("paywalled", "live-blog"):
        head.append(render_json_ld(outlet, piece, revision, base + path))
    headlines = [(other, text) for other, text in visible_pieces(outlet, day) if other is not piece][:RELATED]
    return _render_document(
        outlet,
        title=layout.site_title.format(headline=revision.title, name=outlet.name),
        head=head,
        headline=escape(revision.title),
        section=escape(piece.section),
        summary=escape(piece.summary),
        byline=render_byline(outlet, piece),
        date=render_date(outlet, piece, revision),
        text="\n".join(render_body(outlet, piece, revision)),
        related=render_headlines(outlet, headlines),
    )


def render_home(outlet: Outlet, day: int) -> str:
    """An outlet's front page: every headline so far."""
    headlines = f"<ul>{render_headlines(outlet, visible_pieces(outlet, day))}</ul>"
    return render_notice(outlet, outlet.name, headlines)


def render_notice(outlet: Outlet, title: str, markup: str) -> str:
    """A page of the house that is no article: the front page, or the page that says there is none."""
    blank = dict.fromkeys(("section", "summary", "byline", "date", "related"), "")
    return _render_document(outlet, title=title, head=[], headline=escape(title), text=markup, **blank)


def encode_page(outlet: Outlet, markup: str) -> bytes:
    """The page's bytes in the outlet's charset; characters outside it become numeric references."""
    return markup.encode(outlet.charset, "xmlcharrefreplace")


def _render_document(outlet: Outlet, *, title: str, head: list[str], **parts: str) -> str:
    phrases = {key: escape(phrase) for key, phrase in choose_phrases(outlet).items()}
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


def _meta(name: str, content: str) -> str:
    attribute = "property" if ":" in name else "name"
    return f'<meta {attribute}="{name}" content="{escape(content)}">'
