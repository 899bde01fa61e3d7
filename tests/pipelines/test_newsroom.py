"""The newsroom as a client sees it: real requests to the running server."""

import gzip
import http.client
import io
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest

from pipelines.newsroom.fault_rules import RULES
from pipelines.newsroom.faults import planned_faults
from pipelines.newsroom.feed_documents import write_date, write_feed
from pipelines.newsroom.feeds import list_entries
from pipelines.newsroom.layouts import FEED_PATHS, LAYOUTS, page_path
from pipelines.newsroom.pages import encode_page, render_home, render_page
from pipelines.newsroom.server import RunningNewsroom, serve
from schemas.errors import UserError
from seeds.newsroom.newsroom import DAYS, Newsroom, Outlet, Piece, PieceRevision, load_newsroom, revision_on

FORMATS = {"ledger": "atom10", "tv": "rss10", "wire": "json11", "blog": "json11", "advocacy": "atom10"}
CHARSETS = {"ledger": "windows-1252", "voz": "iso-8859-1"}
PARAGRAPHS = ("“Señal” & <b>noise</b>.", "The second paragraph stands here.", "The third is for subscribers.")


def make_piece(slug: str, *, minute: int = 0, day: int = 1, **facts: Any) -> Piece:
    text = PieceRevision(day=day, title=f"Niños & “{slug}”", paragraphs=PARAGRAPHS)
    known: dict[str, Any] = {"authors": ("Ada Quay", "Ben Spar"), "state": "full", "revisions": (text,)}
    published_at = datetime(2026, 11, 1 + day, 15, minute, tzinfo=UTC)
    known |= {"section": "City", "summary": "Short & sweet.", "on_domain": True, "published_at": published_at}
    return Piece(slug=slug, **(known | facts))


def make_outlet(layout: Any) -> Outlet:
    pieces = [make_piece(f"plain-{number}", minute=number) for number in range(1, 4)]
    second = PieceRevision(
        day=2, title="Corrected", paragraphs=("New words.",), modified_at=datetime(2026, 11, 3, 9, tzinfo=UTC)
    )
    revised = make_piece("revised", minute=10)
    pieces += [
        replace(revised, revisions=(*revised.revisions, second)),
        make_piece("pay", minute=11, state="paywalled"),
        make_piece("tease", minute=12, state="teaser"),
        make_piece("video", minute=13, state="video-stub"),
        make_piece("live", minute=14, state="live-blog"),
        make_piece("guarded", minute=15, state="challenge"),
        make_piece("also-guarded", minute=16, state="challenge"),
        make_piece("barred", minute=17, section="Á la carte", on_domain=False),
        make_piece("tomorrow", day=2),
    ]
    return Outlet(
        slug=f"the-{layout}",
        name=f"The {layout.title()}",
        kind="local",
        language="es" if layout == "voz" else "en",
        tagline="All & sundry",
        city="Port Alden",
        layout=layout,
        feed_format=FORMATS.get(layout, "rss20"),  # type: ignore[arg-type]
        needs_topic_filter=True,
        charset=CHARSETS.get(layout, "utf-8"),  # type: ignore[arg-type]
        time_zone="America/New_York",
        pieces=tuple(pieces),
    )


SMALL = Newsroom(outlets=tuple(make_outlet(layout) for layout in sorted(LAYOUTS)))
OUTLETS: dict[str, Outlet] = {outlet.layout: outlet for outlet in SMALL.outlets}


@pytest.fixture
def running() -> Iterator[RunningNewsroom]:
    with serve(SMALL) as newsroom:
        yield newsroom


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request without following redirects: status, headers with lower-case names, body as sent."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request(method, parts.path or "/", headers={name.replace("_", "-"): v for name, v in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def feed_url(running: RunningNewsroom, outlet: Outlet) -> str:
    return running.base_of(outlet.slug) + FEED_PATHS[outlet.feed_format]


def page_url(running: RunningNewsroom, layout: str, slug: str) -> str:
    outlet = OUTLETS[layout]
    piece = next(piece for piece in outlet.pieces if piece.slug == slug)
    return running.base_of(outlet.slug) + page_path(outlet, piece)


def test_outlets_are_different_hosts_on_one_port(running: RunningNewsroom) -> None:
    bases = [urlsplit(running.base_of(outlet.slug)) for outlet in SMALL.outlets]
    assert [base.hostname for base in bases] == [f"127.0.0.{11 + number}" for number in range(len(bases))]
    assert {base.port for base in bases} == {running.port}
    for outlet in SMALL.outlets:
        assert outlet.name.encode() in ask(running.base_of(outlet.slug))[2]


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"blog"}))
def test_a_known_feed_is_not_modified(running: RunningNewsroom, layout: str) -> None:
    url = feed_url(running, OUTLETS[layout])
    status, headers, body = ask(url)
    assert status == 200
    assert body
    for known in ({"If_None_Match": headers["etag"]}, {"If_Modified_Since": headers["last-modified"]}):
        status, again, body = ask(url, **known)
        assert (status, body, again["etag"]) == (304, b"", headers["etag"])
    assert ask(url, If_None_Match='"another"', If_Modified_Since=headers["last-modified"])[0] == 200
    assert ask(url, If_Modified_Since="once upon a time")[0] == 200
    running.set_day(2)
    assert ask(url, If_None_Match=headers["etag"], If_Modified_Since=headers["last-modified"])[0] == 200


def test_one_house_has_no_validators(running: RunningNewsroom) -> None:
    status, headers, _ = ask(feed_url(running, OUTLETS["blog"]), If_Modified_Since="Wed, 01 Jan 2031 00:00:00 GMT")
    assert status == 200
    assert not {"etag", "last-modified"} & headers.keys()


def test_the_day_reveals_articles_and_revisions(running: RunningNewsroom) -> None:
    revised, tomorrow = page_url(running, "wire", "revised"), page_url(running, "wire", "tomorrow")
    assert b"The second paragraph" in ask(revised)[2]
    assert ask(tomorrow)[0] == 404
    running.set_day(2)
    assert b"New words." in ask(revised)[2]
    assert ask(tomorrow)[0] == 200
    with pytest.raises(ValueError, match="newsroom day 4"):
        running.set_day(4)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_feed_is_readable(running: RunningNewsroom, layout: str) -> None:
    outlet = OUTLETS[layout]
    status, headers, body = ask(feed_url(running, outlet))
    assert status == 200
    if outlet.feed_format == "json11":
        assert json.loads(body)["items"][0]["summary"] == "Short & sweet."
        return
    document = feedparser.parse(io.BytesIO(body))
    assert not document.bozo
    assert document.version == {"rss20": "rss20", "rss10": "rss10", "atom10": "atom10"}[outlet.feed_format]
    assert document.entries[0].link.startswith(("http://127.0.0.", "/newsroom/"))
    assert "barred" in document.entries[0].title
    assert headers["content-type"].startswith("application/")


def test_feeds_have_their_oddities() -> None:
    faults = planned_faults(SMALL)
    courier = list_entries(OUTLETS["courier"], 1, "http://x", faults)
    assert len({entry.entry_id for entry in courier}) == len(courier) - 1
    assert courier[0].title == "Ni&ntilde;os &amp; &ldquo;barred&rdquo;"
    assert {entry.published_at is None for entry in list_entries(OUTLETS["ledger"], 1, "", faults)} == {True, False}
    years = {e.published_at.year for e in list_entries(OUTLETS["government"], 1, "", faults) if e.published_at}
    assert years == {2026, 2099}
    assert [entry.link for entry in list_entries(OUTLETS["advocacy"], 1, "", faults)].count(None) == 1
    (slash,) = [entry for entry in courier if entry.entry_id.endswith("plain-1")]
    assert (slash.link or "").startswith("http://x/2026/11/02/city/plain-1?utm_source=")


def test_a_feed_lists_twenty() -> None:
    outlet = replace(OUTLETS["blog"], pieces=tuple(make_piece(f"piece-{n}", minute=n) for n in range(30)))
    entries = list_entries(outlet, 1, "http://x", ())
    assert [entry.entry_id.rsplit("-", 1)[1] for entry in entries] == [str(n) for n in range(29, 9, -1)]


def test_the_dates_of_feeds() -> None:
    instant = datetime(2026, 11, 2, 9, 5, tzinfo=UTC)
    written = {style: write_date(instant, style) for style in ("zone-name", "two-digit-year", "no-zone", "spanish")}
    assert written == {
        "zone-name": "Mon, 02 Nov 2026 09:05:00 UTC",
        "two-digit-year": "Mon, 02 Nov 26 09:05:00 +0000",
        "no-zone": "Mon, 02 Nov 2026 09:05:00",
        "spanish": "lunes, 2 de noviembre de 2026 09:05:00 +0000",
    }
    assert write_date(instant, "offset") == "Mon, 02 Nov 2026 09:05:00 +0000"


def test_charsets_lie(running: RunningNewsroom) -> None:
    _, headers, body = ask(page_url(running, "ledger", "plain-3"))
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert b'<meta charset="windows-1252">' in body
    assert "“Señal”".encode("windows-1252") in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    _, headers, body = ask(page_url(running, "voz", "plain-3"))
    assert headers["content-type"] == "text/html"
    assert b"text/html; charset=iso-8859-1" in body
    assert b"&#8220;Se\xf1al&#8221;" in body


def test_gzip_is_sent_to_those_who_ask(running: RunningNewsroom) -> None:
    url = page_url(running, "wire", "plain-1")
    _, headers, body = ask(url, Accept_Encoding="gzip, deflate")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == ask(url)[2] == ask(url, Accept_Encoding="gzip;q=0")[2]
    assert "content-encoding" not in ask(page_url(running, "ledger", "plain-3"), Accept_Encoding="gzip")[1]


def test_addresses_redirect(running: RunningNewsroom) -> None:
    page = page_url(running, "courier", "plain-1")
    status, headers, _ = ask(page.removesuffix("/"))
    assert (status, headers["location"]) == (301, page)
    base = running.base_of("the-tv")
    hops, path = [], "/go/plain-1"
    while (answered := ask(base + path))[0] != 200:
        hops.append(answered[0])
        path = answered[1]["location"]
    assert (hops, base + path) == ([302, 302], page_url(running, "tv", "plain-1"))


def test_failures_come_and_go(running: RunningNewsroom) -> None:
    broken, busy = page_url(running, "government", "plain-2"), page_url(running, "courier", "plain-3")
    assert ask(broken)[0] == ask(broken)[0] == 503
    status, headers, _ = ask(busy)
    assert (status, headers["retry-after"]) == (429, "1")
    assert ask(busy)[0] == 200
    weather = running.base_of("the-tv") + "/weather.xml"
    status, headers, _ = ask(weather)
    assert (status, headers["retry-after"]) == (429, "120")
    running.set_day(2)
    assert ask(broken)[0] == 200
    assert len(feedparser.parse(io.BytesIO(ask(weather)[2])).entries) == 3


def test_feeds_are_gone_missing_moved_or_none(running: RunningNewsroom) -> None:
    courier = running.base_of("the-courier")
    assert ask(running.base_of("the-ledger") + "/old-feed.xml")[0] == 410
    assert ask(courier + "/podcast.xml")[0] == 404
    assert ask(courier + "/moved-feed.xml")[1]["location"] == courier + "/feed.xml"
    status, headers, body = ask(courier + "/news.rss")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!DOCTYPE html>")


def test_bot_protection_answers_with_either_status(running: RunningNewsroom) -> None:
    answers = [ask(page_url(running, "wire", slug)) for slug in ("guarded", "also-guarded")]
    assert [answered[0] for answered in answers] == [403, 202]
    assert all(b"Just a moment" in answered[2] and b"paragraph" not in answered[2] for answered in answers)


def test_robots(running: RunningNewsroom) -> None:
    robots = {layout: ask(running.base_of(f"the-{layout}") + "/robots.txt") for layout in LAYOUTS}
    assert robots["blog"][0] == 404
    assert b"Crawl-delay: 0.2" in robots["government"][2]
    assert b"Disallow: /a-la-carte/" in robots["ledger"][2]
    assert urlsplit(page_url(running, "ledger", "barred")).path.startswith("/a-la-carte/")
    assert robots["wire"][2] == b"User-agent: *\nDisallow: /admin/\n"


def test_the_feeds_file_names_every_feed(running: RunningNewsroom) -> None:
    feeds = {feed["feed_id"]: feed for feed in tomllib.loads(running.feeds_toml())["feeds"]}
    assert feeds.keys() == {f"the-{layout}" for layout in LAYOUTS} | {"the-ledger-archive", "the-tv-weather"}
    assert feeds["the-courier"]["url"].endswith("/moved-feed.xml")
    assert feeds["the-voz"] == {
        "feed_id": "the-voz",
        "url": running.base_of("the-voz") + "/feed.xml",
        "publisher": "The Voz",
        "homepage": running.base_of("the-voz") + "/",
        "kind": "local",
        "language": "es",
        "needs_topic_filter": True,
        "tier": 2,
        "enabled": True,
    }


def test_requests_are_noted(running: RunningNewsroom) -> None:
    url = feed_url(running, OUTLETS["wire"])
    etag = ask(url)[1]["etag"]
    ask(url, If_None_Match=etag)
    ask(url, method="HEAD")
    ask(url, method="POST")
    noted = [(asked.method, asked.path, asked.status, asked.conditional) for asked in running.requests]
    assert noted == [
        ("GET", "/feed.json", 200, False),
        ("GET", "/feed.json", 304, True),
        ("HEAD", "/feed.json", 200, False),
        ("POST", "/feed.json", 405, False),
    ]
    assert {asked.host for asked in running.requests} == {urlsplit(url).hostname}
    assert all(asked.asked_at.tzinfo for asked in running.requests)


def test_answers_carry_the_newsroom_clock(running: RunningNewsroom) -> None:
    assert ask(running.base_of("the-wire"))[1]["date"] == "Tue, 03 Nov 2026 08:00:00 GMT"


def test_a_taken_port_is_told(running: RunningNewsroom) -> None:
    with (
        pytest.raises(UserError, match=f"newsroom: port {running.port}: .*choose another"),
        serve(SMALL, port=running.port),
    ):
        pass


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_pages_escape_what_outlets_write(layout: str) -> None:
    hostile = "</script><script>alert('x')</script>{name}"
    text = PieceRevision(day=1, title=hostile, paragraphs=(hostile,))
    piece = make_piece("hostile", revisions=(text,), authors=(hostile,), summary=hostile, section=hostile)
    outlet = replace(OUTLETS[layout], pieces=(piece, replace(piece, slug="other")), name=hostile, tagline=hostile)
    for markup in (render_page(outlet, piece, text, day=1, base="http://x"), render_home(outlet, 1)):
        assert "<script>" not in markup
        assert markup.count("</script>") == markup.count('<script type="application/ld+json">')
        encode_page(outlet, markup)
    feed = write_feed(outlet, list_entries(outlet, 1, "http://x", ()), "http://x")
    if outlet.feed_format != "json11":
        assert b"<script>" not in feed


def test_pages_show_what_their_state_lets_see() -> None:
    outlet = OUTLETS["courier"]
    pages = {piece.state: render_page(outlet, piece, piece.revisions[0], day=1, base="") for piece in outlet.pieces}
    shown = {state: [words in page for words in ("noise", "second", "third")] for state, page in pages.items()}
    assert shown["full"] == [True, True, True]
    assert shown["paywalled"] == [True, True, False]
    assert shown["teaser"] == shown["video-stub"] == [True, False, False]
    assert '"isAccessibleForFree": false' in pages["paywalled"]
    assert '"@type": "LiveBlogPosting"' in pages["live-blog"]
    assert "Continue reading" in pages["teaser"]


def test_live_posts_are_timed_by_their_own_clock() -> None:
    text = PieceRevision(day=1, title="Live", paragraphs=("8:31 a.m. We begin.", "12:05 p.m. Noon is past.", "Later."))
    piece = make_piece("live", state="live-blog", revisions=(text,))
    page = render_page(OUTLETS["tv"], piece, text, day=1, base="http://x")
    times = re.findall(r'<h3><time datetime="2026-11-02T(\d\d:\d\d):00-05:00">([^<]+)</time>', page)
    assert times == [("08:31", "8:31 a.m."), ("12:05", "12:05 p.m."), ("10:24", "10:24")]


def test_dates_stand_where_the_house_puts_them() -> None:
    found = {}
    for layout, outlet in OUTLETS.items():
        page = render_page(outlet, outlet.pieces[0], outlet.pieces[0].revisions[0], day=1, base="http://x")
        places = {"json-ld": "datePublished", "meta": "article:published_time", "time": "<time "}
        found[layout] = [place for place, sign in places.items() if sign in page]
    assert found == {layout: [LAYOUTS[layout].dates] for layout in LAYOUTS if layout != "government"} | {
        "government": []
    }


def test_the_bundled_newsroom_renders_whole() -> None:
    newsroom = load_newsroom()
    faults = planned_faults(newsroom)
    for outlet in newsroom.outlets:
        paths = [page_path(outlet, piece) for piece in outlet.pieces]
        assert len(set(paths)) == len(paths)
        for day in DAYS:
            write_feed(outlet, list_entries(outlet, day, "http://x", faults), "http://x")
            for piece in outlet.pieces:
                if revision := revision_on(piece, day):
                    page = encode_page(outlet, render_page(outlet, piece, revision, day=day, base="http://x"))
                    assert page.decode(outlet.charset).count("<h1") == 1


def test_the_bundled_newsroom_meets_every_fault() -> None:
    faults = planned_faults(load_newsroom())
    assert {rule.kind for rule in RULES} <= {fault.kind for fault in faults}
    assert {"challenge", "robots-disallowed", "charset-wrong", "charset-unsaid"} <= {fault.kind for fault in faults}
    assert all(fault.expect and fault.reason for fault in faults)
