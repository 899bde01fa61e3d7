"""A server that says any bytes at any pace on several loopback addresses, and remembers who came."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Any


@dataclass
class Request:
    """One request as the server saw it; times are seconds of the monotonic clock.

    `ended` is when the last words of the answer were about to be said, inf until then: no client can know earlier.
    """

    path: str
    host: str
    headers: dict[str, str]
    began: float
    ended: float = inf


class Line:
    """One connection, for a play to speak into."""

    def __init__(self, connection: socket.socket, stopped: threading.Event, sent: Callable[[int], None]) -> None:
        self.connection, self._stopped, self._sent = connection, stopped, sent
        self.said_at = time.monotonic()

    def say(self, words: bytes) -> None:
        self.said_at = time.monotonic()
        self.connection.sendall(words)
        self._sent(len(words))

    def wait(self, seconds: float) -> None:
        """Pause; the end of the test ends the play."""
        if self._stopped.wait(seconds):
            raise OSError("the test is over")


Play = Callable[[Line], None]


def reply(status: int = 200, body: bytes = b"", **headers: Any) -> bytes:
    """An HTTP answer; `x_y=1` becomes the header `x-y: 1`, None leaves a header out."""
    fields = {"content_length": len(body), "connection": "close"} | headers
    given = {name.replace("_", "-"): value for name, value in fields.items() if value is not None}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def said(words: bytes) -> Play:
    """Everything at once, then goodbye."""
    return lambda line: line.say(words)


def dripped(words: bytes, every_s: float, at_once: int = 0) -> Play:
    """One byte at a time, the first `at_once` excepted."""

    def play(line: Line) -> None:
        line.say(words[:at_once])
        for byte in words[at_once:]:
            line.say(bytes([byte]))
            line.wait(every_s)

    return play


def held(words: bytes) -> Play:
    """Said, and then silence on a connection that never closes."""

    def play(line: Line) -> None:
        line.say(words)
        line.wait(60)

    return play


def endless(start: bytes, more: bytes) -> Play:
    """More and more, until the client hangs up."""

    def play(line: Line) -> None:
        line.say(start)
        while True:
            line.say(more)
            line.wait(0)

    return play


def reset(words: bytes = b"") -> Play:
    """Said, and the connection broken off with a RST."""

    def play(line: Line) -> None:
        line.say(words)
        line.wait(0.05)  # so that the words arrive before the RST drops them
        line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.connection.close()

    return play


def half_closed(words: bytes) -> Play:
    """Said, and our half closed, while the other stays open."""

    def play(line: Line) -> None:
        line.say(words)
        line.connection.shutdown(socket.SHUT_WR)
        line.wait(60)

    return play


class FaultServer:
    """Answers each path with the plays it was given, the last of them for ever; all others with 404.

    Listens on one port of all `hosts`. `connections` counts accepted connections by address, requests or not.
    """

    def __init__(self, *hosts: str, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.most_at_once = 0
        self._at_once = 0
        self._plays: dict[str, list[Play]] = {"/robots.txt": [said(reply(404))]}
        self._tls = tls
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listeners = _listen(hosts, port)
        self.port: int = self._listeners[0].getsockname()[1]
        for host, listener in zip(hosts, self._listeners, strict=True):
            threading.Thread(target=self._accept, args=(host, listener), daemon=True).start()

    def serve(self, path: str, *plays: Play | bytes) -> None:
        self._plays[path] = [said(play) if isinstance(play, bytes) else play for play in plays]

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def asked(self) -> list[str]:
        """The paths asked for, in order, robots.txt aside."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def stop(self) -> None:
        self._stopped.set()
        with self._lock:
            sockets = [*self._listeners, *self._open]
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, host: str, listener: socket.socket) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections[host] += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        with contextlib.suppress(OSError):  # a client that hangs up early is part of the play
            connection.settimeout(30)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._play(connection)
        with contextlib.suppress(OSError):
            connection.close()
        with self._lock:
            self._open.discard(connection)

    def _play(self, connection: socket.socket) -> None:
        began = time.monotonic()
        lines = _read_head(connection)
        path = lines[0].split(" ")[1]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        request = Request(path, headers.get("host", ""), headers, began)
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            plays = self._plays.get(path, [said(reply(404))])
            play = plays.pop(0) if len(plays) > 1 else plays[0]
        line = Line(connection, self._stopped, lambda size: self.sent.update({path: size}))
        try:
            play(line)
        finally:
            with self._lock:
                self._at_once -= 1
                request.ended = line.said_at


def _listen(hosts: Iterable[str], port: int) -> list[socket.socket]:
    """Listening sockets on one port of all hosts; another port is tried where one of them is taken."""
    for _ in range(50):
        listeners: list[socket.socket] = []
        chosen = port
        try:
            for host in hosts:
                listeners.append(socket.create_server((host, chosen), family=_family(host), backlog=128))
                chosen = listeners[0].getsockname()[1]
            return listeners
        except OSError:
            for listener in listeners:
                listener.close()
            if port:
                raise
    raise OSError("no port is free on all addresses")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _read_head(connection: socket.socket) -> list[str]:
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65536)
        if not more:
            raise OSError("no request came")
        head += more
        if not head[:1].isalpha():
            connection.sendall(reply(400))
            raise OSError("no HTTP came")
    return head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
