"""Captures in WARC files, as other tools of the web-archive field read them."""

import gzip
import io
import json
from argparse import Namespace
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from schemas.records import Capture, Header, Redirect
from tests.builders import NOON, PAGE, file_sha256, make_capture, make_kept_payload, make_page
from transforms.write.manifest import DataFile
from transforms.write.warc import write_warc

DAY, SECOND = "2026-11-02", timedelta(seconds=1)
PACKED = gzip.compress("<p>Señal — “raid”</p>".encode(), mtime=0)
HEADERS = (
    Header(name="Content-Type", value="text/html"),
    Header(name="Content-Encoding", value="gzip"),
    Header(name="Transfer-Encoding", value="chunked"),
    Header(name="Set-Cookie", value="a=1"),
    Header(name="Set-Cookie", value="b=2"),
    Header(name="X-Author", value="Nu\xf1ez"),
)

SECRET, CLEAN = "https://t.example/1?token=s3cr3t", "https://t.example/1?token=[redacted]"
HOPS = (
    Redirect(
        url=SECRET,
        status=302,
        asked_at=NOON - SECOND,
        headers=(Header(name="Location", value="/2?id=7&session=s3cr3t"),),
        body=b'<a href="/2?id=7&amp;session=s3cr3t">here</a>',
    ),
    Redirect(
        url=PAGE,
        status=301,
        asked_at=NOON,
        headers=(Header(name="Location", value="/raid?id=1"), Header(name="X-Author", value="Nu\xf1ez")),
        request_headers=(Header(name="User-Agent", value="icewire/1"),),
        body=b"moved" * 100,
        is_cut=True,
    ),
)

CAPTURES = (
    make_capture(
        "https://ledger.example/raid?id=1",
        PACKED,
        headers=HEADERS,
        request_headers=(Header(name="User-Agent", value="icewire/1"),),
        redirects=HOPS,
        known=make_page(),
    ),
    make_capture("http://127.0.0.1:8000/binary", bytes(range(256)) * 40, status=404),
    make_capture("https://ledger.example/empty", b"", status=599),
)
SAME = replace(
    CAPTURES[0],
    capture_id="5a3e",
    fetched_at=NOON + timedelta(days=1),
    redirects=(),
    kept_payload=make_kept_payload(CAPTURES[0], url=f"{CAPTURES[0].url}&token=s3cr3t"),
)


def write(root: Path, *captures: Capture) -> tuple[list[Capture], DataFile]:
    return write_warc(root, captures or CAPTURES, day=DAY, run_id="run-1")


def read(path: Path) -> list[tuple[Any, bytes]]:
    with path.open("rb") as file:
        return [(each, each.raw_stream.read()) for each in ArchiveIterator(file, check_digests="raise")]


def records(root: Path, kind: str, *captures: Capture) -> list[tuple[Any, bytes]]:
    """Records of one kind, those of redirects aside."""
    _, file = write(root, *(captures or [replace(capture, redirects=()) for capture in CAPTURES]))
    return [(each, body) for each, body in read(root / file.staged) if each.rec_type == kind]


def fields_of(each: Any, *names: str) -> list[str]:
    return [each.rec_headers.get_header(name) for name in names]


def test_each_capture_is_a_request_a_response_and_a_metadata_record(tmp_path: Path) -> None:
    _, file = write(tmp_path)
    kinds = [each.rec_type for each, _ in read(tmp_path / file.staged)]
    redirects = ["request", "response"] * len(HOPS)
    assert kinds == ["warcinfo", *redirects, *["request", "response", "metadata"] * len(CAPTURES)]


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
    (each, content), *_ = records(tmp_path, "metadata", *CAPTURES)
    facts = json.loads(content)
    assert each.rec_headers.get_header("Content-Type") == "application/json"
    assert facts["entry"]["title"] == "Raid at a plant"
    assert facts["redirects"] == [{"url": CLEAN, "status": 302}, {"url": PAGE, "status": 301}]
    assert (facts["robots"], facts["visit_reason"]) == ("allowed", "new")
    assert facts.keys().isdisjoint({"body", "headers", "known", "kept_payload", "warc_offset"})


def test_records_of_one_capture_point_to_its_response(tmp_path: Path) -> None:
    _, file = write(tmp_path, replace(CAPTURES[0], redirects=()))
    (_, request, response, metadata) = (each.rec_headers for each, _ in read(tmp_path / file.staged))
    for each in (request, metadata):
        assert each.get_header("WARC-Concurrent-To") == response.get_header("WARC-Record-ID")


def test_the_payload_digest_is_that_of_the_captures_table(tmp_path: Path) -> None:
    digests = [each.rec_headers.get_header("WARC-Payload-Digest") for each, _ in records(tmp_path, "response")]
    assert digests == [f"sha256:{capture.payload_sha256}" for capture in CAPTURES]


def test_each_redirect_is_a_request_and_a_response_before_the_captures_own(tmp_path: Path) -> None:
    _, file = write(tmp_path, CAPTURES[0])
    asked, led, asked_again, led_again, _, response, _ = [each for each, _ in read(tmp_path / file.staged)][1:]
    assert fields_of(led, "WARC-Target-URI", "WARC-Date") == [CLEAN, "2026-11-02T11:59:59.000000Z"]
    assert fields_of(led_again, "WARC-Target-URI", "WARC-Date") == [PAGE, "2026-11-02T12:00:00.000000Z"]
    assert [each.http_headers.get_statuscode() for each in (led, led_again)] == ["302", "301"]
    assert asked_again.http_headers.headers == [("Host", "ledger.example"), ("User-Agent", "icewire/1")]
    answer = response.rec_headers.get_header("WARC-Record-ID")
    for request, redirect in ((asked, led), (asked_again, led_again)):
        linked = [value for name, value in request.rec_headers.headers if name == "WARC-Concurrent-To"]
        assert linked == [*fields_of(redirect, "WARC-Record-ID"), answer]
        assert fields_of(redirect, "WARC-Concurrent-To") == [answer]


def test_a_redirects_body_is_kept_as_received_and_told_to_be_cut(tmp_path: Path) -> None:
    (_, _), (redirect, body), _ = records(tmp_path, "response", CAPTURES[0])
    assert (body, fields_of(redirect, "WARC-Truncated")) == (HOPS[1].body, ["length"])
    assert "Nu\xf1ez" in [value for _, value in redirect.http_headers.headers]


def test_a_redirect_that_tells_a_secret_is_kept_without_it(tmp_path: Path) -> None:
    _, file = write(tmp_path, CAPTURES[0])
    assert b"s3cr3t" not in gzip.decompress((tmp_path / file.staged).read_bytes())
    (redirect, body), *_ = records(tmp_path, "response", CAPTURES[0])
    assert redirect.http_headers.get_header("Location") == "/2?id=7&session=[redacted]"
    assert (body, fields_of(redirect, "WARC-Truncated")) == (b"", ["unspecified"])


def test_the_very_same_payload_becomes_a_revisit_record_that_says_where_it_is(tmp_path: Path) -> None:
    (placed, _), ((each, body),) = write(tmp_path, SAME), records(tmp_path, "revisit", SAME)
    (original, _), *_ = records(tmp_path, "response")
    assert (body, placed[0].payload_in, placed[0].warc_offset is None) == (b"", CAPTURES[0].capture_id, False)
    assert each.http_headers.get_header("Set-Cookie") == "a=1"
    assert fields_of(each, "WARC-Refers-To", "WARC-Refers-To-Date", "WARC-Payload-Digest") == fields_of(
        original, "WARC-Record-ID", "WARC-Date", "WARC-Payload-Digest"
    )
    assert fields_of(each, "WARC-Profile", "WARC-Refers-To-Target-URI") == [
        "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        f"{CAPTURES[0].url}&token=[redacted]",
    ]
    assert records(tmp_path, "response", SAME) == []


def test_warcio_check_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, file = write(tmp_path, *CAPTURES, SAME)
    checked = Checker(Namespace(inputs=[str(tmp_path / file.staged)], verbose=True)).process_all()
    printed = capsys.readouterr().out
    kept = 1 + 3 * len(CAPTURES) + 2 * len(HOPS) + 2
    assert (checked, printed.count("digest pass"), printed.count("not checked (revisit)")) == (0, kept, 1)


def test_fastwarc_reads_every_record_and_finds_its_digests_right(tmp_path: Path) -> None:
    _, file = write(tmp_path, *CAPTURES, SAME)
    with (tmp_path / file.staged).open("rb") as stream:
        blocks = [each.verify_block_digest() for each in FastIterator(stream, parse_http=False)]
    assert blocks == [True] * (1 + 3 * (len(CAPTURES) + 1) + 2 * len(HOPS))
    with (tmp_path / file.staged).open("rb") as stream:
        answers = FastIterator(stream, record_types=WarcRecordType.response | WarcRecordType.revisit)
        payloads = [(each.verify_payload_digest(), each.reader.read()) for each in answers]
    written = [b"", HOPS[1].body, *(capture.body for capture in CAPTURES)]
    assert payloads == [*((True, body) for body in written), (False, b"")], "a revisit record has no payload"


def test_equal_captures_give_equal_bytes(tmp_path: Path) -> None:
    (_, first), (_, second) = write(tmp_path), write(tmp_path)
    assert first.sha256 == second.sha256
    assert first.staged != second.staged
