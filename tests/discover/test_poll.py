"""Reading one feed: what a poll, its memory and its failures say."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.memory import FeedMemory, FeedTurn
from schemas.records import DeadLetter, Dropped, Entry, Feed, Gap, Header, Poll, Redirect
from tests.builders import NOON, make_answer, make_feed, make_feed_memory
from transforms.answer import Answer, WebError
from transforms.discover.poll import poll_feed
from transforms.write.coverage import merge_gaps

HOUR = timedelta(hours=1)
FEED, SITEMAP = "https://ledger.example/feed", "https://ledger.example/news-sitemap.xml"


def rss(*numbers: int, days_ago: int = 0) -> bytes:
    """A feed of numbered entries, each dated to its number's hour of a day."""
    items = "".join(
        f"<item><guid>{n}</guid><title>Raid {n}</title><link>https://ledger.example/{n}</link>"
        f"<pubDate>{2 - days_ago:02} Nov 2026 {n % 24:02}:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>Ledger</title>{items}</channel></rss>".encode()


def sitemap(*numbers: int) -> bytes:
    """A news sitemap of the same entries."""
    urls = "".join(
        f"<url><loc>https://ledger.example/{n}</loc><n:news><n:title>Raid {n}</n:title>"
        f"<n:publication_date>2026-11-02T{n % 24:02}:00:00Z</n:publication_date></n:news></url>"
        for n in numbers
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    ).encode()


RSS = rss(1, 2)


class FakeWeb:
    """Answers by address, with one answer for all others, or fails with one error."""

    def __init__(self, *answers: Answer | WebError, now: datetime = NOON, **by_url: Answer | WebError) -> None:
        self.answers = list(answers)
        self.by_url = by_url
        self.at = now
        self.asked: list[str] = []
        self.conditions: tuple[Header, ...] = ()

    def now(self) -> datetime:
        return self.at

    async def get(self, url: str, *, accept: str = "*/*", conditions: tuple[Header, ...] = (), **_: Any) -> Answer:
        self.asked.append(url)
        answer = self.by_url.get(url) or (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        if url == FEED:
            self.conditions = conditions
        if isinstance(answer, WebError):
            raise answer
        return replace(answer, asked_at=self.at, request_headers=conditions)


def answer(status: int = 200, content: bytes = RSS, **headers: str) -> Answer:
    return make_answer(content, status, **headers)


def poll(
    reply: Answer | WebError | FakeWeb,
    memory: FeedMemory | None = None,
    *,
    feed: Feed | None = None,
    after: timedelta = timedelta(),
    is_forced: bool = True,
) -> dict[type, Any]:
    """The outputs of one poll, by type; entries and dead letters as lists."""
    web = reply if isinstance(reply, FakeWeb) else FakeWeb(reply)
    web.at = NOON + after
    turn = FeedTurn(feed=feed or make_feed(), memory=memory, is_forced=is_forced)
    outputs = asyncio.run(poll_feed(web, turn, run_id="run-1"))
    by_type: dict[type, Any] = {type(output): output for output in outputs}
    by_type[Entry] = [output for output in outputs if isinstance(output, Entry)]
    return by_type


def test_a_first_poll_gives_the_entries_and_remembers_the_feed() -> None:
    out = poll(answer(ETag='W/"a"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT"))
    facts = (out[Poll].outcome, out[Poll].entries_listed, out[Poll].entries_new, out[Poll].overlap)
    assert facts == ("entries", 2, 2, None)
    assert [entry.title for entry in out[Entry]] == ["Raid 1", "Raid 2"]
    memory = out[FeedMemory]
    assert (memory.etag, memory.succeeded_at, memory.interval_s) == ('W/"a"', NOON, 3600)
    assert memory.next_due_at == out[Poll].next_due_at


def test_the_next_poll_sends_the_validators_of_the_one_before() -> None:
    memory = poll(answer(ETag='W/"a"'))[FeedMemory]
    web = FakeWeb(answer(304, b""))
    poll(web, memory, after=HOUR)
    assert web.conditions == (Header(name="If-None-Match", value='W/"a"'),)


def test_not_modified_keeps_what_was_known_and_its_body_is_ignored() -> None:
    memory = poll(answer(ETag='"a"'))[FeedMemory]
    out = poll(answer(304, rss(7, 8, 9)), memory, after=HOUR)
    assert (out[Poll].outcome, out[Entry]) == ("not-modified", [])
    after = out[FeedMemory]
    assert (after.etag, after.marks, after.validators_at) == ('"a"', memory.marks, NOON)
    assert (after.not_modified_at, after.succeeded_at) == (NOON + HOUR, NOON + HOUR)


def test_a_304_to_a_request_without_conditions_is_an_error() -> None:
    assert poll(answer(304, b""))[DeadLetter].error == "unasked-304"


def test_the_hash_decides_even_if_the_validators_changed() -> None:
    memory = poll(answer(ETag='"a"'))[FeedMemory]
    out = poll(answer(ETag='"b"'), memory)
    assert (out[Poll].outcome, out[FeedMemory].etag) == ("unchanged", '"b"')


def test_overlap_tells_how_much_of_the_list_is_new() -> None:
    memory = poll(answer())[FeedMemory]
    out = poll(answer(content=rss(2, 3)), memory)
    assert (out[Poll].entries_new, out[Poll].overlap) == (1, 0.5)


@pytest.mark.parametrize(
    ("reply", "kind", "status"),
    [
        (answer(404), "http-404", 404),
        (answer(410), "http-410", 410),
        (answer(content=b"<!doctype html><title>Just news</title><p>Hello</p>"), "not-a-feed", None),
        (answer(content=b"<opml><body><outline xmlUrl='https://a.example/feed'/></body></opml>"), "not-a-feed", None),
        (answer(content=b""), "empty", None),
        (answer(202, b"", x_amzn_waf_action="challenge"), "challenge", None),
        (WebError("timeout", "slow"), "timeout", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_feed_that_cannot_be_read_is_a_dead_letter_and_keeps_what_was_known(
    reply: Any, kind: str, status: int | None
) -> None:
    memory = poll(answer(ETag='"a"'))[FeedMemory]
    out = poll(reply, memory, after=HOUR)
    assert (out[DeadLetter].error, out[Poll].outcome, out[Poll].status) == (kind, "error", status)
    after = out[FeedMemory]
    assert (after.etag, after.marks, after.validators_at) == ('"a"', memory.marks, NOON)
    assert (after.failures, after.last_error, after.succeeded_at) == (1, kind, NOON)
    assert [(gap.cause, gap.began_at, gap.ended_at) for gap in out[Poll].gaps] == [(kind, NOON, None)]


def test_the_poll_that_succeeds_again_ends_the_gap() -> None:
    broken = poll(answer(503), poll(answer())[FeedMemory], after=HOUR)[FeedMemory]
    out = poll(answer(content=rss(2, 3)), broken, after=2 * HOUR)
    assert out[Poll].gaps == (Gap(kind="outage", cause="http-503", began_at=NOON, ended_at=NOON + 2 * HOUR),)
    assert out[FeedMemory].gap is None


def test_entries_that_the_poll_before_did_not_list_are_new() -> None:
    first = poll(answer(content=rss(1, 2)))
    assert [entry.is_new for entry in first[Entry]] == [True, True]
    then = poll(answer(content=rss(2, 3)), first[FeedMemory], after=HOUR)
    assert [(entry.title, entry.is_new) for entry in then[Entry]] == [("Raid 2", False), ("Raid 3", True)]


def test_retry_after_is_kept() -> None:
    out = poll(answer(429, Retry_After="7200"))
    assert out[FeedMemory].next_due_at >= NOON + 2 * HOUR


def test_a_feed_of_a_silent_domain_is_not_asked_and_has_not_failed() -> None:
    memory = poll(answer())[FeedMemory]
    out = poll(WebError("host-blocked", "ledger.example asked us to wait", 1800), memory)
    assert out[Dropped].reason == "silenced"
    assert (out[FeedMemory].failures, out[FeedMemory].next_due_at) == (0, NOON + HOUR / 2)
    assert DeadLetter not in out
    assert out[FeedMemory].gap == Gap(kind="blocked", cause="host-blocked", began_at=NOON)
    assert poll(answer(), out[FeedMemory], after=HOUR)[FeedMemory].gap is None


def test_a_feed_for_which_no_time_was_left_is_due_at_once() -> None:
    out = poll(WebError("postponed", "ledger.example had its time"), make_feed_memory(errors=1.0))
    assert (out[Dropped].reason, out[FeedMemory].next_due_at, out[FeedMemory].errors) == ("postponed", NOON, 1.0)


def test_a_feed_that_is_not_due_is_not_asked_unless_forced() -> None:
    memory = make_feed_memory(next_due_at=NOON + HOUR / 12)
    web = FakeWeb(answer())
    assert poll(web, memory, is_forced=False)[Dropped].reason == "not-due"
    assert web.asked == []
    assert poll(web, memory)[Poll].outcome == "entries"


OLD = make_feed(url="https://ledger.example/old-feed")


def test_a_mended_address_is_asked_at_once_for_everything_and_its_gap_ends() -> None:
    memory = poll(answer(content=rss(1, 2), ETag='"old"'), feed=OLD)[FeedMemory]
    for hours in (1, 2):
        memory = poll(answer(404), memory, feed=OLD, after=hours * HOUR)[FeedMemory]
    assert memory.next_due_at > NOON + 3 * HOUR
    web = FakeWeb(answer(content=rss(2, 3)))
    out = poll(web, memory, is_forced=False, after=3 * HOUR)
    assert (web.asked, web.conditions, out[FeedMemory].url, out[FeedMemory].errors) == ([FEED], (), FEED, 0.0)
    assert [(gap.kind, gap.began_at, gap.ended_at) for gap in out[Poll].gaps] == [("gone", NOON, NOON + 3 * HOUR)]
    assert (out[Poll].entries_new, out[Poll].overlap) == (1, 0.5), "known entries are not seen a second time"


def test_a_mended_address_that_lists_nothing_known_is_a_gap_since_the_old_one_was_read() -> None:
    memory = poll(answer(content=rss(1, 2)), feed=OLD)[FeedMemory]
    (gap,) = poll(answer(content=rss(8, 9)), memory, after=9 * HOUR)[Poll].gaps
    assert (gap.kind, gap.began_at) == ("rolled-over", NOON)


def test_an_address_that_is_mended_as_its_feed_told_ends_the_move() -> None:
    """Of the proofs that the old address gave nothing counts, should the new one redirect as well."""
    moved_on = replace(answer(), url=FEED, redirects=(Redirect(url=OLD.url, status=301),))
    memory = None
    for hours in (0, 12):
        memory = poll(moved_on, memory, feed=OLD, after=hours * HOUR)[FeedMemory]
    (gap,) = poll(answer(), memory, after=25 * HOUR)[Poll].gaps
    assert (gap.kind, gap.cause, gap.ended_at) == ("moved", FEED, NOON + 25 * HOUR)
    elsewhere = make_feed(url="https://ledger.example/other")
    out = poll(moved_on, memory, feed=elsewhere, after=25 * HOUR)
    assert (out[FeedMemory].moved_polls, out[FeedMemory].adopted_url) == (1, None)


def test_a_feed_cut_at_the_cap_says_so() -> None:
    out = poll(answer(content=rss(*range(2100))))
    assert out[Poll].truncated_at == out[Poll].entries_listed == len(out[Entry]) == 2000
    assert [gap.kind for gap in out[Poll].gaps] == ["truncated"]


# ------------------------------------------------------------------------------------------------ roll-over


def test_two_polls_that_share_no_entry_are_a_gap() -> None:
    memory = poll(answer(content=rss(1, 2)))[FeedMemory]
    out = poll(answer(content=rss(8, 9)), memory, after=9 * HOUR)
    (gap,) = out[Poll].gaps
    assert (gap.kind, gap.began_at, gap.ended_at, gap.recovered) == ("rolled-over", NOON, NOON + 9 * HOUR, 0)
    assert out[FeedMemory].rollovers == 1


@pytest.mark.parametrize("first", [answer(content=rss(8, 9), ETag='"b"'), answer(304, b"")], ids=["changed", "304"])
def test_memory_of_an_older_icewire_tells_nothing_of_what_was_listed(first: Answer) -> None:
    """It knew validators and hash, but no marks: all entries seem new, which is no roll-over, no lie and no pace."""
    known: dict[str, Any] = {"etag": '"a"', "body_sha256": "00", "validators_at": NOON, "succeeded_at": NOON}
    memory = make_feed_memory(polled_at=NOON, **known)
    polls = []
    for hours, reply in ((1, first), (2, answer(content=rss(9, 10), ETag='"c"'))):
        out = poll(reply, memory, after=hours * HOUR)
        memory = out[FeedMemory]
        polls.append(out[Poll])
    assert [each.gaps for each in polls] == [(), ()]
    assert (memory.rollovers, memory.distrusted_at) == (0, None)
    assert (polls[1].usual_rate or 0.0) <= 1.0, "two entries at once are not two an hour"
    rolled = poll(answer(content=rss(20, 21)), memory, after=5 * HOUR)
    assert [gap.kind for gap in rolled[Poll].gaps] == ["rolled-over"], "from then on"


def test_a_gap_is_filled_from_the_sitemap_with_what_the_feed_lost() -> None:
    feed = make_feed(sitemap=SITEMAP)
    memory = poll(answer(content=rss(10, 11)), feed=feed)[FeedMemory]
    web = FakeWeb(answer(content=rss(18, 19)), **{SITEMAP: answer(content=sitemap(3, 10, 11, 13, 14, 15, 18, 19))})
    out = poll(web, memory, feed=feed, after=8 * HOUR)
    assert [entry.url for entry in out[Entry][2:]] == [f"https://ledger.example/{n}" for n in (13, 14, 15)]
    assert {entry.feed_id for entry in out[Entry]} == {"ledger"}
    assert (out[Poll].backfilled, out[Poll].gaps[0].recovered) == (3, 3)
    assert web.asked == [FEED, SITEMAP]


def test_a_sitemap_that_fails_leaves_the_gap_as_it_is_and_is_told() -> None:
    feed = make_feed(sitemap=SITEMAP)
    memory = poll(answer(content=rss(1)), feed=feed)[FeedMemory]
    out = poll(FakeWeb(answer(content=rss(8)), **{SITEMAP: answer(500)}), memory, feed=feed, after=9 * HOUR)
    (gap,) = out[Poll].gaps
    assert (gap.cause, gap.recovered) == ("all of 1 entries new; the sitemap could not be read: http-500", 0)
    assert (gap.ended_at, len(out[Entry])) == (None, 1)


def test_a_sitemap_is_left_alone_while_nothing_is_lost() -> None:
    web = FakeWeb(answer(content=rss(1, 2)))
    memory = poll(web, feed=make_feed(sitemap=SITEMAP))[FeedMemory]
    poll(FakeWeb(answer(content=rss(2, 3))), memory, feed=make_feed(sitemap=SITEMAP))
    assert web.asked == [FEED]


def test_entries_known_from_earlier_lists_are_not_filled_in_again() -> None:
    feed, memory = make_feed(sitemap=SITEMAP), None
    for numbers in ((11, 12), (12,)):
        memory = poll(answer(content=rss(*numbers)), memory, feed=feed)[FeedMemory]
    web = FakeWeb(answer(content=rss(19)), **{SITEMAP: answer(content=sitemap(11, 12, 13, 13, 19))})
    out = poll(web, memory, feed=feed, after=8 * HOUR)
    assert [entry.url for entry in out[Entry][1:]] == ["https://ledger.example/13"]
    assert (out[Poll].backfilled, out[Poll].gaps[0].recovered) == (1, 1)


# ------------------------------------------------------------------------------------------------ gaps that wait


class Waiting:
    """A feed that rolled over at 20:00, eight hours after it was read, while its sitemap could not be."""

    def __init__(self, **by_url: Answer) -> None:
        self.feed = make_feed(sitemap=SITEMAP)
        self.memory: FeedMemory | None = None
        self.gaps: list[Gap] = []
        self.filled: list[str | None] = []
        self.poll(answer(content=rss(10, 11), ETag='"a"'), 0)
        self.poll(answer(content=rss(18, 19), ETag='"b"'), 8, **(by_url or {SITEMAP: answer(500)}))

    def poll(self, reply: Answer | WebError, hours: int, **by_url: Answer) -> tuple[Gap, ...]:
        """The gaps that a poll tells of; what it took from the sitemap is appended to `filled`."""
        out = poll(FakeWeb(reply, **by_url), self.memory, feed=self.feed, after=hours * HOUR)
        self.memory = out[FeedMemory]
        self.gaps += out[Poll].gaps
        self.filled += [entry.url for entry in out[Entry][out[Poll].entries_listed :]]
        return tuple(out[Poll].gaps)


def page(number: int) -> str:
    return f"https://ledger.example/{number}"


@pytest.mark.parametrize(
    "reply",
    [answer(304, b""), answer(content=rss(18, 19)), answer(content=rss(19, 20))],
    ids=["304", "same", "changed"],
)
def test_a_sitemap_that_failed_is_tried_again_at_the_next_poll_whatever_it_brings(reply: Answer) -> None:
    waiting = Waiting()
    (told,) = waiting.poll(reply, 10, **{SITEMAP: answer(content=sitemap(10, 11, 13, 14, 18, 19))})
    assert (told.kind, told.began_at, told.ended_at, told.recovered) == ("rolled-over", NOON, NOON + 8 * HOUR, 2)
    assert waiting.filled[:2] == [page(13), page(14)]
    assert merge_gaps(waiting.gaps) == (told,), "one gap, that ended"
    assert waiting.poll(reply, 11) == ()


def test_a_gap_that_waits_is_told_at_failed_polls_too() -> None:
    waiting = Waiting()
    outage, waits = waiting.poll(answer(503), 10)
    assert (outage.kind, waits.kind, waits.ended_at) == ("outage", "rolled-over", None)
    assert waiting.memory is not None
    assert len(waiting.memory.unfilled) == 1


def test_entries_of_the_parts_that_could_be_read_are_not_taken_twice() -> None:
    first = {
        SITEMAP: index(("a.xml", "2026-11-02T19:00:00Z"), ("b.xml", "2026-11-02T18:00:00Z")),
        page_of("a"): sitemap(15),
    }
    answers = {url: answer(content=content) for url, content in first.items()}
    waiting = Waiting(**answers, **{page_of("b"): answer(503)})
    assert (waiting.filled, waiting.gaps[-1].recovered) == ([page(15)], 1)
    (told,) = waiting.poll(answer(304, b""), 9, **answers, **{page_of("b"): answer(content=sitemap(13, 15))})
    assert (waiting.filled, told.recovered) == ([page(15), page(13)], 2)


def page_of(part: str) -> str:
    return f"https://ledger.example/{part}.xml"


def test_a_sitemap_is_given_up_once_it_no_longer_holds_the_news() -> None:
    waiting = Waiting()
    failing = {SITEMAP: answer(503)}
    (told,) = waiting.poll(answer(304, b""), 8 + 47, **failing)
    assert told.ended_at is None
    web = FakeWeb(answer(304, b""), **failing)
    (told,) = poll(web, waiting.memory, feed=waiting.feed, after=(8 + 49) * HOUR)[Poll].gaps
    assert told.cause == "all of 2 entries new; given up, the sitemap could not be read: http-503"
    assert (told.began_at, told.ended_at, web.asked) == (NOON, NOON + 8 * HOUR, [FEED])


def test_two_losses_that_wait_are_filled_each_with_its_own() -> None:
    waiting = Waiting()
    waiting.poll(answer(content=rss(22, 23), ETag='"c"'), 12, **{SITEMAP: answer(503)})
    told = waiting.poll(answer(304, b""), 13, **{SITEMAP: answer(content=sitemap(13, 14, 21, 22, 23))})
    assert [(gap.began_at, gap.recovered) for gap in told] == [(NOON, 2), (NOON + 8 * HOUR, 1)]


# ------------------------------------------------------------------------------------------------ sitemap indexes


def index(*parts: tuple[str, str | None]) -> bytes:
    rows = "".join(
        f"<sitemap><loc>https://ledger.example/{name}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</sitemap>"
        for name, at in parts
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()


def test_a_sitemap_index_is_followed_to_its_newest_parts() -> None:
    parts = [(f"part-{day}.xml", f"2026-10-{day:02}") for day in range(1, 10)]
    web = FakeWeb(
        answer(content=sitemap(1, 2)), **{FEED: answer(content=index(*parts, ("undated.xml", None)), ETag='"i"')}
    )
    out = poll(web)
    names = ["undated.xml", *(f"part-{day}.xml" for day in (9, 8, 7, 6))]
    assert web.asked[1:] == [f"https://ledger.example/{name}" for name in names], "October is over"
    assert (out[Poll].kind, out[Poll].entries_new) == ("sitemap-index", 10)
    assert (out[FeedMemory].etag, out[FeedMemory].body_sha256) == (None, None), "parts change without their index"


def test_a_part_that_cannot_be_read_is_missing_until_it_can_be_read_again() -> None:
    documents = {
        FEED: answer(content=index(("a.xml", None), ("b.xml", None))),
        page_of("a"): answer(content=sitemap(1)),
    }
    good = documents | {page_of("b"): answer(content=sitemap(2))}
    bad = documents | {page_of("b"): WebError("http-500", "out of order")}
    memory = poll(FakeWeb(answer(), **good))[FeedMemory]
    for hours in (1, 2):
        out = poll(FakeWeb(answer(), **bad), memory, after=hours * HOUR)
        missing = Gap(kind="truncated", cause="a part could not be read: http-500", began_at=NOON)
        assert (out[Poll].gaps, out[FeedMemory].gap) == ((missing,), missing)
        memory = out[FeedMemory]
    out = poll(FakeWeb(answer(), **good), memory, after=3 * HOUR)
    assert (out[Poll].gaps, out[FeedMemory].gap) == ((replace(missing, ended_at=NOON + 3 * HOUR),), None)


def test_an_index_of_which_a_part_fails_is_read_as_far_as_it_goes() -> None:
    pages = {FEED: index(("a.xml", "2026-10-02"), ("b.xml", "2026-10-01")), "https://ledger.example/a.xml": sitemap(1)}
    web = FakeWeb(answer(503), **{url: answer(content=content) for url, content in pages.items()})
    out = poll(web)
    assert ([gap.kind for gap in out[Poll].gaps], len(out[Entry])) == (["truncated"], 1)


def test_a_part_that_fails_keeps_from_no_other() -> None:
    parts = [("a.xml", "2026-11-02"), ("gone.xml", "2026-11-02"), ("b.xml", None), ("lost.xml", None)]
    pages = {FEED: index(*parts), page_of("a"): sitemap(1), page_of("b"): sitemap(2)}
    out = poll(FakeWeb(answer(404), **{url: answer(content=content) for url, content in pages.items()}))
    (gap,) = out[Poll].gaps
    assert (gap.cause, [entry.url for entry in out[Entry]]) == (
        "a part could not be read: http-404",
        [page(1), page(2)],
    )


def test_of_a_domain_that_is_to_be_left_alone_no_other_part_is_asked_for() -> None:
    parts = {FEED: answer(content=index(*((f"p{n}.xml", None) for n in range(4)))), page_of("p3"): answer()}
    web = FakeWeb(WebError("host-blocked", "ledger.example asked us to wait", 1800), **parts)
    poll(web)
    assert web.asked == [FEED, page_of("p3"), page_of("p2")]


def test_what_a_part_that_fails_had_listed_stays_known() -> None:
    def at(url: str, *numbers: int) -> dict[str, Answer]:
        return {url: answer(content=sitemap(*numbers))}

    both = {FEED: answer(content=index(("a.xml", "2026-11-02"), ("b.xml", "2026-11-01")))}
    memory = poll(FakeWeb(answer(503), **both, **at(page_of("a"), 1, 2), **at(page_of("b"), 3, 4)))[FeedMemory]
    for hours in (1, 2):
        memory = poll(FakeWeb(answer(503), **both, **at(page_of("a"), 2)), memory, after=hours * HOUR)[FeedMemory]
    out = poll(FakeWeb(answer(503), **both, **at(page_of("a"), 2), **at(page_of("b"), 4, 5)), memory, after=3 * HOUR)
    assert (out[Poll].entries_new, [entry.url for entry in out[Entry] if entry.is_new]) == (1, [page(5)])


def test_an_index_without_a_readable_part_is_an_error_of_the_feed() -> None:
    out = poll(FakeWeb(answer(503), **{FEED: answer(content=index(("a.xml", None)))}))
    assert (out[DeadLetter].error, out[Poll].outcome) == ("http-503", "error")


# ------------------------------------------------------------------------------------------------ moves and lies


def moved(content: bytes = RSS, status: int = 301, to: str = "https://www.ledger.example/rss") -> Answer:
    return replace(answer(content=content), url=to, redirects=(Redirect(url=FEED, status=status),))


def test_a_move_is_told_at_once_and_adopted_when_it_lasts() -> None:
    memory, polls = None, []
    for hours in (0, 12, 25):
        out = poll(moved(), memory, after=hours * HOUR)
        memory = out[FeedMemory]
        polls.append(out[Poll])
    assert {each.moved_to for each in polls} == {"https://www.ledger.example/rss"}
    assert [each.gaps[0].ended_at for each in polls] == [None, None, NOON + 25 * HOUR]
    assert {each.gaps[0].began_at for each in polls} == {NOON}
    web = FakeWeb(replace(answer(), url="https://www.ledger.example/rss"))
    assert poll(web, memory, after=30 * HOUR)[Poll].gaps == ()
    assert web.asked == ["https://www.ledger.example/rss"]


def test_an_adopted_address_that_fails_for_a_day_is_given_up_and_has_to_last_anew() -> None:
    memory = None
    for hours in (0, 12, 25):
        memory = poll(moved(), memory, after=hours * HOUR)[FeedMemory]
    assert memory is not None
    assert memory.adopted_url is not None
    asked = []
    for hours in (30, 40, 50, 60):
        web = FakeWeb(answer(403), **{FEED: moved()})
        memory = poll(web, memory, after=hours * HOUR)[FeedMemory]
        asked += web.asked
    assert asked == [memory.moved_to] * 3 + [FEED]
    assert (memory.adopted_url, memory.moved_polls, memory.errors, memory.gap) == (None, 1, 0.0, None)


def test_a_304_that_hid_entries_is_told_with_its_interval() -> None:
    memory = poll(answer(content=rss(8, 9), ETag='"a"'))[FeedMemory]
    for hours in (2, 4, 6):
        memory = poll(answer(304, b""), memory, after=hours * HOUR)[FeedMemory]
    week = timedelta(days=7, hours=1)
    out = poll(answer(content=rss(9, 13, 14), ETag='"a"'), memory, after=week)
    (gap,) = out[Poll].gaps
    assert (gap.kind, gap.began_at, gap.ended_at) == ("lying-304", NOON, NOON + week)
    web = FakeWeb(answer())
    poll(web, out[FeedMemory], after=week + HOUR)
    assert web.conditions == ()


@pytest.mark.parametrize(
    ("numbers", "kinds"), [((18, 19), {"lying-304": 0, "rolled-over": 4}), ((11, 19), {"lying-304": 4})]
)
def test_what_a_lie_hid_is_filled_in_since_the_last_whole_answer(
    numbers: tuple[int, ...], kinds: dict[str, int]
) -> None:
    """The last "not modified" proves nothing: neither of the list, nor of what came and went beneath it."""
    feed = make_feed(sitemap=SITEMAP)
    memory = poll(answer(content=rss(10, 11), ETag='"a"'), feed=feed)[FeedMemory]
    for hours in (2, 4, 6):
        memory = poll(answer(304, b""), memory, feed=feed, after=hours * HOUR)[FeedMemory]
    pages = {SITEMAP: answer(content=sitemap(10, 11, 13, 14, 16, 17, *numbers))}
    out = poll(FakeWeb(answer(content=rss(*numbers), ETag='"a"'), **pages), memory, feed=feed, after=8 * HOUR)
    assert {gap.kind: gap.recovered for gap in out[Poll].gaps} == kinds
    assert {gap.began_at for gap in out[Poll].gaps} == {NOON}
    assert [entry.url for entry in out[Entry][2:]] == [page(number) for number in (13, 14, 16, 17)]


def test_a_lie_that_hid_a_few_is_no_reason_to_ask_for_the_sitemap() -> None:
    feed = make_feed(sitemap=SITEMAP)
    memory = poll(answer(content=rss(8, 9, 10, 11), ETag='"a"'), feed=feed)[FeedMemory]
    memory = poll(answer(304, b""), memory, feed=feed, after=HOUR)[FeedMemory]
    web = FakeWeb(answer(content=rss(9, 10, 11, 12), ETag='"a"'))
    assert [gap.kind for gap in poll(web, memory, feed=feed, after=2 * HOUR)[Poll].gaps] == ["lying-304"]
    assert web.asked == [FEED]


def test_an_emptied_list_is_a_gap_and_what_follows_is_filled_in_from_before_it() -> None:
    feed = make_feed(sitemap=SITEMAP)
    memory = poll(answer(content=rss(10, 11), ETag='"a"'), feed=feed)[FeedMemory]
    for hours, reply in (
        (2, answer(content=rss(), ETag='"b"')),
        (3, answer(content=rss(), ETag='"b"')),
        (4, answer(304, b"")),
    ):
        out = poll(reply, memory, feed=feed, after=hours * HOUR)
        memory = out[FeedMemory]
        assert out[Poll].gaps == (Gap(kind="truncated", cause="the list is empty", began_at=NOON),)
    web = FakeWeb(answer(content=rss(18, 19)), **{SITEMAP: answer(content=sitemap(10, 11, 13, 18, 19))})
    rolled, emptied = poll(web, memory, feed=feed, after=8 * HOUR)[Poll].gaps
    assert (rolled.kind, rolled.began_at, rolled.recovered) == ("rolled-over", NOON, 1)
    assert (emptied.kind, emptied.began_at, emptied.ended_at) == ("truncated", NOON, NOON + 8 * HOUR)


def test_a_news_sitemap_without_news_is_no_gap() -> None:
    memory = poll(answer(content=sitemap(10, 11)))[FeedMemory]
    assert poll(answer(content=sitemap()), memory, after=HOUR)[Poll].gaps == ()
