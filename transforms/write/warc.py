"""Keep captures as WARC 1.1, so that any tool of the web-archive field can replay them."""

import io
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from yarl import URL

from schemas.records import Capture, Header
from transforms.write.durable import file_sha256, sync_file
from transforms.write.manifest import DataFile
from transforms.write.parquet import staging_path


def warc_path(day: str, run_id: str, shard: int) -> str:
    """Final path of a run's WARC file."""
    return f"captures/{day}/{run_id}-{shard:05d}.warc.gz"


def write_warc(
    root: Path, captures: Iterable[Capture], *, day: str, run_id: str, shard: int = 0
) -> tuple[list[Capture], DataFile]:
    """Stage captures as one gzip-per-record WARC file; give them back without bodies, with their place in it.

    Each capture is a request, a response and a metadata record (the entry, the redirects, the robots decision). Record
    ids derive from the capture's, so the same captures give the same bytes.
    """
    path = warc_path(day, run_id, shard)
    staged = staging_path(run_id, path)
    target = root / staged
    target.parent.mkdir(parents=True, exist_ok=True)
    placed: list[Capture] = []
    with target.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        _write_info(writer, Path(path).name, day)
        for capture in captures:
            _write_request(writer, capture)
            offset = file.tell()
            _write_response(writer, capture)
            length = file.tell() - offset
            _write_metadata(writer, capture)
            placed.append(replace(capture, warc_file=path, warc_offset=offset, warc_length=length, body=b""))
    sync_file(target)
    return placed, DataFile(
        path=path, staged=staged, kind="warc", rows=len(placed), bytes=target.stat().st_size, sha256=file_sha256(target)
    )


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
    url = URL(capture.url)
    host = Header(name="Host", value=url.authority)
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
    _write(
        writer,
        capture,
        "response",
        capture.body,
        StatusAndHeaders(f"{capture.status} {phrase}", headers, protocol="HTTP/1.1"),
        {"WARC-Payload-Digest": f"sha256:{capture.payload_sha256}"},
    )


def _write_metadata(writer: WARCWriter, capture: Capture) -> None:
    facts = msgspec.to_builtins(replace(capture, body=b"", headers=(), request_headers=()), str_keys=True)
    lines = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True).encode()
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
