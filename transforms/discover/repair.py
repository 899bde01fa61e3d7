"""Repair of XML that real feeds send, so that a strict parser can read it and no entity declaration reaches one.

What comes out holds one root element, no XML declaration, DOCTYPE, comment or processing instruction, no reference but
XML's five, and tags that nest. Text outside markup is kept, up to MAX_RUN between two tags. Every step is linear.
"""

import re

from schemas.records import record
from transforms.discover.balance import ENTRY_TAGS, ROOTS, Attributes, TagWriter, local_name
from transforms.discover.guards import MAX_PART, MAX_RUN, MAX_STEPS, MAX_VALUE
from transforms.discover.references import decode_references, repair_references, strip_forbidden

_NAME = rf"[A-Za-z_][\w.\-]{{0,{MAX_PART}}}+(?::[A-Za-z_][\w.\-]{{0,{MAX_PART}}}+)?+"
_VALUE = r"\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>=]++"
_START = re.compile(rf"<({_NAME})((?:\s*+{_NAME}(?:\s*+=\s*+(?:{_VALUE})?+)?+|[\s\"';,?]++)*+)\s*+(?:(/?)>|(?=<))")
_ATTRIBUTE = re.compile(rf"({_NAME})(?:\s*+=\s*+({_VALUE})?+)?+")
_END = re.compile(rf"</\s*+({_NAME})[^<>]*+>?+")
_INSTRUCTION = re.compile(r"<\?[^<>]*+>?+")
_DECLARATION = re.compile(r"<![A-Za-z\[]*+[^<>\[]*+([>\[]?+)")
_SUBSET_END = re.compile(r"\]\s*+>")
_NEVER = -1
# Expat hands over text reference by reference, which makes escaped HTML slow; a section comes in one piece.
_MANY_REFERENCES = 20


@record
class Repaired:
    """A repaired document: its markup, the local name of its root, and the entries kept where it was cut at a cap.

    `root` is None where no element we know was found; `before_root` names the elements met instead.
    """

    markup: str
    root: str | None
    before_root: tuple[str, ...] = ()
    truncated_at: int | None = None


def repair_xml(text: str) -> Repaired:
    """Repair one document; see the module. Never raises."""
    text = strip_forbidden(text)
    writer = TagWriter()
    scanner = _Scanner(text)
    position = steps = 0
    while not writer.done:
        steps += 1
        if steps > MAX_STEPS:
            writer.cut()
        bracket = text.find("<", position)
        if bracket < 0:
            writer.write(_repair_text(text[position:]))
            break
        if bracket > position:
            writer.write(_repair_text(text[position:bracket]))
        position = scanner.step(bracket, writer)
    writer.finish()
    return Repaired(
        markup=writer.markup(),
        root=writer.root,
        before_root=tuple(writer.before_root),
        truncated_at=writer.truncated_at,
    )


class _Scanner:
    """Reads one piece of markup at a time; remembers where the next closing stands, so nothing is searched twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def step(self, at: int, writer: TagWriter) -> int:
        """Read what the `<` at this offset begins, and return the offset behind it."""
        text = self._text
        match = _START.match(text, at)
        # A tag that runs into the next one is believed only where the loss of a whole entry is at stake.
        if match and (match[0].endswith(">") or local_name(match[1]) in ROOTS | ENTRY_TAGS):
            writer.start(match[1], _read_attributes(match[2]), empty=bool(match[3]))
            return match.end()
        if match := _END.match(text, at):
            writer.end(match[1])
            return match.end()
        if text.startswith("<![CDATA[", at):
            return self._cdata(at, writer)
        if text.startswith("<!--", at):
            end = self._find("-->", at + 4)
            if end >= 0:
                return end + 3
        elif match := _INSTRUCTION.match(text, at):
            return match.end()
        elif match := _DECLARATION.match(text, at):
            return self._declaration(match)
        writer.write("&lt;")
        return at + 1

    def _cdata(self, at: int, writer: TagWriter) -> int:
        start = at + len("<![CDATA[")
        end = self._find("]]>", start)
        if end < 0:
            return start
        # A section that holds its own element's end tag and then a second section was never closed.
        nested = self._text.find("<![CDATA[", start, end)
        if nested >= 0 and f"</{writer.parent}" in self._text[start:nested]:
            return start
        writer.write(self._text[at : end + 3])
        return end + 3

    def _declaration(self, match: re.Match[str]) -> int:
        if match[1] != "[" or self._next.get("]>") == _NEVER:
            return match.end()
        end = _SUBSET_END.search(self._text, match.end())
        if end is None:
            self._next["]>"] = _NEVER
            return match.end()
        return end.end()

    def _find(self, closing: str, start: int) -> int:
        known = self._next.get(closing, 0)
        if known == _NEVER or known > start:
            return known
        self._next[closing] = self._text.find(closing, start)
        return self._next[closing]


def _repair_text(text: str) -> str:
    text = text[:MAX_RUN]
    if text.count("&") > _MANY_REFERENCES:
        return "<![CDATA[" + decode_references(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return repair_references(text).replace("]]>", "]]&gt;")


def _read_attributes(text: str) -> Attributes:
    if not text or text.isspace():
        return []
    found = _ATTRIBUTE.finditer(text)
    return [(match[1], _repair_value(match[2] if match[2] is not None else match[1])) for match in found]


def _repair_value(value: str) -> str:
    if value[:1] in ("'", '"'):
        value = value[1:-1]
    return repair_references(value[:MAX_VALUE]).replace('"', "&quot;")
