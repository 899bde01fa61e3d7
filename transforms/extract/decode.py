"""Bytes to text: a page's label is often wrong, its bytes seldom are."""

import codecs
import re

from charset_normalizer import from_bytes

from schemas.records import record

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" and a further ASCII character in the wide encodings, for pages without a byte order mark.
_WIDE = ((re.compile(rb"\s*<\0[\x01-\x7f]\0"), "utf-16-le"), (re.compile(rb"(?:\0\s)*\0<\0[\x01-\x7f]"), "utf-16-be"))
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.I)
# How far a meta element may stand from the start: WHATWG looks at 1,024 bytes, pages with long comments need more.
_META_REACH = 4096
# Labels that are no character set of pages, or that decode in quadratic time.
_REFUSED = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "mbcs", "oem"}
# Read as browsers read them (WHATWG Encoding Standard, section 4.2).
_WIDENED = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
# A page is UTF-8 with accidents if at most one non-ASCII character in twenty is broken.
_STRAY_SHARE = 20
# Bytes looked at for detection: enough letters for every language the detector knows, and bounded in time.
_SAMPLE = 12_000
_NOT_ASCII = bytes(range(0x80, 0x100))
_STRAY_HANDLER = "stray-cp1252"


def _read_stray(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_STRAY_HANDLER, _read_stray)


@record
class Decoded:
    """A page's markup as UTF-8 bytes, the character set it was read with and how that was known."""

    markup: bytes
    charset: str
    source: str


def decode_page(content: bytes, content_type: str | None = None) -> Decoded:
    """The page as UTF-8. Never raises: what no character set explains becomes U+FFFD.

    Order: byte order mark, the pattern of wide encodings, valid UTF-8, UTF-8 with a few stray Windows-1252 bytes, the
    label in Content-Type, the label in a meta element, detection. `source` is bom, utf-8, http, meta or detected.
    """
    for mark, charset in _BOMS:
        if content.startswith(mark):
            return _recode(content[len(mark) :], charset, "bom")
    for pattern, charset in _WIDE:
        if pattern.match(content):
            return _recode(content, charset, "detected")
    labels = _find_labels(content, content_type)
    # ISO-2022 and HZ write everything in ASCII bytes, so being valid UTF-8 proves nothing against these labels.
    if b"\x1b" in content or b"~{" in content:
        for charset, source in labels:
            if charset.startswith(("iso2022", "hz")):
                return _recode(content, charset, source)
    if _is_utf8(content):
        return Decoded(markup=content, charset="utf-8", source="utf-8")
    if _is_nearly_utf8(content):
        return Decoded(markup=content.decode("utf-8", _STRAY_HANDLER).encode(), charset="utf-8", source="utf-8")
    for charset, source in labels:
        if charset != "utf-8" and _decodes(content, charset):
            return _recode(content, charset, source)
    return _recode(content, _detect(content), "detected")


def _find_labels(content: bytes, content_type: str | None) -> list[tuple[str, str]]:
    header = (content_type or "").encode("ascii", "replace")
    places = ((header, "http"), (content[:_META_REACH], "meta"))
    found = [(_normalize(match[1]), source) for text, source in places if (match := _CHARSET.search(text))]
    return [(charset, source) for charset, source in found if charset]


def _normalize(label: bytes) -> str | None:
    try:
        name = codecs.lookup(label.decode("ascii")).name
    except (LookupError, ValueError):
        return None
    return None if name in _REFUSED else _WIDENED.get(name, name)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf8(content: bytes) -> bool:
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = len(text) - broken - len(content.translate(None, _NOT_ASCII))
    return good >= broken * _STRAY_SHARE


def _decodes(content: bytes, charset: str) -> bool:
    # A few broken bytes do not disprove a label; a wrong one breaks far more.
    try:
        return content.decode(charset, "replace").count("\ufffd") <= len(content) // 1000
    except (LookupError, UnicodeError):
        return False


def _detect(content: bytes) -> str:
    # Letters outside ASCII are what tells character sets apart, so the sample starts where they do.
    first = next((at for at, byte in enumerate(content) if byte >= 0x80), 0)
    best = from_bytes(content[max(0, first - 200) : first + _SAMPLE]).best()
    charset = _normalize(best.encoding.encode()) if best else None
    return charset if charset and charset != "utf-8" else "cp1252"


def _recode(content: bytes, charset: str, source: str) -> Decoded:
    text = content.decode(charset, "replace")
    return Decoded(markup=text.encode("utf-8", "replace"), charset=charset, source=source)
