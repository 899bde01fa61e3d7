"""Bytes to text: what the bytes prove goes before what a label says."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.discover.decode import decode_body
from transforms.discover.guards import MAX_BYTES, MAX_STRAYS, gunzip_body
from transforms.discover.listing import FeedError


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><t>niños — ’</t>'


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-16", "utf-8"),
        ("utf-8", "cp1252"),
        ("iso-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16le", "utf-16-le"),
        ("utf-8", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("no-such-thing", "utf-8"),
        ("zip", "utf-8"),
        ("punycode", "cp1252"),
    ],
)
def test_documents_are_read_whatever_their_label(label: str, codec: str) -> None:
    assert decode_body(declared(label).encode(codec)) == declared(label)


def test_a_label_decides_where_bytes_cannot() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?><t>Привет всем</t>'
    assert decode_body(text.encode("cp1251")) == text
    assert decode_body("<t>Привет всем</t>".encode("cp1251"), "text/xml; charset=windows-1251") == "<t>Привет всем</t>"


def test_ebcdic() -> None:
    text = '<?xml version="1.0" encoding="cp037"?><t>x</t>'
    assert decode_body(text.encode("cp037")) == text


def test_stray_bytes_do_not_spoil_the_rest() -> None:
    assert decode_body("<t>niños y ".encode() + b"\x93raids\x94</t>") == "<t>niños y “raids”</t>"


def test_a_document_full_of_stray_bytes_is_no_utf_8_at_all() -> None:
    """Looking up ten million of them one by one took 9 s."""
    assert decode_body(b"\xe9" * (MAX_STRAYS + 1) + "ñ".encode()) == "é" * (MAX_STRAYS + 1) + "Ã±"


def test_gzip_is_opened_within_bounds() -> None:
    assert gunzip_body(b"<a/>") == (b"<a/>", False)
    assert gunzip_body(gzip.compress(b"<a/>") + gzip.compress(b"<b/>")) == (b"<a/><b/>", False)
    assert gunzip_body(gzip.compress(b"<a/>" * 1000)[:-8]) == (b"<a/>" * 1000, True)
    with pytest.raises(FeedError, match="too-large"):
        gunzip_body(gzip.compress(b"\0" * (MAX_BYTES + 1)))


@given(st.binary(max_size=300), st.text(max_size=30) | st.none())
def test_any_bytes_give_text_or_say_that_there_is_none(body: bytes, content_type: str | None) -> None:
    kind = None
    try:
        decode_body(body, content_type)
    except FeedError as error:
        kind = error.kind
    assert kind in (None, "empty")
