"""Character references: `&oacute;`, `&#8217;`, and the broken ones that real feeds send."""

import re
from html.entities import html5

_REFERENCE = re.compile(
    r"((?:&#(?:[0-9]{1,40}|[xX][0-9a-fA-F]{1,40})(?![0-9a-zA-Z]);?){1,64})|&([A-Za-z][A-Za-z0-9]{1,31});|&"
)
_NUMBER = re.compile(r"&#([0-9]+|[xX][0-9a-fA-F]+)")
_XML_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# C0 controls but tab and newlines, surrogates and non-characters: no parser may see them (XML 1.0, production 2).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


def strip_forbidden(text: str) -> str:
    """The text without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def repair_references(text: str) -> str:
    """XML text in which every reference is one of XML's five: others become characters, bare `&` becomes `&amp;`.

    Numbers 128 to 159 are Windows-1252, surrogate pairs are joined, impossible numbers become U+FFFD, and a name
    nobody defines stays as its letters. Linear in the length.
    """
    return _REFERENCE.sub(_for_xml, text) if "&" in text else text


def decode_references(text: str) -> str:
    """Plain text of HTML text: each reference decoded once, as forgiving as `repair_references`."""
    return _REFERENCE.sub(_for_reading, text) if "&" in text else text


def _for_xml(match: re.Match[str]) -> str:
    numbers, name = match.groups()
    if numbers:
        return _characters(numbers).translate(_MARKUP)
    if name in _XML_ENTITIES:
        return match[0]
    return html5[f"{name};"].translate(_MARKUP) if name and f"{name};" in html5 else "&amp;" + match[0][1:]


def _for_reading(match: re.Match[str]) -> str:
    numbers, name = match.groups()
    if numbers:
        return _characters(numbers)
    return html5.get(f"{name};", match[0])


def _characters(numbers: str) -> str:
    """The characters of a run of numeric references; a run, since some feeds write emoji as two surrogates."""
    units = (int(n[1:], 16) if n[0] in "xX" else int(n) for n in _NUMBER.findall(numbers))
    text = "".join(_character(unit) for unit in units)
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return strip_forbidden(joined)


def _character(unit: int) -> str:
    if 0x80 <= unit <= 0x9F:
        return bytes([unit]).decode("cp1252", "replace")
    return chr(unit) if unit <= 0x10FFFF else "\ufffd"
