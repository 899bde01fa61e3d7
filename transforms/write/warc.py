"""Keep captures as WARC 1.1, so that any tool of the web-archive field can replay them."""

import io
import json
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from schemas.records import Capture, Header, KeptPayload, Redirect
from transforms.addresses import request_url
from transforms.write.manifest import DataFile
from transforms.write.secrets import without_secrets
from transforms.write.staging import stage_file
from transforms.write.store import Root
from transforms.write.warc_form import ANSWER, SAME_PAYLOAD, archived_fields, payload_digest, record_id, warc_date

_TOLD_ELSEWHERE = {
    "body",
    "headers",
    "request_headers",
    "known",
    "kept_payload",
    "warc_file",
    "warc_offset",
    "warc_length",
}
"""Fields of a capture that its metadata record leaves out: the request and response records have them, or no record."""


def warc_path(day: str, run_id: str, shard: int) -> str:
    """Final path of a run's WARC file."""
    return f"captures/{day}/{run_id}-{shard:05d}.warc.gz"


def write_warc(
    root: Root, captures: Iterable[Capture], *, day: str, run_id: str, shard: int = 0
) -> tuple[list[Capture], DataFile]:
    """Stage captures as one gzip-per-record WARC file; give them back without bodies, with their place in it."""
    path = warc_path(day, run_id, shard)
    placed: list[Capture] = []

    def write(file: BinaryIO) -> int:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        _write_info(writer, Path(path).name, day)
        for capture in captures:
            placed.append(replace(write_capture(writer, capture), warc_file=path))
        return len(placed)

    file = stage_file(root, write, path=path, kind="warc", run_id=run_id)
    return placed, file


def write_capture(writer: WARCWriter, capture: Capture) -> Capture:
    """Write the records of a capture; give it back as its row is stored, with the place of its answer in the file.

    They are a request and a response for each redirect, then for the answer, and a metadata record (the entry, the way,
    the robots decision). An answer whose payload the data set has already becomes a revisit record without it. Ids
    derive from the capture's, so the same captures give the same bytes.
    """
    row: Capture = without_secrets(capture)
    kept = row.kept_payload
    row = replace(
        row,
        payload_in=kept.capture_id if kept else None,
        redirects=tuple(Redirect(url=hop.url, status=hop.status) for hop in row.redirects),
    )
    for number, hop in enumerate(capture.redirects, start=1):
        if hop.asked_at is not None:
            _write_hop(writer, row, number, hop, hop.asked_at)
    _write_request(writer, row, row.url, row.request_headers, row.fetched_at, "request", (ANSWER,))
    offset = writer.out.tell()
    _write_answer(writer, row, kept)
    row = replace(row, warc_offset=offset, warc_length=writer.out.tell() - offset, body=b"", kept_payload=None)
    _write_metadata(writer, row)
    return row


class _HeadersAsReceived(StatusAndHeaders):  # type: ignore[misc]  # warcio is untyped
    """HTTP headers written with the bytes that came; warcio percent-encodes those that are not ASCII."""

    def to_ascii_bytes(self, filter_func: Any = None) -> bytes:
        headers: bytes = self.to_bytes(filter_func, encoding="latin-1")
        return headers


def _write_info(writer: WARCWriter, filename: str, day: str) -> None:
    info = b"software: icewire\r\nformat: WARC File Format 1.1\r\nrobots: obey\r\n"
    headers = {
        "WARC-Record-ID": record_id(filename, "warcinfo"),
        "WARC-Date": f"{day}T00:00:00Z",
        "WARC-Filename": filename,
    }
    writer.write_record(
        writer.create_warc_record("", "warcinfo", payload=io.BytesIO(info), length=len(info), warc_headers_dict=headers)
    )


def _write_hop(writer: WARCWriter, row: Capture, number: int, received: Redirect, asked_at: datetime) -> None:
    """A redirect as received. If its address or header fields hold a secret, so may its body, which is left out."""
    hop = without_secrets(received)
    more = {"WARC-Truncated": "length"} if hop.is_cut else {}
    if hop is not received and hop.body:
        hop, more = replace(hop, body=b""), {"WARC-Truncated": "unspecified"}
    part = f"redirect-{number}"
    _write_request(writer, row, hop.url, hop.request_headers, asked_at, f"{part}-request", (part, ANSWER))
    http = _answer_head(hop.status, hop.headers)
    _write(writer, row, "response", part, hop.url, asked_at, hop.body, http, concurrent=(ANSWER,), more=more)


def _write_request(
    writer: WARCWriter,
    row: Capture,
    url: str,
    headers: Iterable[Header],
    asked_at: datetime,
    part: str,
    concurrent: tuple[str, ...],
) -> None:
    asked = request_url(url)
    lines = [("Host", asked.host_port_subcomponent or ""), *archived_fields(headers)]
    http = StatusAndHeaders(f"GET {asked.raw_path_qs} HTTP/1.1", lines, is_http_request=True)
    _write(writer, row, "request", part, url, asked_at, b"", http, concurrent=concurrent)


def _write_answer(writer: WARCWriter, row: Capture, kept: KeptPayload | None) -> None:
    http = _answer_head(row.status, row.headers)
    more = {"WARC-Payload-Digest": payload_digest(row.payload_sha256)}
    if kept is None:
        _write(writer, row, "response", ANSWER, row.url, row.fetched_at, row.body, http, more=more)
        return
    more |= {
        "WARC-Profile": SAME_PAYLOAD,
        "WARC-Refers-To": record_id(kept.capture_id),
        "WARC-Refers-To-Target-URI": kept.url,
        "WARC-Refers-To-Date": warc_date(kept.fetched_at),
    }
    _write(writer, row, "revisit", ANSWER, row.url, row.fetched_at, b"", http, more=more)


def _write_metadata(writer: WARCWriter, row: Capture) -> None:
    kept = {field.name: getattr(row, field.name) for field in fields(row) if field.name not in _TOLD_ELSEWHERE}
    kept["redirects"] = [{"url": hop.url, "status": hop.status} for hop in row.redirects]
    lines = json.dumps(msgspec.to_builtins(kept), ensure_ascii=False, indent=1, sort_keys=True).encode()
    more = {"Content-Type": "application/json"}
    _write(writer, row, "metadata", "metadata", row.url, row.fetched_at, lines, None, concurrent=(ANSWER,), more=more)


def _answer_head(status: int, headers: Iterable[Header]) -> StatusAndHeaders:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return _HeadersAsReceived(f"{status} {phrase}", archived_fields(headers), protocol="HTTP/1.1")


def _write(
    writer: WARCWriter,
    row: Capture,
    kind: str,
    part: str,
    url: str,
    at: datetime,
    block: bytes,
    http: StatusAndHeaders | None,
    *,
    concurrent: tuple[str, ...] = (),
    more: dict[str, str] | None = None,
) -> None:
    headers = {"WARC-Record-ID": record_id(row.capture_id, part), "WARC-Date": warc_date(at), **(more or {})}
    made = writer.create_warc_record(
        url, kind, payload=io.BytesIO(block), length=len(block), http_headers=http, warc_headers_dict=headers
    )
    for other in concurrent:
        made.rec_headers.add_header("WARC-Concurrent-To", record_id(row.capture_id, other))
    writer.write_record(made)
