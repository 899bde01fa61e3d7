"""Character references of HTML in text that was taken from it."""

import html
import re

# No character has so many digits; turning a million of them into a number would take minutes, and Python refuses to.
_HUGE = re.compile(r"&#[0-9]{8,}")


def unescape(text: str) -> str:
    """`html.unescape` for any text: references to impossible numbers become U+FFFD. Linear in the length."""
    return html.unescape(_HUGE.sub("\ufffd", text) if "&#" in text else text)
