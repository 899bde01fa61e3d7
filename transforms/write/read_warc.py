"""Read a capture back from its WARC record, whose every word must be what the row of `captures` says."""

import hashlib
from dataclasses import replace
from typing import BinaryIO

from schemas.records import Capture
from transforms.write.warc_form import SAME_PAYLOAD, archived_fields, payload_digest, record_id, warc_date
from transforms.write.warc_records import Unreadable, read_record


class DamagedRecord(Exception):
    """A capture's record is missing, or is not what its row says; names file, offset, capture and what is wrong."""


def read_capture(file: BinaryIO, row: Capture, original: Capture | None = None) -> Capture:
    """The capture of a row with its body as received, from the open WARC file that the row names; reads one record.

    Of a revisit record (`row.payload_in`) the body is that of `original`, the capture with that id, read before.
    DamagedRecord if the record, or the payload, is not there or not what the row says in every respect: id, address,
    instant, status, header fields, length and hash of the body.
    """
    try:
        body = _read_body(file, row)
        if row.payload_in:
            if original is None or original.capture_id != row.payload_in:
                raise Unreadable(f"refers to the payload of capture {row.payload_in}, which is not there")
            body = original.body
        _check_digest(row, body)
    except Unreadable as problem:
        raise _damaged(row, problem) from None
    return replace(row, body=body)


def check_record(file: BinaryIO, row: Capture) -> None:
    """Check the record of a row as `read_capture` does, but of a revisit record not the payload, which is another's."""
    try:
        body = _read_body(file, row)
        if not row.payload_in:
            _check_digest(row, body)
    except Unreadable as problem:
        raise _damaged(row, problem) from None


def _damaged(row: Capture, problem: Unreadable) -> DamagedRecord:
    return DamagedRecord(f"{row.warc_file} at {row.warc_offset}: the record of capture {row.capture_id} {problem}")


def _check_digest(row: Capture, body: bytes) -> None:
    digest = hashlib.sha256(body).hexdigest()
    if digest != row.payload_sha256:
        raise Unreadable(f"holds a payload with sha256 {digest}, not {row.payload_sha256}")


def _read_body(file: BinaryIO, row: Capture) -> bytes:
    """The body in the row's own record; a revisit record has none."""
    if row.warc_offset is None or row.warc_length is None or min(row.warc_offset, row.warc_length) < 0:
        raise Unreadable("has no place in a WARC file")
    found = read_record(file, row.warc_offset, row.warc_length)
    if found is None:
        raise Unreadable("is not there: the file ends before it")
    (record, block) = found
    if record.length != row.warc_length:
        raise Unreadable(f"is {record.length} bytes long, not {row.warc_length}")
    expected = {
        "warc-type": "revisit" if row.payload_in else "response",
        "warc-record-id": record_id(row.capture_id),
        "warc-target-uri": row.url,
        "warc-date": warc_date(row.fetched_at),
        "warc-payload-digest": payload_digest(row.payload_sha256),
    }
    if row.payload_in:
        expected |= {"warc-profile": SAME_PAYLOAD, "warc-refers-to": record_id(row.payload_in)}
    for name, value in expected.items():
        if record.headers.get(name) != (value,):
            raise Unreadable(f"says {name}: {', '.join(record.headers.get(name, ())) or 'nothing'}, not {value}")
    body = _after_head(block, row)
    if len(body) != (0 if row.payload_in else row.payload_bytes):
        raise Unreadable(f"holds a payload of {len(body)} bytes, not {row.payload_bytes}")
    return body


def _after_head(block: bytes, row: Capture) -> bytes:
    """The body in an HTTP block, whose status and header fields must be the row's."""
    status_line, _, rest = block.partition(b"\r\n")
    if status_line.split(b" ")[1:2] != [str(row.status).encode()]:
        raise Unreadable(f"begins with {status_line[:80]!r}, which is not status {row.status}")
    lines = [f"{name}: {value}\r\n" for name, value in archived_fields(row.headers)]
    head = "".join(lines).encode("latin-1", "replace") + b"\r\n"
    if not rest.startswith(head):
        raise Unreadable("has other header fields than its row")
    return rest[len(head) :]
