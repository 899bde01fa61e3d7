"""The addresses behind a host name, asked of this machine without one slow name holding up the others."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""The IP addresses of a host name; OSError if there are none."""


async def look_up(host: str) -> Sequence[str]:
    """The addresses of a host name as this machine resolves it; OSError if it cannot.

    Each lookup has a thread of its own: in a shared pool a few names with a dead server would hold up all others.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(addresses: Sequence[str], error: Exception | None) -> None:
        if found.done():
            return
        if error is None:
            found.set_result(addresses)
        else:
            found.set_exception(error)

    def ask_system() -> None:
        addresses: Sequence[str] = ()
        failure: Exception | None = None
        try:
            entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label longer than names have
            failure = error if isinstance(error, OSError) else OSError(f"{host} is no name: {error}")
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, addresses, failure)

    threading.Thread(target=ask_system, name=f"lookup {host[:60]}", daemon=True).start()
    return await found
