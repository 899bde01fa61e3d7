"""Bytes to text: a feed's label is often wrong, its bytes seldom are."""

import codecs
import re

from transforms.discover.guards import MAX_STRAYS
from transforms.discover.listing import FeedError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<?xm" (or "<" and another ASCII character) looks without a byte order mark; XML 1.0, appendix F.
_PATTERNS = (
    (re.compile(rb"<\0\0\0[\x01-\x7f]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<\0\0\0[\x01-\x7f]"), "utf-32-be"),
    (re.compile(rb"<\0[\x01-\x7f]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[\x01-\x7f]"), "utf-16-be"),
)
_EBCDIC_XML = "<?xml".encode("cp037")
_DECLARED = re.compile(r"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
# Codecs that turn text into text, or take quadratic time: never right for a document, and a label is the server's word.
_REFUSED = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf_7", "mbcs", "oem"}
# Read Latin-1 and ASCII as Windows-1252, as browsers do (WHATWG Encoding Standard, section 4.2).
_WIDENED = {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-8": "utf-8"}


def decode_body(body: bytes, content_type: str | None = None) -> str:
    """The document's text, without byte order mark.

    Order: byte order mark, the pattern of "<" in wide encodings and EBCDIC, valid UTF-8, the label in Content-Type,
    the label in the XML declaration, UTF-8 with stray Windows-1252 bytes. Raises FeedError: empty if nothing is left.
    """
    text = _decode(body, content_type).removeprefix("\ufeff")
    if not text.strip("\0 \t\r\n"):
        raise FeedError("empty", "the document has no text")
    return text


def _decode(body: bytes, content_type: str | None) -> str:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _decode_wide(body[len(bom) :], encoding)
    for pattern, encoding in _PATTERNS:
        if pattern.match(body):
            return _decode_wide(body, encoding)
    labels = _labels(body, content_type)
    if body.startswith(_EBCDIC_XML):
        return body.decode(next(filter(None, labels), "cp037"), "replace")
    # ISO-2022 and HZ write everything in ASCII bytes, so being valid UTF-8 proves nothing against these labels.
    if (b"\x1b" in body or b"~{" in body) and (
        escaped := next((x for x in labels if x.startswith(("iso2022", "hz"))), "")
    ):
        return body.decode(escaped, "replace")
    for label in ["utf-8", *labels]:
        try:
            return body.decode(label)
        except UnicodeError:
            continue
    return _decode_mixed(body, labels)


def _decode_wide(body: bytes, encoding: str) -> str:
    return body.decode(encoding, "replace")


def _labels(body: bytes, content_type: str | None) -> list[str]:
    """The codecs that the server and the document name, in that order, so far as they exist and are safe."""
    head = body[:300].decode("cp037" if body.startswith(_EBCDIC_XML) else "latin-1")
    found = [_CHARSET.search(content_type[:300]) if content_type else None, _DECLARED.search(head)]
    codecs_named = (_safe_codec(match[1]) for match in found if match)
    return [codec for codec in codecs_named if codec]


def _safe_codec(label: str) -> str | None:
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    name = codec.name.replace("-", "_").lower()
    # Codecs such as zip or rot13 are no text encodings; only this private mark tells them apart.
    if name in _REFUSED or not getattr(codec, "_is_text_encoding", True) or name.startswith(("utf_16", "utf_32")):
        return None
    return _WIDENED.get(codec.name, codec.name)


def _decode_mixed(body: bytes, labels: list[str]) -> str:
    """Text of bytes that keep to no one encoding: mostly UTF-8 with strays, or else as the label says, with losses."""
    stray = sum(1 for _ in re.finditer(rb"[\x80-\xff]+", body))
    lost = body.decode("utf-8", "replace").count("\ufffd")
    if labels and labels[0] != "utf-8" and lost > stray // 2:
        return body.decode(labels[0], "replace")
    if lost > MAX_STRAYS:
        return body.decode("cp1252", "replace")
    return body.decode("utf-8", "icewire-cp1252")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("icewire-cp1252", _as_cp1252)
