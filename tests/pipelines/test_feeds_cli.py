"""`icewire feeds`: lists in and out without a loss, and every feed asked for real, on loopback."""

import os
import pty
import re
import subprocess
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipelines.feeds.file
from pipelines.cli import icewire, main
from pipelines.command import ExamplesCommand
from pipelines.feeds.advice import advise
from pipelines.feeds.check import Finding, describe
from pipelines.feeds.cli import feeds as group
from pipelines.feeds.export import write_opml
from pipelines.feeds.file import write_tables
from pipelines.feeds.import_list import derive_feed_id, import_outlines
from pipelines.newsroom.server import RunningNewsroom
from schemas.records import Feed
from seeds.feeds import FEEDS_FILE, load_feeds, read_feeds
from transforms.discover.opml import Outline, read_subscriptions
from transforms.discover.plain import one_line

OPERATING = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
LIST = """<opml version="2.0"><body><outline text="News">
<outline text="The "Daily" News & Co" xmlUrl="https://daily.example/feed?a=1&b=2" htmlUrl="https://daily.example/"
 language="es"/>
<outline text="Also daily" xmlUrl="http://DAILY.example/feed?a=1&b=2#top"/>
<outline text="Old" xmlUrl="ftp://old.example/feed"/>
<outline type="include" text="More" url="https://daily.example/more.opml"/>
</outline>"""
"""A list as readers export them: unescaped, never closed; its second feed is the first one."""

DAILY = Feed(
    feed_id="the-daily-news-co",
    url="https://daily.example/feed?a=1&b=2",
    publisher='The "Daily" News & Co',
    homepage="https://daily.example/",
    language="es",
    needs_topic_filter=True,
    note="folder in the imported list: News",
)
MINE = '# mine, by hand\r\n[[feeds]]\nfeed_id = "a"  # for good\nurl = "https://a.example/feed"\npublisher = "A"'


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `icewire feeds …`."""
    with pytest.raises(SystemExit) as exit_info:
        main(["feeds", *(str(argument) for argument in arguments)])
    return int(exit_info.value.code or 0), *capfd.readouterr()


@pytest.fixture
def opml(tmp_path: Path) -> Path:
    path = tmp_path / "subscriptions.opml"
    path.write_text(LIST, encoding="utf-8")
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_bytes(MINE.encode())
    return path


# ---------------------------------------------------------------------------------------------------- import


def test_import_writes_a_feeds_file_to_standard_output(opml: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, error = run(capfd, "import", opml)
    assert (status, read_feeds(out, "out")) == (0, (DAILY,))
    assert error.splitlines() == [
        "left out: News / Old: its address 'ftp://old.example/feed' is no http(s) address",
        "left out: News / More: names another list or a page, not a feed",
        "1 feeds written; 1 known already; 2 left out",
    ]


def test_import_into_a_file_keeps_what_it_holds_byte_for_byte(
    opml: Path, mine: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mine.chmod(0o640)
    link = mine.with_name("link.toml")
    link.symlink_to(mine)
    status, out, error = run(capfd, "import", opml, "--into", link)
    assert (status, out) == (0, "")
    assert f"1 feeds added to {link}; 1 known already; 2 left out" in error
    assert mine.read_bytes().startswith(MINE.encode())
    assert load_feeds(mine) == (Feed(feed_id="a", url="https://a.example/feed", publisher="A"), DAILY)
    assert (link.is_symlink(), mine.stat().st_mode & 0o777) == (True, 0o640)
    before = mine.read_bytes(), mine.stat().st_ino
    status, _, error = run(capfd, "import", opml, "--into", mine)
    assert (status, "0 feeds added" in error, "2 known already" in error) == (0, True, True)
    assert (mine.read_bytes(), mine.stat().st_ino) == before


def test_import_makes_the_file_if_it_is_absent_and_fills_one_that_holds_only_comments(
    opml: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "comments.toml").write_text("# feeds follow\n", encoding="utf-8")
    for name in ("new.toml", "comments.toml"):
        assert run(capfd, "import", opml, "--into", tmp_path / name)[0] == 0
        assert load_feeds(tmp_path / name) == (DAILY,)
    assert (tmp_path / "comments.toml").read_text(encoding="utf-8").startswith("# feeds follow\n\n[[feeds]]\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('feeds = [{feed_id = "a", url = "https://a.example/", publisher = "A"}]', "write every feed of that file as"),
        (MINE + "\ntier = 9", "field 'tier': 9 is no tier"),
        (
            MINE + '\nsitemap = "/news.xml"',
            "field 'sitemap': '/news.xml' is no http(s) address; give",
        ),
        ("[[feeds", "no TOML"),
        (b"\xff", "no UTF-8"),
    ],
    ids=["inline", "mistake", "sitemap", "no toml", "no text"],
)
def test_a_file_that_cannot_be_added_to_is_left_alone(
    content: str | bytes, told: str, opml: Path, mine: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given_bytes = content if isinstance(content, bytes) else content.encode()
    mine.write_bytes(given_bytes)
    status, _, error = run(capfd, "import", opml, "--into", mine)
    assert (status, told in error, "Traceback" in error) == (1, True, False)
    assert mine.read_bytes() == given_bytes


def test_a_write_that_breaks_off_leaves_the_file_whole_and_nothing_beside_it(
    opml: Path, mine: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pipelines.feeds.file, "move_durably", break_off)
    status, _, error = run(capfd, "import", opml, "--into", mine)
    assert (status, "No space left on device" in error) == (1, True)
    assert mine.read_bytes() == MINE.encode()
    assert {path.name for path in mine.parent.iterdir()} == {"mine.toml", "subscriptions.opml"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "no such file"),
        ("", "empty"),
        ("<rss><channel/></rss>", "not-a-feed: no opml element, but rss"),
        ('<opml><body><outline text="folder"/></body></opml>', "names no feed"),
    ],
)
def test_import_of_what_names_no_feed_is_one_line_and_status_1(
    content: str | None, told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.opml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    status, out, error = run(capfd, "import", path, "--into", tmp_path / "new.toml")
    assert (status, out, told in error) == (1, "", True)
    assert re.fullmatch(r"icewire: .*list\.opml: .*; give the .*", error.splitlines()[-1])
    assert not (tmp_path / "new.toml").exists()


def test_a_folder_that_is_not_there_is_told(opml: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, _, error = run(capfd, "import", opml, "--into", tmp_path / "none" / "feeds.toml")
    assert (status, "there is no folder of that name" in error, (tmp_path / "none").exists()) == (1, True, False)


@pytest.mark.parametrize(
    ("title", "url", "taken", "feed_id"),
    [
        ("Larry Magid's Tech Report!", "https://x.example/", set(), "larry-magids-tech-report"),
        ("Año Nuevo", "https://x.example/", set(), "ano-nuevo"),
        ("Газета", "https://www.gazeta.example/rss", set(), "gazeta-example"),
        (None, "http://127.0.0.1:8000/", set(), "127-0-0-1"),
        ("News", "https://www.x.example/", {"news"}, "news-x-example"),
        ("News", "https://www.x.example/", {"news", "news-x-example"}, "news-x-example-2"),
        ("News", "https://www.x.example/", {"news", "news-x-example", "news-x-example-2"}, "news-x-example-3"),
        ("Газета", "https://газета.example/", {"example", "feed"}, "example-2"),
        ("x" * 99, "https://x.example/", {"x" * 40}, "x" * 40 + "-x-example"),
    ],
)
def test_a_feed_id_comes_from_the_title_or_the_host(title: str | None, url: str, taken: set[str], feed_id: str) -> None:
    assert derive_feed_id(title, url, taken) == feed_id


TEXTS = st.text(max_size=60)
TITLES = TEXTS.map(lambda text: text if text.strip() else None) | st.just("News")


@given(st.lists(st.tuples(TITLES, TEXTS), max_size=8))
def test_whatever_a_list_says_its_feeds_make_a_valid_file(
    names: list[tuple[str | None, str]],
) -> None:
    outlines = [
        Outline(address=url, url=url, title=title, folders=(folder,))
        for number, (title, folder) in enumerate(names)
        for url in [f"https://{number % 3}.example/{number}"]
    ]
    imported = import_outlines(outlines).feeds
    assert [feed.url for feed in imported] == [outline.url for outline in outlines]
    assert imported == import_outlines(outlines).feeds
    text = write_tables(imported)
    assert read_feeds(text, "text", may_be_empty=True) == imported
    assert len({feed.feed_id for feed in imported}) == len(imported)


# ---------------------------------------------------------------------------------------------------- export


def test_export_groups_enabled_feeds_by_kind(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    known = load_feeds()
    status, out, _ = run(capfd, "export", "--feeds", FEEDS_FILE)
    root = ElementTree.fromstring(out)
    found = {
        (folder.attrib["text"], outline.attrib["xmlUrl"], outline.attrib["language"])
        for folder in root.iterfind("body/outline")
        for outline in folder
    }
    assert (status, root.tag, root.attrib) == (0, "opml", {"version": "2.0"})
    assert found == {(feed.kind, feed.url, feed.language) for feed in known if feed.enabled}
    assert all(outline.attrib["type"] == "rss" for outline in root.iterfind("body/outline/outline"))
    assert run(capfd, "export", "--feeds", FEEDS_FILE, "--all", "--out", tmp_path / "all.opml") == (0, "", "")
    everything = ElementTree.parse(tmp_path / "all.opml").getroot()
    categories = [each.attrib["category"] for each in everything.iterfind("body/outline/outline")]
    assert sorted(categories) == sorted(feed.kind for feed in known)


HOSTS, PATHS = st.text("abc", min_size=1), st.text("ab/?&=%;'~é+", max_size=20)
ADDRESSES = st.builds("http{}://{}.example/{}".format, st.sampled_from(["", "s"]), HOSTS, PATHS)


@given(st.lists(st.tuples(ADDRESSES, st.text(min_size=1), ADDRESSES | st.none(), TEXTS, st.booleans()), max_size=5))
def test_what_is_exported_is_imported_again(facts: list[tuple[str, str, str | None, str, bool]]) -> None:
    feeds = [
        Feed(feed_id="x", url=url, publisher=publisher, homepage=homepage, kind=kind, enabled=enabled)
        for url, publisher, homepage, kind, enabled in facts
        if one_line(publisher, 1_000)
    ]
    outlines = read_subscriptions(write_opml(feeds)).outlines
    found = Counter((each.url, each.title, each.homepage) for each in outlines if each.address)
    assert found == Counter((feed.url, one_line(feed.publisher, 1_000), feed.homepage) for feed in feeds)


# ---------------------------------------------------------------------------------------------------- check

RSS = b"""<rss version="2.0"><channel><title>A</title><item><title>1</title><link>https://a.example/1</link>
<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate></item><item><title>2</title><link>https://a.example/2</link>
<pubDate>Mon, 02 Nov 2026 12:30:00 GMT</pubDate></item></channel></rss>"""
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private"),
    "/feed": (200, {"Content-Type": "application/rss+xml"}, RSS),
    "/moved": (301, {"Location": "/feed?moved"}, b""),
    "/secretly": (301, {"Location": "/feed?token=s3cret"}, b""),
    "/elsewhere": (302, {"Location": "/feed"}, b""),
    "/none-yet": (200, {}, b'<rss version="2.0"><channel><title>A</title></channel></rss>'),
    "/page": (200, {}, b"<!DOCTYPE html><html><body>News</body></html>"),
    "/list": (200, {}, b'<opml><body><outline xmlUrl="https://a.example/feed"/></body></opml>'),
    "/forbidden": (403, {}, b"Forbidden"),
    "/checked": (403, {"cf-mitigated": "challenge"}, b"<html><title>Just a moment...</title></html>"),
}


class Site(BaseHTTPRequestHandler):
    """Answers with PAGES; counts requests and how many are under way at once, on each address of loopback."""

    asked: ClassVar[Counter[tuple[str, str]]] = Counter()
    under_way: ClassVar[Counter[str]] = Counter()
    most: ClassVar[Counter[str]] = Counter()
    together: threading.Barrier | None = None

    def do_GET(self) -> None:
        host = self.server.server_address[0]
        self.asked[host, self.path] += 1
        self.under_way[host] += 1
        self.most[host] = max(self.most[host], self.under_way[host])
        if self.together and self.path == "/feed?first":
            self.together.wait(timeout=20)
        status, headers, body = PAGES.get(self.path, PAGES["/feed"] if "/feed?" in self.path else (404, {}, b""))
        self.under_way[host] -= 1
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hosts() -> Iterator[list[str]]:
    """Addresses of two sites, without a final slash."""
    servers = [ThreadingHTTPServer((f"127.0.0.{n}", 0), Site) for n in (2, 3)]
    for counts in (Site.asked, Site.under_way, Site.most):
        counts.clear()
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield [f"http://{server.server_address[0]}:{server.server_address[1]}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


def write_feeds(tmp_path: Path, **addresses: str) -> Path:
    """A feeds file with these feeds; the one named `off` is not enabled."""
    path = tmp_path / "feeds.toml"
    feeds = [Feed(feed_id=name, url=url, publisher=name, enabled=name != "off") for name, url in addresses.items()]
    path.write_text(write_tables(feeds), encoding="utf-8")
    return path


FLAGS = ("--host-delay", 0, "--allow-network", "127.0.0.0/8", "--now", "2026-11-03T08:00:00Z")


def test_check_tells_of_every_feed_what_it_proved_to_be_or_what_to_do(
    hosts: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    names = ("feed", "moved", "secretly", "elsewhere", "none-yet", "page", "list", "forbidden", "checked", "gone")
    addresses = {name: f"{hosts[0]}/{name}" for name in names} | {"private": f"{hosts[0]}/private/feed"}
    addresses |= {"off": f"{hosts[1]}/feed"}
    status, out, error = run(capfd, "check", "--feeds", write_feeds(tmp_path, **addresses), *FLAGS)
    *lines, summary = out.splitlines()
    said = {line.split()[1]: line for line in lines}
    good = "200 rss20           2 entries, newest 2026-11-02 12:30 UTC"
    assert said["feed"] == f"ok   feed      {good}"
    assert said["elsewhere"].endswith(good)
    assert said["moved"].startswith(f"ok   moved     {good}; moved for good, make this its url")
    assert said["moved"].endswith(f"feeds file: {hosts[0]}/feed?moved")
    assert said["secretly"] == f"ok   secretly  {good}"
    assert said["none-yet"].endswith("200 rss20           0 entries, no dates")
    assert "FAIL page      200 not-a-feed: an HTML page or something else answers; look for <link" in said["page"]
    assert "icewire feeds import" in said["list"]
    assert "403 http-403: " in said["forbidden"]
    assert "do not disguise the User-Agent" in said["forbidden"]
    assert "403 challenge: a bot check" in said["checked"]
    assert "404 http-404: nothing is at this address any more" in said["gone"]
    assert "FAIL private     - robots: robots.txt forbids" in said["private"]
    assert len(said) == len(names) + 1
    assert summary.startswith("5 of 11 feeds can be read; cannot: not-a-feed 2, ")
    assert summary.endswith("; 1 moved for good")
    assert (status, error) == (3, "")
    assert Site.asked["127.0.0.2", "/robots.txt"] == 1
    assert Site.asked["127.0.0.2", "/private/feed"] == 0
    assert all(host == "127.0.0.2" for host, _ in Site.asked), "a feed that is not enabled is not asked"
    assert [path.name for path in tmp_path.iterdir()] == ["feeds.toml"]


def test_check_of_feeds_by_name(hosts: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    feeds = write_feeds(tmp_path, other=f"{hosts[0]}/gone", off=f"{hosts[0]}/feed", on=f"{hosts[1]}/feed")
    status, out, _ = run(capfd, "check", "--feeds", feeds, "--only", "off", "--only", "on", *FLAGS)
    assert (status, sorted(line.split()[1] for line in out.splitlines())) == (0, ["of", "off", "on"])
    assert out.splitlines()[-1] == "2 of 2 feeds can be read"
    status, out, error = run(capfd, "check", "--feeds", feeds, "--only", "othr")
    assert (status, out) == (1, "")
    assert error == "icewire: --only 'othr': no such feed; did you mean 'other'?\n"


def test_check_asks_one_domain_in_turn_and_domains_at_once(
    hosts: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first feed of each site answers only once that of the other is asked, too.
    monkeypatch.setattr(Site, "together", threading.Barrier(2))
    paths = ("first", "second", "third")
    addresses = {f"{path}-{n}": f"{host}/feed?{path}" for n, host in enumerate(hosts) for path in paths}
    status, out, _ = run(capfd, "check", "--feeds", write_feeds(tmp_path, **addresses), *FLAGS)
    assert (status, out.splitlines()[-1]) == (0, "6 of 6 feeds can be read")
    assert Site.most == {"127.0.0.2": 1, "127.0.0.3": 1}


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--allow-network", "10.0.0.0/99"), "--allow-network"),
        (("--host-delay", "-1"), "--host-delay"),
        (("--contact", "me\nCookie: a"), "--contact"),
        (("--now", "tomorrow"), "--now"),
    ],
)
def test_a_wrong_flag_is_told_before_anything_is_asked(
    flags: tuple[str, str], told: str, hosts: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, error = run(capfd, "check", "--feeds", write_feeds(tmp_path, a=f"{hosts[0]}/feed"), *flags)
    assert (status, out, told in error, len(error.splitlines())) == (1, "", True, 1)
    assert not Site.asked


def test_check_keeps_private_addresses_closed(
    hosts: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    feeds = write_feeds(tmp_path, a=f"{hosts[0]}/feed", b="https://b$d.example/feed")
    status, out, _ = run(capfd, "check", "--feeds", feeds, "--host-delay", 0)
    assert (status, "egress: the name leads to a private address" in out, "bad-link: " in out) == (3, True, True)
    assert not Site.asked


def test_what_others_say_cannot_colour_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in describe(Finding(feed_id="a", error="connect", detail="\x1b[31mred"))
    path = tmp_path / "list.opml"
    path.write_text('<opml><body><outline text="\x9b31mred" xmlUrl="\x9b32m"/></body></opml>', encoding="utf-8")
    error = run(capfd, "import", path)[2]
    assert ("red" in error, error.replace("\n", "").isprintable()) == (True, True)


def test_progress_is_shown_only_on_a_terminal(hosts: list[str], tmp_path: Path) -> None:
    feeds = write_feeds(tmp_path, a=f"{hosts[0]}/feed", b=f"{hosts[1]}/feed")
    command = [sys.executable, "-m", "pipelines.cli", "feeds", "check", "--feeds", feeds, *FLAGS]
    terminal, its_end = pty.openpty()
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=its_end, check=True)
    os.close(its_end)
    shown = os.read(terminal, 4_096).decode()
    os.close(terminal)
    assert "1 of 2 feeds asked" in shown
    assert sorted(line.split()[0] for line in done.stdout.decode().splitlines()) == ["2", "ok", "ok"]


def test_check_reads_the_newsroom(newsroom: RunningNewsroom, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(newsroom.feeds_toml(), encoding="utf-8")
    status, out, _ = run(capfd, "check", "--feeds", path, *FLAGS)
    planned = {f"{fault.outlet}-{fault.extra_feed}" for fault in newsroom.faults if fault.extra_feed}
    failed = {line.split()[1] for line in out.splitlines() if line.startswith("FAIL")}
    moved = {line.split()[1] for line in out.splitlines()[:-1] if "moved for good" in line}
    assert (status, failed) == (3, planned)
    assert moved == {fault.outlet for fault in newsroom.faults if fault.kind == "feed-moved"}


@pytest.mark.parametrize("error", ["http-503", "http-418", "truncated", "credentials", "no-host", "tls", "dns"])
def test_there_is_advice_for_every_error(error: str) -> None:
    assert len(advise(error)) > 20


# ---------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize("verb", sorted(group.commands))
def test_operating_md_tells_of_every_verb_and_its_flags(verb: str) -> None:
    command = group.commands[verb]
    assert f"`icewire feeds {verb}" in OPERATING
    assert isinstance(command, ExamplesCommand)
    assert command._examples.strip()
    for parameter in command.params:
        for flag in parameter.opts:
            assert not flag.startswith("--") or f"`{flag}" in OPERATING, flag


def test_feeds_is_a_verb() -> None:
    assert icewire.commands["feeds"] is group
    assert tomllib.loads(write_tables([DAILY]))["feeds"][0]["needs_topic_filter"] is True
