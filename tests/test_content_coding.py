"""Content decoding: exact, bounded, and never silently cut."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.content_coding import ContentCodingError, decode_content


def deflate_raw(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def kind_of_failure(body: bytes, coding: str | None, limit: int = 1000) -> str:
    with pytest.raises(ContentCodingError) as caught:
        decode_content(body, coding, limit)
    return caught.value.kind


@pytest.mark.parametrize("coding", [None, "", "identity", " None "])
def test_an_uncoded_body_is_its_content(coding: str | None) -> None:
    assert decode_content(b"plain", coding) == b"plain"


@given(st.binary(max_size=500))
def test_what_was_compressed_comes_back(content: bytes) -> None:
    assert decode_content(gzip.compress(content), "gzip") == content
    assert decode_content(gzip.compress(content), "X-GZIP") == content
    assert decode_content(zlib.compress(content), "deflate") == content


def test_deflate_without_its_zlib_frame_is_understood() -> None:
    assert decode_content(deflate_raw(b"raid " * 20), "deflate") == b"raid " * 20


@pytest.mark.parametrize(("coding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_body_cut_anywhere_is_truncated(coding: str, compress: object) -> None:
    body = compress(b"The agency declined to comment. " * 8)  # type: ignore[operator]
    assert {kind_of_failure(body[:length], coding) for length in range(len(body))} == {"truncated"}


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "identity", "br", None]))
def test_any_bytes_decode_or_fail_as_documented(body: bytes, coding: str | None) -> None:
    try:
        decode_content(body, coding, limit=1000)
    except ContentCodingError as error:
        assert error.kind in ("truncated", "bad-coding", "unasked-coding", "too-large")  # noqa: PT017


def test_damage_within_the_body_is_noticed() -> None:
    body = bytearray(gzip.compress(bytes(range(256))))
    body[-6] ^= 0xFF  # in the checksum
    assert kind_of_failure(bytes(body), "gzip") == "bad-coding"


def test_the_limit_is_on_what_comes_out() -> None:
    assert len(decode_content(gzip.compress(b"a" * 1000), "gzip", limit=1000)) == 1000
    assert kind_of_failure(gzip.compress(b"a" * 1001), "gzip") == "too-large"
    assert kind_of_failure(b"a" * 1001, None) == "too-large"
    assert kind_of_failure(gzip.compress(b"a" * 50_000_000, 1), "gzip") == "too-large"


def test_one_member_only_padding_excepted() -> None:
    member = gzip.compress(b"a")
    assert decode_content(member + b"\0\0\0", "gzip") == b"a"
    assert kind_of_failure(member * 2, "gzip") == "bad-coding"
    assert kind_of_failure(member + b"<!-- cached -->", "gzip") == "bad-coding"


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "x" * 5000])
def test_codings_we_did_not_ask_for_are_refused(coding: str) -> None:
    assert kind_of_failure(b"whatever", coding) == "unasked-coding"
