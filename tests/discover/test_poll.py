"""Reading one feed: what a poll, its memory and its failures say."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.records import DeadLetter, Dropped, Entry, FeedMemory, FeedTurn, Header, Poll, Silence
from tests.builders import NOON, make_feed
from transforms.answer import Answer, WebError
from transforms.discover.poll import BACK_OFF, conditions, poll_feed

RSS = b"""<rss version="2.0"><channel><title>Ledger</title>
<item><guid>1</guid><title>Raid at a plant</title><link>https://ledger.example/raid</link></item>
<item><guid>2</guid><title>Court hears suit</title><link>https://ledger.example/suit</link></item>
</channel></rss>"""


class FakeWeb:
    """Answers every request with one answer, or fails with one error."""

    def __init__(self, answer: Answer | WebError) -> None:
        self.answer = answer
        self.conditions: tuple[Header, ...] = ()

    def now(self) -> datetime:
        return NOON

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = ()) -> Answer:
        self.conditions = conditions
        if isinstance(self.answer, WebError):
            raise self.answer
        return self.answer


def answer(status: int = 200, content: bytes = RSS, **headers: str) -> Answer:
    return Answer(
        url="https://ledger.example/feed",
        redirects=(),
        status=status,
        headers=tuple(Header(name=name.replace("_", "-"), value=value) for name, value in headers.items()),
        request_headers=(),
        body=content,
        content=content,
        asked_at=NOON,
    )


def poll(reply: Answer | WebError, memory: FeedMemory | None = None) -> dict[type, Any]:
    """The outputs of one poll, by type; entries as a list."""
    outputs = asyncio.run(poll_feed(FakeWeb(reply), FeedTurn(feed=make_feed(), memory=memory), run_id="run-1"))
    by_type: dict[type, Any] = {type(output): output for output in outputs}
    by_type[Entry] = [output for output in outputs if isinstance(output, Entry)]
    return by_type


def test_a_first_poll_gives_the_entries_and_remembers_the_feed() -> None:
    out = poll(answer(ETag='W/"a"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT"))
    assert (out[Poll].outcome, out[Poll].entries_listed, out[Poll].entries_new, out[Poll].overlap) == (
        "entries",
        2,
        2,
        None,
    )
    assert [entry.title for entry in out[Entry]] == ["Raid at a plant", "Court hears suit"]
    assert out[FeedMemory].etag == 'W/"a"'
    assert out[FeedMemory].entry_ids == ("1", "2")


def test_the_next_poll_sends_both_validators_byte_for_byte() -> None:
    memory = poll(answer(ETag='W/"a"', Last_Modified="yesterday, more or less"))[FeedMemory]
    sent = {header.name: header.value for header in conditions(memory, NOON)}
    assert sent == {"If-None-Match": 'W/"a"', "If-Modified-Since": "yesterday, more or less"}


def test_validators_are_dropped_after_a_week_to_find_a_lying_304() -> None:
    memory = poll(answer(ETag='"a"'))[FeedMemory]
    assert conditions(memory, NOON + timedelta(days=7, minutes=1)) == ()


def test_not_modified_keeps_what_was_known() -> None:
    memory = poll(answer(ETag='"a"'))[FeedMemory]
    out = poll(answer(304, b"a body that a 304 may not have"), memory)
    assert (out[Poll].outcome, out[Entry]) == ("not-modified", [])
    assert (out[FeedMemory].etag, out[FeedMemory].entry_ids) == ('"a"', ("1", "2"))
    assert out[FeedMemory].validators_at == NOON


def test_the_hash_decides_even_if_the_validators_changed() -> None:
    memory = poll(answer(ETag='"a"'))[FeedMemory]
    out = poll(answer(ETag='"b"'), memory)
    assert (out[Poll].outcome, out[FeedMemory].etag) == ("unchanged", '"b"')


def test_overlap_tells_how_much_of_the_list_is_new() -> None:
    memory = poll(answer())[FeedMemory]
    out = poll(answer(content=RSS.replace(b"<guid>2", b"<guid>3")), memory)
    assert (out[Poll].entries_new, out[Poll].overlap) == (1, 0.5)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(404), "http-404"),
        (answer(410), "http-410"),
        (answer(content=b"<!doctype html><title>Just news</title><p>Hello</p>"), "not-a-feed"),
        (answer(content=b""), "empty"),
        (WebError("timeout", "slow"), "timeout"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_feed_that_cannot_be_read_is_a_dead_letter_and_keeps_its_validators(reply: Any, kind: str) -> None:
    memory = poll(answer(ETag='"a"'))[FeedMemory]
    out = poll(reply, memory)
    assert (out[DeadLetter].error, out[Poll].outcome) == (kind, "error")
    assert (out[FeedMemory].etag, out[FeedMemory].errors) == ('"a"', 1)
    assert out[FeedMemory].next_due_at is None, "the first failure may be tried again at once"


def test_the_second_failure_in_a_row_rests_the_feed() -> None:
    once = poll(answer(500))[FeedMemory]
    twice = poll(answer(500), once)[FeedMemory]
    assert twice.next_due_at == NOON + BACK_OFF


def test_retry_after_silences_the_whole_domain() -> None:
    out = poll(answer(429, Retry_After="3600"))
    assert out[Silence] == Silence(domain="ledger.example", seconds=3600)
    assert out[FeedMemory].next_due_at == NOON + timedelta(hours=1)


def test_a_feed_that_is_not_due_is_not_asked() -> None:
    memory = FeedMemory(feed_id="ledger", url="https://ledger.example/feed", next_due_at=NOON + timedelta(minutes=5))
    out = poll(WebError("bug", "must not be asked"), memory)
    assert out[Dropped].reason == "not-due"


def test_what_is_remembered_of_another_address_is_forgotten() -> None:
    memory = FeedMemory(
        feed_id="ledger",
        url="https://ledger.example/old-feed",
        etag='"old"',
        validators_at=NOON - timedelta(hours=1),
        next_due_at=NOON + timedelta(hours=12),
        errors=7,
    )
    web = FakeWeb(answer())
    poll_now, *entries, remembered = asyncio.run(
        poll_feed(web, FeedTurn(feed=make_feed(), memory=memory), run_id="run-1")
    )
    assert (web.conditions, poll_now.outcome, len(entries), remembered.errors) == ((), "entries", 2, 0)


def test_a_feed_cut_at_the_cap_says_so() -> None:
    items = b"".join(
        b"<item><guid>%d</guid><link>https://ledger.example/%d</link></item>" % (n, n) for n in range(2100)
    )
    out = poll(answer(content=b"<rss version='2.0'><channel><title>L</title>" + items + b"</channel></rss>"))
    assert out[Poll].truncated_at == out[Poll].entries_listed == len(out[Entry]) == 2000
