"""Captures in WARC files, as other tools of the web-archive field read them."""

import gzip
import io
import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from schemas.records import Capture, Header, Redirect
from tests.builders import PAGE, make_capture, make_page
from transforms.write.durable import file_sha256
from transforms.write.manifest import DataFile
from transforms.write.warc import write_warc

DAY = "2026-11-02"
PACKED = gzip.compress("<p>Señal — “raid”</p>".encode(), mtime=0)
HEADERS = (
    Header(name="Content-Type", value="text/html"),
    Header(name="Content-Encoding", value="gzip"),
    Header(name="Transfer-Encoding", value="chunked"),
    Header(name="Set-Cookie", value="a=1"),
    Header(name="Set-Cookie", value="b=2"),
    Header(name="X-Author", value="Nu\xf1ez"),
)

CAPTURES = (
    make_capture(
        "https://ledger.example/raid?id=1",
        PACKED,
        headers=HEADERS,
        request_headers=(Header(name="User-Agent", value="icewire/1"),),
        redirects=(Redirect(url=PAGE, status=301),),
        known=make_page(),
    ),
    make_capture("http://127.0.0.1:8000/binary", bytes(range(256)) * 40, status=404),
    make_capture("https://ledger.example/empty", b"", status=599),
)


def write(root: Path, *captures: Capture) -> tuple[list[Capture], DataFile]:
    return write_warc(root, captures or CAPTURES, day=DAY, run_id="run-1")


def read(path: Path) -> list[tuple[Any, bytes]]:
    with path.open("rb") as file:
        return [(each, each.raw_stream.read()) for each in ArchiveIterator(file, check_digests="raise")]


def records(root: Path, kind: str) -> list[tuple[Any, bytes]]:
    _, file = write(root)
    return [(each, body) for each, body in read(root / file.staged) if each.rec_type == kind]


def test_each_capture_is_a_request_a_response_and_a_metadata_record(tmp_path: Path) -> None:
    _, file = write(tmp_path)
    kinds = [each.rec_type for each, _ in read(tmp_path / file.staged)]
    assert kinds == ["warcinfo", *["request", "response", "metadata"] * len(CAPTURES)]


def test_responses_hold_the_bytes_as_received(tmp_path: Path) -> None:
    responses = records(tmp_path, "response")
    assert [body for _, body in responses] == [capture.body for capture in CAPTURES]
    assert [each.http_headers.get_statuscode() for each, _ in responses] == ["200", "404", "599"]
    assert [each.rec_headers.get_header("WARC-Target-URI") for each, _ in responses] == [
        capture.url for capture in CAPTURES
    ]


def test_header_bytes_are_kept_and_chunking_is_not_undone_twice(tmp_path: Path) -> None:
    placed, file = write(tmp_path)
    content = (tmp_path / file.staged).read_bytes()
    assert placed[0].warc_offset is not None
    block = gzip.decompress(content[placed[0].warc_offset :][: placed[0].warc_length])
    assert b"\r\nX-Author: Nu\xf1ez\r\n" in block
    assert b"\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n" in block
    assert block.count(b"\r\nSet-Cookie: ") == 2
    assert block.endswith(b"\r\n\r\n" + PACKED + b"\r\n\r\n")


def test_offset_and_length_cut_the_response_out_of_the_file(tmp_path: Path) -> None:
    placed, file = write(tmp_path)
    content = (tmp_path / file.staged).read_bytes()
    for capture, original in zip(placed, CAPTURES, strict=True):
        assert capture.warc_file == file.path
        assert capture.warc_offset is not None
        assert capture.warc_length is not None
        cut = content[capture.warc_offset : capture.warc_offset + capture.warc_length]
        each = next(iter(ArchiveIterator(io.BytesIO(cut))))
        assert (each.rec_type, each.rec_headers.get_header("WARC-Target-URI")) == ("response", original.url)
        assert each.raw_stream.read() == original.body


def test_captures_come_back_without_their_bodies(tmp_path: Path) -> None:
    placed, file = write(tmp_path)
    assert [capture.body for capture in placed] == [b"", b"", b""]
    assert [capture.capture_id for capture in placed] == [capture.capture_id for capture in CAPTURES]
    assert (file.rows, file.kind, file.sha256) == (3, "warc", file_sha256(tmp_path / file.staged))


def test_a_request_is_told_as_it_was_sent(tmp_path: Path) -> None:
    first, second, _ = records(tmp_path, "request")
    assert first[0].http_headers.statusline == "/raid?id=1 HTTP/1.1"
    assert first[0].http_headers.headers == [("Host", "ledger.example"), ("User-Agent", "icewire/1")]
    assert second[0].http_headers.get_header("Host") == "127.0.0.1:8000"


def test_metadata_tells_what_no_other_record_does(tmp_path: Path) -> None:
    (each, content), *_ = records(tmp_path, "metadata")
    facts = json.loads(content)
    assert each.rec_headers.get_header("Content-Type") == "application/json"
    assert facts["entry"]["title"] == "Raid at a plant"
    assert facts["redirects"] == [{"url": PAGE, "status": 301}]
    assert (facts["robots"], facts["visit_reason"]) == ("allowed", "new")
    assert facts.keys().isdisjoint({"body", "headers", "known", "warc_offset"})


def test_records_of_one_capture_point_to_its_response(tmp_path: Path) -> None:
    _, file = write(tmp_path, CAPTURES[0])
    (_, request, response, metadata) = (each.rec_headers for each, _ in read(tmp_path / file.staged))
    for each in (request, metadata):
        assert each.get_header("WARC-Concurrent-To") == response.get_header("WARC-Record-ID")


def test_the_payload_digest_is_that_of_the_captures_table(tmp_path: Path) -> None:
    digests = [each.rec_headers.get_header("WARC-Payload-Digest") for each, _ in records(tmp_path, "response")]
    assert digests == [f"sha256:{capture.payload_sha256}" for capture in CAPTURES]


def test_warcio_check_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, file = write(tmp_path)
    checked = Checker(Namespace(inputs=[str(tmp_path / file.staged)], verbose=True)).process_all()
    printed = capsys.readouterr().out
    assert (checked, printed.count("digest pass")) == (0, 1 + 3 * len(CAPTURES))


def test_equal_captures_give_equal_bytes(tmp_path: Path) -> None:
    (_, first), (_, second) = write(tmp_path), write(tmp_path)
    assert first.sha256 == second.sha256
    assert first.staged != second.staged
