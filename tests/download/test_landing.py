"""Which captures show one page, and what is remembered of the addresses that led there."""

from collections import Counter
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Capture, DeadLetter, Dropped, Landing, PageLookup, PageMemory, Redirect, Visit
from tests.builders import NOON, PAGE, make_capture, make_entry, make_page
from transforms.download.landing import land_strays, landing_key, sort_capture

SHORT, OTHER = "https://t.example/AbC", "https://ledger.example/go?id=7"


def redirected(requested: str, to: str = PAGE, **facts: Any) -> Capture:
    known: dict[str, Any] = {
        "requested_url": requested,
        "url_key": requested,
        "redirects": (Redirect(url=requested, status=301),),
        "entry": make_entry(requested),
        "capture_id": f"of {requested}",
    }
    return make_capture(to, **(known | facts))


def lookup_in(known: tuple[PageMemory, ...] = ()) -> PageLookup:
    return lambda keys: {page.url_key: page for page in known if page.url_key in keys}


def land(*captures: Capture, known: tuple[PageMemory, ...] = ()) -> dict[type, list[Any]]:
    outputs: dict[type, list[Any]] = {Capture: [], Visit: [], PageMemory: [], Dropped: [], DeadLetter: []}

    where: dict[str, Any] = {"lookup": lookup_in(known), "run_id": "run-1", "now": NOON}
    landings: dict[str, list[Landing]] = {}
    for capture in captures:
        for output in sort_capture(capture, **where):
            if isinstance(output, Landing):
                landings.setdefault(output.url_key, []).append(output)
            else:
                outputs[type(output)].append(output)
    for key in sorted(landings):
        for output in land_strays((key, landings[key]), **where):
            outputs[type(output)].append(output)
    return outputs


def test_a_page_asked_for_by_its_own_address_passes_as_it_is() -> None:
    capture = make_capture()
    assert land(capture) == {Capture: [capture], Visit: [], PageMemory: [], Dropped: [], DeadLetter: []}


def test_a_page_is_known_by_the_address_that_answered() -> None:
    out = land(redirected(SHORT))
    (capture,), (visit,), (lead,) = out[Capture], out[Visit], out[PageMemory]
    assert (capture.url_key, capture.requested_url) == (PAGE, SHORT)
    assert (visit.url_key, visit.reason, visit.entry.url) == (PAGE, "new", SHORT)
    assert (lead.url_key, lead.same_as, lead.fetch_at) == (SHORT, PAGE, None)


def test_two_addresses_that_lead_to_one_page_give_one_capture_in_any_order() -> None:
    captures = (make_capture(), redirected(SHORT), redirected(OTHER))
    for order in permutations(captures):
        out = land(*order)
        assert [capture.requested_url for capture in out[Capture]] == [PAGE], "the page's own address comes first"
        assert sorted(dropped.url_key for dropped in out[Dropped]) == sorted([SHORT, OTHER])
        assert {dropped.reason for dropped in out[Dropped]} == {"duplicate"}
        assert {(lead.url_key, lead.same_as) for lead in out[PageMemory]} == {(SHORT, PAGE), (OTHER, PAGE)}
        assert out[Visit] == []


def test_a_page_known_already_gets_another_visit_not_another_name() -> None:
    known = make_page(article_ids=("a1",))
    out = land(redirected(SHORT), known=(known,))
    assert [(capture.url_key, capture.known) for capture in out[Capture]] == [(PAGE, known)]
    assert [visit.reason for visit in out[Visit]] == ["revisit"]
    assert [lead.outcome for lead in out[PageMemory]] == ["duplicate"]


def test_a_page_whose_address_leads_elsewhere_by_now_keeps_its_key() -> None:
    revisit = redirected(SHORT, known=make_page(SHORT, article_ids=("a1",)))
    assert landing_key(revisit, lookup_in()) == SHORT


@pytest.mark.parametrize("status", [404, 403, 503])
def test_an_error_page_is_no_landing(status: int) -> None:
    assert landing_key(redirected(SHORT, status=status), lookup_in()) == SHORT


def test_different_queries_are_different_pages() -> None:
    one, two = (redirected(SHORT, to=f"https://ledger.example/story?id={n}") for n in (1, 2))
    assert landing_key(one, lookup_in()) != landing_key(two, lookup_in())


def test_an_article_that_leads_to_the_front_page_is_missing() -> None:
    out = land(redirected(PAGE, to="https://ledger.example/"))
    assert out[Capture] == []
    assert [(dead.error, dead.url_key) for dead in out[DeadLetter]] == [("redirected-home", PAGE)]


def test_a_page_wanted_by_a_devoted_feed_is_kept_whichever_address_wins() -> None:
    broad, devoted = redirected(OTHER, needs_topic_filter=True), redirected(SHORT, needs_topic_filter=False)
    (capture,) = land(broad, devoted)[Capture]
    assert (capture.requested_url, capture.needs_topic_filter) == (SHORT, False)


def test_the_page_that_an_address_is_known_to_lead_to_comes_before_others_that_lead_there() -> None:
    """The page was asked for by its own name and sent on to an address that is known to be it."""
    article, between = make_page(outcome="failed", failures=1), make_page(OTHER, same_as=PAGE)
    own = redirected(PAGE, to=OTHER, known=article)
    for order in permutations((redirected("https://a.example/1", to=OTHER), own)):
        out = land(*order, known=(article, between))
        assert out[Capture] == [own]
        assert [(lead.url_key, lead.same_as) for lead in out[PageMemory]] == [("https://a.example/1", PAGE)]
        assert [dropped.url_key for dropped in out[Dropped]] == ["https://a.example/1"]
        assert out[Visit] == []


ADDRESSES = [PAGE, SHORT, OTHER, "https://ledger.example/", "https://ledger.example/?p=1", "https://a.example/x"]


@st.composite
def captures(draw: Any) -> list[Capture]:
    """Captures of different addresses, of which some were redirected, some are known, some broad, some no page."""
    asked = draw(st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=5, unique=True))
    made = []
    for address in asked:
        to = draw(st.sampled_from(ADDRESSES))
        article_ids = draw(st.sampled_from([(), ("a1",)]))
        facts: dict[str, Any] = {
            "status": draw(st.sampled_from([200, 200, 200, 404])),
            "needs_topic_filter": draw(st.booleans()),
            "known": make_page(address, article_ids=article_ids) if draw(st.booleans()) else None,
        }
        made.append(redirected(address, to=to, **facts) if to != address else make_capture(address, **facts))
    return made


@st.composite
def memories(draw: Any) -> tuple[PageMemory, ...]:
    """What is remembered of some addresses; some lead to others, in circles, too."""
    led = draw(st.dictionaries(st.sampled_from(ADDRESSES), st.none() | st.sampled_from(ADDRESSES)))
    return tuple(make_page(address, same_as=target) for address, target in led.items())


@given(captures(), memories(), st.randoms())
def test_whatever_leads_where_each_capture_ends_once_and_each_lead_at_a_page(
    made: list[Capture], known: tuple[PageMemory, ...], chance: Any
) -> None:
    groups: dict[str, list[Capture]] = {}
    for capture in made:
        groups.setdefault(landing_key(capture, lookup_in(known)), []).append(capture)
    for group in groups.values():
        out = land(*group, known=known)
        shuffled = list(group)
        chance.shuffle(shuffled)
        assert {kind: sorted(map(repr, each)) for kind, each in land(*shuffled, known=known).items()} == {
            kind: sorted(map(repr, each)) for kind, each in out.items()
        }
        ended = [each.capture_id for kind in (Capture, Dropped, DeadLetter) for each in out[kind]]
        assert Counter(ended) == Counter(capture.capture_id for capture in group)
        assert len(out[Capture]) <= 1
        assert all(dropped.reason == "duplicate" for dropped in out[Dropped])
        # What passes is asked for, or visited now; what leads there leads to it and to nothing else.
        passed = {capture.url_key for capture in out[Capture]}
        assert passed <= {capture.url_key for capture in group} | {visit.url_key for visit in out[Visit]}
        assert {visit.url_key for visit in out[Visit]} <= passed
        assert {lead.same_as for lead in out[PageMemory]} <= passed
        assert all(lead.url_key != lead.same_as and lead.fetch_at is None for lead in out[PageMemory])
        gone_over = {capture.url_key for capture in group} - passed - {dead.url_key for dead in out[DeadLetter]}
        assert {lead.url_key for lead in out[PageMemory]} == gone_over, "or its address would be asked again"


@given(captures())
def test_a_page_is_captured_as_it_was_but_for_its_name(made: list[Capture]) -> None:
    for capture in made:
        for passed in land(capture)[Capture]:
            assert replace(passed, url_key="", known=None, needs_topic_filter=False) == replace(
                capture, url_key="", known=None, needs_topic_filter=False
            )
            assert passed.needs_topic_filter <= capture.needs_topic_filter
