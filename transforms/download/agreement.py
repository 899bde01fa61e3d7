"""Tell whether the page that a redirect led to is the one that its entry announces, or something in front of it."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from html import unescape

from yarl import URL

from schemas.records import Capture, Entry
from transforms.addresses import key_of, refusal, url_key
from transforms.content_coding import ContentCodingError, decode_content

# fmt: off
WALLS = frozenset({
    "login", "log-in", "logon", "signin", "sign-in", "signup", "sign-up", "sso", "auth", "account", "anmelden",
    "connexion", "iniciar-sesion", "subscribe", "subscription", "register", "registration", "paywall", "consent",
    "cookies", "cookie-consent", "gdpr", "captcha", "blocked", "access-denied", "denied", "forbidden", "unauthorized",
    "maintenance", "mantenimiento", "wartung", "unavailable", "offline", "sorry", "outage", "error", "errors",
    "error-page", "not-found", "notfound", "page-not-found",
    "400", "401", "403", "404", "410", "429", "451", "500", "502", "503", "504",
})
# fmt: on
"""Last parts of paths at which sites put what stands in place of an article: walls, notices, error pages."""

WEIGHTY_LETTERS = 4
"""Words with fewer letters (the, and, of) say little of what a page is about; they count only where others are few."""

TELLING_WORDS = 3
"""A title of fewer words does not say what an entry is about."""

_BY_TITLE = "title "

_PREFIX_BYTES = 256 * 1024
"""A page names itself in its head; with styles written into it, that is long."""

_TITLE_CHARS = 500

_RUN = re.compile(r"[^\W_]+")
# Scripts that put no spaces between words (Thai to Khmer, kana, Han): each pair of characters counts as a word.
_DENSE = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+)")
_ENDING = re.compile(r"\.(?:s?html?|php|aspx?|jsp|amp)\Z", re.I)

# Each stops at the next angle bracket, so that time grows with the length of the markup only.
_TITLE = re.compile(r"<title\b[^<>]{0,500}>([^<]{0,2000})", re.I)
_H1 = re.compile(r"<h1\b[^<>]{0,2000}>", re.I)
_H1_END = re.compile(r"</h1\b", re.I)
_META = re.compile(r"<meta\b([^<>]{1,2000})>", re.I)
_META_TITLE = re.compile(r"""\b(?:property|name)\s?=\s?["']?(?:og|twitter):title\b""", re.I)
_META_CONTENT = re.compile(r"""\bcontent\s?=\s?(?:"([^"]*)"|'([^']*)')""", re.I)
_TAG = re.compile(r"<[^<>]*>")
_CHARSET = re.compile(rb"""charset\s?=\s?["']?((?:windows|iso-8859|koi8|gb|big5|shift|euc|cp)[\w-]{1,12})""", re.I)


def agrees(entry: Entry, capture: Capture) -> bool:
    """Whether an answered page is the one that an entry announces, as far as its words tell; never fails.

    It is if half of the words of the entry's title, and two of them where there are so many, stand in the page's own
    titles or in the last parts of the address that answered; or if that kept the slug of the address asked. Words of
    the publisher's name count for nothing, since they stand on every page of a site.
    """
    if key_of(entry.url) == url_key(capture.url):
        return True
    wanted = fold_words((entry.title or "")[:_TITLE_CHARS]) - fold_words(capture.publisher[:_TITLE_CHARS])
    if not is_wall(capture.url):  # whose address may name what it stands in front of
        parts = _last_parts(capture.url)
        in_address = fold_words(" ".join(parts))
        if _keeps_slug(_last_parts(entry.url), parts, in_address) or _covers(wanted, in_address):
            return True
    return _covers(wanted, fold_words(" ".join(_page_titles(capture))))


def is_wall(url: str) -> bool:
    """Whether an address ends like that of a login, a notice of maintenance, an error page (WALLS)."""
    return any(part.casefold().replace("_", "-").replace(" ", "-") in WALLS for part in _last_parts(url))


def news_marks(entry: Entry) -> tuple[str, ...]:
    """What an entry has in common with others that tell the same news: its id in its feed, and its title."""
    title = " ".join(_RUN.findall(_plain((entry.title or "")[:_TITLE_CHARS])))
    by_id = f"id {entry.feed_id} {entry.entry_id}"
    return (by_id, f"{_BY_TITLE}{title}") if title else (by_id,)


def tells_news(marks: Iterable[str]) -> bool:
    """Whether marks hold a title that says what the news is; "Breaking" or none at all could stand over any."""
    return any(mark.startswith(_BY_TITLE) and len(fold_words(mark)) > TELLING_WORDS for mark in marks)


def fold_words(text: str) -> frozenset[str]:
    """The words of a text in any script, without case and accents; pairs of characters where nothing parts words."""
    words: set[str] = set()
    for run in _RUN.findall(_plain(text)):
        for number, part in enumerate(_DENSE.split(run)):
            if number % 2 and len(part) > 1:
                words.update(part[at : at + 2] for at in range(len(part) - 1))
            elif part:
                words.add(part)
    return frozenset(words)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return folded if folded.isascii() else "".join(c for c in folded if unicodedata.category(c)[0] != "M")


def _covers(wanted: frozenset[str], found: frozenset[str]) -> bool:
    """Whether enough of the wanted words are found: half of those that weigh, two at least where there are two."""
    weighty = {word for word in wanted if len(word) >= WEIGHTY_LETTERS or _DENSE.match(word)}
    counted = weighty if len(weighty) > 1 else wanted
    needed = max(min(2, len(counted)), (len(counted) + 1) // 2)
    is_apt = len(weighty) != 1 or weighty <= found  # or any page would do for "At it again"
    return bool(counted) and is_apt and len(counted & found) >= needed


def _keeps_slug(asked: list[str], answered: list[str], in_answered: frozenset[str]) -> bool:
    """Whether the words of the asked address' slug stand in the last parts of the one that answered.

    The part before the last is taken for the slug only if it is of three words, since sections have names, too.
    """
    if not asked or not answered:
        return False
    for part, least in zip(reversed(asked), (2, 3), strict=False):
        if len(words := fold_words(part)) >= least:
            return _covers(words, in_answered)
    return len(asked[-1]) >= WEIGHTY_LETTERS and fold_words(asked[-1]) == fold_words(answered[-1])


def _last_parts(url: str | None) -> list[str]:
    """The last two parts of an address' path, without an ending such as `.html`."""
    if url is None or refusal(url):
        return []
    parts = [_ENDING.sub("", part) for part in URL(url).path.split("/") if part]
    return parts[-2:]


def _page_titles(capture: Capture) -> list[str]:
    """What a page calls itself: its title element, the titles it is shared with, its first heading."""
    coding = next((field.value for field in capture.headers if field.name.lower() == "content-encoding"), None)
    try:
        content = decode_content(capture.body, coding)[:_PREFIX_BYTES]
    except ContentCodingError:
        return []
    markup = _read(content, capture.content_type)
    found = [match[1] for match in [_TITLE.search(markup)] if match]
    for meta in _META.finditer(markup):
        if _META_TITLE.search(meta[1]) and (said := _META_CONTENT.search(meta[1])):
            found.append(said[1] or said[2] or "")
    if heading := _H1.search(markup):
        shown = markup[heading.end() : heading.end() + 4 * _TITLE_CHARS]
        found.append(_TAG.sub(" ", _H1_END.split(shown, maxsplit=1)[0]))
    return [unescape(text)[:_TITLE_CHARS] for text in found[:8]]


def _read(content: bytes, content_type: str | None) -> str:
    """The markup as text: UTF-8 if it is that, else as its label says, if that names a set of characters of old."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)  # whose end may be cut in a character
    except UnicodeDecodeError:
        label = _CHARSET.search((content_type or "").encode("ascii", "replace")) or _CHARSET.search(content[:4096])
    try:
        return content.decode(label[1].decode() if label else "cp1252", "replace")
    except LookupError:
        return content.decode("cp1252", "replace")
