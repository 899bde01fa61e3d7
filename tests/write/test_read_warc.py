"""Captures and records read back from WARC files, whole and damaged."""

import gzip
import io
import random
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.warcwriter import WARCWriter

from schemas.records import Capture, Header
from tests.builders import make_capture, make_kept_payload
from tests.write.test_warc import CAPTURES, SAME, write
from transforms.write.read_warc import DamagedRecord, read_capture
from transforms.write.warc import write_capture
from transforms.write.warc_form import record_id
from transforms.write.warc_records import WarcRecord, walk_records

FIELD_NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ-_!#$%&'*+.^`|~0123456789", min_size=1)
FIELD_VALUES = st.text(st.characters(max_codepoint=255))


def written(*captures: Capture) -> tuple[list[Capture], io.BytesIO]:
    """The rows of captures, and the WARC file that holds them."""
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
    return [replace(write_capture(writer, capture), warc_file="captures/a.warc.gz") for capture in captures], file


def records(content: bytes) -> list[WarcRecord]:
    return list(walk_records(io.BytesIO(content)))


# ------------------------------------------------------------------------------------------------ one capture


def test_a_capture_is_read_back_with_the_bytes_received(tmp_path: Path) -> None:
    rows, file = write(tmp_path)
    with (tmp_path / file.staged).open("rb") as warc:
        read = [read_capture(warc, row) for row in rows]
    assert [capture.body for capture in read] == [capture.body for capture in CAPTURES]
    assert [replace(capture, body=b"") for capture in read] == rows


def test_a_revisit_record_is_read_with_the_payload_it_refers_to() -> None:
    (original,), first = written(CAPTURES[0])
    (row,), second = written(SAME)
    whole = read_capture(first, original)
    assert read_capture(second, row, whole) == replace(row, body=CAPTURES[0].body)
    for other in (None, replace(whole, capture_id="another")):
        with pytest.raises(
            DamagedRecord, match=f"refers to the payload of capture {original.capture_id}, which is not"
        ):
            read_capture(second, row, other)
    with pytest.raises(DamagedRecord, match="holds a payload with sha256"):
        read_capture(second, row, replace(whole, body=b"other"))


@given(
    body=st.binary(max_size=3000),
    headers=st.lists(st.builds(Header, name=FIELD_NAMES, value=FIELD_VALUES), max_size=5),
    status=st.integers(100, 999),
)
def test_any_bytes_and_header_fields_are_read_back_as_they_were(
    body: bytes, headers: list[Header], status: int
) -> None:
    capture = make_capture(body=body, headers=tuple(headers), status=status)
    (row, again), file = written(
        capture, replace(capture, capture_id="again", kept_payload=make_kept_payload(capture) if body else None)
    )
    first = read_capture(file, row)
    assert (first.body, read_capture(file, again, first).body) == (body, body)
    assert [record.problem for record in records(file.getvalue())] == [None] * 6


def test_header_fields_stay_latin_1_and_cannot_end_a_line() -> None:
    headers = (Header(name="X-Author", value="Nu\xf1ez"), Header(name="X-Odd", value="a\r\nX-Forged: b\n\r\n\0"))
    (row,), file = written(make_capture(headers=headers))
    block = gzip.decompress(file.getvalue()[row.warc_offset :][: row.warc_length])
    assert b"\r\nX-Author: Nu\xf1ez\r\nX-Odd: a  X-Forged: b    \r\n\r\n<p>" in block
    assert read_capture(file, row).headers == headers


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"capture_id": "x"}, "says warc-record-id: "),
        ({"url": "https://ledger.example/other"}, "says warc-target-uri: https://ledger.example/raid, not"),
        ({"status": 404}, "begins with b'HTTP/1.1 200 OK', which is not status 404"),
        ({"headers": (Header(name="Age", value="1"),)}, "has other header fields than its row"),
        ({"payload_bytes": 11}, "holds a payload of 12 bytes, not 11"),
        ({"payload_sha256": "0" * 64}, "says warc-payload-digest: sha256:"),
        ({"payload_in": "x"}, "says warc-type: response, not revisit"),
        ({"warc_offset": None}, "has no place in a WARC file"),
        ({"warc_offset": -1}, "has no place in a WARC file"),
        ({"warc_offset": 10**9}, "is not there: the file ends before it"),
        ({"warc_offset": 3}, "is damaged: "),
        ({"warc_length": 100}, "ends before it is whole"),
        ({"warc_length": 0}, "ends before it is whole"),
        ({"warc_length": 10**9}, "bytes long, not 1000000000"),
    ],
    ids=str,
)
def test_a_record_that_is_not_what_its_row_says_is_named(change: dict[str, Any], problem: str) -> None:
    (row,), file = written(make_capture())
    with pytest.raises(DamagedRecord) as raised:
        read_capture(file, replace(row, **change))
    told = replace(row, **change)
    message = str(raised.value)
    assert message.startswith(f"captures/a.warc.gz at {told.warc_offset}: the record of capture {told.capture_id} ")
    assert problem in message


def test_the_record_of_another_capture_is_not_taken_for_it() -> None:
    (row, other), file = written(make_capture(), make_capture("https://ledger.example/2"))
    with pytest.raises(DamagedRecord, match="says warc-record-id"):
        read_capture(file, replace(row, warc_offset=other.warc_offset, warc_length=other.warc_length))


def test_a_record_is_not_inflated_beyond_any_that_we_write() -> None:
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(b"WARC/1.1\r\n" + bytes(1 << 20)) for _ in range(64)) + bomb.flush()
    row = replace(make_capture(), warc_file="bomb", warc_offset=0, warc_length=len(packed))
    with pytest.raises(DamagedRecord, match="is larger than"):
        read_capture(io.BytesIO(packed), row)


def test_only_the_record_is_read() -> None:
    class Counted(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            content = super().read(size)
            Counted.taken += len(content)
            return content

    (_, row, _), file = written(*(make_capture(f"https://ledger.example/{i}", bytes(5000)) for i in range(3)))
    assert read_capture(Counted(file.getvalue()), row).body == bytes(5000)
    assert Counted.taken == row.warc_length


def test_a_disk_that_fails_is_told_like_any_damage() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    (row,), _ = written(make_capture())
    with pytest.raises(DamagedRecord, match=r"cannot be read: .*Input/output error"):
        read_capture(Broken(), row)


# ------------------------------------------------------------------------------------------------ a whole file


def test_a_walk_gives_every_record_without_a_gap_and_whose_it_is(tmp_path: Path) -> None:
    rows, file = write(tmp_path, *CAPTURES, SAME)
    content = (tmp_path / file.staged).read_bytes()
    found = records(content)
    assert found[0].kind == "warcinfo"
    assert [record.offset for record in found] == [0, *(record.offset + record.length for record in found[:-1])]
    assert found[-1].offset + found[-1].length == len(content)
    places = {(record.offset, record.length): (record.kind, record.record_id) for record in found}
    for row in rows:
        kind = "revisit" if row.payload_in else "response"
        assert places[row.warc_offset, row.warc_length] == (kind, record_id(row.capture_id))
    whose = [[row.capture_id for row in rows if record.is_of(row.capture_id)] for record in found]
    assert whose == [[], *[[rows[0].capture_id]] * 7, *([row.capture_id] for row in rows[1:] for _ in range(3))]


def test_records_can_be_copied_byte_for_byte() -> None:
    (first, second), file = written(*CAPTURES[:2])
    content = file.getvalue()
    kept = [record for record in records(content) if not record.is_of(first.capture_id)]
    copy = b"".join(content[record.offset : record.offset + record.length] for record in kept)
    moved = replace(second, warc_offset=records(copy)[1].offset)
    assert read_capture(io.BytesIO(copy), moved).body == CAPTURES[1].body


def test_an_empty_file_holds_no_record() -> None:
    assert records(b"") == []


@pytest.mark.parametrize("seed", range(60))
def test_a_flipped_bit_costs_the_record_it_is_in_and_no_other(seed: int) -> None:
    _, file = written(*CAPTURES, SAME)
    whole = records(file.getvalue())
    chance = random.Random(seed)
    hit = chance.choice(whole)
    content = bytearray(file.getvalue())
    # Of a gzip member's first ten bytes only the first three always matter; a clock and a system's name stand there.
    at = hit.offset + chance.choice([0, 1, 2, *range(10, hit.length)])
    content[at] ^= 1 << chance.randrange(8)
    found = records(bytes(content))
    assert [(record.offset, record.length) for record in found] == [(each.offset, each.length) for each in whole]
    assert [record.offset for record in found if record.problem] == [hit.offset]


@given(st.data())
def test_a_torn_file_gives_what_is_whole_and_says_where_it_breaks(data: st.DataObject) -> None:
    _, file = written(*CAPTURES)
    whole = records(file.getvalue())
    cut = data.draw(st.integers(1, len(file.getvalue()) - 1))
    found = records(file.getvalue()[:cut])
    intact = [record for record in whole if record.offset + record.length <= cut]
    assert found[: len(intact)] == intact
    rest = found[len(intact) :]
    assert [(each.offset + each.length, each.problem) for each in rest] == [(cut, "ends before it is whole")] * len(
        rest
    )
    assert bool(rest) == (cut > sum(record.length for record in intact))


@given(st.binary(max_size=2000), st.binary(max_size=200))
def test_bytes_that_are_no_record_are_passed_over(junk: bytes, more: bytes) -> None:
    _, file = written(make_capture())
    content = junk + file.getvalue() + more + gzip.compress(b"no WARC") + file.getvalue()
    found = records(content)
    assert sum(record.length for record in found) == len(content)
    assert [record.kind for record in found if not record.problem] == ["request", "response", "metadata"] * 2


def test_a_stretch_larger_than_what_is_read_at_once_is_passed_over() -> None:
    _, file = written(make_capture())
    junk = random.Random(1).randbytes(3 << 20)
    found = records(junk + file.getvalue())
    assert [(record.offset, record.problem is None) for record in found[:2]] == [(0, False), (len(junk), True)]


def test_a_record_with_a_wrong_digest_or_length_is_a_problem_although_its_checksum_is_right() -> None:
    (row,), file = written(make_capture())
    text = gzip.decompress(file.getvalue()[row.warc_offset :][: row.warc_length])
    for forged in (text.replace(b"Hello", b"Hallo"), text.replace(b"Hello", b"Hello!"), text[:-4]):
        (found,) = records(gzip.compress(forged))
        assert found.problem
        assert found.headers == {}
