"""What an address means to us: its key, the domain we are polite to, and whether it may be asked at all."""

import hashlib
import re
from functools import cache, lru_cache

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

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f.]*:[0-9a-f:.]*(%[\w.-]+)?", re.ASCII)
"""A name in its ASCII lower-case form or an IP address, as yarl gives them; what it cannot bring there is no host."""

_SECRET_NAME = re.compile(
    r"(?:[\w-]*(?:token|secret|password|passwd|pwd|api[_-]?key|access[_-]?key(?:id)?|signature|sessionid)"
    r"|key|sig|auth|sid|session|x-amz-[\w-]+|x-goog-[\w-]+)",
    re.IGNORECASE,
)
"""Query keys whose values let their bearer in: signed links, API keys, sessions, also `client_secret` or `id_token`."""

_SECRET_PAIR = re.compile(rf"([?&;#]{_SECRET_NAME.pattern}=)[^&;#<>\"\s]+", re.IGNORECASE)

_VEILED = re.compile(r"~[0-9a-f]{16}")

_USERINFO = re.compile(r"(?<=://)[^/?#\s]+@")  # to the last @, since a password may hold one


def url_key(url: str) -> str:
    """Key of the page at an address: equal only for addresses that certainly show the same page.

    Scheme, default port, fragment, credentials and tracking parameters fall away and the query is sorted by name; path,
    case of the path, host, every other parameter and the order of equal names stay, so `?id=1` and `?id=2`, `/AbC` and
    `/abc`, or `/a%2Fb` and `/a/b` never merge. Secret values of the query stand in it as hashes, so that keys can be
    stored and shown. Raises ValueError if the text is not an absolute http(s) address.
    """
    parsed = _parse(url)
    kept = ((name, _veil(name, value)) for name, value in parsed.query.items() if not _TRACKING.fullmatch(name))
    query = sorted(kept, key=lambda pair: pair[0])
    fragment = parsed.fragment if parsed.fragment.startswith("!") else None  # hash-bang routes choose a page
    port = None if parsed.explicit_port in (80, 443) else parsed.explicit_port
    key = parsed.with_scheme("https").with_user(None).with_port(port).with_query(query).with_fragment(fragment)
    return str(key)


def key_of(url: str | None) -> str | None:
    """Key of the page at an address; None for what may not be asked (`refusal`)."""
    return None if url is None or refusal(url) else url_key(url)


def registrable_domain(url: str) -> str:
    """The domain one politeness budget belongs to: public suffix plus one label, or the IP address itself."""
    host = (_parse(url).host or "").rstrip(".").lower()
    if re.fullmatch(r"[\d.]+", host) or ":" in host:
        return host
    return _public_suffixes().privatesuffix(host) or host


def request_url(url: str) -> URL:
    """The address as a request names it: byte for byte if it can stand in a request line, else percent-encoded."""
    return URL(url, encoded=url.isascii() and url.isprintable() and " " not in url)


def refusal(url: str | None) -> str | None:
    """Why an address may not be asked, or None: no-link, too-long, bad-link, bad-scheme, no-host or credentials."""
    if not url:
        return "no-link"
    if len(url) > MAX_URL_LENGTH:
        return "too-long"
    try:
        parsed = _split(url)
    except ValueError:
        return "bad-link"
    if parsed.scheme not in ("http", "https"):
        return "bad-scheme"
    if not parsed.raw_host:
        return "no-host"
    if not _HOST.fullmatch(parsed.raw_host):
        return "bad-link"
    if parsed.user is not None:
        return "credentials"
    return None


def redact(text: str) -> str:
    """The same text with credentials and secret query values of every address in it replaced."""
    return _SECRET_PAIR.sub(r"\1[redacted]", _USERINFO.sub("", text))


def _veil(name: str, value: str) -> str:
    if not value or not _SECRET_NAME.fullmatch(name) or _VEILED.fullmatch(value):
        return value
    return "~" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _parse(url: str) -> URL:
    parsed = _split(url)
    if parsed.scheme not in ("http", "https") or not _HOST.fullmatch(parsed.raw_host or ""):
        raise ValueError(f"not an absolute http(s) address: {url[:200]!r}")
    return parsed


@lru_cache(maxsize=4096)
def _split(url: str) -> URL:
    """An address taken apart; several questions are asked about each on its way."""
    try:
        parsed = URL(url)
        _ = parsed.host, parsed.port  # read lazily: impossible ones raise only here
    except IndexError:  # yarl's answer to `//[]@`
        raise ValueError(f"not an address: {url[:200]!r}") from None
    return parsed


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
