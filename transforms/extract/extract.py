"""One page's bytes to its article: decoded, disarmed, parsed once, read for facts and text, judged."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from schemas.publishers import Publisher
from schemas.records import Entry, record
from transforms.extract.bylines import choose_authors
from transforms.extract.dateline import find_dateline
from transforms.extract.dates import choose_modified, choose_published
from transforms.extract.declared import read_declared
from transforms.extract.decode import decode_page
from transforms.extract.guard import disarm_markup
from transforms.extract.headline import choose_headline
from transforms.extract.judge import judge_body
from transforms.extract.language import identify_language
from transforms.extract.page import parse_page
from transforms.extract.quirks import apply_quirk, choose_quirk
from transforms.extract.refusal import ExtractError, refuse_bytes, refuse_markup
from transforms.extract.signs import gather_signs
from transforms.extract.site import site_names
from transforms.extract.standfirst import find_standfirst, put_standfirst
from transforms.extract.text import Body, extract_body, name_extractor
from transforms.extract.tidy import tidy_text

__all__ = ["ExtractError", "Extraction", "extract_article", "extract_record"]

# Longest address that is kept, in characters.
_MAX_URL = 2_000


@record
class Extraction:
    """What one page gives: facts, text, and how much of the article the text is. Instants are UTC; absent is None."""

    title: str | None
    authors: tuple[str, ...]
    published_at: datetime | None
    published_precision: str | None
    published_source: str | None
    published_agreement: tuple[str, ...]
    published_flags: tuple[str, ...]
    modified_at: datetime | None
    language: str | None
    canonical_url: str | None
    section: str | None
    image: str | None
    text: str
    word_count: int
    body_state: str
    body_state_reason: str
    declared_free: bool | None
    charset: str
    charset_source: str
    extractor: str


def extract_article(
    content: bytes,
    *,
    url: str,
    content_type: str | None = None,
    status: int = 200,
    feed_entry: Entry | None = None,
    first_seen_at: datetime | None = None,
    last_modified: str | None = None,
    captured_at: datetime | None = None,
    publisher: Publisher | None = None,
    met_limit: str | None = None,
) -> Extraction:
    """The article in a page's body after content decoding (at most refusal.MAX_BYTES).

    Raises ExtractError (empty, too-large, not-html) for what is no page, and nothing else. The result depends on the
    arguments alone. `first_seen_at` bounds how late the article can have been published. What is known of the page's
    `publisher` at `captured_at` goes before what is read the generic way. `met_limit` is the limit that an earlier try
    met: then no tree algorithm is let at more than the head, and `extractor` says so.
    """
    refuse_bytes(content)
    decoded = decode_page(content, content_type)
    refuse_markup(decoded.markup, content_type)
    page = parse_page(disarm_markup(decoded.markup), only_head=met_limit is not None)
    page, ruled = apply_quirk(page, choose_quirk(publisher, url, captured_at))
    zone = ZoneInfo(publisher.zone) if publisher and publisher.zone else None
    declared = read_declared(page.root)
    names = site_names(declared, url)
    title = ruled.title or choose_headline(declared, names) or (feed_entry.title if feed_entry else None)
    listed = feed_entry.authors if feed_entry else ()
    authors = ruled.authors or choose_authors(declared, page.root, names, listed)
    published = choose_published(
        declared,
        url=url,
        entry=feed_entry,
        first_seen_at=first_seen_at,
        last_modified=last_modified,
        zone=zone,
        ruled=ruled.published,
        shown=lambda: find_dateline(page.root, title),
    )
    standfirst = find_standfirst(page.root, declared)
    body = Body(text=ruled.text, path="") if ruled.text else extract_body(page, declared.body())
    path = ruled.tell_path(body.path)
    text = put_standfirst(standfirst, tidy_text(body.text, title=title, authors=authors))
    signs = gather_signs(page.markup, decoded.markup, declared, url=url, status=status, title=title, text=text)
    state, reason = judge_body(signs)
    return Extraction(
        title=title,
        authors=authors,
        published_at=published.at,
        published_precision=published.precision,
        published_source=published.source,
        published_agreement=published.agreement,
        published_flags=published.flags,
        modified_at=choose_modified(declared, published, first_seen_at, zone),
        language=identify_language(text),
        canonical_url=_absolute(declared.links.get("canonical") or declared.first("og:url"), url),
        section=declared.said("articleSection") or declared.first("article:section", "section", "parsely-section"),
        image=_absolute(declared.first("og:image", "twitter:image", "twitter:image:src"), url),
        text=text,
        word_count=signs.words,
        body_state=state,
        body_state_reason=reason,
        declared_free=signs.free,
        charset=decoded.charset,
        charset_source=decoded.source,
        extractor=name_extractor(f"{path} after limit-{met_limit}" if met_limit else path),
    )


def extract_record(
    id: object,
    content: bytes,
    url: str | None = None,
    content_type: str | None = None,
    *,
    captured_at: datetime | None = None,
    publisher: Publisher | None = None,
    met_limit: str | None = None,
) -> dict[str, Any]:
    """The answer of the `extract` filter: id and what the page gives, or id and error (`kind: detail`); never raises.

    Values are ready for JSON; `published_at` is ISO 8601 in UTC, and not after the day behind `captured_at`.
    """
    try:
        extraction = extract_article(
            content,
            url=url or "",
            content_type=content_type,
            first_seen_at=captured_at,
            captured_at=captured_at,
            publisher=publisher,
            met_limit=met_limit,
        )
    except ExtractError as error:
        return {"id": id, "error": str(error)}
    published_at = extraction.published_at
    return {
        "id": id,
        "title": extraction.title,
        "authors": list(extraction.authors),
        "published_at": published_at.isoformat().replace("+00:00", "Z") if published_at else None,
        "language": extraction.language,
        "text": extraction.text,
        "body_state": extraction.body_state,
        "extractor": extraction.extractor,
    }


def _absolute(address: str | None, url: str) -> str | None:
    if not address or len(address) > _MAX_URL:
        return None
    try:
        absolute = urljoin(url, address.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in ("http", "https") and parts.netloc else None
