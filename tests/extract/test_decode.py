"""Bytes in, text out, whatever the label says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.extract.decode import decode_page

WORDS = "<html><body><p>Año nuevo: “detención” en Nogales – según vecinos</p></body></html>"


@pytest.mark.parametrize(
    ("content", "content_type", "charset", "source"),
    [
        (WORDS.encode(), None, "utf-8", "utf-8"),
        (WORDS.encode(), "text/html; charset=iso-8859-1", "utf-8", "utf-8"),
        (b"\xef\xbb\xbf" + WORDS.encode(), None, "utf-8", "bom"),
        (b"\xff\xfe" + WORDS.encode("utf-16-le"), None, "utf-16-le", "bom"),
        (WORDS.encode("utf-16-le"), None, "utf-16-le", "detected"),
        (WORDS.encode("utf-16-be"), None, "utf-16-be", "detected"),
        (WORDS.encode("cp1252"), "text/html; charset=ISO-8859-1", "cp1252", "http"),
        (b'<meta charset="windows-1252">' + WORDS.encode("cp1252"), None, "cp1252", "meta"),
        (b'<meta charset="windows-1252">' + WORDS.encode("cp1252"), "text/html; charset=utf-8", "cp1252", "meta"),
    ],
)
def test_character_sets(content: bytes, content_type: str | None, charset: str, source: str) -> None:
    decoded = decode_page(content, content_type)
    assert (decoded.charset, decoded.source) == (charset, source)
    assert WORDS in decoded.markup.decode()


def test_unlabelled_western_text_is_detected() -> None:
    spanish = (
        "<p>El año pasado la policía detuvo a más de diez niños en la región, según informó el señor Núñez.</p>" * 9
    )
    assert "policía detuvo a más" in decode_page(spanish.encode("cp1252")).markup.decode()


def test_a_stray_byte_does_not_spoil_a_utf8_page() -> None:
    content = ("<p>" + "año según región " * 30 + "</p>").encode() + "<p>l\x92agent</p>".encode("latin-1")
    decoded = decode_page(content)
    assert decoded.charset == "utf-8"
    assert "l’agent" in decoded.markup.decode()


@pytest.mark.parametrize("label", ["utf-7", "idna", "unicode_escape", "no-such-set", "base64", "x" * 200])
def test_labels_that_are_no_character_set_are_ignored(label: str) -> None:
    assert decode_page("<p>señal</p>".encode("latin-1"), f"text/html; charset={label}").source == "detected"


@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=60)))
def test_any_bytes_become_utf8(content: bytes, content_type: str | None) -> None:
    decode_page(content, content_type).markup.decode("utf-8")
