"""Read WARC records, trusting nothing: bytes rot, files get torn, and no index is believed without a look.

Libraries that read the web's archives are made to get past what is odd; here one odd byte must be found and named.
"""

import hashlib
import zlib
from base64 import b32encode
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from schemas.records import record
from transforms.content_coding import MAX_CONTENT_BYTES
from transforms.write.warc_form import record_id

MAX_RECORD_BYTES = MAX_CONTENT_BYTES + 2 * 1024 * 1024
"""The largest body there is, and its header fields; no record is inflated further."""

_CHUNK = 16 * 1024
_WINDOW, _ENOUGH = 1024 * 1024, 1024
_GZIP = b"\x1f\x8b\x08"
_END = b"\r\n\r\n"


class Unreadable(Exception):
    """What is wrong with a record, in words that follow "the record"."""


@record
class WarcRecord:
    """One record of a WARC file, or, with a problem, a stretch of it that cannot be read."""

    offset: int
    length: int
    """Compressed, in bytes."""
    headers: Mapping[str, tuple[str, ...]]
    """Values by the field's name in lower case; none of what cannot be read."""
    problem: str | None = None

    @property
    def record_id(self) -> str | None:
        """Its WARC-Record-ID, with the angle brackets."""
        return self._header("warc-record-id")

    @property
    def kind(self) -> str | None:
        """warcinfo, request, response, revisit or metadata."""
        return self._header("warc-type")

    def is_of(self, capture_id: str) -> bool:
        """Whether it is one of the records of a capture, those of its redirects among them."""
        answer = record_id(capture_id)
        return self.record_id == answer or answer in self.headers.get("warc-concurrent-to", ())

    def _header(self, name: str) -> str | None:
        return next(iter(self.headers.get(name, ())), None)


def walk_records(file: BinaryIO) -> Iterator[WarcRecord]:
    """Every record of an open WARC file in order, found by reading it, checked by its checksums and its block digest.

    What is given covers the file without a gap or an overlap, each record one gzip member that can be copied byte for
    byte. From a stretch that cannot be read it goes on with the next member that holds a record; within such a stretch
    that may be part of a page, so believe ids found behind damage only if `captures` has them there.
    """
    offset = 0
    while True:
        try:
            found = read_record(file, offset)
        except Unreadable as problem:
            end = _next_record(file, offset + 1)
            yield WarcRecord(offset=offset, length=end - offset, headers={}, problem=str(problem))
            offset = end
            continue
        if found is None:
            return
        yield found[0]
        offset += found[0].length


def read_record(file: BinaryIO, offset: int, length: int | None = None) -> tuple[WarcRecord, bytes] | None:
    """The record at an offset, which is at most `length` long, with its block; None at the end of the file.

    Unreadable if its checksum, its length or its block digest says so.
    """
    found = _inflate(file, offset, length)
    if found is None:
        return None
    content, size = found
    head, separator, rest = content.partition(_END)
    version, *lines = head.decode("utf-8", "replace").split("\r\n")
    if not version.startswith("WARC/1.") or not separator:
        raise Unreadable("is no WARC record")
    headers: dict[str, tuple[str, ...]] = {}
    for name, _, value in (line.partition(":") for line in lines):
        headers[name.lower()] = (*headers.get(name.lower(), ()), value.strip())
    block = rest.removesuffix(_END)
    if not rest.endswith(_END) or headers.get("content-length") != (str(len(block)),):
        raise Unreadable(f"holds {len(block)} bytes, not {', '.join(headers.get('content-length', ('?',)))}")
    for digest in headers.get("warc-block-digest", ()):
        if digest.startswith("sha1:") and digest != f"sha1:{b32encode(hashlib.sha1(block).digest()).decode()}":  # noqa: S324
            raise Unreadable(f"is not what its block digest {digest} says")
    return WarcRecord(offset=offset, length=size, headers=headers), block


def _inflate(file: BinaryIO, offset: int, length: int | None) -> tuple[bytes, int] | None:
    """What the gzip member at an offset holds, and its length; None at the end of the file."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    content = bytearray()
    size = 0
    try:
        file.seek(offset)
        while not unpacker.eof:
            chunk = file.read(_CHUNK if length is None else min(_CHUNK, length - size))
            if not chunk and not size and length != 0:
                return None
            if not chunk:
                raise Unreadable("ends before it is whole")
            size += len(chunk)
            content += unpacker.decompress(chunk, MAX_RECORD_BYTES + 1 - len(content))
            if len(content) > MAX_RECORD_BYTES:
                raise Unreadable(f"is larger than {MAX_RECORD_BYTES} bytes")
    except zlib.error as error:
        raise Unreadable(f"is damaged: {error}") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error}") from None
    return bytes(content), size - len(unpacker.unused_data)


def _next_record(file: BinaryIO, offset: int) -> int:
    """Where, from an offset on, the next gzip member begins that holds a WARC record; the end of the file if none."""
    while True:
        file.seek(offset)
        window = file.read(_WINDOW)
        is_last = len(window) < _WINDOW
        at = window.find(_GZIP)
        while at >= 0 and (is_last or at + _ENOUGH <= len(window)):
            if _begins_record(window[at : at + _ENOUGH]):
                return offset + at
            at = window.find(_GZIP, at + 1)
        if is_last:
            return offset + len(window)
        offset += at if at >= 0 else len(window) - len(_GZIP) + 1


def _begins_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(packed, 8).startswith(b"WARC/1.")
    except zlib.error:
        return False
