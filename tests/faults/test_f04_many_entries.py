"""F4: very many entries, ids that mean nothing, one feed by two names, one page by many addresses."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.balance import is_balanced, stage_balance
from pipelines.ingest import ingest
from pipelines.options import IngestOptions
from pipelines.progress import no_progress
from schemas.errors import UserError
from schemas.memory import FeedMemory, FeedTurn
from schemas.records import DeadLetter, Entry, Gap, Poll, Run
from tests.builders import NOON, make_feed
from tests.faults.oracle import with_web
from tests.faults.server import FaultServer, reply
from transforms.discover.guards import MAX_BYTES, MAX_ENTRIES
from transforms.discover.parse import parse_feed
from transforms.discover.poll import poll_feed

HOUR = timedelta(hours=1)
MANY = 100_000
CPU_S = 90
"""What a document of MANY entries may cost at the most; it is some hundred times what it does."""


def item(link: str, guid: str | None = None) -> str:
    return f"<item>{f'<guid>{guid}</guid>' if guid else ''}<title>Raid</title><link>{link}</link></item>"


def rss(*items: str, note: str = "") -> bytes:
    return f"<rss version='2.0'><channel><title>Ledger{note}</title>{''.join(items)}</channel></rss>".encode()


def many(first: int, count: int = MANY) -> bytes:
    return rss(*(item(f"http://a.example/{number}") for number in range(first, first + count)))


# ------------------------------------------------------------------------------------------------ too many


def test_f4_a_hundred_thousand_entries_are_cut_at_the_cap() -> None:
    body = many(0)
    assert len(body) < MAX_BYTES
    began = time.process_time()
    listing = parse_feed(body, feed_id="ledger", url="http://a.example/feed")
    assert time.process_time() - began < CPU_S
    assert (len(listing.entries), listing.truncated_at) == (MAX_ENTRIES, MAX_ENTRIES)
    assert listing.entries[-1].url == f"http://a.example/{MAX_ENTRIES - 1}"


def poll(site: FaultServer, memory: FeedMemory | None, hours: int) -> dict[type, Any]:
    turn = FeedTurn(feed=make_feed(url=site.url("/feed")), memory=memory)
    outputs = with_web(lambda web: poll_feed(web, turn, run_id="run-1"), now=NOON + hours * HOUR)
    by_type: dict[type, Any] = {type(output): output for output in outputs}
    return by_type | {Entry: [output for output in outputs if isinstance(output, Entry)]}


def test_f4_a_hundred_thousand_new_entries_each_time_are_told_as_lost(site: FaultServer) -> None:
    site.serve("/feed", reply(body=many(0)), reply(body=many(MANY)))
    first = poll(site, None, 0)
    assert [(gap.kind, gap.cause) for gap in first[Poll].gaps] == [("truncated", "cut at 2000 entries")]
    second = poll(site, first[FeedMemory], 3)
    assert (second[Poll].entries_listed, second[Poll].entries_new, len(second[Entry])) == (MAX_ENTRIES,) * 3
    assert second[Poll].gaps == (
        Gap(kind="rolled-over", cause="all of 2000 entries new", began_at=NOON, ended_at=NOON + 3 * HOUR),
        Gap(kind="truncated", cause="cut at 2000 entries", began_at=NOON, ended_at=NOON + 3 * HOUR),
    )
    assert second[FeedMemory].marks != first[FeedMemory].marks
    assert len(second[FeedMemory].marks) <= 2 * MAX_ENTRIES


def test_f4_more_than_may_be_read_is_refused_and_told(site: FaultServer) -> None:
    site.serve("/feed", reply(body=many(0, 3 * MANY)))
    out = poll(site, None, 0)
    assert (out[DeadLetter].error, [gap.kind for gap in out[Poll].gaps]) == ("too-large", ["unreadable"])


# ------------------------------------------------------------------------------------------------ one page, many names


class Press:
    """A publisher on one host, a mirror of it on another, and a data set of passes over both."""

    def __init__(self, data: Path) -> None:
        self.server = FaultServer("127.0.0.1", "127.0.0.2")
        self.data = data
        for number in range(1, 7):
            self.server.serve(f"/story/{number}", reply(body=story(number), content_type="text/html"))
            for hop, target in ((f"/go?id={number}", f"/via/{number}"), (f"/via/{number}", f"/story/{number}")):
                self.server.serve(hop, reply(301, location=self.home(target)))

    def home(self, path: str) -> str:
        return self.server.url(path, host="127.0.0.1")

    def mirror(self, path: str) -> str:
        return self.server.url(path, host="127.0.0.2")

    def run(self, later: timedelta = timedelta(), **feeds: str) -> Run:
        """One balanced pass over these feeds, due or not."""
        path = self.data.parent / "feeds.toml"
        tables = (f'[[feeds]]\nfeed_id = "{name}"\nurl = "{url}"\npublisher = "P"\n' for name, url in feeds.items())
        path.write_text("\n".join(tables), encoding="utf-8")
        options = IngestOptions(
            feeds=path,
            data=self.data,
            now=NOON + later,
            host_delay_s=0.0,
            allow_networks=("127.0.0.1/32", "127.0.0.2/32"),
            all_feeds=True,
        )
        run = ingest(options, progress=no_progress).run
        assert is_balanced(run)
        return run

    def rows(self, table: str, columns: str) -> list[Any]:
        files = f"{self.data}/data/{table}/**/*.parquet"
        return duckdb.sql(f"SELECT {columns} FROM read_parquet('{files}') ORDER BY ALL").fetchall()

    def check_articles(self, numbers: range) -> None:
        """One article of one page each, and no more."""
        rows = self.rows("articles", "url_key, article_id, revision")
        keys = [self.home(f"/story/{number}").replace("http:", "https:") for number in numbers]
        assert [(key, revision) for key, _, revision in rows] == [(key, 1) for key in keys]
        assert len({article_id for _, article_id, _ in rows}) == len(rows)


def story(number: int) -> bytes:
    words = ["agents", "plant", "county", "sheriff", "lawyer", "family"][number - 1]
    text = "".join(
        f"<p>On the morning of day {day} the {words} of case {number * 100 + day} told the court that nothing had been "
        f"agreed with the other side, which the judge in hall {number} wrote down without a word.</p>"
        for day in range(1, 9)
    )
    title = f"Case {number}"
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>".encode()


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    press = Press(tmp_path / "data")
    yield press
    press.server.stop()


@pytest.mark.slow
def test_f4_a_mirror_with_the_same_links_and_with_links_that_redirect(press: Press) -> None:
    home = [item(press.home(f"/story/{number}")) for number in range(1, 7)]
    mirror = home[:3] + [item(press.mirror(f"/go?id={number}")) for number in range(4, 7)]
    feeds = {"home": press.home("/home.xml"), "mirror": press.mirror("/mirror.xml")}
    press.server.serve("/home.xml", reply(body=rss(*home)), reply(body=rss(*home, note=" again")))
    press.server.serve("/mirror.xml", reply(body=rss(*mirror)), reply(body=rss(*mirror, note=" again")))
    download = stage_balance(press.run(**feeds), "download")
    assert (download.entered, download.passed, download.dropped) == (12, 6, {"duplicate": 6})
    press.check_articles(range(1, 7))
    columns = "feed_id, seen, fetched, duplicate, state"
    assert press.rows("coverage", columns) == [("home", 6, 6, 0, "ok"), ("mirror", 6, 0, 6, "ok")]
    asked = len(press.server.asked())

    again = press.run(HOUR / 2, **feeds)
    assert stage_balance(again, "download").dropped == {"known": 9, "duplicate": 3}
    # Two domains are asked at the same time: which comes first is not ours to say.
    assert sorted(press.server.asked()[asked:]) == ["/home.xml", "/mirror.xml"], "every page is known by every address"
    press.check_articles(range(1, 7))


@pytest.mark.slow
def test_f4_a_page_first_met_through_a_redirect_is_that_page_for_good(press: Press) -> None:
    press.server.serve("/mirror.xml", reply(body=rss(*(item(press.mirror(f"/go?id={number}")) for number in (1, 2)))))
    press.server.serve("/home.xml", reply(body=rss(*(item(press.home(f"/story/{number}")) for number in (1, 2, 3)))))
    press.run(mirror=press.mirror("/mirror.xml"))
    press.check_articles(range(1, 3))
    run = press.run(HOUR / 2, home=press.home("/home.xml"), mirror=press.mirror("/mirror.xml"))
    assert (stage_balance(run, "download").passed, stage_balance(run, "write").passed) == (1, 1)
    press.check_articles(range(1, 4))


@pytest.mark.slow
def test_f4_ids_reused_missing_and_changed_double_no_article(press: Press) -> None:
    links = [press.home(f"/story/{number}") for number in range(1, 7)]
    before = [item(link, guid="the same") for link in links[:2]] + [item(link) for link in links[2:4]]
    before += [item(link, guid=f"old {link}") for link in links[4:]]
    after = [item(link, guid=f"place {place}") for place, link in enumerate(reversed(links))]
    press.server.serve("/home.xml", reply(body=rss(*before)), reply(body=rss(*after)))
    press.server.serve("/home.xml?format=rss", reply(body=rss(*before)))
    feeds = {"home": press.home("/home.xml"), "twice": press.home("/home.xml?format=rss")}
    download = stage_balance(press.run(**feeds), "download")
    assert (download.passed, download.dropped) == (6, {"duplicate": 6}), "one feed under two ids"
    run = press.run(HOUR / 2, **feeds)
    assert stage_balance(run, "download").dropped == {"known": 6}
    press.check_articles(range(1, 7))
    polls = press.rows("polls", "feed_id, outcome, entries_new, overlap")
    assert polls[:2] == [("home", "entries", 0, 1.0), ("home", "entries", 6, None)]


def test_f4_one_address_under_two_ids_is_a_mistake(press: Press) -> None:
    url = press.home("/home.xml")
    with pytest.raises(UserError, match=r"feed 2 \(twice\): field 'url': .* is already that of feed 1 \(home\)"):
        press.run(home=url, twice=url.upper().replace("/HOME.XML", "/home.xml"))


def test_f4_the_same_poll_twice_gives_the_same_entries(site: FaultServer) -> None:
    site.serve("/feed", reply(body=many(0)))
    one, other = poll(site, None, 0), poll(site, None, 0)
    assert one[Entry] == other[Entry]
    assert replace(one[FeedMemory], next_due_at=None) == replace(other[FeedMemory], next_due_at=None)


@pytest.mark.slow
def test_f4_a_page_that_two_domains_announce_as_changed_is_one_revision(press: Press) -> None:
    """Visited twice, it gave two articles under one id, and the pass ended without a commit, as did all after it."""
    links = {"home": press.home("/story/1"), "mirror": press.mirror("/go?id=1")}
    feeds = {name: getattr(press, name)(f"/{name}.xml") for name in links}
    for name, link in links.items():
        press.server.serve(f"/{name}.xml", reply(body=rss(item(link))))
    press.run(**feeds)
    changed = story(1).replace(b"</p>", b" A judge ordered their release on Tuesday evening.</p>", 1)
    press.server.serve("/story/1", reply(body=changed, content_type="text/html"))
    for name, link in links.items():
        updated = f"<atom:updated xmlns:atom='http://www.w3.org/2005/Atom'>{NOON + HOUR / 4:%FT%TZ}</atom:updated>"
        press.server.serve(f"/{name}.xml", reply(body=rss(item(link).replace("</item>", f"{updated}</item>"))))
    download = stage_balance(press.run(HOUR / 2, **feeds), "download")
    assert (download.entered, download.passed, download.dropped) == (2, 1, {"duplicate": 1})
    assert press.rows("articles", "revision") == [(1,), (2,)]
