"""Count what was tried and what went wrong, say how far it is, and show a table at the end."""

import sys
import time
from collections import Counter
from collections.abc import Sequence

from bench.crash.oracle import KINDS, Problem

EVERY_S = 15.0
SHOWN = 40
"""Failures told in full; the table counts all."""


class Tally:
    """Trials by fault and operation, and what was wrong after them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._tried: Counter[tuple[str, str]] = Counter()
        self._wrong: dict[tuple[str, str], Counter[str]] = {}
        self._failed = 0
        self._started = self._shown = time.monotonic()

    @property
    def is_good(self) -> bool:
        """Whether something was tried, and nothing was wrong."""
        return self._failed == 0 and bool(self._tried)

    def tried(self, fault: str) -> int:
        """How often a fault was tried."""
        return sum(count for (what, _), count in self._tried.items() if what == fault)

    def add(self, fault: str, operation: str, problems: Sequence[Problem], *, at: str, again: str = "") -> None:
        """One more trial; `at` says where the fault struck, `again` the options that repeat it."""
        self._tried[fault, operation] += 1
        if problems:
            self._failed += 1
            self._wrong.setdefault((fault, operation), Counter()).update({problem.kind for problem in problems})
            if self._failed <= SHOWN:
                self._say(f"WRONG: {fault}, {operation}, {at} (--seed {self._seed} {again})")
                for problem in problems[:6]:
                    self._say(f"    {problem.kind}: {problem.told}")
        if time.monotonic() > self._shown + EVERY_S:
            self._shown = time.monotonic()
            self._say(
                f"{self._shown - self._started:5.0f} s: {sum(self._tried.values()):,} tried, {self._failed} wrong;"
                f" now {fault}, {operation}"
            )

    def skip(self, fault: str, why: str) -> None:
        """Say out loud that something is not tried here."""
        self._say(f"SKIPPED: {fault}: {why}")

    def table(self) -> str:
        """What was tried and in how many trials each kind of thing was wrong."""
        head = f"{'fault':32} {'operation':22} {'tried':>6}" + "".join(f" {kind:>10}" for kind in KINDS)
        lines = [
            f"{fault:32} {operation:22} {count:6}"
            + "".join(f" {self._wrong.get((fault, operation), Counter())[kind]:10}" for kind in KINDS)
            for (fault, operation), count in self._tried.items()
        ]
        return "\n".join([head, *lines])

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)
