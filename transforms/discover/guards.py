"""The caps on hostile feeds; each is far above what 386 real feeds need (p99: 1.0 MB, 200 entries)."""

import zlib

from transforms.discover.listing import FeedError

MAX_BYTES = 10_000_000
"""Bytes of a document, before and after gunzip. The largest real feed measured had 2.7 MB."""

MAX_MEMBERS = 100
"""Members of a gzip document: tools that append write a few; each costs a look at everything behind it."""

MAX_ENTRIES = 2_000
"""Entries read from one document; the largest real feed measured had 1,046."""

MAX_TAGS = 100_000
"""Tags read from one document: feedparser spends 20 to 60 microseconds on each. The most measured was 19,142."""

MAX_RUN = 1_000_000
"""Characters of text between two tags; of none are more than MAX_SUMMARY kept."""

MAX_STEPS = 500_000
"""Pieces of markup, sound or broken, looked at in one document: some 6 microseconds each."""

MAX_ATTRIBUTES = 256
"""Attributes kept on a tag, and namespace prefixes kept in a document: feedparser's time is quadratic in both."""

MAX_PART, MAX_VALUE = 250, 10_000
"""Characters of a name's prefix, its local part, an attribute's value: feedparser copies them by the dozen."""

MAX_STRAYS = 100_000
"""Bytes that are no UTF-8 in a document still taken for UTF-8: each is looked up on its own, in a microsecond."""

MAX_DEPTH = 200
"""Open elements; libxml2 stops at 256."""

MAX_JSON_NODES = 500_000
"""Objects and arrays in a JSON document: each costs some 60 bytes or more once parsed."""

MAX_UNREPAIRED = 50_000
"""Characters of a document tried without repair, hence without the caps on its markup."""

MAX_TITLE = 1_000
MAX_URL = 2_048
MAX_SUMMARY = 10_000
MAX_ID = 2_048
MAX_NAMES = 100
MAX_NAME = 200
"""Characters of a title, URL, summary, id; authors or categories of an entry, and characters of each."""


def check_size(body: bytes) -> None:
    """Refuse an empty or oversized document with a FeedError."""
    if not body:
        raise FeedError("empty", "the document has no bytes")
    if len(body) > MAX_BYTES:
        raise FeedError("too-large", f"{len(body):,} bytes; the cap is {MAX_BYTES:,}")


def gunzip_body(body: bytes) -> tuple[bytes, bool]:
    """The bytes inside a gzip document (also of several members) or the bytes themselves, and whether they are torn.

    Raises FeedError: too-large above MAX_BYTES (nothing beyond it is ever inflated), unreadable if nothing inflates.
    A document that is torn, without its end or damaged on the way, is kept as far as it goes.
    """
    if not body.startswith(b"\x1f\x8b"):
        return body, False
    whole, is_torn = bytearray(), False
    rest = body
    for _ in range(MAX_MEMBERS):
        if not rest.startswith(b"\x1f\x8b"):
            break
        stream = zlib.decompressobj(wbits=31)
        try:
            whole += stream.decompress(rest, MAX_BYTES + 1 - len(whole))
        except zlib.error as error:
            if not whole:
                raise FeedError("unreadable", f"broken gzip: {error}") from None
            is_torn = True
            break
        if len(whole) > MAX_BYTES:
            raise FeedError("too-large", f"inflates to more than {MAX_BYTES:,} bytes")
        is_torn = not stream.eof
        rest = stream.unused_data
    else:
        raise FeedError("limits", f"more than {MAX_MEMBERS} gzip members")
    return bytes(whole), is_torn
