"""Whole passes over feeds that are hard to count: mirrored, broad, silenced, read past midnight or by a wrong clock."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import pipelines.ingest
from pipelines.cli import icewire
from pipelines.clock import Clock
from pipelines.feeds.health import read_health
from schemas.records import Coverage
from seeds.feeds import load_feeds
from tests.builders import NOON
from tests.faults.server import FaultServer, reply
from transforms.write.coverage import COUNTED
from transforms.write.manifest import newest_version, read_manifest
from transforms.write.memory import Memory

pytestmark = pytest.mark.slow

RAID = (
    "Officers of Immigration and Customs Enforcement came to the plant in the morning and arrested eleven people, the"
    " agency said. By noon a lawyer for some of those detained asked a federal judge to keep them from being deported."
    " Her office had heard of eleven families by the evening, she said, and expected to hear of more before the week is"
    " over. The agency did not say where they were being held."
)
BAKERY = (
    "The bakery on Main Street opened its doors again this morning after a week of repairs to its two old ovens. Its"
    " owner said that the first loaves were sold within the hour, and that she will bake twice as many tomorrow. The"
    " street was full of people who had come from the other end of town to buy the rolls for which the place is known,"
    " and nobody seemed to mind the long queue."
)
TODAY, HOUR = NOON.date(), timedelta(hours=1)


class Town:
    """A server with feeds and pages, and the data set of the passes over them."""

    def __init__(self, site: FaultServer, folder: Path) -> None:
        self.site, self.data, self._feeds = site, folder / "data", folder / "feeds.toml"
        self._feeds.write_text("")

    def has_feed(self, feed_id: str, *entries: str, **facts: str | bool) -> None:
        """A feed in the feeds file that lists these paths, each with a title of its own."""
        self.lists(feed_id, *entries)
        shown = {"feed_id": feed_id, "url": self.site.url(f"/{feed_id}.xml"), "publisher": feed_id} | facts
        lines = [
            f"{name} = {str(fact).lower() if isinstance(fact, bool) else repr(fact)}" for name, fact in shown.items()
        ]
        self._feeds.write_text("\n".join([self._feeds.read_text(), "[[feeds]]", *lines, ""]))

    def lists(self, feed_id: str, *entries: str) -> None:
        """What a feed lists now; a `!` before a path stands for an entry without a usable link."""
        items = "".join(
            f"<item><title>News of {path}</title><guid>{path}</guid>"
            f"<link>{'mailto:desk@town.example' if path.startswith('!') else self.site.url(path)}</link></item>"
            for path in entries
        )
        feed = f'<rss version="2.0"><channel><title>{feed_id}</title>{items}</channel></rss>'
        self.site.serve(f"/{feed_id}.xml", reply(body=feed.encode(), content_type="application/rss+xml"))

    def has_page(self, path: str, text: str = RAID) -> None:
        body = f"<title>News of {path}</title><article><h1>News of {path}</h1><p>{path}</p><p>{text}</p></article>"
        markup = f"<!doctype html><html lang=en><meta charset=utf-8>{body}"
        self.site.serve(path, reply(body=markup.encode(), content_type="text/html"))

    def run(self, now: datetime | None, *more: str) -> int:
        """The exit status of a pass at an instant, or by the system's clock."""
        options = ["--feeds", self._feeds, "--data", self.data, "--host-delay", "0", "--allow-network", "127.0.0.0/8"]
        options += ["--now", now.isoformat()] if now else []
        return CliRunner().invoke(icewire, ["ingest", *map(str, options), *more], catch_exceptions=False).exit_code

    def memory(self) -> Memory:
        return Memory.of(self.data, read_manifest(self.data, newest_version(self.data)))

    def days(self) -> dict[tuple[str, str], Coverage]:
        """Every feed's day as it stands."""
        return self.memory().coverage()

    def day(self, feed_id: str, on: date = TODAY) -> dict[str, int]:
        """What a feed's day counts, without what is 0."""
        return counts(self.days()[feed_id, on.isoformat()])

    def health(self, feed_id: str, now: datetime) -> tuple[str, str | None]:
        (row,) = [row for row in read_health(self.data, load_feeds(self._feeds), now) if row.feed_id == feed_id]
        return row.state, row.today


def counts(row: Coverage) -> dict[str, int]:
    names = ("polls", "seen", "backfilled", *COUNTED.values())
    return {name: value for name in names if (value := getattr(row, name))}


def adds_up(row: Coverage) -> bool:
    """Whether each entry that was new on the day stands in one column."""
    return row.seen + row.backfilled == sum(getattr(row, column) for column in COUNTED.values())


@pytest.fixture
def town(site: FaultServer, tmp_path: Path) -> Town:
    return Town(site, tmp_path)


def test_feeds_that_list_the_same_pages_each_account_for_what_they_listed(town: Town) -> None:
    for path in ("/1", "/2", "/3"):
        town.has_page(path)
    town.has_feed("mirror", "/1", "/2", "/gone", "!")
    town.has_feed("original", "/1", "/2", "/3")
    assert town.run(NOON) == 0
    assert town.day("mirror") == {"polls": 1, "seen": 4, "fetched": 2, "missing": 1, "failed": 1}
    assert town.day("original") == {"polls": 1, "seen": 3, "fetched": 1, "duplicate": 2}

    town.lists("mirror", "/3", "/1", "/2", "/gone", "!")
    assert town.run(NOON + 2 * HOUR) == 0
    assert town.day("mirror") == {"polls": 2, "seen": 5, "fetched": 2, "duplicate": 1, "missing": 1, "failed": 1}
    assert town.day("original") == {"polls": 2, "seen": 3, "fetched": 1, "duplicate": 2}
    assert all(adds_up(row) for row in town.days().values())


def test_a_page_that_a_devoted_feed_lists_after_a_broad_one_is_counted_once(town: Town) -> None:
    town.has_page("/bakery", BAKERY)
    town.has_feed("broad", "/bakery", needs_topic_filter=True)
    town.has_feed("devoted")
    town.run(NOON)
    assert town.day("broad") == {"polls": 1, "seen": 1, "off_domain": 1}
    town.lists("devoted", "/bakery")
    tomorrow = NOON + 24 * HOUR
    assert town.run(tomorrow, "--all-feeds") == 0
    assert town.day("broad") == {"polls": 1, "seen": 1, "fetched": 1}
    assert town.day("devoted", tomorrow.date()) == {"polls": 1, "seen": 1, "duplicate": 1}
    assert all(adds_up(row) for row in town.days().values())


def test_a_feed_silenced_through_its_neighbour_tells_of_it_until_it_is_read_again(
    town: Town, site: FaultServer
) -> None:
    town.has_feed("a")
    town.has_feed("b", "/1")
    town.has_page("/1")
    town.run(NOON)
    site.serve("/a.xml", reply(429, retry_after=2 * 3600))
    for minutes in (120, 150):  # in the second pass neither is due
        now = NOON + timedelta(minutes=minutes)
        town.run(now)
        row = town.days()["b", "2026-11-02"]
        assert (row.state, row.polls) == ("blocked", 1)
        assert [(gap.kind, gap.began_at, gap.ended_at) for gap in row.gaps] == [("blocked", NOON, None)]
        assert town.health("b", now) == ("silenced", "blocked")
    assert [path for path in site.asked() if path == "/b.xml"] == ["/b.xml"]

    town.lists("a")
    town.run(NOON + 6 * HOUR)
    row = town.days()["b", "2026-11-02"]
    assert [(gap.began_at, gap.ended_at) for gap in row.gaps] == [(NOON, NOON + 6 * HOUR)]
    assert town.health("b", NOON + 6 * HOUR)[0] == "ok"


def test_a_feed_that_could_never_be_asked_has_a_row_for_the_day(town: Town, site: FaultServer) -> None:
    town.has_feed("a")
    town.has_feed("b")
    site.serve("/a.xml", reply(429, retry_after=2 * 3600))
    town.run(NOON)
    row = town.days()["b", "2026-11-02"]
    assert (row.state, row.polls, row.seen) == ("blocked", 0, 0)


def test_a_pass_by_a_clock_that_was_a_year_ahead_puts_nothing_off(town: Town, site: FaultServer) -> None:
    ahead = NOON + timedelta(days=365)
    town.has_feed("a", "/had", "/down")
    town.has_page("/had")
    site.serve("/down", reply(403))
    town.run(NOON - HOUR)
    town.run(ahead)
    assert town.days()["a", "2027-11-02"].polls == 1

    town.has_page("/new")
    town.has_page("/down")
    town.lists("a", "/new", "/had", "/down")
    asked = len(site.asked())
    assert town.run(NOON) == 0
    assert sorted(site.asked()[asked:]) == ["/a.xml", "/down", "/had", "/new"]
    assert town.day("a") == {"polls": 2, "seen": 3, "fetched": 3}
    assert all(getattr(row, column) >= 0 for row in town.days().values() for column in COUNTED.values())

    asked = len(site.asked())
    assert town.run(NOON + HOUR / 12) == 0
    assert site.asked()[asked:] == [], "all is as if the clock had always been right"


def test_a_page_first_seen_by_a_clock_that_was_ahead_is_counted_where_it_was(town: Town, site: FaultServer) -> None:
    town.has_feed("a", "/down")
    site.serve("/down", reply(403))
    town.run(NOON + timedelta(days=365))
    town.has_page("/down")
    assert town.run(NOON) == 0
    assert town.day("a", date(2027, 11, 2)) == {"polls": 1, "seen": 1, "fetched": 1}
    assert town.day("a") == {"polls": 1}


def test_a_pass_that_goes_on_after_midnight_adds_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.has_feed("a", "/1", "/2")
    town.has_page("/1")
    began_at = datetime.now(UTC) - timedelta(days=1)
    monkeypatch.setattr(pipelines.ingest, "Clock", lambda fixed: Clock(fixed=began_at))
    assert town.run(None) == 0
    (row,) = town.days().values()
    assert row.day == began_at.date()
    assert counts(row) == {"polls": 1, "seen": 2, "fetched": 1, "missing": 1}
