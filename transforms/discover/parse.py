"""A feed's bytes to a Listing: recognise the format, repair it, read it, and never raise anything but FeedError."""

import re
from dataclasses import replace
from datetime import datetime

from transforms.challenge import challenged
from transforms.discover.decode import decode_body
from transforms.discover.entries import FeedContext
from transforms.discover.guards import MAX_UNREPAIRED, check_size, gunzip_body
from transforms.discover.jsonfeed import read_json
from transforms.discover.listing import FeedError, Listing
from transforms.discover.opml import read_opml
from transforms.discover.recover import read_recovered
from transforms.discover.references import strip_forbidden
from transforms.discover.repair import Repaired, repair_xml
from transforms.discover.sitemap import read_sitemap
from transforms.discover.syndication import read_syndication

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)

_DECLARATION = re.compile(r"<!\s*(?:doctype|entity)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^<>]*>")


def parse_feed(
    body: bytes, *, feed_id: str, url: str, content_type: str | None = None, now: datetime | None = None
) -> Listing:
    """Read one feed document of any format.

    `body` is as received after HTTP content decoding, gzip files included; `url` is the address that answered, which
    relative links refer to; `now` bounds plausible dates. Entries without a usable link have the url None. Raises
    FeedError and nothing else, unless memory ends.
    """
    try:
        check_size(body)
        whole, is_torn = gunzip_body(body)
        listing = _read(decode_body(whole, content_type), url, FeedContext(feed_id=feed_id, now=now))
        return replace(listing, truncated_at=len(listing.entries)) if is_torn else listing
    except (FeedError, MemoryError):
        raise
    except Exception as error:  # a reader met what its author did not foresee; the feed is lost, the run is not
        raise FeedError("unreadable", f"{type(error).__name__}: {str(error)[:200]}") from error


def _read(text: str, url: str, context: FeedContext) -> Listing:
    if text.lstrip()[:1] in ("{", "["):
        return read_json(text, url, context)
    repaired = repair_xml(text)
    root = repaired.root
    if "html" in repaired.before_root:
        raise _refuse(text, repaired)
    if root == "opml":
        listing = read_opml(text, context)
    elif root in ("urlset", "sitemapindex"):
        listing = read_sitemap(repaired.markup, root, context)
    else:
        listing = _read_syndicated(text, repaired, url, context)
    return listing if repaired.truncated_at is None else replace(listing, truncated_at=repaired.truncated_at)


def _read_syndicated(text: str, repaired: Repaired, url: str, context: FeedContext) -> Listing:
    """The first that finds entries: feedparser, our own reader, feedparser on the document as it came."""
    read = _attempt(repaired.markup, repaired.root, url, context) if repaired.root else None
    if read is not None and read.entries:
        return read
    if repaired.root:
        recovered = read_recovered(repaired.markup, repaired.root, url, context)
        if recovered.entries:
            return recovered
    unrepaired = _attempt(_undeclared(text), repaired.root, url, context) if _is_harmless(text) else None
    if unrepaired is not None and unrepaired.entries:
        return unrepaired
    if read is None:
        raise _refuse(text, repaired)
    return read


def _attempt(markup: str, root: str | None, url: str, context: FeedContext) -> Listing | None:
    """What feedparser reads; None if it fails, which is why there are other readers."""
    try:
        return read_syndication(markup, root, url, context)
    except Exception:
        return None


def _is_harmless(text: str) -> bool:
    """Whether a document may meet a parser unrepaired: small, markup, and without declarations that could expand."""
    return len(text) <= MAX_UNREPAIRED and text.lstrip().startswith("<") and not _DECLARATION.search(text)


def _undeclared(text: str) -> str:
    """The document without its XML declaration, since its encoding is no longer what that says."""
    return _XML_DECLARATION.sub("", strip_forbidden(text), count=1)


def _refuse(text: str, repaired: Repaired) -> FeedError:
    if wall := challenged(200, (), text.encode("utf-8", "replace")):
        return FeedError("challenge", f"a bot check ({wall})")
    if _PAGE.search(text[:5_000]):
        return FeedError("not-a-feed", "an HTML page")
    met = ", ".join(dict.fromkeys(repaired.before_root[:5]))
    return FeedError("not-a-feed", f"no feed element, but {met}" if met else "no markup")
