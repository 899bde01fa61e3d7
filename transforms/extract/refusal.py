"""What is no page: refused by its first bytes, before anything parses it."""

import re

from schemas.errors import KindError

MAX_BYTES = 10_000_000
"""Largest body that is looked at, in bytes after content decoding; libxml2 keeps no single text longer than that."""

# The first bytes of what publishers serve under article addresses by mistake or on purpose.
_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n", "png"),
    (b"GIF8", "gif"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"RIFF", "riff"),
    (b"{\\rtf", "rtf"),
    (b"%!PS", "postscript"),
    (b"\x7fELF", "binary"),
    (b"wOF", "font"),
)
# Atomic: were a comment allowed to end at a later "-->", too, a page of many would be read in all ways there are.
_XML_ROOT = re.compile(
    rb"\A(?>(?><\?[^>]{0,500}>|<!--.{0,2000}?-->|<!DOCTYPE[^>]{0,500}>|\s)*)<([a-z:]{1,20})\b", re.S | re.I
)
_NOT_PAGES = {b"rss", b"feed", b"rdf:rdf", b"urlset", b"sitemapindex", b"opml", b"svg", b"error"}
_JSON = re.compile(rb'\A[\[{]\s*(?:["\[{\]}]|-?\d|true|false|null)')
_TAG = re.compile(rb"<[a-z!]", re.I)


class ExtractError(KindError):
    """These bytes are no page that could hold an article: `kind` is a short stable word, `detail` says what was seen.

    Kinds: empty, too-large (over MAX_BYTES) and not-html.
    """


def refuse_bytes(content: bytes) -> None:
    """Raise ExtractError if the bytes as received are nothing, too much, or recognisably something else than text."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise ExtractError("empty", "the body has no bytes that could be text")
    if len(content) > MAX_BYTES:
        raise ExtractError("too-large", f"{len(content)} bytes; at most {MAX_BYTES} are read")
    for magic, name in _MAGIC:
        if content.startswith(magic):
            raise ExtractError("not-html", name)
    if content[4:8] == b"ftyp":
        raise ExtractError("not-html", "mp4")


def refuse_markup(markup: bytes, content_type: str | None = None) -> None:
    """Raise ExtractError if the text (UTF-8) is JSON, a feed or another XML document, or has no markup at all.

    The bytes decide: servers send pages as text/plain and JSON as text/html. The label only names what was found.
    """
    start = markup.lstrip()[:4096]
    label = (content_type or "no content type")[:80]
    if _JSON.match(start):
        raise ExtractError("not-html", f"json ({label})")
    if (root := _XML_ROOT.match(start)) and root[1].lower() in _NOT_PAGES:
        raise ExtractError("not-html", f"xml <{root[1].decode().lower()}> ({label})")
    if markup.count(b"\xef\xbf\xbd") > len(markup) // 10:
        raise ExtractError("not-html", f"binary ({label})")
    if not _TAG.search(markup):
        raise ExtractError("not-html", f"text without markup ({label})")
