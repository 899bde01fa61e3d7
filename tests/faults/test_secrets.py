"""A secret in an address, a header or a redirect is in nothing that is stored, shown or logged."""

import gzip
import logging
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from schemas.memory import FeedMemory, FeedTurn
from schemas.records import Capture, DeadLetter, Dropped, Poll, Visit
from schemas.tables import TABLES
from tests.builders import make_entry, make_feed, make_visit
from tests.faults.oracle import PAGE, with_web
from tests.faults.server import FaultServer, reply
from transforms.addresses import url_key
from transforms.discover.poll import poll_feed
from transforms.download.fetch import fetch_page
from transforms.web import Web
from transforms.write.parquet import write_table
from transforms.write.warc import write_warc

CANARY = "c4n4ry-0f-s3cr3cy"
QUERY = f"?id=7&token={CANARY}"

ANSWERS = {
    "page": reply(body=PAGE),
    "missing": reply(404),
    "cut off": reply(body=PAGE, content_length=999),
    "undecodable": reply(body=PAGE, content_encoding="gzip"),
    "no HTTP": b"* BYE\r\n\r\n",
    "broken off": b"",
    "echoed in headers": reply(
        body=PAGE,
        content_location=f"/page{QUERY}",
        link=f"<https://ledger.example/feed?api_key={CANARY}>; rel=self",
    ),
    "redirect": reply(302, location=f"/next?session={CANARY}"),
    "redirect that says where in its body": reply(
        302, f'<a href="/next?session={CANARY}">here</a>'.encode(), location=f"/next?session={CANARY}"
    ),
    "redirect with credentials": reply(302, location=f"http://me:{CANARY}@127.0.0.1/"),
    "redirect to a private address": reply(302, location=f"http://127.0.0.9:9/?sig={CANARY}"),
    "redirect to nowhere": reply(302, location=f"ftp://ledger.example/?key={CANARY}"),
    "redirect to no address": reply(302, location=f"http://[::1/?key={CANARY}"),
    "loop": reply(302, location=f"/page{QUERY}"),
    "redirect not followed": reply(300, location=f"/next?auth={CANARY}"),
}


def make_visit_of(url: str) -> Any:
    """A visit as the planner makes it: its key is the address', its entry the feed's own."""
    return make_visit(url_key(url), entry=make_entry(url))


def stored(root: Path, records: list[Any]) -> str:
    """Everything that the write stage puts on disk for these records, decompressed, memory and bodies aside."""
    parts: list[str] = []
    captures = [each for each in records if isinstance(each, Capture)]
    if captures:
        placed, file = write_warc(root, captures, day="2026-11-02", run_id="run-1")
        parts.append(gzip.decompress((root / file.staged).read_bytes()).decode("latin-1"))
        records = [each for each in records if each not in captures] + placed
    for table in TABLES.values():
        rows = [each for each in records if isinstance(each, table.row)]
        if rows:
            file = write_table(root, table, rows, day="2026-11-02", run_id="run-1")
            parts.append(str(pq.read_table(root / file.staged).to_pylist()))
    return "\n".join(parts)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("what", ["page", "feed"])
def test_a_secret_in_an_address_is_stored_and_logged_nowhere(
    site: FaultServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: bytes, what: str
) -> None:
    caplog.set_level(logging.DEBUG)
    site.serve(f"/page{QUERY}", answer)
    site.serve(f"/next?session={CANARY}", reply(body=PAGE))
    url = site.url(f"/page{QUERY}")

    async def work(web: Web) -> list[Any]:
        if what == "feed":
            return await poll_feed(web, FeedTurn(feed=make_feed(url=url)), run_id="run-1")
        records = await fetch_page(web, make_visit_of(url), run_id="run-1")
        # Led to another domain, in whose turn a pass goes on.
        return await fetch_page(web, records[0], run_id="run-1") if isinstance(records[0], Visit) else records

    records = with_web(work)
    text = stored(tmp_path, records)
    assert f"/page{QUERY}" in site.asked(), "the server was asked with the secret"
    assert "id=7" in text, "what is no secret is told"
    assert CANARY not in text
    assert CANARY not in caplog.text
    told = [each for each in records if isinstance(each, DeadLetter | Poll)]
    assert CANARY not in str([(each.url, getattr(each, "detail", None)) for each in told])


def test_credentials_in_an_address_are_refused_and_told_without_them(tmp_path: Path) -> None:
    url = f"http://me:{CANARY}@127.0.0.1/page"
    records = with_web(lambda web: fetch_page(web, make_visit_of(url), run_id="run-1"))
    assert [each.error for each in records] == ["credentials"]
    assert CANARY not in stored(tmp_path, records)


def test_a_page_that_robots_txt_forbids_is_dropped_without_its_secret(site: FaultServer, tmp_path: Path) -> None:
    site.serve("/robots.txt", reply(body=b"User-agent: *\nDisallow: /page\n"))
    records = with_web(lambda web: fetch_page(web, make_visit_of(site.url(f"/page{QUERY}")), run_id="run-1"))
    assert [type(each) for each in records] == [Dropped]
    assert CANARY not in stored(tmp_path, records)


def test_a_secret_in_the_user_agent_is_sent_and_not_stored(site: FaultServer, tmp_path: Path) -> None:
    site.serve("/page", reply(body=PAGE))
    agent = f"icewire/1 (+https://corpus.example/?access_token={CANARY})"
    records = with_web(lambda web: fetch_page(web, make_visit_of(site.url("/page")), run_id="run-1"), user_agent=agent)
    assert site.requests[-1].headers["user-agent"] == agent
    assert CANARY not in str(records[0].request_headers)
    assert CANARY not in stored(tmp_path, records)


def test_memory_keeps_the_address_it_must_ask_again(site: FaultServer) -> None:
    url = site.url(f"/feed{QUERY}")
    records = with_web(lambda web: poll_feed(web, FeedTurn(feed=make_feed(url=url)), run_id="run-1"))
    (memory,) = [each for each in records if isinstance(each, FeedMemory)]
    assert memory.url == url


def test_a_revisit_asks_with_the_secret(site: FaultServer) -> None:
    """The visit carries the entry as the feed gave it; only what is stored of it is cleaned."""
    site.serve(f"/page{QUERY}", reply(body=PAGE))
    (capture,) = with_web(lambda web: fetch_page(web, make_visit_of(site.url(f"/page{QUERY}")), run_id="run-1"))
    assert capture.entry.url == site.url(f"/page{QUERY}")


def test_keys_tell_pages_apart_by_their_secrets_and_do_not_tell_those() -> None:
    one, other = (url_key(f"https://ledger.example/page?token={secret}") for secret in (CANARY, "another"))
    assert one != other
    assert CANARY not in one
    assert url_key(one) == one


def test_nothing_of_the_environment_is_sent(site: FaultServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No password of a .netrc, which clients send along unasked."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {CANARY}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", os.fspath(netrc))
    site.serve("/page", reply(body=PAGE))
    with_web(lambda web: fetch_page(web, make_visit_of(site.url("/page")), run_id="run-1"))
    assert all("authorization" not in request.headers for request in site.requests)
