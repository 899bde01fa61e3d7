"""Reading one feed: what a poll, its memory and its failures say."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.records import DeadLetter, Dropped, Entry, Feed, FeedMemory, FeedTurn, Gap, Header, Poll, Redirect
from tests.builders import NOON, make_answer, make_feed, make_feed_memory
from transforms.answer import Answer, WebError
from transforms.discover.poll import poll_feed

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


def test_what_is_remembered_of_another_address_is_forgotten() -> None:
    memory = make_feed_memory(
        url="https://ledger.example/old-feed", etag='"old"', validators_at=NOON, next_due_at=NOON + HOUR, errors=7.0
    )
    web = FakeWeb(answer())
    out = poll(web, memory, is_forced=False)
    assert (web.conditions, out[Poll].outcome, out[FeedMemory].errors) == ((), "entries", 0.0)


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
    assert len(out[Entry]) == 1


def test_a_sitemap_is_left_alone_while_nothing_is_lost() -> None:
    web = FakeWeb(answer(content=rss(1, 2)))
    memory = poll(web, feed=make_feed(sitemap=SITEMAP))[FeedMemory]
    poll(FakeWeb(answer(content=rss(2, 3))), memory, feed=make_feed(sitemap=SITEMAP))
    assert web.asked == [FEED]


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
    assert web.asked[1:] == [f"https://ledger.example/part-{day}.xml" for day in (9, 8, 7, 6, 5)]
    assert (out[Poll].kind, out[Poll].entries_new) == ("sitemap-index", 10)
    assert (out[FeedMemory].etag, out[FeedMemory].body_sha256) == (None, None), "parts change without their index"


def test_an_index_of_which_a_part_fails_is_read_as_far_as_it_goes() -> None:
    pages = {FEED: index(("a.xml", "2026-10-02"), ("b.xml", "2026-10-01")), "https://ledger.example/a.xml": sitemap(1)}
    web = FakeWeb(answer(503), **{url: answer(content=content) for url, content in pages.items()})
    out = poll(web)
    assert ([gap.kind for gap in out[Poll].gaps], len(out[Entry])) == (["truncated"], 1)


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
