"""Which captures show one page, and what is remembered of the addresses that led there."""

from itertools import permutations
from typing import Any

import pytest

from schemas.records import Capture, DeadLetter, Dropped, PageMemory, Redirect, Visit
from tests.builders import NOON, PAGE, make_capture, make_entry, make_page
from transforms.download.landing import land_captures, landing_key

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


def land(*captures: Capture, known: tuple[PageMemory, ...] = ()) -> dict[type, list[Any]]:
    outputs: dict[type, list[Any]] = {Capture: [], Visit: [], PageMemory: [], Dropped: [], DeadLetter: []}

    def lookup(keys: Any) -> dict[str, PageMemory]:
        return {page.url_key: page for page in known if page.url_key in keys}

    for output in land_captures((landing_key(captures[0]), captures), lookup=lookup, run_id="run-1", now=NOON):
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
    assert landing_key(revisit) == SHORT


@pytest.mark.parametrize("status", [404, 403, 503])
def test_an_error_page_is_no_landing(status: int) -> None:
    assert landing_key(redirected(SHORT, status=status)) == SHORT


def test_different_queries_are_different_pages() -> None:
    one, two = (redirected(SHORT, to=f"https://ledger.example/story?id={n}") for n in (1, 2))
    assert landing_key(one) != landing_key(two)


def test_an_article_that_leads_to_the_front_page_is_missing() -> None:
    out = land(redirected(PAGE, to="https://ledger.example/"))
    assert out[Capture] == []
    assert [(dead.error, dead.url_key) for dead in out[DeadLetter]] == [("redirected-home", PAGE)]


def test_a_page_wanted_by_a_devoted_feed_is_kept_whichever_address_wins() -> None:
    broad, devoted = redirected(OTHER, needs_topic_filter=True), redirected(SHORT, needs_topic_filter=False)
    (capture,) = land(broad, devoted)[Capture]
    assert (capture.requested_url, capture.needs_topic_filter) == (SHORT, False)
