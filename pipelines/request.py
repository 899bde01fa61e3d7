"""What a line asks of a filter: the document it points to, and when that was fetched."""

import base64
import binascii
import gzip
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transforms.content_coding import MAX_CONTENT_BYTES


def read_document(request: dict[str, Any], inline: str) -> bytes:
    """The bytes a request points to: base64 in the field `inline`, or the file at `path`, which may be gzip.

    No more than MAX_CONTENT_BYTES are read or unpacked; ValueError beyond.
    """
    if inline in request:
        try:
            return base64.b64decode(request[inline], validate=True)
        except (binascii.Error, TypeError) as error:
            raise ValueError(f"field '{inline}' is no base64: {error}") from None
    if "path" not in request:
        raise ValueError(f"fields 'path' and '{inline}' are both missing")
    with Path(request["path"]).open("rb") as file:
        body = _within(file.read(MAX_CONTENT_BYTES + 1), request["path"])
    if body[:2] != b"\x1f\x8b":
        return body
    with gzip.open(io.BytesIO(body)) as unpacked:
        return _within(unpacked.read(MAX_CONTENT_BYTES + 1), request["path"])


def _within(body: bytes, path: str) -> bytes:
    if len(body) > MAX_CONTENT_BYTES:
        raise ValueError(f"{path}: larger than {MAX_CONTENT_BYTES} bytes")
    return body


def read_captured_at(request: dict[str, Any]) -> datetime | None:
    """When a request says that its bytes were fetched. ValueError if that is no instant."""
    if (text := request.get("captured_at")) is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError("field 'captured_at' is no instant; write one as 2026-11-02T18:00:00Z") from None
    if instant.tzinfo is None:
        raise ValueError("field 'captured_at' names no time zone; add Z for UTC")
    return instant.astimezone(UTC)
