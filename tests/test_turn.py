"""The turn of a domain: what of an item is asked there, and what waits for another's."""

import asyncio
import pickle
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.records import DeadLetter, Header, Silence
from tests.builders import NOON, make_answer
from transforms.answer import Answer, Asker, WebError
from transforms.redirects import MAX_REDIRECT_BODY_BYTES
from transforms.turn import ROUNDS, LedAway, Onward, begin_item

LINK, PAGE, LOGIN = "https://t.example/1", "https://ledger.example/raid", "https://login.example/"
ETAG = (Header(name="If-None-Match", value='"1"'),)


class Site:
    """Single requests answered by address: with bytes, with the address redirected to, or with an error."""

    def __init__(self) -> None:
        self.replies: dict[str, str | bytes | WebError] = {}
        self.moved = b"moved"
        self.asked: list[str] = []
        self.heeded: list[Silence] = []

    def now(self) -> datetime:
        return NOON

    def heed(self, silence: Silence) -> None:
        self.heeded.append(silence)

    async def ask(self, url: str, accept: str, conditions: tuple[Header, ...], *, share: float) -> Answer:
        self.asked.append(url)
        reply = self.replies[url]
        if isinstance(reply, WebError):
            raise reply
        if isinstance(reply, bytes):
            return replace(make_answer(reply), url=url)
        return replace(make_answer(self.moved, 302, Location=reply), url=url)


def begin(site: Site, item: Any, domain: str, *, is_last: bool = False, function: Any = None) -> list[Any]:
    where = ("download", "run-1", NOON)
    return asyncio.run(begin_item(function or read, site, item, domain=domain, where=where, share=1.0, is_last=is_last))


async def read(web: Asker, url: str) -> list[Any]:
    """What an address says, or the kind of the error."""
    try:
        return [await web.get(url)]
    except WebError as error:
        return [error.kind]


def travel(site: Site, item: Any, function: Any = None) -> tuple[list[Any], list[str]]:
    """What becomes of an item from its own domain's turn on, and the domains whose turns it took; pickled between."""
    domains, outcome = ["t.example"], begin(site, item, "t.example", function=function)
    while isinstance(outcome[0], Onward):
        (onward,) = pickle.loads(pickle.dumps(outcome))
        domains.append(onward.domain)
        outcome = begin(site, onward, onward.domain, is_last=len(domains) == ROUNDS, function=function)
    return outcome, domains


def test_a_redirect_within_the_domain_is_followed_there() -> None:
    site = Site()
    site.replies = {LINK: "/2", "https://t.example/2": b"raid"}
    (answer,) = begin(site, LINK, "t.example")
    assert (answer.content, answer.url) == (b"raid", "https://t.example/2")
    assert [(hop.url, hop.status) for hop in answer.redirects] == [(LINK, 302)]


def test_a_redirect_out_of_the_domain_waits_for_the_turn_of_the_other() -> None:
    site = Site()
    site.replies = {LINK: PAGE, PAGE: b"raid"}
    (onward,) = begin(site, LINK, "t.example")
    assert (onward.domain, onward.item, site.asked) == ("ledger.example", LINK, [LINK])
    (answer,) = begin(site, onward, "ledger.example")
    assert (answer.content, answer.url, [hop.url for hop in answer.redirects]) == (b"raid", PAGE, [LINK])
    assert site.asked == [LINK, PAGE], "nothing is asked twice"


def test_what_goes_along_is_small() -> None:
    site = Site()
    site.replies = {LINK: PAGE, PAGE: b"raid"}
    site.moved = b"m" * (MAX_REDIRECT_BODY_BYTES + 1)
    (onward,) = begin(site, LINK, "t.example")
    assert [len(answer.body) + len(answer.content) for _, answer in onward.asked] == [MAX_REDIRECT_BODY_BYTES]
    (answer,) = begin(site, onward, "ledger.example")
    assert [(len(hop.body), hop.is_cut) for hop in answer.redirects] == [(MAX_REDIRECT_BODY_BYTES, True)]


def test_a_page_that_leads_to_a_login_and_back_takes_three_turns() -> None:
    site = Site()
    site.replies = {LINK: LOGIN, LOGIN: LINK + "?seen=1", LINK + "?seen=1": b"raid"}
    outcome, domains = travel(site, LINK)
    assert (outcome[0].content, domains) == (b"raid", ["t.example", "login.example", "t.example"])


def test_a_way_through_too_many_domains_ends_with_a_reason() -> None:
    site = Site()
    site.replies = {LINK: "https://a.example/", "https://a.example/": "https://b.example/", "https://b.example/": PAGE}
    assert travel(site, LINK) == (["redirects"], ["t.example", "a.example", "b.example"])
    assert PAGE not in site.asked


def test_an_address_that_leads_to_itself_is_asked_once() -> None:
    site = Site()
    site.replies = {LINK: LINK}
    assert begin(site, LINK, "t.example") == ["redirects"]
    assert site.asked == [LINK]


def test_the_same_address_with_other_conditions_is_another_request() -> None:
    async def read_twice(web: Asker, url: str) -> list[Any]:
        return [await web.get(url, conditions=ETAG), await web.get(url)]

    site = Site()
    site.replies = {LINK: b"raid"}
    begin(site, LINK, "t.example", function=read_twice)
    assert site.asked == [LINK, LINK]


def test_an_error_met_in_one_turn_stays_what_it_was_in_the_next() -> None:
    async def read_both(web: Asker, url: str) -> list[Any]:
        try:
            await web.get(url)
        except WebError as error:
            return [error, await web.get(PAGE)]
        return []

    site = Site()
    site.replies = {LINK: WebError("http-503", "closed for repairs", 60), PAGE: b"raid"}
    outcome, _ = travel(site, LINK, read_both)
    assert (outcome[0].kind, str(outcome[0]), outcome[0].retry_after_s) == ("http-503", "closed for repairs", 60)
    assert site.asked == [LINK, PAGE]


def test_a_silence_is_heeded_and_gives_nothing() -> None:
    silence = Silence(domain="t.example", until=NOON, reason="http-429")
    site = Site()
    assert begin(site, silence, "t.example") == []
    assert site.heeded == [silence]


def test_a_bug_is_a_dead_letter_and_being_led_away_is_none() -> None:
    async def stumble(web: Asker, url: str) -> list[Any]:
        raise ValueError(url)

    (letter,) = begin(Site(), LINK, "t.example", function=stumble)
    assert isinstance(letter, DeadLetter)
    assert letter.error == "bug"
    assert not issubclass(LedAway, WebError), "a function that reads errors must not take it for one"
