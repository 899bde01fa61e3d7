"""Show evidence to people: the words a tag stands on, marked, among the words around them."""

from collections.abc import Iterable, Mapping
from typing import Any

BEFORE, WINDOW = 30, 110
"""Characters shown before the first marked word, and in all: one line of a terminal."""


def in_context(title: str, text: str, evidence: Iterable[Mapping[str, Any]]) -> str:
    """One line with the densest part of the evidence, each quote in «», control characters shown as blanks."""
    fields = {"title": title, "text": text}
    spans = sorted({(span["field"], span["start"], span["end"]) for span in evidence})
    if not spans:
        return ""

    def seen_from(first: tuple[str, int, int]) -> list[tuple[int, int]]:
        field, start, _ = first
        return [(a, b) for f, a, b in spans if f == field and start <= a and b <= start + WINDOW - BEFORE]

    best = max(spans, key=lambda span: (sum(b - a for a, b in seen_from(span)), span[0] == "text", -span[1]))
    shown = fields[best[0]]
    at = max(0, best[1] - BEFORE)
    end = min(len(shown), max(at + WINDOW, best[2]))
    parts = ["…"] if at else []
    for start, stop in seen_from(best) or [best[1:]]:
        if start >= at:  # spans of several rules may overlap; the first marks the words
            parts += [shown[at:start], "«", shown[start:stop], "»"]
            at = stop
    parts += [shown[at:end], "…" if end < len(shown) else ""]
    return printable("".join(parts))


def printable(text: str) -> str:
    """Fetched text fit for a terminal: control characters, which could move the cursor or colour a line, are blanks."""
    return "".join(character if character.isprintable() else " " for character in text)
