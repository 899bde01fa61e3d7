"""A server of pages for benches: many loopback hosts on one port, each answer some milliseconds away.

It runs in a process of its own, so that it takes nothing from the interpreter that is measured. Pages are sent as news
sites send them: about 30 kB of HTML, compressed to a fifth.
"""

import asyncio
import gzip
import hashlib
import multiprocessing
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection

from aiohttp import web

LATENCY_S = 0.05
PAGE_BYTES = 30_000
VARIANTS = 50


@cache
def write_page(variant: int) -> bytes:
    """One of VARIANTS pages of PAGE_BYTES bytes, the same in every process."""
    chance = random.Random(variant)
    words = ["".join(chance.choices("etaoinshrdlucmfwyp", k=chance.randint(2, 10))) for _ in range(2_000)]
    text = " ".join(words[min(int(chance.paretovariate(0.7)), len(words)) - 1] for _ in range(PAGE_BYTES))
    return f"<!doctype html><title>Page {variant}</title><p>{text}".encode()[:PAGE_BYTES]


@cache
def page_hashes() -> frozenset[str]:
    """SHA-256 of every page, to tell whether one came whole."""
    return frozenset(hashlib.sha256(write_page(variant)).hexdigest() for variant in range(VARIANTS))


def host_of(number: int) -> str:
    """The address of the n-th host, counted from 0."""
    return f"127.0.1.{number + 1}"


@contextmanager
def serve_pages(hosts: int) -> Iterator[int]:
    """Serve `/<number>.html` on so many hosts, and no robots.txt, until the block ends; gives their port."""
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
    pages = [gzip.compress(write_page(variant)) for variant in range(VARIANTS)]

    async def answer(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(LATENCY_S)
        name, _, ending = request.path.removeprefix("/").partition(".")
        if ending != "html":
            return web.Response(status=404)
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
        return web.Response(body=pages[int(name) % VARIANTS], headers=headers)

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    port = 0
    for number in range(hosts):
        listener = socket.create_server((host_of(number), port))
        port = listener.getsockname()[1]
        await web.SockSite(runner, listener).start()
    port_to.send(port)
    await asyncio.Event().wait()
