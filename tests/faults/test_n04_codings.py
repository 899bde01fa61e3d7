"""N4: cut, bombed, mislabelled and unasked content codings: refused with a reason, in bounded memory."""

import gzip
import time
import zlib

import pytest

from tests.faults.oracle import PAGE, bounded_memory, dead_poll, error_of, fetch, fetch_beside, poll
from tests.faults.server import FaultServer, reply


def bomb(megabytes: int) -> bytes:
    """A gzip member of so many zero megabytes, a thousandth as large."""
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    zeros = bytes(1024 * 1024)
    return b"".join([*(packer.compress(zeros) for _ in range(megabytes)), packer.flush()])


def coded(body: bytes, coding: str = "gzip") -> bytes:
    return reply(body=body, content_encoding=coding)


MEMBER = gzip.compress(b"", mtime=0)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (coded(gzip.compress(PAGE * 50)[:-9]), "truncated"),
        (coded(gzip.compress(PAGE)[:10]), "truncated"),
        (coded(b""), "truncated"),
        (coded(bomb(1000)), "too-large"),
        (coded(MEMBER * 100_000), "bad-coding"),
        (coded(gzip.compress(PAGE) + gzip.compress(PAGE)), "bad-coding"),
        (coded(PAGE), "bad-coding"),
        (coded(zlib.compress(PAGE)), "bad-coding"),
        (coded(gzip.compress(PAGE), "deflate"), "bad-coding"),
        (coded(b"\x0b\x02\x80Hello\x03", "br"), "unasked-coding"),
        (coded(b"\x28\xb5\x2f\xfd\x00\x58\x29\x00\x00Hello", "zstd"), "unasked-coding"),
        (coded(gzip.compress(gzip.compress(PAGE)), "gzip, gzip"), "unasked-coding"),
        (
            reply(body=gzip.compress(PAGE), content_encoding="gzip").replace(
                b"\r\n\r\n", b"\r\nContent-Encoding: br\r\n\r\n", 1
            ),
            "unasked-coding",
        ),
    ],
    ids=[
        "gzip without its end",
        "gzip header only",
        "nothing at all",
        "bomb of 1 GB",
        "100,000 empty members",
        "two members",
        "plain text called gzip",
        "deflate called gzip",
        "gzip called deflate",
        "br",
        "zstd",
        "gzip twice",
        "two headers",
    ],
)
def test_n4_a_body_that_cannot_be_decoded_is_refused(
    site: FaultServer, healthy: FaultServer, answer: bytes, kind: str
) -> None:
    site.serve("/page", answer)
    began_s = time.process_time()
    with bounded_memory(50):
        record = fetch_beside(healthy, site.url("/page"))
    assert error_of(record) == kind
    assert time.process_time() - began_s < 5
    assert site.asked() == ["/page"], "asking again would bring the same"


@pytest.mark.parametrize("body", [bomb(100), MEMBER * 100_000], ids=["bomb", "members"])
def test_n4_a_feed_that_is_a_bomb_is_one_dead_letter(site: FaultServer, body: bytes) -> None:
    site.serve("/feed", coded(body))
    assert dead_poll(poll(site.url("/feed"))) in ("too-large", "bad-coding")


def test_n4_a_coding_named_but_not_used_by_an_empty_answer_is_no_fault(site: FaultServer) -> None:
    site.serve("/page", reply(410, content_encoding="gzip"))
    assert fetch(site.url("/page")).status == 410
