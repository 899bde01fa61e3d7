"""A server of pages for benches: many loopback hosts on one port, each answer some milliseconds away.

It runs in a process of its own, so that it takes nothing from the interpreter that is measured.
"""

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from aiohttp import web

LATENCY_S = 0.05
PAGE_BYTES = 30_000


def host_of(number: int) -> str:
    """The address of the n-th host, counted from 0."""
    return f"127.0.1.{number + 1}"


@contextmanager
def serve_pages(hosts: int) -> Iterator[int]:
    """Serve pages on so many loopback hosts from a process of its own; gives their port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    server = context.Process(target=_serve, args=(theirs, hosts), daemon=True)
    server.start()
    try:
        yield ours.recv()
    finally:
        server.terminate()
        server.join()


def _serve(port_to: Connection, hosts: int) -> None:
    asyncio.run(_serve_for_ever(port_to, hosts))


async def _serve_for_ever(port_to: Connection, hosts: int) -> None:
    text = "Federal agents detained a man near the courthouse, two witnesses said. " * (PAGE_BYTES // 70)

    async def answer(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(LATENCY_S)
        if not request.path.endswith(".html"):
            return web.Response(status=404)
        page = f"<!doctype html><title>{request.path}</title><p>{text}"[:PAGE_BYTES]
        return web.Response(text=page, content_type="text/html")

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    port = 0
    for number in range(hosts):
        listener = socket.create_server((host_of(number), port))
        port = listener.getsockname()[1]
        await web.SockSite(runner, listener).start()
    port_to.send(port)
    await asyncio.Event().wait()
