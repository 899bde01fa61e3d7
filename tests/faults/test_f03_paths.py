"""F3: a body that is the name of something: it is text that is no feed, and nothing of that name is opened or asked."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.audit import open_watched, read_watched
from transforms.discover.listing import FeedError
from transforms.guarded import GuardedCaller
from transforms.limits import Limits

LIMITS = Limits(cpu_s=10, idle_s=5, memory_bytes=300_000_000)
FEED = b'<rss version="2.0"><channel><item><title>Of the canary</title><guid>1</guid></item></channel></rss>'

NAMES = {
    "a path": "{folder}/canary.xml",
    "a path with a line end": "{folder}/canary.xml\n",
    "a pipe's path": "{folder}/pipe",
    "a folder": "{folder}",
    "a path from here": "canary.xml",
    "a path of the system": "/etc/passwd",
    "a file address": "file://{folder}/canary.xml",
    "an address": "http://127.0.0.1:{port}/feed.xml",
    "an address with a password": "http://user:secret@127.0.0.1:{port}/feed.xml",
    "a feed address": "feed://127.0.0.1:{port}/feed.xml",
    "standard input": "-",
    "a device": "/dev/zero",
}

TYPES = [None, "application/rss+xml", "application/json", "text/plain; charset=utf-16"]


@pytest.fixture(scope="module")
def guard() -> Iterator[GuardedCaller]:
    caller = GuardedCaller()
    for content_type in TYPES:  # loads all that reading needs, codecs too
        caller.submit(LIMITS, read_watched, FEED, "https://ledger.example/feed", content_type).result()
        caller.submit(LIMITS, read_watched, b"no feed", "https://ledger.example/feed", content_type).result()
    yield caller
    caller.close()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The canary that waits for somebody to ask it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("content_type", TYPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_is_a_name_is_never_opened(
    guard: GuardedCaller, listener: socket.socket, tmp_path: Path, name: str, content_type: str | None
) -> None:
    (tmp_path / "canary.xml").write_bytes(FEED)
    os.mkfifo(tmp_path / "pipe")  # whoever opened it, below Python's sight too, would wait for ever
    body = NAMES[name].format(folder=tmp_path, port=listener.getsockname()[1]).encode()
    call = guard.submit(LIMITS, read_watched, body, f"file://{tmp_path}/canary.xml", content_type)
    outcome, reached = call.result()
    assert reached == []
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert isinstance(outcome, FeedError)
    assert outcome.kind in ("not-a-feed", "unreadable")


def test_the_watch_sees_what_is_opened(guard: GuardedCaller, tmp_path: Path) -> None:
    (tmp_path / "canary.xml").write_bytes(FEED)
    (seen,) = guard.submit(LIMITS, open_watched, str(tmp_path / "canary.xml")).result()
    assert seen.startswith("open (")
    assert "canary.xml" in seen
