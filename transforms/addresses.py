"""What an address means to us: its key, the domain we are polite to, and whether it may be asked at all."""

import re
from functools import cache

from publicsuffixlist import PublicSuffixList
from yarl import URL

MAX_URL_LENGTH = 2048
"""Longer addresses are refused (facts: no real article needs one; Media Cloud uses the same bound)."""

_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi"
    r"|oly_enc_id|oly_anon_id|vero_id|mkt_tok|ncid|cmpid|ocid|ref_src|ref_url|at_medium|at_campaign|__twitter_impression)",
    re.IGNORECASE,
)
"""Query keys that never choose a page: campaign and click identifiers. Ambiguous ones (`ref`, `id`, `p`) stay."""

_SECRET = re.compile(
    r"(token|key|apikey|api_key|sig|signature|auth|session|sessionid|sid|password|passwd|pwd|secret|access_token"
    r"|x-amz-\w[\w-]*|x-goog-\w[\w-]*)",
    re.IGNORECASE,
)

_SECRET_PAIR = re.compile(r"([?&;](?:" + _SECRET.pattern[1:-1] + r")=)[^&;#\s]+", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/?#@\s]+@")


def url_key(url: str) -> str:
    """Key of the page at an address: equal only for addresses that certainly show the same page.

    Scheme, default port, fragment, credentials and tracking parameters fall away and the query is sorted; path, case of
    the path, host and every other parameter stay, so `?id=1` and `?id=2` or `/AbC` and `/abc` never merge.
    Raises ValueError if the text is not an absolute http(s) address.
    """
    parsed = _parse(url)
    query = sorted((name, value) for name, value in parsed.query.items() if not _TRACKING.fullmatch(name))
    fragment = parsed.fragment if parsed.fragment.startswith("!") else ""  # hash-bang routes choose a page
    port = None if parsed.explicit_port in (80, 443) else parsed.explicit_port
    key = URL.build(
        scheme="https", host=parsed.host or "", port=port, path=parsed.path or "/", query=query, fragment=fragment
    )
    return str(key)


def registrable_domain(url: str) -> str:
    """The domain one politeness budget belongs to: public suffix plus one label, or the IP address itself."""
    host = (_parse(url).host or "").rstrip(".").lower()
    if re.fullmatch(r"[\d.]+", host) or ":" in host:
        return host
    return _public_suffixes().privatesuffix(host) or host


def refusal(url: str | None) -> str | None:
    """Why an address may not be asked, or None: no-link, too-long, bad-scheme, no-host or credentials."""
    if not url:
        return "no-link"
    if len(url) > MAX_URL_LENGTH:
        return "too-long"
    try:
        parsed = URL(url)
        host, user = parsed.host, parsed.user
        _ = parsed.port  # parsed lazily: an impossible port raises only here
    except (ValueError, TypeError):
        return "bad-link"
    if parsed.scheme not in ("http", "https"):
        return "bad-scheme"
    if not host:
        return "no-host"
    if user is not None:
        return "credentials"
    return None


def redact(text: str) -> str:
    """The same text with credentials and secret query values of every address in it replaced."""
    return _SECRET_PAIR.sub(r"\1[redacted]", _USERINFO.sub("", text))


def _parse(url: str) -> URL:
    parsed = URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"not an absolute http(s) address: {url[:200]!r}")
    return parsed


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
