"""F2: documents made to harm their reader: nothing expands, nothing is opened or asked, and the cost is bounded."""

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.records import Entry
from tests.faults.audit import read_watched
from tests.faults.documents import harm
from transforms.discover.guards import MAX_BYTES, MAX_ENTRIES, MAX_SUMMARY, MAX_TITLE
from transforms.discover.listing import FeedError, Listing
from transforms.guarded import GuardedCaller
from transforms.limits import Limits

SECRET = "the-canary-sang"
URL = "https://ledger.example/feed"

BUDGET = Limits(cpu_s=10, idle_s=10, memory_bytes=300_000_000)
"""Half of what a document may cost in a pass, and less than a third of the memory; the dearest here takes some 3 s."""

REFUSED = {
    "a page in place of a feed": "not-a-feed",
    "a JSON feed of 100,000 levels": "unreadable",
    "a JSON feed of a million objects": "limits",
    "nothing": "empty",
    "blanks": "empty",
    "a gzip bomb": "too-large",
    "a gzip bomb of 50,000 members": "limits",
}
"""Documents that give no listing, and the kind of the error."""

CUT = {"100,000 levels", "a million openings"}
"""Documents that are cut before their sound item, and say so."""


@pytest.fixture(scope="module")
def guard() -> Iterator[GuardedCaller]:
    caller = GuardedCaller()
    caller.submit(
        BUDGET, read_watched, b"<rss version='2.0'><channel/></rss>", URL, None
    ).result()  # loads all it needs
    yield caller
    caller.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """The canary that waits for somebody to ask it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def documents(folder: Path, port: int) -> dict[str, bytes]:
    """The harmful documents, with a canary file and a canary's address in them."""
    (folder / "canary.txt").write_text(SECRET)
    return harm(str(folder / "canary.txt"), f"http://127.0.0.1:{port}")


def texts(listing: Listing) -> Iterator[str]:
    """Every text in a listing."""
    yield listing.title or ""
    for entry in (*listing.entries, *listing.documents):
        yield from (value for value in _fields(entry) if isinstance(value, str))


def _fields(entry: Entry) -> list[object]:
    return [getattr(entry, name) for name in entry.__dataclass_fields__]


@pytest.mark.parametrize("name", harm("", ""))
def test_harm_is_refused_or_read_as_plain_text(
    guard: GuardedCaller, listener: socket.socket, tmp_path: Path, name: str
) -> None:
    body = documents(tmp_path, listener.getsockname()[1])[name]
    outcome, reached = guard.submit(BUDGET, read_watched, body, URL, "application/rss+xml").result()
    assert reached == []
    with pytest.raises(BlockingIOError):
        listener.accept()
    if name in REFUSED:
        assert isinstance(outcome, FeedError)
        assert outcome.kind == REFUSED[name]
        assert SECRET not in str(outcome)
        return
    assert isinstance(outcome, Listing)
    assert len(outcome.entries) <= MAX_ENTRIES
    for text in texts(outcome):
        assert SECRET not in text
        assert len(text) <= max(MAX_TITLE, MAX_SUMMARY)
    if name in CUT:
        assert outcome.truncated_at == 0
    else:
        assert "A plain headline" in [entry.title for entry in outcome.entries]


def test_entities_stay_what_they_were_written_as(guard: GuardedCaller, tmp_path: Path) -> None:
    found = documents(tmp_path, 9)
    for name, title in {
        "billion laughs": "&l9;",
        "external entity by file": "[&x;]",
        "external entity by address": "[&x;]",
        "parameter entities": "[&x;]",
    }.items():
        listing, _ = guard.submit(BUDGET, read_watched, found[name], URL, None).result()
        assert isinstance(listing, Listing)
        assert listing.entries[0].title == title


def test_the_bomb_is_one() -> None:
    bomb = harm("", "")["a gzip bomb"]
    assert len(bomb) * 100 < 20 * MAX_BYTES < len(gzip.decompress(bomb))
