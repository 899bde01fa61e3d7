"""Nothing that lets its bearer in is stored: rows and WARC records hold addresses without credentials, tokens or keys.

Only memory keeps addresses whole, since the next pass asks for them; it lies beside the feeds file that holds them too.
"""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from transforms.addresses import redact

_QUOTING = frozenset({"moved_to", "entry_id", "detail", "error", "cause", "value"})
"""Fields that may hold an address without being called one, beside all whose name ends in `url`."""

_LEFT = frozenset({"image_url"})
"""Links to pictures are shown to everyone by their pages and often do not work without their signature. Texts are kept
to the letter, since evidence counts them."""

_KEPT_WHOLE = frozenset({"known"})
"""Memory that travels with a row and is not stored with it."""


def without_secrets(row: Any) -> Any:
    """A record, and the records in it, with the secret parts of every address replaced; itself if there are none."""
    changed: dict[str, Any] = {}
    for field in fields(row):
        if field.name in _KEPT_WHOLE:
            continue
        value = getattr(row, field.name)
        clean = _clean(field.name, value)
        if clean is not value:
            changed[field.name] = clean
    return replace(row, **changed) if changed else row


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, str):
        clean = redact(value) if (name.endswith("url") and name not in _LEFT) or name in _QUOTING else value
        return value if clean == value else clean
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        records = tuple(without_secrets(each) for each in value)
        return records if any(new is not old for new, old in zip(records, value, strict=True)) else value
    return without_secrets(value) if is_dataclass(value) else value
