"""Which entries are new, and whether a list rolled over."""

from datetime import timedelta

from schemas.records import Entry
from tests.builders import NOON, make_entry, make_feed_memory
from transforms.discover.listing import Listing
from transforms.discover.reading import Reading, listed_rate, read_listing


def entry(number: int, **facts: object) -> Entry:
    return make_entry(f"https://ledger.example/{number}", **({"entry_id": f"id-{number}"} | facts))


def read(before: list[Entry], after: list[Entry]) -> Reading:
    first = read_listing(make_feed_memory(), Listing(kind="rss20", entries=tuple(before)), "1")
    return read_listing(make_feed_memory(marks=first.marks), Listing(kind="rss20", entries=tuple(after)), "2")


def test_on_a_first_poll_everything_is_new_and_nothing_overlaps() -> None:
    reading = read_listing(make_feed_memory(), Listing(kind="rss20", entries=(entry(1), entry(2))), "1")
    assert (len(reading.news), reading.overlap, reading.rolled_over) == (2, None, False)


def test_what_the_poll_before_listed_is_not_new() -> None:
    reading = read([entry(1), entry(2)], [entry(2), entry(3)])
    assert ([each.entry_id for each in reading.news], reading.overlap) == (["id-3"], 0.5)


def test_a_list_that_shares_nothing_rolled_over() -> None:
    assert read([entry(1), entry(2)], [entry(3), entry(4)]).rolled_over


def test_new_ids_or_new_links_alone_are_no_news() -> None:
    assert not read([entry(1)], [entry(1, entry_id="changed")]).news
    assert not read([entry(1)], [make_entry("https://ledger.example/moved", entry_id="id-1")]).news


def test_an_id_that_all_entries_share_recognises_none() -> None:
    reading = read([entry(1, entry_id="x"), entry(2, entry_id="x")], [entry(3, entry_id="x"), entry(4, entry_id="x")])
    assert reading.rolled_over


def test_an_id_that_is_a_place_in_the_list_recognises_nothing_beside_a_link() -> None:
    before = [entry(n, entry_id=str(place)) for place, n in enumerate((7, 6, 5), 1)]
    pushed = [entry(n, entry_id=str(place)) for place, n in enumerate((8, 7, 6), 1)]
    assert [each.url for each in read(before, pushed).news] == ["https://ledger.example/8"]
    assert read(before, [entry(n, entry_id=str(place)) for place, n in enumerate((10, 9, 8), 1)]).rolled_over
    assert not read([make_entry(None, entry_id="1")], [make_entry(None, entry_id="1")]).news, "it has nothing else"


def test_what_a_partial_list_lacks_stays_known() -> None:
    memory = make_feed_memory(marks=read([], [entry(1), entry(2)]).marks)
    partial = read_listing(memory, Listing(kind="sitemap-index", entries=(entry(2),)), "", is_partial=True)
    whole = Listing(kind="sitemap-index", entries=(entry(1), entry(2), entry(3)))
    again = read_listing(make_feed_memory(marks=partial.marks), whole, "")
    assert [each.entry_id for each in again.news] == ["id-3"]


def test_tracking_parameters_make_no_news() -> None:
    tracked = make_entry("https://ledger.example/1?utm_source=rss", entry_id="other")
    assert not read([entry(1)], [tracked]).news


def test_an_emptied_list_is_no_roll_over_and_forgets_nothing() -> None:
    reading = read([entry(1)], [])
    assert (reading.overlap, reading.rolled_over) == (None, False)
    assert not read_listing(make_feed_memory(marks=reading.marks), Listing(kind="rss20", entries=(entry(1),)), "3").news


def test_the_pace_of_a_first_listing_is_judged_by_its_dates() -> None:
    dated = [entry(n, published_at=NOON - timedelta(minutes=30 * n)) for n in range(9)]
    assert listed_rate(dated) == 2.0
    assert listed_rate(dated[:4]) is None, "too few"
    assert listed_rate([entry(n, published_at=NOON) for n in range(9)]) is None, "all at once"
