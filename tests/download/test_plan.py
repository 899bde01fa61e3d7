"""Which pages a run visits, and why the other candidates are dropped."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.memory import PageMemory
from schemas.records import Dropped, Entry, Itinerary, PageTurn, Silence, Visit
from tests.builders import NOON, PAGE, make_entry, make_feed, make_page
from transforms.download.plan import MAX_HOPS, domain_of, follow_pages, plan_domain

FEEDS = {feed_id: make_feed(feed_id) for feed_id in ("courier", "ledger")}
FEEDS["broad"] = make_feed("broad", needs_topic_filter=True)
HOUR = timedelta(hours=1)


def plan(*candidates: Entry | PageMemory | Silence, known: tuple[PageMemory, ...] = ()) -> list[Any]:
    def lookup(keys: Any) -> dict[str, PageMemory]:
        return {page.url_key: page for page in known if page.url_key in keys}

    return plan_domain(("ledger.example", candidates), feeds=FEEDS, lookup=lookup, run_id="run-1", now=NOON)


def visits(outcome: list[Any]) -> list[Visit]:
    return [visit for each in outcome if isinstance(each, Itinerary) for visit in each.visits]


def reasons(outcome: list[Any]) -> list[str]:
    return sorted(each.reason for each in outcome if isinstance(each, Dropped))


def fetched_page(**facts: Any) -> PageMemory:
    known: dict[str, Any] = {"fetched_at": NOON - HOUR, "fetch_at": NOON + HOUR, "visits": 1}
    return make_page(**(known | facts))


def test_an_entry_that_is_new_is_visited_on_its_feeds_behalf() -> None:
    (visit,) = visits(plan(make_entry()))
    assert (visit.reason, visit.url_key, visit.publisher, visit.known) == ("new", PAGE, "The Ledger", None)


def test_an_entry_of_a_known_page_is_dropped() -> None:
    outcome = plan(make_entry(), known=(fetched_page(),))
    assert (visits(outcome), reasons(outcome)) == ([], ["known"])


def test_an_entry_announced_as_changed_since_is_visited_again() -> None:
    page = fetched_page()
    (visit,) = visits(plan(make_entry(updated_at=NOON - HOUR / 2), known=(page,)))
    assert (visit.reason, visit.known) == ("updated", page)


def test_a_page_that_a_devoted_feed_lists_too_is_kept_whatever_it_is_about() -> None:
    outcome = plan(make_entry(feed_id="broad"), make_entry())
    (visit,) = visits(outcome)
    assert (visit.entry.feed_id, visit.needs_topic_filter, reasons(outcome)) == ("ledger", False, ["duplicate"])


@pytest.mark.parametrize(
    ("updated_at", "facts"),
    [
        (NOON - 2 * HOUR, {}),  # we saw that change
        (NOON + HOUR, {}),  # not yet
        (NOON - HOUR / 2, {"fetch_at": None}),  # given up
        (NOON - HOUR / 2, {"fetched_at": None}),  # never had; a retry is planned
    ],
)
def test_a_change_that_tells_us_nothing_new_is_no_reason(updated_at: Any, facts: dict[str, Any]) -> None:
    assert reasons(plan(make_entry(updated_at=updated_at), known=(fetched_page(**facts),))) == ["known"]


def test_a_page_no_longer_looked_at_is_visited_when_its_feed_announces_a_change() -> None:
    steady = fetched_page(fetch_at=None, outcome="fetched")
    assert [visit.reason for visit in visits(plan(make_entry(updated_at=NOON - HOUR / 2), known=(steady,)))] == [
        "updated"
    ]


def test_a_page_turned_away_for_a_broad_feed_is_wanted_by_a_devoted_one() -> None:
    turned_away = fetched_page(fetch_at=None, outcome="off-domain", needs_topic_filter=True)
    assert visits(plan(make_entry(feed_id="broad"), known=(turned_away,))) == []
    (visit,) = visits(plan(make_entry(feed_id="broad"), make_entry(), known=(turned_away,)))
    assert (visit.needs_topic_filter, visit.entry.feed_id) == (False, "ledger")


def test_an_address_that_led_to_another_page_is_that_page() -> None:
    alias = make_page("https://ledger.example/go/1", same_as="https://ledger.example/go/2")
    between = make_page("https://ledger.example/go/2", same_as=PAGE)
    listed = [make_entry("https://ledger.example/go/1"), make_entry(PAGE)]
    outcome = plan(*listed, known=(alias, between, fetched_page()))
    assert (visits(outcome), reasons(outcome)) == ([], ["duplicate", "known"])


def test_addresses_that_lead_to_each_other_are_known_and_end() -> None:
    one, two = "https://ledger.example/1", "https://ledger.example/2"
    circle = (make_page(one, same_as=two), make_page(two, same_as=one))
    assert reasons(plan(make_entry(one), known=circle)) == ["known"]


def test_a_domains_silence_goes_along_with_its_visits_and_on_to_those_that_others_lead_there() -> None:
    silence = Silence(domain="ledger.example", until=NOON + HOUR, reason="HTTP 429")
    told, itinerary = plan(make_entry(), silence)
    assert (told, itinerary.silences, len(itinerary.visits)) == (silence, (silence,), 1)


def test_new_entries_that_no_visit_counts_are_told() -> None:
    """So that a feed's day adds up: what it listed newly is had, or says why it is not."""
    listed = [make_entry(feed_id=feed_id, is_new=True) for feed_id in ("courier", "ledger")]
    old, odd = make_entry(feed_id="broad"), make_entry("mailto:desk@ledger.example", is_new=True)

    def turns(*entries: Entry, known: tuple[PageMemory, ...] = ()) -> list[tuple[str, str | None]]:
        return [(each.feed_id, each.after) for each in plan(*entries, known=known) if isinstance(each, PageTurn)]

    assert turns(*listed, old) == [("ledger", "duplicate")], "the Courier's is counted by its visit"
    assert turns(*listed, old, known=(fetched_page(),)) == [("courier", "duplicate"), ("ledger", "duplicate")]
    assert turns(odd) == [("ledger", "failed")]


def test_a_change_counts_whichever_feed_announces_it() -> None:
    silent, telling = make_entry(feed_id="courier"), make_entry(updated_at=NOON - HOUR / 2)
    outcome = plan(silent, telling, known=(fetched_page(),))
    assert [visit.reason for visit in visits(outcome)] == ["updated"]
    assert reasons(outcome) == ["duplicate"]


@pytest.mark.parametrize(("failures", "reason"), [(0, "revisit"), (2, "retry")])
def test_a_page_that_is_due_is_visited(failures: int, reason: str) -> None:
    page = fetched_page(fetch_at=NOON, failures=failures)
    (visit,) = visits(plan(page))
    assert (visit.reason, visit.known, visit.entry) == (reason, page, page.entry)


def test_a_due_page_that_feeds_list_too_is_visited_once() -> None:
    page = fetched_page(fetch_at=NOON)
    outcome = plan(make_entry(), page, make_entry(feed_id="courier"), known=(page,))
    assert len(visits(outcome)) == 1
    assert reasons(outcome) == ["duplicate", "known"]


def test_entries_that_differ_only_in_tracking_lead_to_one_visit() -> None:
    outcome = plan(make_entry(PAGE + "?utm_source=rss"), make_entry(PAGE), make_entry(PAGE + "#top"))
    assert len(visits(outcome)) == 1
    assert reasons(outcome) == ["duplicate", "duplicate"]


@pytest.mark.parametrize(
    ("url", "reason"), [(None, "no-link"), ("mailto:a@x.example", "bad-scheme"), ("https://x.example:0x/", "bad-link")]
)
def test_a_link_that_cannot_be_asked_is_dropped_with_the_reason(url: str | None, reason: str) -> None:
    entry = make_entry(url)
    (dropped,) = plan(entry)
    assert (dropped.reason, dropped.stage, dropped.feed_id, dropped.url) == (reason, "download", "ledger", url)
    assert domain_of(entry) == ""


def test_credentials_in_a_link_do_not_reach_the_dropped() -> None:
    (dropped,) = plan(make_entry("https://me:secret@ledger.example/raid"))
    assert (dropped.reason, dropped.url) == ("credentials", "https://ledger.example/raid")


def test_candidates_are_grouped_by_the_domain_we_are_polite_to() -> None:
    assert domain_of(make_entry("https://news.ledger.example/a")) == "ledger.example"
    assert domain_of(make_page("https://www.ledger.example/b")) == "ledger.example"


CANDIDATES = (
    make_entry(),
    make_entry(PAGE + "?utm_source=rss"),
    make_entry(feed_id="courier"),
    make_entry("https://ledger.example/b"),
    make_entry("https://ledger.example/c", updated_at=NOON),
    make_entry(None),
    fetched_page(fetch_at=NOON),
    make_page("https://ledger.example/d", failures=1),
)


@given(st.permutations(CANDIDATES))
def test_the_order_of_candidates_does_not_matter(candidates: list[Entry | PageMemory]) -> None:
    known = (make_page("https://ledger.example/c", fetched_at=NOON - HOUR, fetch_at=NOON + HOUR),)
    outcome, expected = plan(*candidates, known=known), plan(*CANDIDATES, known=known)
    assert visits(outcome) == visits(expected)
    assert sorted(map(repr, outcome)) == sorted(map(repr, expected))


@given(st.permutations(CANDIDATES))
def test_every_candidate_is_visited_or_dropped(candidates: list[Entry | PageMemory]) -> None:
    outcome = plan(*candidates)
    assert len(visits(outcome)) + len(reasons(outcome)) == len(candidates)


def test_what_can_wait_comes_last() -> None:
    due = [
        make_page("https://ledger.example/old", fetched_at=NOON - HOUR, fetch_at=NOON),
        make_page("https://ledger.example/failed", failures=1, fetch_at=NOON),
        make_page("https://ledger.example/put-off", fetch_at=NOON),
    ]
    assert [visit.reason for visit in visits(plan(make_entry(), *due))] == ["new", "new", "retry", "revisit"]


ANY_KEYS = [f"https://ledger.example/{number}" for number in range(7)]


@given(st.dictionaries(st.sampled_from(ANY_KEYS), st.none() | st.sampled_from(ANY_KEYS)), st.permutations(ANY_KEYS))
def test_addresses_are_followed_to_a_page_that_is_known_whatever_leads_where(
    led: dict[str, str | None], order: list[str]
) -> None:
    asked: list[str] = []

    def lookup(keys: Any) -> dict[str, PageMemory]:
        asked.append("again")
        return {key: make_page(key, same_as=led[key]) for key in keys if key in led}

    found = follow_pages(lookup, sorted(led))
    assert len(asked) <= 1 + MAX_HOPS, "circles end"
    assert set(found) == set(led)
    for key, page in found.items():
        way = [key]
        while len(way) <= MAX_HOPS and led[way[-1]] in led:
            way.append(led[way[-1]] or "")
        assert page.url_key == way[-1]
        if len(way) <= MAX_HOPS:
            assert page.same_as is None, "what leads to a page that is forgotten is a page itself"
    assert follow_pages(lookup, [key for key in order if key in led]) == found
