"""The headline of an article, without the name of the site that browsers' tabs and shared links carry."""

import re

from transforms.extract.declared import Declared
from transforms.extract.site import fold, is_site_name

# "Headline | Site", "Headline - Section - Site", "Site: Headline"; full-width in Japanese and Chinese.
_SEPARATOR = re.compile(r"\s+(?:[|\-–—:»·•›/~]|::|--|\|\|)\s+|\s*[|｜：]\s*|--+")
# A site's name is short; what is longer belongs to the headline.
_MAX_SITE_WORDS = 7
_MAX_CHARS = 500
_SHARED = ("og:title", "twitter:title", "dc.title", "title", "sailthru.title", "parsely-title")


def choose_headline(declared: Declared, names: frozenset[str]) -> str | None:
    """The headline: as shared (og:title), else as in JSON-LD, the first h1, or the title element; without site names.

    `names` are the site's (site.site_names). A part behind a separator is taken for the site's, too, if an h1 or the
    JSON-LD headline is the same but for that part.
    """
    said = declared.said("headline", "name") if declared.node else None
    shown = frozenset(fold(text) for text in (*declared.headings[:5], said) if text)
    for candidate in (declared.first(*_SHARED), said, *declared.headings[:1], declared.title):
        if candidate and not is_site_name(candidate, names):
            return _without_site(candidate[:_MAX_CHARS], names, shown)
    return None


def _without_site(title: str, names: frozenset[str], shown: frozenset[str]) -> str:
    for cut in reversed(list(_SEPARATOR.finditer(title))):  # the shortest tail first
        head, tail = title[: cut.start()].strip(), title[cut.end() :].strip()
        if head and _is_extra(tail, head, names, shown):
            return _without_site(head, names, shown)
    if first := _SEPARATOR.search(title):
        head, tail = title[: first.start()].strip(), title[first.end() :].strip()
        if tail and _is_extra(head, tail, names, shown):
            return tail
    label, _, rest = title.partition(": ")
    return rest.strip() if rest.strip() and is_site_name(label, names) else title


def _is_extra(part: str, rest: str, names: frozenset[str], shown: frozenset[str]) -> bool:
    if not fold(part) or len(part.split()) > _MAX_SITE_WORDS:
        return False
    if fold(rest) in shown and fold(rest + part) not in shown and fold(part + rest) not in shown:
        return True
    return is_site_name(part, names)
