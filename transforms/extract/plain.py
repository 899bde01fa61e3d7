"""The last resort: paragraphs read straight from markup, in time linear in its length."""

import re

from transforms.references import unescape

MAX_TEXT = 500_000
"""Longest text that is kept, in characters: six times the longest article of a thousand real pages."""

_BLOCK = re.compile(
    rb"<(?:p|h[1-6]|li|blockquote)\b[^<>]*>(.*?)(?=<(?:/?(?:p|h[1-6]|li|blockquote|div|section|article|table|ul|ol)\b)|\Z)",
    re.I | re.S,
)
_TAG = re.compile(rb"<[^<>]*>")
_LINK = re.compile(rb"<a\b[^<>]*>.*?(?:</a|\Z)", re.I | re.S)
_LEFT = re.compile(r"[<>]{2,}")
# Shorter paragraphs are captions, menu items and buttons more often than sentences.
_MIN_CHARS = 40


def read_paragraphs(markup: bytes) -> str:
    """The text of the page's paragraphs that hold a sentence and are not mostly links, one a line."""
    lines: list[str] = []
    size = 0
    for match in _BLOCK.finditer(markup):
        block = match[1]
        line = _read(block)
        if len(line) < _MIN_CHARS or _linked(block) > len(block) // 2 or (lines and lines[-1] == line):
            continue
        size += len(line) + 1
        if size > MAX_TEXT:
            break
        lines.append(line)
    return "\n".join(lines)


def _read(block: bytes) -> str:
    return _LEFT.sub(" ", " ".join(unescape(_TAG.sub(b" ", block).decode("utf-8", "replace")).split()))


def _linked(block: bytes) -> int:
    return sum(len(match[0]) for match in _LINK.finditer(block))
