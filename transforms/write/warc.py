"""Keep captures as WARC 1.1, so that any tool of the web-archive field can replay them."""

import io
import json
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

import msgspec
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from schemas.records import Capture, Header
from transforms.addresses import request_url
from transforms.write.manifest import DataFile
from transforms.write.secrets import without_secrets
from transforms.write.staging import stage_file
from transforms.write.store import Root

_TOLD_ELSEWHERE = {"body", "headers", "request_headers", "known", "warc_file", "warc_offset", "warc_length"}
"""Fields of a capture that its metadata record leaves out: the request and response records have them, or no record."""


def warc_path(day: str, run_id: str, shard: int) -> str:
    """Final path of a run's WARC file."""
    return f"captures/{day}/{run_id}-{shard:05d}.warc.gz"


def write_warc(
    root: Root, captures: Iterable[Capture], *, day: str, run_id: str, shard: int = 0
) -> tuple[list[Capture], DataFile]:
    """Stage captures as one gzip-per-record WARC file; give them back without bodies, with their place in it.

    Each capture is a request, a response and a metadata record (the entry, the redirects, the robots decision). Record
    ids derive from the capture's, so the same captures give the same bytes.
    """
    path = warc_path(day, run_id, shard)
    placed: list[Capture] = []

    def write(file: BinaryIO) -> int:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        _write_info(writer, Path(path).name, day)
        for capture in map(without_secrets, captures):
            _write_request(writer, capture)
            offset = file.tell()
            _write_response(writer, capture)
            length = file.tell() - offset
            _write_metadata(writer, capture)
            placed.append(replace(capture, warc_file=path, warc_offset=offset, warc_length=length, body=b""))
        return len(placed)

    file = stage_file(root, write, path=path, kind="warc", run_id=run_id)
    return placed, file


class _HeadersAsReceived(StatusAndHeaders):  # type: ignore[misc]  # warcio is untyped
    """HTTP headers written with the bytes that came; warcio percent-encodes those that are not ASCII."""

    def to_ascii_bytes(self, filter_func: Any = None) -> bytes:
        headers: bytes = self.to_bytes(filter_func, encoding="latin-1")
        return headers


def _write_info(writer: WARCWriter, filename: str, day: str) -> None:
    info = b"software: icewire\r\nformat: WARC File Format 1.1\r\nrobots: obey\r\n"
    headers = {
        "WARC-Record-ID": _record_id(filename, "warcinfo"),
        "WARC-Date": f"{day}T00:00:00Z",
        "WARC-Filename": filename,
    }
    writer.write_record(
        writer.create_warc_record("", "warcinfo", payload=io.BytesIO(info), length=len(info), warc_headers_dict=headers)
    )


def _write_request(writer: WARCWriter, capture: Capture) -> None:
    url = request_url(capture.url)
    host = Header(name="Host", value=url.host_port_subcomponent or "")
    http = StatusAndHeaders(
        f"GET {url.raw_path_qs} HTTP/1.1",
        [(h.name, h.value) for h in (host, *capture.request_headers)],
        is_http_request=True,
    )
    _write(writer, capture, "request", b"", http)


def _write_response(writer: WARCWriter, capture: Capture) -> None:
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = ""
    # The body is kept after transfer decoding, so a reader must not undo chunking again.
    headers = [
        ("X-Archive-Orig-Transfer-Encoding" if h.name.lower() == "transfer-encoding" else h.name, h.value)
        for h in capture.headers
    ]
    http = _HeadersAsReceived(f"{capture.status} {phrase}", headers, protocol="HTTP/1.1")
    digest = {"WARC-Payload-Digest": f"sha256:{capture.payload_sha256}"}
    _write(writer, capture, "response", capture.body, http, digest)


def _write_metadata(writer: WARCWriter, capture: Capture) -> None:
    kept = {field.name: getattr(capture, field.name) for field in fields(capture) if field.name not in _TOLD_ELSEWHERE}
    lines = json.dumps(msgspec.to_builtins(kept), ensure_ascii=False, indent=1, sort_keys=True).encode()
    _write(writer, capture, "metadata", lines, None, {"Content-Type": "application/json"})


def _write(
    writer: WARCWriter,
    capture: Capture,
    kind: str,
    payload: bytes,
    http: StatusAndHeaders | None,
    more: dict[str, str] | None = None,
) -> None:
    headers = {
        "WARC-Record-ID": _record_id(capture.capture_id, kind),
        "WARC-Date": _warc_date(capture.fetched_at),
        **(more or {}),
    }
    if kind != "response":
        headers["WARC-Concurrent-To"] = _record_id(capture.capture_id, "response")
    writer.write_record(
        writer.create_warc_record(
            capture.url,
            kind,
            payload=io.BytesIO(payload),
            length=len(payload),
            http_headers=http,
            warc_headers_dict=headers,
        )
    )


def _record_id(name: str, kind: str) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'icewire:{name}:{kind}')}>"


def _warc_date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
