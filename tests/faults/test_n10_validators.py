"""N10: what a server may say of "not modified": none of it costs an entry, and what is sent back is what was sent.

`test_n10_model` goes through such answers in every order; here are the ones with a name, from a real server.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.memory import FeedMemory, FeedTurn
from schemas.records import DeadLetter, Entry, Gap, Poll
from tests.builders import NOON, make_feed
from tests.faults.feed_model import Item
from tests.faults.oracle import with_web
from tests.faults.server import FaultServer, Line, Play, reply
from transforms.discover.poll import poll_feed
from transforms.discover.validators import REPEATS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DATE = "Mon, 02 Nov 2026 10:00:00 GMT"


def rss(*numbers: int) -> bytes:
    items = "".join(Item(number, dated_at=None).render() for number in numbers)
    return f"<rss version='2.0'><channel><title>Ledger</title>{items}</channel></rss>".encode()


class Reader:
    """Polls one feed of a server, and remembers it from poll to poll."""

    def __init__(self, site: FaultServer) -> None:
        self.site = site
        self.now = NOON
        self.memory: FeedMemory | None = None

    def poll(self, *plays: Play | bytes, later: timedelta = HOUR) -> "Reader":
        """Poll once for each play, so much time apart; of the last poll tell `row`, `numbers`, `error` and `sent`."""
        for play in plays:
            self.site.serve("/feed", play)
            self.now += later
            turn = FeedTurn(feed=make_feed(url=self.site.url("/feed")), memory=self.memory, is_forced=True)
            outputs: list[Any] = with_web(lambda web: poll_feed(web, turn, run_id="run-1"), now=self.now)  # noqa: B023
            (self.row,) = (each for each in outputs if isinstance(each, Poll))
            (self.memory,) = (each for each in outputs if isinstance(each, FeedMemory))
            self.numbers = [int((each.title or "").split()[-1]) for each in outputs if isinstance(each, Entry)]
            self.error = next((each.error for each in outputs if isinstance(each, DeadLetter)), None)
            headers = self.site.requests[-1].headers
            self.sent = headers.get("if-none-match"), headers.get("if-modified-since")
        return self


@pytest.fixture
def reader(site: FaultServer) -> Reader:
    return Reader(site)


def late(head: bytes, body: bytes) -> Play:
    """The body well behind the head, so that it is read alone."""

    def play(line: Line) -> None:
        line.say(head)
        line.wait(0.1)
        line.say(body)

    return play


def test_n10_a_304_with_a_new_body_changes_nothing_and_hides_nothing(reader: Reader) -> None:
    reader.poll(reply(body=rss(1), etag='"a"'), late(reply(304, etag='"a"', content_length=99), rss(1, 2)))
    assert (reader.row.outcome, reader.numbers, reader.sent) == ("not-modified", [], ('"a"', None))
    assert reader.poll(reply(body=rss(1, 2), etag='"b"')).numbers == [1, 2]


def test_n10_a_304_whose_body_breaks_the_connection_costs_one_poll_a_month(reader: Reader) -> None:
    """A body where HTTP has no place for one is read as the next answer, and is none."""
    reader.poll(reply(body=rss(1), etag='"a"'), reply(304, rss(1, 2), etag='"a"'))
    assert (reader.error, reader.sent) == ("protocol", ('"a"', None))
    reader.poll(*[reply(body=rss(1, 2), etag='"b"')] * 2)
    assert (reader.row.outcome, reader.sent) == ("unchanged", (None, None))
    assert reader.memory is not None
    assert reader.memory.errors == 0.0


@pytest.mark.parametrize(
    "etag",
    ['W/"a"', '"a-gzip"', '"a, b"', "no quotes", "'single'", '""', '"half', '"a\tb"', "W/", '"%22\\"', "*", "0"],
)
def test_n10_an_etag_goes_back_byte_for_byte(reader: Reader, etag: str) -> None:
    reader.poll(reply(body=rss(1), etag=etag), reply(304))
    assert reader.sent == (etag, None)


@pytest.mark.parametrize(
    "date",
    [DATE, "Fri, 31 Dec 2999 23:59:59 GMT", "yesterday, more or less", "0", "2026-11-02", "Mon, 02 Nov 2026 10:00 EST"],
)
def test_n10_a_date_goes_back_byte_for_byte_and_is_never_compared(reader: Reader, date: str) -> None:
    reader.poll(reply(body=rss(1), last_modified=date), reply(body=rss(1, 2), last_modified=date))
    assert (reader.sent, reader.numbers) == ((None, date), [1, 2])


@pytest.mark.parametrize("etag", ['"caf\xe9"', '"caf\xc3\xa9"', '"\xff\xfe"'])
def test_n10_what_cannot_go_back_as_it_came_does_not_go_back(reader: Reader, etag: str) -> None:
    """The client writes header fields as UTF-8, so that other bytes than those received would be sent."""
    reader.poll(reply(body=rss(1), etag=etag, last_modified=DATE), reply(304))
    assert (reader.sent, reader.row.outcome) == ((None, DATE), "not-modified")


def test_n10_a_date_that_changes_with_the_same_body_is_no_news(reader: Reader) -> None:
    dates = [DATE.replace("10:", f"{hour}:") for hour in (10, 11, 12)]
    reader.poll(*(reply(body=rss(1), last_modified=date) for date in dates))
    assert (reader.row.outcome, reader.numbers, reader.sent) == ("unchanged", [], (None, dates[1]))


@pytest.mark.parametrize("etags", [['"a-gzip"'], ['"1"', '"2"']], ids=["gzip suffix", "flapping"])
def test_n10_an_etag_that_never_matches_is_given_up_for_the_date(reader: Reader, etags: list[str]) -> None:
    answers = [reply(body=rss(1), etag=etags[n % len(etags)], last_modified=DATE) for n in range(REPEATS + 1)]
    reader.poll(*answers)
    assert reader.sent[0] in etags
    assert reader.poll(reply(304)).sent == (None, DATE)


def test_n10_an_empty_answer_after_good_ones_forgets_nothing(reader: Reader) -> None:
    reader.poll(reply(body=rss(1, 2), etag='"a"'), reply(body=b"", etag='"empty"'))
    assert (reader.error, reader.row.outcome) == ("empty", "error")
    assert reader.row.gaps == (Gap(kind="unreadable", cause="empty", began_at=NOON + HOUR),)
    reader.poll(reply(body=rss(2, 3), etag='"b"'))
    assert reader.sent == ('"a"', None), "the validators of the last good answer, not of the empty one"
    assert (reader.row.entries_new, reader.row.overlap) == (1, 0.5)
    assert [(gap.kind, gap.ended_at) for gap in reader.row.gaps] == [("unreadable", reader.now)]


def test_n10_a_list_without_entries_is_an_answer_and_no_roll_over(reader: Reader) -> None:
    reader.poll(reply(body=rss(1, 2)), reply(body=rss()))
    emptied = Gap(kind="truncated", cause="the list is empty", began_at=NOON + HOUR)
    assert (reader.row.outcome, reader.row.gaps) == ("entries", (emptied,))
    reader.poll(reply(body=rss(2, 3)))
    assert (reader.row.entries_new, reader.row.gaps) == (1, (replace(emptied, ended_at=reader.now),))


def test_n10_gone_is_asked_less_and_less_and_welcomed_back(reader: Reader) -> None:
    reader.poll(reply(body=rss(1), etag='"a"'))
    for days, parked in ((0, None), (1, None), (6, "gone")):
        reader.poll(reply(410), later=days * DAY + HOUR)
        assert (reader.error, reader.memory and reader.memory.parked) == ("http-410", parked)
    assert reader.row.next_due_at is not None
    assert reader.row.next_due_at > reader.now + 26 * DAY
    reader.poll(reply(body=rss(1, 2), etag='"b"'), later=30 * DAY)
    assert (reader.numbers, [(gap.kind, gap.ended_at) for gap in reader.row.gaps]) == ([1, 2], [("gone", reader.now)])
    assert reader.memory is not None
    assert (reader.memory.parked, reader.memory.errors, reader.memory.gone_polls) == (None, 0.0, 0)


def test_n10_not_modified_to_whoever_did_not_ask_is_an_error(reader: Reader) -> None:
    assert reader.poll(reply(304, etag='"a"')).error == "unasked-304"
    assert reader.poll(reply(body=rss(1))).sent == (None, None), "no validator of an answer that was none"


def test_n10_a_week_of_not_modified_is_believed_and_no_longer(reader: Reader) -> None:
    reader.poll(reply(body=rss(1), etag='"a"'))
    reader.poll(*[reply(304)] * 7, later=DAY)
    assert (reader.row.outcome, reader.sent) == ("not-modified", ('"a"', None))
    reader.poll(reply(body=rss(1, 2), etag='"a"'), later=DAY)
    assert (reader.sent, reader.numbers) == ((None, None), [1, 2])
    assert reader.row.gaps == (Gap(kind="lying-304", cause="http-304", began_at=NOON + HOUR, ended_at=reader.now),)
    assert reader.poll(reply(body=rss(1, 2), etag='"a"')).sent == (None, None), "not believed again for a month"
    assert reader.poll(reply(304), later=31 * DAY).error == "unasked-304"
    assert reader.poll(reply(body=rss(1, 2), etag='"a"'), reply(304)).sent == ('"a"', None)


def test_n10_a_304_may_name_new_validators_and_keeps_those_it_does_not_name(reader: Reader) -> None:
    reader.poll(reply(body=rss(1), etag='"a"', last_modified=DATE), reply(304, etag='"b"'), reply(304))
    assert reader.sent == ('"b"', DATE)
