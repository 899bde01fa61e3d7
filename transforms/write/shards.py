"""Split what goes into files: a file is closed once it has its fill."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

BYTES_A_WARC = 1_000_000_000
"""WARC files are rolled at about 1 GB, as the field does."""


def split_shards(items: Iterable[Any], limit: int, *, size: Callable[[Any], int]) -> Iterator[list[Any]]:
    """The items in order, in lists that each end with the item that brings their sizes to the limit."""
    shard: list[Any] = []
    total = 0
    for item in items:
        shard.append(item)
        total += size(item)
        if total >= limit:
            yield shard
            shard, total = [], 0
    if shard:
        yield shard
