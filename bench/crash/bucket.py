"""An object store on loopback that can be struck at any request: before it is done, or before its reply is heard."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.crash.child import Child, Outcome, Setting
from bench.crash.hook import Fault
from bench.crash.oracle import Problem, State

BUCKET, ROOT = "bench", "s3://bench/corpus"
_PREFIX = "corpus/"
_ACCOUNT = "123456789012"

BEAT_S, WATCH_S = 0.2, 1.0
"""A lease's times, shortened: after every kill somebody waits for it to be given up."""

Strikes = Callable[[int, str, str], bool]
"""Whether a request is struck: its number from 1, its method, and the path within the data set."""


class ObjectServer:
    """moto's S3, request by request; `settings` lead a child to it."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, *_: Any) -> None:
                """Say nothing."""

        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self._lock = threading.Lock()
        self.requests: list[str] = []
        self._strikes: Strikes = lambda *_: False
        self._when, self._kill = "", lambda: None
        self._backend().create_bucket(BUCKET, "us-east-1")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.settings: tuple[Setting, ...] = (
            partial(lead_to, f"http://127.0.0.1:{self._server.server_port}"),
            shorten_lease,
        )

    def strike(self, when: str, strikes: Strikes, kill: Callable[[], None]) -> None:
        """Count requests anew, and strike the first that `strikes` names.

        `when` is "before" or "after" it is done: the client is killed; "lost": it is done, and only its reply lost.
        """
        with self._lock:
            self.requests, self._strikes, self._when, self._kill = [], strikes, when, kill

    def content(self) -> dict[str, bytes]:
        """Every object of the data set."""
        return {name.removeprefix(_PREFIX): key.value for name, key in list(self._bucket().keys.items())}

    def fill(self, content: dict[str, bytes]) -> None:
        """Let the data set hold these objects and no others."""
        self._bucket().keys.clear()
        for name, value in content.items():
            self._backend().put_object(BUCKET, f"{_PREFIX}{name}", value)

    def stop(self) -> None:
        """Stop it."""
        self._server.shutdown()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(f"/{BUCKET}/{_PREFIX}")
        with self._lock:
            self.requests.append(f"{len(self.requests) + 1} {method} {path}")
            is_struck = self._strikes(len(self.requests), method, path)
            if is_struck:
                self._strikes = lambda *_: False
        if not is_struck:
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        if self._when != "before":
            list(self._app(environ, lambda *_: lambda _: None))
        if self._when != "lost":
            self._kill()
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionError("struck")

    def _bucket(self) -> Any:
        return self._backend().buckets[BUCKET]

    def _backend(self) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends[_ACCOUNT]["aws"]


@contextmanager
def serve_objects() -> Iterator[ObjectServer]:
    """An object server until the block ends."""
    server = ObjectServer()
    try:
        yield server
    finally:
        server.stop()


def lead_to(url: str) -> None:
    """Let this process take the server for the object store; some error with a long wait is not waited for."""
    os.environ |= {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def shorten_lease() -> None:
    """Let a lease beat, and be given up, sooner."""
    from transforms.write import objects
    from transforms.write.lease import Lease

    objects.Lease = partial(Lease, beat_s=BEAT_S, watch_s=WATCH_S)  # type: ignore[assignment,misc]


class Bucket:
    """The data set in the object store, as a Place; looked at by a copy in a folder."""

    staging_stays = True

    def __init__(self, server: ObjectServer, folder: Path) -> None:
        self._server, self._folder = server, folder

    def look(self) -> Path:
        """See Place."""
        shutil.rmtree(self._folder, ignore_errors=True)
        for name, value in self._server.content().items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(value)
        return self._folder

    def begin(self, argv: Sequence[str], settings: Sequence[Setting] = ()) -> Child:
        """See Place."""
        return Child(argv, "/nowhere", Fault(), settings=(*self._server.settings, *settings), hold=True)

    def run(self, argv: Sequence[str]) -> Outcome:
        """See Place."""
        return self.run_struck(argv, "lost", lambda *_: False)

    def run_struck(self, argv: Sequence[str], when: str, strikes: Strikes) -> Outcome:
        """Run a verb, and strike a request of its."""
        child = self.begin(argv)
        self._server.strike(when, strikes, child.kill)
        child.go()
        return child.wait()

    def told_at_once(self, after: State) -> Iterator[Problem]:
        """See Place; nothing is asked here."""
        return iter(())
