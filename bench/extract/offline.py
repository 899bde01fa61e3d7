"""A process from which nothing reaches a network, and which counts what tried."""

import sys

_EVENTS = {
    *("socket.connect", "socket.sendto", "socket.sendmsg"),
    *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
}
"""Audit events of CPython that come before a network is used, whatever library asks."""


class NetworkForbiddenError(OSError):
    """A network was asked for; an OSError, so that libraries take it as they would a network that is down."""


class Offline:
    """Forbids this process every use of a network, for good, and counts the attempts. Made once in a process."""

    def __init__(self) -> None:
        self._attempts = 0
        sys.addaudithook(self._forbid)

    def forget_attempts(self) -> int:
        """How many there were since this was last asked."""
        attempts, self._attempts = self._attempts, 0
        return attempts

    def _forbid(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in _EVENTS:
            return
        address = arguments[-1] if event.startswith(("socket.connect", "socket.send")) else ()
        if isinstance(address, str | bytes):  # the path of a Unix socket, on this machine
            return
        self._attempts += 1
        raise NetworkForbiddenError(f"{event} is forbidden here")
