"""N5: bodies and headers without measure, and lengths that lie: cut at the cap."""

import gzip
import random

import pytest

from schemas.records import Capture, DeadLetter
from tests.faults.oracle import PAGE, bounded_memory, dead_poll, error_of, fetch, fetch_all, fetch_beside, poll
from tests.faults.server import FaultServer, Play, endless, reply, said
from transforms.client import MAX_FIELD_BYTES, MAX_FIELDS
from transforms.content_coding import MAX_CONTENT_BYTES

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MEGABYTE = bytes(1024 * 1024)


def with_fields(*fields: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: 2", b"Connection: close", *fields, b"", b"ok"])


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (endless(reply(content_length=100 * 1024 * 1024), MEGABYTE), "too-large"),
        (endless(CHUNKED, b"100000\r\n" + MEGABYTE + b"\r\n"), "too-large"),
        (endless(reply(content_length=None), MEGABYTE), "too-large"),
        (said(reply(body=PAGE, content_length=len(PAGE) + 100)), "truncated"),
        (said(CHUNKED + b"ff\r\n<p>Agents came"), "truncated"),
        (said(CHUNKED + b"zz\r\n<p>Agents came"), "protocol"),
        (said(reply(body=PAGE, content_length="-5")), "protocol"),
        (said(reply(body=PAGE, content_length="9" * 30)), "protocol"),
        (said(with_fields(*(b"X-%d: %s" % (n, b"a" * 50_000) for n in range(100)))), "protocol"),
        (said(with_fields(b"X: " + b"a" * 5_000_000)), "protocol"),
        (said(with_fields(*(b"X-%d: a" % n for n in range(100_000)))), "protocol"),
        (endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000), "protocol"),
        (endless(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 65_536), "protocol"),
        (endless(CHUNKED + b"0\r\n", b"X-Trailer: b\r\n" * 1000), "protocol or truncated"),
        (said(b"HTTP/1.1 200 " + b"a" * 200_000 + b"\r\n\r\n"), "protocol"),
        (said(b"\x00" * 1000), "protocol"),
        (said(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocol"),
    ],
    ids=[
        "100 MB",
        "endless chunks",
        "endless without a length",
        "length too long",
        "chunk cut off",
        "chunk size no number",
        "length negative",
        "length of 30 digits",
        "5 MB of header fields",
        "one field of 5 MB",
        "100,000 fields",
        "endless fields",
        "a field without an end",
        "endless trailers",
        "status line of 200 kB",
        "zeros",
        "another protocol",
    ],
)
def test_n5_what_has_no_measure_is_cut_at_the_cap(
    site: FaultServer, healthy: FaultServer, play: Play, kind: str
) -> None:
    site.serve("/page", play)
    with bounded_memory(50):
        record = fetch_beside(healthy, site.url("/page"))
    assert error_of(record) in kind.split(" or ")
    assert site.asked() == ["/page"]
    assert site.sent["/page"] < MAX_CONTENT_BYTES + 16 * 1024 * 1024, "we went on reading"


def test_n5_chunks_of_a_byte_without_end_are_over_at_the_deadline(
    site: FaultServer, healthy: FaultServer, quick: float
) -> None:
    site.serve("/page", endless(CHUNKED, b"1\r\na\r\n" * 1000))
    with bounded_memory(50):
        assert error_of(fetch_beside(healthy, site.url("/page"))) == "timeout"


def test_n5_a_length_too_short_bounds_the_answer_and_the_rest_is_nobodys(site: FaultServer) -> None:
    smuggled = reply(body=b"<p>smuggled</p>")
    site.serve("/page", reply(body=PAGE + smuggled, content_length=len(PAGE), connection="keep-alive"))
    site.serve("/next", reply(body=b"<p>next</p>"))
    assert fetch(site.url("/page")).body == PAGE
    assert fetch(site.url("/next")).body == b"<p>next</p>"


def test_n5_fields_up_to_the_cap_are_read(site: FaultServer) -> None:
    policy = b"Content-Security-Policy: " + b"a" * (MAX_FIELD_BYTES - 1000)
    site.serve("/page", with_fields(policy, *(b"X-%d: a" % n for n in range(MAX_FIELDS - 10))))
    record = fetch(site.url("/page"))
    assert isinstance(record, Capture)
    assert len(record.headers) == MAX_FIELDS - 7


def test_n5_a_feed_without_an_end_is_one_dead_letter(site: FaultServer) -> None:
    site.serve("/feed", endless(CHUNKED, b"100000\r\n" + MEGABYTE + b"\r\n"))
    assert dead_poll(poll(site.url("/feed"))) == "too-large"


@pytest.mark.parametrize("seed", range(4))
def test_n5_answers_damaged_at_random_are_one_record_each(site: FaultServer, quick: float, seed: int) -> None:
    """Bytes are flipped, cut, doubled and moved; whatever that makes, it is a capture or has a name."""
    chance = random.Random(seed)
    whole = [
        reply(body=PAGE),
        reply(body=gzip.compress(PAGE), content_encoding="gzip"),
        reply(302, location="/0"),
        CHUNKED + b"5\r\n<p>Ag\r\n4\r\nents\r\n0\r\n\r\n",
    ]
    for number in range(30):
        site.serve(f"/{number}", _damaged(chance.choice(whole), chance))
    records = fetch_all(*(site.url(f"/{number}") for number in range(30)))
    assert len(records) == 30
    kinds = {each.error for each in records if isinstance(each, DeadLetter)}
    assert kinds <= {
        "timeout", "connect", "truncated", "protocol", "bad-coding", "unasked-coding", "too-large", "redirects",
        "host-blocked", "host-down", "bad-link", "no-host", "bad-scheme", "credentials", "egress", "dns",
    }  # fmt: skip


def _damaged(words: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(words)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(damaged) or 1)
        match chance.randrange(4):
            case 0:
                damaged[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del damaged[at : at + chance.randint(1, 20)]
            case 2:
                damaged[at:at] = damaged[at : at + chance.randint(1, 60)]
            case 3:
                damaged[at:at] = chance.choice([b"\r\n", b"\r\n\r\n", b"\0", b": ", b"chunked", b"9" * 20])
    return bytes(damaged)
