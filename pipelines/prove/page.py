"""Find the page that a person means: by its address, by one that led there, or by the id of what was made of it."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.prove.find import LEAST_PREFIX, Shelf, find_row
from schemas.errors import UserError
from transforms.addresses import key_of, redact, refusal, registrable_domain, url_key
from transforms.write.takedown import keys_of

_NEAR, _MOST_NEAR = 0.6, 5
_ADDRESSES = {
    "captures": ("url_key", "requested_url", "url", "redirects", "entry"),
    "articles": ("url_key", "original_url", "canonical_url", "url"),
}
"""Columns that hold addresses which lead to a page, beside its key."""


def find_page(shelf: Shelf, wanted: str) -> frozenset[str]:
    """Keys of the page that an address or id means, and of all addresses known to lead there.

    UserError, with near matches, if the data set knows of none.
    """
    if "/" not in wanted and "." not in wanted and len(wanted) >= LEAST_PREFIX:
        capture, article = find_row(shelf, wanted)
        return _with_leads(shelf, article.url_key if article else capture.url_key)
    if why := refusal(wanted):
        raise UserError(
            f"{wanted[:200]!r}: is no address of a page ({why}); give it whole, as https://…, or an article_id"
        )
    key = url_key(wanted)
    keys = _with_leads(shelf, key)
    if _is_known(shelf, keys):
        return keys
    led = next(_leading(shelf, key), None)
    if led is not None:
        return _with_leads(shelf, led) | {key}
    raise UserError(f"{redact(wanted)}: the data set knows of no such page{_tell_near(shelf, key)}")


def _with_leads(shelf: Shelf, key: str) -> frozenset[str]:
    return frozenset(keys_of(shelf.history.root, shelf.memory.files, key))


def _is_known(shelf: Shelf, keys: frozenset[str]) -> bool:
    if shelf.memory.pages(sorted(keys)):
        return True
    among = pc.field("url_key").isin(pa.array(sorted(keys), pa.string()))
    return any(shelf.rows(table, among, ["url_key"]) for table in ("captures", "dropped", "dead_letters"))


def _leading(shelf: Shelf, key: str) -> Iterator[str]:
    """Keys of pages that an address led to on the way, or that call it theirs."""
    domain = registrable_domain(key)
    for table, columns in _ADDRESSES.items():
        for row in shelf.columns(table, columns):
            # Making keys takes most of the time; a name that is not ASCII may be written in two ways.
            near = (each for each in _addresses(row) if each and (domain in each.lower() or not each.isascii()))
            if any(key_of(address) == key for address in near):
                yield row["url_key"]


def _addresses(row: dict[str, Any]) -> Iterator[str | None]:
    for name in ("requested_url", "url", "original_url", "canonical_url"):
        yield row.get(name)
    yield (row.get("entry") or {}).get("url")
    yield from (hop["url"] for hop in row.get("redirects") or ())


def _tell_near(shelf: Shelf, key: str) -> str:
    domain = registrable_domain(key)
    known = {
        row["url_key"]
        for row in shelf.columns("captures", ["url_key"], pc.match_substring(pc.field("url_key"), domain))
    }
    near = get_close_matches(key, sorted(known)[:20_000], n=_MOST_NEAR, cutoff=_NEAR) or sorted(known)[:_MOST_NEAR]
    return f"; it has {', '.join(near)}" if near else f", and none of {domain}"
