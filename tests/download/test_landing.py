"""Which captures show one page, and what is remembered of the addresses that led there."""

from collections import Counter
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.memory import PageLookup, PageMemory
from schemas.records import Capture, DeadLetter, Dropped, Landing, Redirect, Visit
from tests.builders import NOON, PAGE, make_capture, make_entry, make_page
from transforms.download.landing import land_strays, landing_key, refuse_removed, sort_capture
from transforms.missing import TAKEN_DOWN

SHORT, OTHER = "https://t.example/AbC", "https://ledger.example/go?id=7"


def redirected(requested: str, to: str = PAGE, hop: int = 301, **facts: Any) -> Capture:
    known: dict[str, Any] = {
        "requested_url": requested,
        "url_key": requested,
        "redirects": (Redirect(url=requested, status=hop),),
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


@pytest.mark.parametrize("status", [404, 403, 503])
def test_an_error_page_is_no_landing(status: int) -> None:
    assert landing_key(redirected(SHORT, status=status), lookup_in()) == SHORT


@pytest.mark.parametrize(("title", "other"), [(None, None), ("Breaking", "Now")])
def test_entries_of_two_feeds_that_do_not_tell_their_news_may_be_the_same(title: str | None, other: str | None) -> None:
    one = redirected(SHORT, entry=make_entry(SHORT, title=title), feed_id="ledger")
    two = redirected(OTHER, entry=make_entry(OTHER, title=other, feed_id="courier"), feed_id="courier")
    out = land(one, two)
    assert (len(out[Capture]), len(out[Dropped]), out[DeadLetter]) == (1, 1, [])
    of_one_feed = redirected(OTHER, entry=make_entry(OTHER, title=other), feed_id="ledger")
    assert len(land(one, of_one_feed)[DeadLetter]) == 2, "one feed does not list one page twice"


def test_entries_without_a_title_that_lead_to_a_page_had_by_another_are_its_duplicates() -> None:
    known = make_page(entry=make_entry(title=None, feed_id="courier"), article_ids=("a1",))
    out = land(redirected(SHORT, entry=make_entry(SHORT, title=None)), known=(known,))
    assert (len(out[Capture]), out[DeadLetter]) == (1, [])


def test_a_known_page_that_two_domains_were_asked_for_is_captured_once() -> None:
    known = make_page(article_ids=("a1",))
    own = make_capture(known=known)
    led = replace(redirected(SHORT, known=known), url_key=PAGE)
    also = replace(redirected(OTHER, known=known), url_key=PAGE)
    for order in permutations((own, led, also)):
        out = land(*order, known=(known,))
        assert (out[Capture], out[PageMemory], out[Visit]) == ([own], [], [])
        assert sorted(dropped.url_key or "" for dropped in out[Dropped]) == sorted([SHORT, OTHER])
    for both in permutations((led, also)):
        out = land(*both, known=(known,))
        assert (out[Capture], [dropped.reason for dropped in out[Dropped]]) == ([also], ["duplicate"])


def test_different_queries_are_different_pages() -> None:
    one, two = (redirected(SHORT, to=f"https://ledger.example/story?id={n}") for n in (1, 2))
    assert landing_key(one, lookup_in()) != landing_key(two, lookup_in())


def test_what_leads_to_a_page_that_was_taken_down_is_not_kept() -> None:
    where: dict[str, Any] = {"lookup": lookup_in((make_page(outcome=TAKEN_DOWN),)), "run_id": "run-1", "now": NOON}
    (refused,) = refuse_removed(redirected(SHORT), **where)
    assert (refused.reason, refused.url_key, refused.capture_id) == (TAKEN_DOWN, SHORT, None)
    elsewhere = redirected(SHORT, OTHER)
    assert refuse_removed(elsewhere, **where) == [elsewhere]


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


RAID = b"<title>Raid at a plant | The Ledger</title><h1>Raid at a plant</h1>"
WALL = b"<title>The Ledger: back soon</title><h1>We are working on it</h1>"
STRIKE = "Nurses begin strike"
NOWHERE = "https://ledger.example/closed"


def led(number: int, hop: int = 302, *, to: str = NOWHERE, body: bytes = WALL, **facts: Any) -> Capture:
    """The capture of one of several entries about different things, by a redirect."""
    url = f"https://ledger.example/{number}"
    titles = ("Raid at a plant", STRIKE, "Mayor opens bridge")
    return redirected(url, to, hop, body=body, **({"entry": make_entry(url, title=titles[number])} | facts))


def had(number: int, **facts: Any) -> PageMemory:
    """What is remembered of an address of `led` that has given an article."""
    return make_page(f"https://ledger.example/{number}", article_ids=("a1",), outcome="fetched", fetch_at=NOON, **facts)


def told(out: dict[type, list[Any]]) -> list[str]:
    return sorted(f"{dead.error} {dead.url_key}" for dead in out[DeadLetter])


@pytest.mark.parametrize("hops", [(302, 302, 302), (301, 308, 301), (301, 302, 307)])
def test_entries_that_all_lead_to_a_page_about_none_of_them_were_led_astray_in_any_order(hops: tuple[int, ...]) -> None:
    captures = [led(number, hop) for number, hop in enumerate(hops)]
    for order in permutations(captures):
        out = land(*order)
        assert told(out) == [f"led-astray https://ledger.example/{number}" for number in range(3)]
        assert out[Capture] == out[PageMemory] == out[Visit] == out[Dropped] == []
    assert out[DeadLetter][0].detail.startswith("leads to https://ledger.example/closed, as do entries about something")


def test_a_temporary_redirect_to_what_the_entry_announces_is_believed() -> None:
    out = land(led(0, to=PAGE, body=RAID))
    assert [capture.url_key for capture in out[Capture]] == [PAGE]
    assert [(lead.url_key, lead.same_as) for lead in out[PageMemory]] == [("https://ledger.example/0", PAGE)]


def test_one_temporary_hop_makes_the_whole_way_temporary() -> None:
    hops = tuple(Redirect(url=f"https://ledger.example/{status}", status=status) for status in (301, 302, 308))
    assert [capture.url_key for capture in land(led(0, redirects=hops))[Capture]] == ["https://ledger.example/0"]


def test_a_page_that_keeps_its_key_is_not_captured_by_another_address_as_well() -> None:
    other = redirected(OTHER, to="https://ledger.example/0", body=RAID)
    for order in permutations([led(0), other]):
        out = land(*order)
        assert [capture.capture_id for capture in out[Capture]] == [led(0).capture_id]
        assert [(dropped.reason, dropped.url_key) for dropped in out[Dropped]] == [("duplicate", OTHER)]


def test_one_page_of_several_is_the_right_one() -> None:
    for order in permutations([led(0, body=RAID), led(1), led(2)]):
        out = land(*order)
        assert [capture.url_key for capture in out[Capture]] == [NOWHERE]
        assert told(out) == ["led-astray https://ledger.example/1", "led-astray https://ledger.example/2"]


def test_a_doubtful_temporary_redirect_leaves_the_page_its_own_key() -> None:
    """Nothing tells that the page is wrong: it is looked at again as any article, and nothing leads to it."""
    out = land(led(0))
    assert [capture.url_key for capture in out[Capture]] == ["https://ledger.example/0"]
    assert out[PageMemory] == out[Visit] == out[DeadLetter] == []


@pytest.mark.parametrize("hop", [301, 302])
@pytest.mark.parametrize("path", ["/login", "/maintenance.html", "/Not_Found", "/error/0", "/users/sign-in/"])
def test_a_doubtful_redirect_to_a_wall_is_not_believed(path: str, hop: int) -> None:
    assert told(land(led(0, hop, to=f"https://ledger.example{path}"))) == ["led-astray https://ledger.example/0"]


def test_a_doubtful_permanent_redirect_is_believed_if_it_stands_alone() -> None:
    out = land(led(0, 301))
    assert [capture.url_key for capture in out[Capture]] == [NOWHERE]
    assert [lead.same_as for lead in out[PageMemory]] == [NOWHERE]


def test_the_same_news_at_two_addresses_is_no_crowd() -> None:
    twins = [led(0, 301), led(1, 301, entry=make_entry(OTHER, title="Raid at a Plant!"))]
    for order in permutations(twins):
        out = land(*order)
        assert (len(out[Capture]), len(out[Dropped]), told(out)) == (1, 1, [])


def test_news_is_the_same_by_id_or_title_and_through_others() -> None:
    """As of a feed, its mirror that keeps the titles, and a third list that keeps the first one's ids."""
    entries = [make_entry(SHORT, entry_id="7", title=title) for title in ("Raid at a plant", "Plant raided")]
    chain = [make_entry(SHORT, entry_id="8", title="PLANT RAIDED"), make_entry(SHORT, entry_id="8", title="Raided")]
    for order in permutations([led(number, 301, entry=entry) for number, entry in enumerate(entries)]):
        assert told(land(*order)) == []
    joined = [redirected(f"https://a.example/{entry.title}", NOWHERE, entry=entry) for entry in (*entries, *chain)]
    for order in permutations(joined):
        assert told(land(*order)) == []


@pytest.mark.parametrize(("hop", "fate"), [(302, ["led-astray https://ledger.example/0"]), (301, [])])
def test_another_entrys_page_is_not_believed_for_a_temporary_redirect(hop: int, fate: list[str]) -> None:
    owner = make_capture(NOWHERE, entry=make_entry(NOWHERE, title="The Ledger is closed"))
    for order in permutations([owner, led(0, hop)]):
        out = land(*order)
        assert out[Capture] == [owner]
        assert told(out) == fate
    remembered = make_page(NOWHERE, entry=make_entry(NOWHERE, title="The Ledger is closed"), article_ids=("a1",))
    assert told(land(led(0, hop), known=(remembered,))) == fate


def test_the_next_entry_led_to_the_same_wrong_page_for_good_is_not_believed() -> None:
    """A pass before, the first was alone there and was believed."""
    (capture,), (visit,) = (land(led(0, 301))[kind] for kind in (Capture, Visit))
    page = make_page(NOWHERE, entry=visit.entry, article_ids=("a1",))
    assert capture.url_key == page.url_key
    assert told(land(led(1, 301), known=(page,))) == ["led-astray https://ledger.example/1"]


def test_the_same_news_at_the_page_itself_takes_the_doubt_away() -> None:
    owner = make_capture(NOWHERE, entry=make_entry(NOWHERE, title="Raid at a plant"))
    for order in permutations([owner, led(0)]):
        out = land(*order)
        assert out[Capture] == [owner]
        assert [dropped.reason for dropped in out[Dropped]] == ["duplicate"]
        assert told(out) == []


def test_an_article_whose_address_leads_to_something_else_for_now_is_no_revision() -> None:
    assert told(land(led(0, known=had(0)))) == ["led-astray https://ledger.example/0"]


def test_an_article_whose_address_leads_to_something_else_for_good_is_revised() -> None:
    revisit = led(0, 301, known=had(0))
    out = land(revisit)
    assert (out[Capture], out[PageMemory], told(out)) == ([revisit], [], [])


def test_an_article_had_by_a_doubtful_redirect_is_had_by_it_again() -> None:
    """As where a feed gives no titles and its addresses say nothing."""
    revisit = led(0, known=had(0, landed_at=NOWHERE))
    assert land(revisit)[Capture] == [revisit]


def test_an_article_whose_address_leads_to_it_for_now_keeps_its_key() -> None:
    revisit = led(0, to=PAGE, body=RAID, known=had(0))
    out = land(revisit, known=(had(0),))
    assert (out[Capture], out[PageMemory], out[Visit]) == ([revisit], [], [])


def test_an_article_whose_address_changed_for_good_is_found_at_both_and_keeps_its_key() -> None:
    """Its key is part of the ids of its texts: under another, the same text would count as another article."""
    revisit = led(0, 301, to=PAGE, body=RAID, known=had(0))
    newcomer = redirected(SHORT, body=RAID)
    for order in permutations([revisit, newcomer]):
        out = land(*order, known=(had(0),))
        assert out[Capture] == [revisit]
        assert {(lead.url_key, lead.same_as) for lead in out[PageMemory]} == {
            (PAGE, revisit.url_key),
            (SHORT, revisit.url_key),
        }
        assert [visit.url_key for visit in out[Visit]] == [PAGE]
        assert [dropped.url_key for dropped in out[Dropped]] == [SHORT]
    lead = next(lead for lead in out[PageMemory] if lead.url_key == PAGE)
    again = land(revisit, known=(had(0), lead))
    assert (again[Capture], again[PageMemory]) == ([revisit], []), "from then on the address is known to be its own"


def test_an_article_whose_new_address_was_asked_as_well_leads_there() -> None:
    revisit, owner = led(0, 301, to=PAGE, body=RAID, known=had(0)), make_capture(body=RAID)
    for order in permutations([revisit, owner]):
        out = land(*order, known=(had(0),))
        assert out[Capture] == [owner]
        assert [(dropped.reason, dropped.url_key) for dropped in out[Dropped]] == [("duplicate", revisit.url_key)]
        (lead,) = out[PageMemory]
        assert (lead.url_key, lead.same_as, lead.fetch_at) == (revisit.url_key, PAGE, None)
        assert (lead.outcome, lead.article_ids) == ("fetched", ("a1",)), "a page once had stays had"


def test_an_article_whose_new_address_is_a_known_page_gives_that_a_visit() -> None:
    page = make_page(article_ids=("a2",))
    out = land(led(0, 301, to=PAGE, body=RAID, known=had(0)), known=(had(0), page))
    assert [(capture.url_key, capture.known) for capture in out[Capture]] == [(PAGE, page)]
    assert [(lead.url_key, lead.same_as) for lead in out[PageMemory]] == [("https://ledger.example/0", PAGE)]


ADDRESSES = [PAGE, SHORT, OTHER, "https://ledger.example/", "https://ledger.example/?p=1", "https://a.example/x"]


@st.composite
def captures(draw: Any) -> list[Capture]:
    """Captures of different addresses, of which some were redirected, some are known, some broad, some no page."""
    asked = draw(st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=5, unique=True))
    made = []
    for address in asked:
        to = draw(st.sampled_from(ADDRESSES))
        article_ids = draw(st.sampled_from([(), ("a1",)]))
        title = draw(st.sampled_from(["Raid at a plant", STRIKE, None]))
        facts: dict[str, Any] = {
            "status": draw(st.sampled_from([200, 200, 200, 404])),
            "body": draw(st.sampled_from([RAID, WALL])),
            "entry": make_entry(address, title=title),
            "needs_topic_filter": draw(st.booleans()),
            "known": make_page(address, article_ids=article_ids) if draw(st.booleans()) else None,
        }
        hop = draw(st.sampled_from([301, 302]))
        made.append(redirected(address, to, hop, **facts) if to != address else make_capture(address, **facts))
    return made


@st.composite
def memories(draw: Any) -> tuple[PageMemory, ...]:
    """What is remembered of some addresses; some lead to others, in circles, too."""
    led = draw(st.dictionaries(st.sampled_from(ADDRESSES), st.none() | st.sampled_from(ADDRESSES)))
    return tuple(make_page(address, same_as=target) for address, target in led.items())


def land_in_any_order(made: list[Capture], known: tuple[PageMemory, ...], chance: Any) -> dict[type, list[Any]]:
    """What captures come to: the same in another order, and each of them ends once."""
    out = land(*made, known=known)
    shuffled = list(made)
    chance.shuffle(shuffled)
    assert {kind: sorted(map(repr, each)) for kind, each in land(*shuffled, known=known).items()} == {
        kind: sorted(map(repr, each)) for kind, each in out.items()
    }
    ended = [each.capture_id for kind in (Capture, Dropped, DeadLetter) for each in out[kind]]
    assert Counter(ended) == Counter(capture.capture_id for capture in made)
    return out


@given(captures(), memories(), st.randoms())
def test_whatever_leads_where_each_capture_ends_once_and_each_lead_at_a_page(
    made: list[Capture], known: tuple[PageMemory, ...], chance: Any
) -> None:
    groups: dict[str, list[Capture]] = {}
    for capture in made:
        groups.setdefault(landing_key(capture, lookup_in(known)), []).append(capture)
    for group in groups.values():
        out = land_in_any_order(group, known, chance)
        assert {dropped.reason for dropped in out[Dropped]} <= {"duplicate"}
        assert {dead.error for dead in out[DeadLetter]} <= {"led-astray", "redirected-home"}
        # What passes is asked for, or visited now; what leads there leads to it and to nothing else.
        asked, passed = {capture.url_key for capture in group}, [capture.url_key for capture in out[Capture]]
        visited, leads = {visit.url_key for visit in out[Visit]}, {lead.url_key for lead in out[PageMemory]}
        assert len(passed) == len(set(passed))
        assert set(passed) <= asked | visited
        assert visited <= leads | set(passed)
        assert {lead.same_as for lead in out[PageMemory]} <= set(passed)
        assert all(lead.url_key != lead.same_as and lead.fetch_at is None for lead in out[PageMemory])
        gone_over = asked - set(passed) - {dead.url_key for dead in out[DeadLetter]}
        assert leads - visited == gone_over - visited, "or its address would be asked again"


@given(captures(), memories(), st.randoms())
def test_no_page_is_captured_twice_whatever_leads_where(
    made: list[Capture], known: tuple[PageMemory, ...], chance: Any
) -> None:
    out = land_in_any_order(made, known, chance)
    passed = [capture.url_key for capture in out[Capture]]
    assert len(passed) == len(set(passed))


@given(captures())
def test_a_page_is_captured_as_it_was_but_for_its_name(made: list[Capture]) -> None:
    for capture in made:
        for passed in land(capture)[Capture]:
            assert replace(passed, url_key="", known=None, needs_topic_filter=False) == replace(
                capture, url_key="", known=None, needs_topic_filter=False
            )
            assert passed.needs_topic_filter <= capture.needs_topic_filter
