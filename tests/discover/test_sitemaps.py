"""Sitemaps: which parts of an index are read, where a search ends, and what is said of the rest."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.memory import FeedMemory
from schemas.records import Entry, Gap, Poll
from tests.builders import NOON, make_entry, make_feed
from tests.discover.test_poll import FEED, SITEMAP, FakeWeb, answer, index, page_of, poll, rss
from transforms.discover.listing import Listing
from transforms.discover.parts import changed_at, is_cut, order_parts
from transforms.discover.sitemaps import MAX_PARTS, Sitemap, read_sitemap

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def dated(*instants: datetime | None) -> bytes:
    """A plain sitemap of pages changed then."""
    urls = "".join(
        f"<url><loc>https://ledger.example/{number}-{at or 'undated'}</loc>"
        f"{f'<lastmod>{at.isoformat()}</lastmod>' if at else ''}</url>"
        for number, at in enumerate(instants)
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def days_ago(*days: float) -> bytes:
    return dated(*(NOON - day * DAY for day in days))


def search(
    parts: dict[str, bytes], *, hours: float = 8, lastmods: dict[str, str] | None = None
) -> tuple[Sitemap, list]:
    """What a search of the last hours finds in an index of parts, and the names of the parts in the order of asking."""
    listed = index(*((f"{name}.xml", (lastmods or {}).get(name)) for name in parts))
    pages = {SITEMAP: listed} | {page_of(name): content for name, content in parts.items()}
    web = FakeWeb(answer(404), **{url: answer(content=content) for url, content in pages.items()})
    feed = make_feed(sitemap=SITEMAP)
    read = asyncio.run(read_sitemap(web, feed, since=NOON - hours * HOUR, now=NOON))
    return read, [url.removeprefix("https://ledger.example/").removesuffix(".xml") for url in web.asked[1:]]


ARCHIVE = {f"sitemap-{number}": days_ago(2 * (21 - number), 2 * (20 - number)) for number in range(1, 21)}
"""Twenty parts of two days each, the last of which holds today."""


def test_parts_without_a_date_are_read_from_the_end_until_they_are_older() -> None:
    read, asked = search(ARCHIVE)
    assert asked == ["sitemap-20", "sitemap-19", "sitemap-18"], "one part may be of another kind, two are the end"
    assert (read.left_out, read.truncated_at, read.error) == (0, None, None)
    assert len(read.entries) == 6


def test_an_index_whose_first_part_is_the_newest_is_read_from_there() -> None:
    newest_first = {f"sitemap-{21 - number}": ARCHIVE[f"sitemap-{number}"] for number in range(20, 0, -1)}
    assert next(iter(newest_first)) == "sitemap-1"
    read, asked = search(newest_first)
    assert asked == ["sitemap-20", "sitemap-1", "sitemap-2", "sitemap-3"]
    assert (read.left_out, len(read.entries)) == (0, 6)


def test_one_old_part_of_another_kind_does_not_end_the_search() -> None:
    read, asked = search({**ARCHIVE, "newsletters": days_ago(300)})
    assert asked == ["newsletters", "sitemap-1", "sitemap-20", "sitemap-19", "sitemap-18"], "neither end is new"
    assert read.left_out == 0


def test_parts_that_the_cap_left_out_are_counted() -> None:
    busy = {f"p{number}": dated(NOON - number * HOUR, NOON - (number + 1) * HOUR) for number in range(20, 0, -1)}
    read, asked = search(busy, hours=12)
    assert (len(asked), read.parts, read.left_out) == (MAX_PARTS, 20, 15)
    enough, _ = search(busy, hours=4)
    assert enough.left_out == 0


def test_parts_that_are_out_of_order_are_not_taken_for_read() -> None:
    """Both ends are old, yet the feed had news: they stand somewhere in between."""
    shuffled = {f"s{number}": days_ago(30 + number) for number in range(10)} | {"s5": days_ago(0)}
    read, _ = search(shuffled)
    assert read.left_out > 0


def test_dated_parts_that_did_not_change_since_are_not_asked_for() -> None:
    lastmods = {name: f"2026-{month:02}-01" for month, name in enumerate(ARCHIVE, 1) if month < 10}
    parts = {name: ARCHIVE[name] for name in lastmods} | {"news": days_ago(0), "today": days_ago(0)}
    read, asked = search(parts, lastmods=lastmods | {"today": "2026-11-02T11:00:00Z"})
    assert (asked, read.left_out) == (["today", "news"], 0)


def test_more_dated_parts_of_the_time_than_the_cap_are_counted() -> None:
    parts = {f"p{number}": days_ago(0) for number in range(8)}
    read, asked = search(parts, lastmods=dict.fromkeys(parts, "2026-11-02T11:00:00Z"))
    assert (len(asked), read.parts, read.left_out) == (5, 8, 3)


@pytest.mark.parametrize(
    ("address", "until"),
    [
        ("https://a.example/sitemap-2026-11.xml", datetime(2026, 12, 1, tzinfo=UTC)),
        ("https://a.example/sitemap-2025-12.xml", datetime(2026, 1, 1, tzinfo=UTC)),
        ("https://a.example/20261102.xml", datetime(2026, 11, 3, tzinfo=UTC)),
        ("https://a.example/sitemap.xml?yyyy=2026&mm=11&dd=02", datetime(2026, 11, 3, tzinfo=UTC)),
        ("https://a.example/sitemaps/2026/11/sitemap.xml", datetime(2026, 12, 1, tzinfo=UTC)),
        ("https://a.example/sitemap-2026-02-30.xml", None),
        ("https://a.example/sitemap-2026.xml", None),
        ("https://a.example/sitemap-120261102.xml", None),
        ("https://a.example/sitemap-12.xml", None),
    ],
)
def test_a_date_in_a_parts_address_is_one(address: str, until: datetime | None) -> None:
    assert changed_at(make_entry(address)) == until


def test_what_an_index_says_of_a_part_counts_more_than_its_name() -> None:
    assert changed_at(make_entry("https://a.example/2026-01.xml", updated_at=NOON)) == NOON


@given(
    st.lists(st.sampled_from(["a", "news", "2026-11", "2026-10", "2019-05"]), max_size=12),
    st.lists(st.none() | st.integers(0, 60), min_size=12, max_size=12),
)
def test_every_part_stands_once_in_the_order_and_the_newest_before_others(names: list[str], days: list) -> None:
    parts = [
        make_entry(f"https://a.example/{number}/{name}.xml", updated_at=None if day is None else NOON - day * DAY)
        for number, (name, day) in enumerate(zip(names, days, strict=False))
    ]
    ordered = order_parts(parts, NOON)
    assert sorted(part.url or "" for part in ordered.all) == sorted(part.url or "" for part in parts)
    for run in (ordered.fresh, ordered.older):
        dates = [at for part in run if (at := changed_at(part))]
        assert dates == sorted(dates, reverse=True)
        assert len(dates) == len(run)


def cut(*hours_ago: float) -> Listing:
    entries = tuple(make_entry(f"https://a.example/{n}", updated_at=NOON - n * HOUR) for n in hours_ago)
    return Listing(kind="sitemap", entries=entries, truncated_at=len(entries))


def test_a_cut_that_took_only_older_entries_is_none() -> None:
    assert not is_cut(cut(1, 5, 9), NOON - 8 * HOUR)
    assert is_cut(cut(1, 5, 7), NOON - 8 * HOUR), "it may go on"
    assert is_cut(cut(30, 20, 10), NOON - 8 * HOUR), "the oldest first: the newest were cut off"


# ------------------------------------------------------------------------------------------------ as it is told


def fill(**pages: bytes) -> Gap:
    """The gap of a feed that rolled over in eight hours, with what its sitemap did for it."""
    feed = make_feed(sitemap=SITEMAP)
    memory = poll(answer(content=rss(10, 11)), feed=feed)[FeedMemory]
    web = FakeWeb(answer(content=rss(18, 19)), **{url: answer(content=content) for url, content in pages.items()})
    (gap,) = poll(web, memory, feed=feed, after=8 * HOUR)[Poll].gaps
    return gap


def test_a_gap_names_the_parts_that_were_not_read() -> None:
    parts = {page_of(f"p{number}"): dated(NOON + number / 2 * HOUR) for number in range(1, 9)}
    pages = {SITEMAP: index(*((f"p{number}.xml", None) for number in range(1, 9))), **parts}
    gap = fill(**pages)
    assert (gap.cause, gap.recovered) == ("all of 2 entries new; 3 of 8 parts of the sitemap were not read", 5)


def test_a_gap_names_a_sitemap_that_was_cut() -> None:
    gap = fill(**{SITEMAP: dated(*(NOON - (2100 - number) * HOUR for number in range(2100)))})
    assert gap.cause == "all of 2 entries new; the sitemap was cut at 2000 entries"


def poll_index(*polls: dict[str, bytes], lastmods: dict[str, str] | None = None) -> dict[type, object]:
    """The last of hourly polls of a feed that is an index of these parts."""
    memory, out = None, {}
    for hours, parts in enumerate(polls):
        listed = index(*((f"{name}.xml", (lastmods or {}).get(name)) for name in parts))
        pages = {FEED: listed} | {page_of(name): content for name, content in parts.items()}
        web = FakeWeb(answer(404), **{url: answer(content=content) for url, content in pages.items()})
        out = poll(web, memory, after=hours * HOUR)
        memory = out[FeedMemory]
    return out


def test_a_feed_that_is_an_index_of_an_archive_has_no_gap() -> None:
    assert poll_index(ARCHIVE, ARCHIVE)[Poll].gaps == ()
    old = {f"d{number}": days_ago(40) for number in range(200)}
    lastmods = dict.fromkeys(old, "2026-09-20")
    assert poll_index({**old, "news": days_ago(0)}, {**old, "news": days_ago(0)}, lastmods=lastmods)[Poll].gaps == ()


def test_a_feed_that_is_an_index_of_parts_which_all_changed_has_one() -> None:
    parts = {f"p{number}": days_ago(0) for number in range(8)}
    lastmods = dict.fromkeys(parts, "2026-11-02T12:30:00Z")
    (gap,) = poll_index(parts, parts, lastmods=lastmods)[Poll].gaps
    assert (gap.kind, gap.cause, gap.began_at) == ("truncated", "3 of 8 parts were not read", NOON)


def test_a_feed_whose_index_begins_with_the_newest_part_is_read_from_there_even_after_quiet_days() -> None:
    quiet = {f"sitemap-{number}": days_ago(2 * number, 2 * number + 1) for number in range(2, 20)}
    listed = [entry.updated_at for entry in poll_index(quiet, quiet)[Entry]]
    assert sorted(listed, reverse=True) == [NOON - day * DAY for day in range(4, 14)]


def test_the_same_parts_are_read_in_quiet_hours_so_that_no_old_entry_seems_new() -> None:
    out = poll_index(ARCHIVE, ARCHIVE, ARCHIVE)
    assert (out[Poll].entries_listed, out[Poll].entries_new) == (10, 0)
    assert [entry for entry in out[Entry] if entry.is_new] == []
