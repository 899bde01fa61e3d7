"""Leave a host alone that fails again and again: whoever is down is not helped by more requests, nor is the pass."""

from collections import Counter
from math import ceil

OPEN_AFTER = 3
"""Addresses of a host in a row that failed, each after all its attempts."""

REST_S = 600
"""How long the host is then left alone; the first address asked afterwards decides anew."""

FAILURES = frozenset({"timeout", "connect", "dns"})
"""Errors that tell of the host, not of one address, and that take long to meet."""


class Circuit:
    """Failures in a row, by host. Times are seconds of any clock that does not go back."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()
        self._open_until: dict[str, float] = {}

    def rest_s(self, host: str, now_s: float) -> int:
        """Seconds for which the host is not to be asked; 0 if it may be."""
        return max(0, ceil(self._open_until.get(host, now_s) - now_s))

    def note(self, host: str, *, failed: bool, now_s: float) -> None:
        """Count how asking for one address of the host ended."""
        if not failed:
            self._in_a_row.pop(host, None)
            return
        self._in_a_row[host] += 1
        if self._in_a_row[host] >= OPEN_AFTER:
            self._open_until[host] = now_s + REST_S
