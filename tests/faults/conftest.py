"""The servers that misbehave, the one that does not, and the one that must never be reached."""

import socket
import sys
from collections.abc import Iterator

import pytest

import transforms.client as client
from tests.faults.oracle import FORBIDDEN, PAGE
from tests.faults.server import FaultServer, reply
from tests.faults.trust import Authority

_dialled: list[str] = []


def _note_dial(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        _dialled.append(str(arguments[1][0]))


@pytest.fixture(scope="session")
def _audit() -> None:
    sys.addaudithook(_note_dial)  # cannot be taken back; it only notes


@pytest.fixture
def dialled(_audit: None) -> list[str]:
    """The address of every connection that this process tried to make since the test began."""
    _dialled.clear()
    return _dialled


@pytest.fixture
def site() -> Iterator[FaultServer]:
    """The server whose faults are the test."""
    server = FaultServer("127.0.0.1")
    yield server
    server.stop()


@pytest.fixture
def healthy() -> Iterator[FaultServer]:
    """Another host in the same pass, which must not be affected."""
    server = FaultServer("127.0.0.2")
    server.serve("/page", reply(body=PAGE))
    yield server
    server.stop()


@pytest.fixture
def canary() -> Iterator[FaultServer]:
    """A service on a forbidden address; whoever connects is counted."""
    server = FaultServer(FORBIDDEN)
    yield server
    server.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> float:
    """The deadline of a request, in seconds, short enough for a test."""
    monkeypatch.setattr(client, "TOTAL_TIMEOUT_S", 0.4)
    monkeypatch.setattr(client, "CONNECT_TIMEOUT_S", 0.3)
    return 0.4


@pytest.fixture
def blackhole() -> Iterator[int]:
    """A port of ::1 that answers no SYN: its queue of one is full."""
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as listener:
        try:
            listener.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no ::1")
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(4):
            filler = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex(("::1", port))
            waiting.append(filler)
        yield port
        for filler in waiting:
            filler.close()


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Issues the certificates of these tests."""
    return Authority()
