"""What fetching one page comes to, asked of a stand-in for the web."""

import asyncio
import gzip
from datetime import datetime
from typing import Any

from schemas.records import Capture, DeadLetter, Dropped, Header, Redirect
from tests.builders import NOON, PAGE, make_kept_payload, make_page, make_visit
from transforms.answer import Answer, WebError
from transforms.download.fetch import ACCEPT, fetch_page

HTML = b"<p>Agents came to the plant.</p>"


class StandIn:
    """An Asker that gives one answer or error, and remembers what it was asked."""

    def __init__(self, outcome: Answer | WebError) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, str]] = []

    def now(self) -> datetime:
        return NOON

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = ()) -> Answer:
        self.asked.append((url, accept))
        if isinstance(self.outcome, WebError):
            raise self.outcome
        return self.outcome


def make_answer(**facts: Any) -> Answer:
    known: dict[str, Any] = {
        "url": PAGE,
        "redirects": (),
        "status": 200,
        "headers": (Header(name="Content-Type", value="text/html"),),
        "request_headers": (Header(name="User-Agent", value="icewire"),),
        "body": HTML,
        "content": HTML,
        "asked_at": NOON,
    }
    return Answer(**(known | facts))


def fetch(outcome: Answer | WebError, visit: Any = None) -> Any:
    (result,) = asyncio.run(fetch_page(StandIn(outcome), visit or make_visit(), run_id="run-1"))
    return result


def test_an_answer_becomes_a_capture_of_the_very_bytes() -> None:
    capture = fetch(make_answer())
    assert isinstance(capture, Capture)
    assert (capture.body, capture.payload_bytes, capture.content_type) == (HTML, len(HTML), "text/html")
    assert capture.payload_sha256 == capture.content_sha256


def test_the_page_is_asked_for_at_the_entrys_link_as_a_browser_would_accept_it() -> None:
    web = StandIn(make_answer())
    asyncio.run(fetch_page(web, make_visit(PAGE), run_id="run-1"))
    assert web.asked == [(PAGE, ACCEPT)]


def test_equal_pages_have_one_content_hash_however_compressed() -> None:
    plain, packed = fetch(make_answer()), fetch(make_answer(body=gzip.compress(HTML)))
    assert plain.content_sha256 == packed.content_sha256
    assert plain.payload_sha256 != packed.payload_sha256


def test_an_error_status_is_captured_too() -> None:
    assert fetch(make_answer(status=404)).status == 404


def test_a_capture_tells_both_ends_of_a_redirect() -> None:
    hop = Redirect(url=PAGE, status=301)
    capture = fetch(make_answer(url="https://ledger.example/moved", redirects=(hop,)))
    assert (capture.requested_url, capture.url, capture.redirects) == (PAGE, "https://ledger.example/moved", (hop,))
    assert capture.url_key == PAGE


def test_a_capture_carries_what_was_known_of_the_page() -> None:
    page = make_page(visits=3)
    capture = fetch(make_answer(), make_visit(known=page, reason="revisit", needs_topic_filter=True))
    assert (capture.known, capture.visit_reason, capture.needs_topic_filter) == (page, "revisit", True)


def test_the_very_same_payload_is_told_to_be_kept_already() -> None:
    first = fetch(make_answer())
    kept = make_kept_payload(first)
    visit = make_visit(known=make_page(kept_payload=kept), reason="revisit")
    assert first.kept_payload is None
    assert fetch(make_answer(), visit).kept_payload == kept
    for other in ({"body": gzip.compress(HTML)}, {"status": 404}):
        assert fetch(make_answer(**other), visit).kept_payload is None


def test_no_bytes_are_never_the_same_bytes() -> None:
    empty = fetch(make_answer(body=b"", content=b""))
    visit = make_visit(known=make_page(kept_payload=make_kept_payload(empty)), reason="revisit")
    assert fetch(make_answer(body=b"", content=b""), visit).kept_payload is None


def test_the_id_of_a_capture_follows_from_page_instant_and_bytes() -> None:
    first = fetch(make_answer())
    assert fetch(make_answer()).capture_id == first.capture_id
    assert fetch(make_answer(body=b"other")).capture_id != first.capture_id
    assert fetch(make_answer(asked_at=NOON.replace(minute=1))).capture_id != first.capture_id
    assert fetch(make_answer(), make_visit(PAGE + "/2")).capture_id != first.capture_id


def test_what_robots_txt_forbids_is_dropped() -> None:
    dropped = fetch(WebError("robots", "robots.txt of ledger.example does not let us ask"))
    assert isinstance(dropped, Dropped)
    assert (dropped.stage, dropped.reason, dropped.url_key) == ("download", "robots", PAGE)


def test_any_other_failure_is_a_dead_letter_with_the_servers_wish() -> None:
    dead = fetch(WebError("host-blocked", "asked us to wait", 900))
    assert isinstance(dead, DeadLetter)
    assert (dead.error, dead.retry_after_s, dead.at) == ("host-blocked", 900, NOON)
    assert (dead.feed_id, dead.url, dead.url_key, dead.entry_id) == ("ledger", PAGE, PAGE, PAGE)


def test_secrets_do_not_reach_a_dead_letter() -> None:
    url = PAGE + "?token=hidden"
    dead = fetch(WebError("timeout", f"{url}: no answer"), make_visit(url))
    assert "hidden" not in f"{dead.url} {dead.detail}"


def test_a_page_for_which_no_time_was_left_is_put_off() -> None:
    assert fetch(WebError("postponed", "ledger.example had its time")).reason == "postponed"
