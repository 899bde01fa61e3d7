"""Which of an entry's links is the article's, and whether it can be asked for."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from transforms.discover.guards import MAX_URL
from transforms.discover.listing import RawLink

_HTML_TYPES = {"text/html", "application/xhtml+xml", "html", "xhtml"}
_STRIPPED = re.compile("[\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# Unreserved and reserved characters of RFC 3986 and the percent sign stay as they are.
_KEPT = "%:/?#[]@!$&'()*+,;=-._~|"


def usable_url(href: str | None, base: str | None = None) -> str | None:
    """The absolute http(s) address of a link, or None if it cannot be one.

    Relative links are joined to `base`. Spaces and non-ASCII characters of path and query are percent-encoded. None
    for other schemes, no host, credentials in the address, a port that cannot be, and more than MAX_URL characters.
    Whether the host may be asked is for whoever connects to decide.
    """
    text = _STRIPPED.sub("", (href or "").strip())
    if not text or len(text) > MAX_URL:
        return None
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or " " in parts.netloc:
            return None
        parts.port  # noqa: B018 - raises ValueError for a port that cannot be
    except ValueError:
        return None
    path, query, fragment = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    url = urlunsplit((parts.scheme, parts.netloc, path, query, fragment))
    return url if len(url) <= MAX_URL else None


def choose_link(links: tuple[RawLink, ...], base: str | None, language: str | None) -> str | None:
    """The address of the article's page: of the alternates HTML first, then the feed's language, then order."""
    usable = [(link, url) for link in links if link.rel == "alternate" and (url := usable_url(link.href, base))]
    if not usable:
        return None
    return min(usable, key=lambda pair: (_is_other_type(pair[0]), _is_other_language(pair[0], language)))[1]


def _is_other_type(link: RawLink) -> bool:
    return bool(link.type) and (link.type or "").partition(";")[0].strip().lower() not in _HTML_TYPES


def _is_other_language(link: RawLink, language: str | None) -> bool:
    if not link.hreflang:
        return False
    return link.hreflang.lower().partition("-")[0] != (language or "en").lower().partition("-")[0]
