"""Undo a body's content coding, bounded: HTTP clients accept a truncated gzip silently, we must not."""

import zlib

from schemas.errors import KindError

MAX_CONTENT_BYTES = 10 * 1024 * 1024
"""Decoded bodies above this are refused (the largest real feed seen is 2.7 MB, the largest page 8 MB)."""


class ContentCodingError(KindError):
    """A body that cannot be decoded; `kind` is truncated, bad-coding, unasked-coding or too-large."""

    def __str__(self) -> str:
        return self.detail


def decode_content(body: bytes, coding: str | None, limit: int = MAX_CONTENT_BYTES) -> bytes:
    """The body after content decoding: identity, gzip and deflate, at most `limit` bytes, else ContentCodingError.

    Exactly one gzip member with its end-of-stream marker is accepted: a missing end is a truncated answer, and many
    empty members are an attack on decoders (CVE-2026-128131).
    """
    name = (coding or "identity").strip().lower()
    if name in ("", "identity", "none"):
        return _within(body, limit)
    if name in ("gzip", "x-gzip"):
        return _inflate(body, 16 + zlib.MAX_WBITS, limit)
    if name == "deflate":
        # RFC 9110 means zlib framing; some servers send the raw stream.
        raw = len(body) < 2 or (body[0] & 0x0F) != 8 or (body[0] * 256 + body[1]) % 31 != 0
        return _inflate(body, -zlib.MAX_WBITS if raw else zlib.MAX_WBITS, limit)
    raise ContentCodingError(
        "unasked-coding", f"the server sent content coding {name[:40]!r}, which we did not ask for"
    )


def _inflate(body: bytes, wbits: int, limit: int) -> bytes:
    stream = zlib.decompressobj(wbits)
    try:
        content = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise ContentCodingError("bad-coding", f"the compressed body is damaged: {error}") from None
    _within(content, limit)
    if not stream.eof:
        raise ContentCodingError(
            "truncated", f"the compressed body ends after {len(body)} bytes without its end marker"
        )
    if stream.unused_data.strip(b"\0"):
        raise ContentCodingError("bad-coding", f"{len(stream.unused_data)} bytes follow the compressed body")
    return content


def _within(content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise ContentCodingError("too-large", f"the body is larger than {limit} bytes after decoding")
    return content
