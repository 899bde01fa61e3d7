"""Files are closed once they have their fill."""

from hypothesis import given
from hypothesis import strategies as st

from transforms.write.shards import split_shards


def test_a_shard_ends_with_the_item_that_fills_it() -> None:
    assert list(split_shards([3, 3, 3, 9, 1], 5, size=lambda item: item)) == [[3, 3], [3, 9], [1]]
    assert list(split_shards([], 5, size=lambda item: item)) == []


@given(st.lists(st.integers(0, 20)), st.integers(1, 30))
def test_no_item_is_lost_or_moved(items: list[int], limit: int) -> None:
    shards = list(split_shards(items, limit, size=lambda item: item))
    assert [item for shard in shards for item in shard] == items
    assert all(sum(shard) >= limit for shard in shards[:-1])
    assert all(sum(shard[:-1]) < limit for shard in shards)
