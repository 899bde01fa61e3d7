"""Ways to break a feed document: small cuts and flips as accidents make them, and swellings as an attacker would."""

import gzip
import random
import re
from collections.abc import Callable, Sequence

MAX_BYTES = 10_000_000
"""No mutated document is larger; the reader refuses more, unread."""

SWOLLEN = 0.15
"""Share of documents that are made to swell: reading 10 MB takes as long as reading 300 whole feeds."""

_HOSTILE_WORDS = r"""
&#55357;&#56832; &#xD800; &#99999999999; &oacute; & <![CDATA[ ]]> <!-- --> <!DOCTYPE ]> <x:y/> <item> </item> <entry>
</channel> <gml:Point> <georss:where> </width> <title> " ' > < <?x ?> xmlns:a='b' </rss> \xa0 \xff 1795428000
<!ENTITY &lt; <a { [ {"items":[ \ud83d <outline <url> </loc> <media:content <link/> xml:base="//" <content:encoded>
"""
_HOSTILE = [word.encode("latin-1", "replace") for word in _HOSTILE_WORDS.split()]
_TAG = re.compile(rb"<[A-Za-z][\w:.\-]{0,40}")
_MARKUP = re.compile(rb"[<>&]")

Break = Callable[[random.Random, bytearray], None]


def mutate(chance: random.Random, body: bytes) -> bytes:
    """The body with one to eight accidents; of SWOLLEN of them one piece is repeated up to MAX_BYTES."""
    mutated = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        chance.choice(_ACCIDENTS)(chance, mutated)
    if chance.random() < SWOLLEN:
        chance.choice(_SWELLINGS)(chance, mutated)
    whole = bytes(mutated[:MAX_BYTES])
    return _recode(chance, whole) if chance.random() < 0.02 else whole


def _delete(chance: random.Random, body: bytearray) -> None:
    del body[_span(chance, body)]


def _double(chance: random.Random, body: bytearray) -> None:
    span = _span(chance, body)
    body[span.start : span.start] = body[span]


def _insert_word(chance: random.Random, body: bytearray) -> None:
    at = _place(chance, body)
    body[at:at] = chance.choice(_HOSTILE)


def _flip(chance: random.Random, body: bytearray) -> None:
    if body:
        body[chance.randrange(len(body))] = chance.randrange(256)


def _lose_bracket(chance: random.Random, body: bytearray) -> None:
    start = _place(chance, body)
    places = [match.start() for match in _MARKUP.finditer(body, start, start + 20_000)]
    if places:
        del body[chance.choice(places)]


def _tear(chance: random.Random, body: bytearray) -> None:
    del body[_place(chance, body) :]


def _repeat_chunk(chance: random.Random, body: bytearray) -> None:
    start = _place(chance, body)
    chunk = body[start : start + round(_spread(chance, 1, 5_000))]
    body[start:start] = _times(chance, bytes(chunk), body)


def _repeat_word(chance: random.Random, body: bytearray) -> None:
    at = _place(chance, body)
    body[at:at] = _times(chance, chance.choice(_HOSTILE), body)


def _nest(chance: random.Random, body: bytearray) -> None:
    """One element in itself, closed or not; JSON has its own."""
    at = _place(chance, body)
    tags = _TAG.findall(body[:100_000]) or [b"[", b'{"a":']
    tag = chance.choice(tags)
    opened = _times(chance, tag + b">" if tag.startswith(b"<") else tag, body)
    depth = len(opened) // (len(tag) + tag.startswith(b"<"))
    closing = b"</" + tag[1:] + b">" if tag.startswith(b"<") else b"]"
    body[at:at] = opened + (closing * min(depth, MAX_BYTES // len(closing)) if chance.random() < 0.5 else b"")


def _crowd_tag(chance: random.Random, body: bytearray) -> None:
    """Attributes or namespaces, thousands on one tag or some on a tag that comes thousands of times."""
    places = [match.end() for match in _TAG.finditer(body, 0, 200_000)]
    at = chance.choice(places) if places else _place(chance, body)
    write = chance.choice([' a{}="b"', ' xmlns:a{}="urn:{}"', " a{}", ' a{}="&lt;"', " x:a{}='{}'"])
    count = round(_spread(chance, 10, 300_000))
    crowd = "".join(write.format(number, number) for number in range(count)).encode()[:MAX_BYTES]
    body[at:at] = crowd
    if count < 1_000 and places:
        start = max(body.rfind(b"<", 0, at), 0)
        chunk = bytes(body[start : at + len(crowd)]) + b">"
        body[start:start] = _times(chance, chunk, body)


def _declare(chance: random.Random, body: bytearray) -> None:
    """Entities that expand to each other, or one long one named often."""
    levels = chance.randint(1, 9)
    laughs = b"".join(b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, levels + 1))
    ha = b"ha" * round(_spread(chance, 1, 200_000))
    at = _place(chance, body)
    body[at:at] = _times(chance, b"&l%d;" % levels, body)
    body[0:0] = b"<!DOCTYPE x [<!ENTITY l0 '" + ha + b"'>" + laughs + b"]>"


_ACCIDENTS: Sequence[Break] = [_delete, _double, _insert_word, _insert_word, _flip, _lose_bracket] * 4 + [_tear]
_SWELLINGS: Sequence[Break] = [_repeat_chunk, _repeat_chunk, _repeat_word, _nest, _crowd_tag, _declare]


def _recode(chance: random.Random, body: bytes) -> bytes:
    encoding = chance.choice(["utf-16", "utf-32-be", "cp037", "iso2022_jp", "gzip"])
    if encoding == "gzip":
        return gzip.compress(body, 1, mtime=0)
    return body.decode("latin-1").encode(encoding, "replace")[:MAX_BYTES]


def _place(chance: random.Random, body: bytearray) -> int:
    return chance.randrange(len(body) + 1)


def _span(chance: random.Random, body: bytearray) -> slice:
    start = _place(chance, body)
    return slice(start, start + chance.randint(1, 200))


def _spread(chance: random.Random, low: float, high: float) -> float:
    """A number of any magnitude between the two."""
    return float(low * (high / low) ** chance.random())


def _times(chance: random.Random, chunk: bytes, body: bytearray) -> bytes:
    """The chunk so often that the body reaches a size of any magnitude up to MAX_BYTES."""
    room = _spread(chance, 10_000, MAX_BYTES) - len(body)
    return chunk * max(round(room / max(len(chunk), 1)), 2)
