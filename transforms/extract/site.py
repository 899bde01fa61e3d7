"""What a site calls itself, so that its name can be told from headlines and from people."""

import re
from urllib.parse import urlsplit

from transforms.extract.declared import Declared
from transforms.extract.jsonld import types_of

_LETTERS = re.compile(r"[\W_]+")
# Words that sites put beside their name in one place and leave out in the other.
_GENERIC = frozenset(
    {"the", "news", "online", "digital", "latest", "com", "org", "net", "of", "magazine", "newspaper", "media", "site"}
    | {"homepage", "official", "world", "us", "usa", "uk", "noticias", "el", "la", "los", "las", "diario", "de"}
    | {"nachrichten", "zeitung"}
)
_NOT_NAMES = frozenset({"www", "co", "com", "m", "amp", "edition", "news", "blog", "en", "es"})


def fold(text: str) -> str:
    """The letters and digits of a text, case folded: two names are the same if these are."""
    return _LETTERS.sub("", text.casefold())


def site_names(declared: Declared, url: str) -> frozenset[str]:
    """The folded names of a page's site: as its metadata and JSON-LD say, and as its host spells."""
    publisher = (declared.node or {}).get("publisher")
    nodes = [node for node in declared.nodes if {"WebSite", "NewsMediaOrganization"} & set(types_of(node))]
    said = [node.get("name") for node in ([publisher] if isinstance(publisher, dict) else []) + nodes]
    names = [
        *declared.every(
            "og:site_name", "application-name", "apple-mobile-web-app-title", "twitter:site", "dc.publisher"
        ),
        *(name for name in said if isinstance(name, str)),
    ]
    host = _host(url).removeprefix("www.")
    labels = [label for label in host.split(".")[:-1] if label not in _NOT_NAMES]
    folded = {fold(name) for name in (*names, *labels, host)} | {_core(name) for name in names}
    return frozenset(name for name in folded if len(name) > 1)


def is_site_name(text: str, names: frozenset[str]) -> bool:
    """Whether a text is one of a site's names, give or take words like "news" and "the"."""
    return bool(text) and (fold(text) in names or _core(text) in names)


def _core(name: str) -> str:
    words = [word for word in re.findall(r"\w+", name.casefold()) if word not in _GENERIC]
    return "".join(words)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
