"""Asking a real server on loopback: polite, bounded, guarded, and the answer as received."""

import asyncio
import gzip
import pickle
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

import transforms.client as client_module
from schemas.records import Header, Silence
from tests.builders import NOON
from transforms.answer import Answer, WebError, WebSettings
from transforms.redirects import MAX_REDIRECT_BODY_BYTES, MAX_REDIRECTS
from transforms.web import ATTEMPTS, Web
from transforms.web_thread import WebThread

LOOPBACK = ("127.0.0.1/32",)


@dataclass(frozen=True)
class Request:
    """One request as the server saw it; times are seconds of the monotonic clock."""

    path: str
    headers: dict[str, str]
    began: float
    ended: float


class Site:
    """A server that answers each path with the bytes it was told, the last of them for ever, and records who asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[Request] = []
        self.answers: dict[str, list[bytes]] = {"/robots.txt": [reply(404)]}
        self.pause_s: dict[str, float] = {}

    def serve(self, path: str, *answers: bytes, pause_s: float = 0.0) -> None:
        self.answers[path] = list(answers)
        self.pause_s[path] = pause_s

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def asked(self, *but: str) -> list[str]:
        return [request.path for request in self.requests if request.path not in but]

    def next_answer(self, path: str) -> bytes:
        answers = self.answers.get(path, [reply(404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Exchange(socketserver.StreamRequestHandler):
    """One connection, one request, one answer."""

    def handle(self) -> None:
        began = time.monotonic()
        site: Site = self.server.site  # type: ignore[attr-defined]
        path = self.rfile.readline().decode().split(" ")[1]
        lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), "")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        answer = site.next_answer(path)
        time.sleep(site.pause_s.get(path, 0.0))
        site.requests.append(Request(path, headers, began, time.monotonic()))
        self.wfile.write(answer)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up early is part of the play."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Server(("127.0.0.1", 0), Exchange) as server:
        server.site = Site(server.server_address[1])  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.site  # type: ignore[attr-defined]
        server.shutdown()


def reply(status: int = 200, body: bytes = b"", **headers: Any) -> bytes:
    """An HTTP answer; `x_y=1` becomes the header `x-y: 1`."""
    fields = {"content_length": len(body), "connection": "close"} | headers
    lines = [f"HTTP/1.1 {status} Said", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def make_settings(**facts: Any) -> WebSettings:
    known: dict[str, Any] = {"user_agent": "icewire/test", "host_delay_s": 0.0, "allow_networks": LOOPBACK}
    return WebSettings(**(known | facts))


def ask_all(*urls: str, conditions: tuple[Header, ...] = (), **settings: Any) -> list[Answer | WebError]:
    """Ask for all addresses at once with a fresh Web."""

    async def scenario() -> list[Any]:
        web = Web(make_settings(**settings))
        try:
            return await asyncio.gather(*(web.get(url, conditions=conditions) for url in urls), return_exceptions=True)
        finally:
            await web.close()

    return asyncio.run(scenario())


def ask(url: str, **options: Any) -> Answer:
    (outcome,) = ask_all(url, **options)
    assert isinstance(outcome, Answer), outcome
    return outcome


def failure(url: str, **options: Any) -> WebError:
    (outcome,) = ask_all(url, **options)
    assert isinstance(outcome, WebError), outcome
    return outcome


# ------------------------------------------------------------------------------------------------ the answer


def test_an_answer_is_kept_as_received_beside_what_it_means(site: Site) -> None:
    body = gzip.compress(b"<p>Hello</p>")
    site.serve("/a", reply(body=body, content_encoding="gzip", x_who="caf\u00e9"))
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    answer = ask(site.url("/a"), now=now)
    assert (answer.status, answer.body, answer.content) == (200, body, b"<p>Hello</p>")
    assert (answer.url, answer.redirects, answer.robots) == (site.url("/a"), (), "no-robots")
    assert answer.asked_at == now
    x_who = answer.header("X-WHO")
    assert x_who is not None
    assert x_who.encode("latin-1") == "café".encode()


def test_we_say_who_we_are_and_pass_conditions_byte_for_byte(site: Site) -> None:
    site.serve("/a", reply(304))
    conditions = (Header(name="If-None-Match", value='W/"x,y"'),)
    answer = ask(site.url("/a"), conditions=conditions)
    sent = site.requests[-1].headers
    assert (sent["user-agent"], sent["if-none-match"], sent["accept-encoding"]) == ("icewire/test", 'W/"x,y"', "gzip")
    assert {(field.name.lower(), field.value) for field in answer.request_headers} <= sent.items()
    assert "cookie" not in sent


def test_an_answer_without_a_body_may_name_a_content_coding(site: Site) -> None:
    site.serve("/a", reply(304, content_encoding="gzip"))
    answer = ask(site.url("/a"))
    assert (answer.status, answer.content) == (304, b"")


def test_an_answer_tells_when_it_was_asked_for_not_when_it_came(site: Site) -> None:
    site.serve("/slow", reply(), pause_s=0.3)
    before = datetime.now(UTC)
    answer = ask(site.url("/slow"))
    assert before <= answer.asked_at
    assert (datetime.now(UTC) - answer.asked_at).total_seconds() >= 0.3


def test_error_statuses_are_answers(site: Site) -> None:
    site.serve("/gone", reply(410, b"gone"))
    answer = ask(site.url("/gone"))
    assert (answer.status, answer.content) == (410, b"gone")


def test_long_header_fields_are_read_up_to_a_bound(site: Site) -> None:
    site.serve("/policy", reply(content_security_policy="a" * 30_000))
    site.serve("/flood", reply(content_security_policy="a" * 300_000))
    assert len(ask(site.url("/policy")).header("Content-Security-Policy") or "") == 30_000
    assert failure(site.url("/flood")).kind == "protocol"


def test_addresses_are_sent_as_written_if_they_can_be(site: Site) -> None:
    site.serve("/%7ea%2fb?q=%c3%a9+1", reply())
    site.serve("/a%20b/%C3%B1", reply())
    assert ask(site.url("/%7ea%2fb?q=%c3%a9+1")).status == 200
    assert ask(site.url("/a b/ñ")).status == 200


# ------------------------------------------------------------------------------------------------ bounds


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(body=gzip.compress(b"text " * 50)[:-9], content_encoding="gzip"), "truncated"),
        (reply(body=b"short", content_length=100), "truncated"),
        (reply(body=b"", content_encoding="gzip"), "truncated"),
        (reply(body=b"not gzip at all", content_encoding="gzip"), "bad-coding"),
        (reply(body=b"whatever", content_encoding="br"), "unasked-coding"),
        (reply(body=gzip.compress(b"\0" * 11_000_000, 1), content_encoding="gzip"), "too-large"),
        (reply(body=b"a" * 10_500_000), "too-large"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "protocol"),
    ],
    ids=["cut gzip", "cut body", "empty gzip", "damaged", "brotli", "bomb", "huge", "no http"],
)
def test_an_answer_that_cannot_be_used_is_an_error_of_a_stated_kind(site: Site, answer: bytes, kind: str) -> None:
    site.serve("/a", answer)
    assert failure(site.url("/a")).kind == kind
    assert site.asked("/robots.txt") == ["/a"]


def test_slow_headers_time_out_and_are_asked_for_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "TOTAL_TIMEOUT_S", 0.15)
    site.serve("/slow", reply(), pause_s=0.4)
    assert failure(site.url("/slow")).kind == "timeout"


def test_a_connection_that_breaks_is_tried_again(site: Site) -> None:
    site.serve("/a", b"", reply(body=b"at last"))
    assert ask(site.url("/a")).content == b"at last"


def test_a_connection_that_keeps_breaking_is_given_up(site: Site) -> None:
    site.serve("/a", b"")
    assert failure(site.url("/a")).kind == "connect"
    assert site.asked("/robots.txt") == ["/a"] * ATTEMPTS


@pytest.mark.parametrize(
    ("url", "kind"), [("ftp://x.example/a", "bad-scheme"), ("http://me:pw@x.example/", "credentials"), ("", "no-link")]
)
def test_addresses_that_may_not_be_asked_are_refused(url: str, kind: str) -> None:
    assert failure(url).kind == kind


def test_secrets_do_not_reach_an_error(site: Site) -> None:
    site.serve("/a?token=hidden", reply(body=b"x", content_length=9))
    error = failure(site.url("/a?token=hidden"))
    assert "hidden" not in str(error)
    assert "token=[redacted]" in str(error)


# ------------------------------------------------------------------------------------------------ redirects


def test_redirects_are_followed_and_told(site: Site) -> None:
    site.serve("/a", reply(301, location="/b?x=1#part"))
    site.serve("/b?x=1", reply(302, location=site.url("/c")))
    site.serve("/c", reply(body=b"here"))
    answer = ask(site.url("/a"))
    assert (answer.url, answer.content) == (site.url("/c"), b"here")
    assert [(hop.url, hop.status) for hop in answer.redirects] == [(site.url("/a"), 301), (site.url("/b?x=1"), 302)]


def test_what_a_redirect_answered_is_kept_and_its_body_only_to_a_bound(site: Site) -> None:
    site.serve("/a", reply(301, b"moved", location="/b"))
    site.serve("/b", reply(302, b"x" * (MAX_REDIRECT_BODY_BYTES + 1), location="/c"))
    site.serve("/c", reply(body=b"here"))
    answer = ask(site.url("/a"))
    first, second = answer.redirects
    assert (first.body, first.is_cut) == (b"moved", False)
    assert (second.body, second.is_cut) == (b"x" * MAX_REDIRECT_BODY_BYTES, True)
    assert ("location", "/b") in [(field.name.lower(), field.value) for field in first.headers]
    assert "User-Agent" in [field.name for field in first.request_headers]
    assert first.asked_at is not None
    assert first.asked_at <= second.asked_at <= answer.asked_at


@pytest.mark.parametrize("location", ["/se\u00f1al", "/se%C3%B1al"])
def test_a_redirect_may_be_written_in_utf_8(site: Site, location: str) -> None:
    site.serve("/a", reply(302, location=location))
    site.serve("/se%C3%B1al", reply(body=b"here"))
    assert ask(site.url("/a")).content == b"here"


def test_a_redirect_without_a_target_is_an_answer(site: Site) -> None:
    site.serve("/a", reply(302, b"lost"))
    assert ask(site.url("/a")).content == b"lost"


def test_a_redirect_loop_ends(site: Site) -> None:
    site.serve("/a", reply(302, location="/b"))
    site.serve("/b", reply(302, location="/a"))
    assert failure(site.url("/a")).kind == "redirects"
    assert len(site.asked("/robots.txt")) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "kind"),
    [("file:///etc/passwd", "bad-scheme"), ("http://me:pw@127.0.0.1/", "credentials"), ("http://[]@/", "bad-link")],
)
def test_a_redirect_may_lead_only_where_we_may_ask(site: Site, location: str, kind: str) -> None:
    site.serve("/a", reply(302, location=location))
    assert failure(site.url("/a")).kind == kind


# ------------------------------------------------------------------------------------------------ egress


def test_private_addresses_are_refused_unless_named(site: Site) -> None:
    error = failure(site.url("/a"), allow_networks=())
    assert error.kind == "egress"
    assert "--allow-network" in str(error)
    assert site.requests == []


def test_a_name_that_resolves_to_a_private_address_is_refused(site: Site) -> None:
    assert failure(site.url("/a", host="localhost"), allow_networks=("127.0.0.2/32",)).kind == "egress"
    assert site.requests == []


def test_a_redirect_out_of_the_named_range_is_refused(site: Site) -> None:
    site.serve("/a", reply(302, location=site.url("/b", host="127.0.0.2")))
    assert failure(site.url("/a")).kind == "egress"
    assert site.asked("/robots.txt") == ["/a"]


# ------------------------------------------------------------------------------------------------ robots


def test_what_robots_txt_forbids_is_not_asked_for(site: Site) -> None:
    site.serve("/robots.txt", reply(body=b"User-agent: icewire\nDisallow: /private"))
    barred, open_ = ask_all(site.url("/private/a"), site.url("/open"))
    assert isinstance(barred, WebError)
    assert barred.kind == "robots"
    assert isinstance(open_, Answer)
    assert open_.robots == "allowed"
    assert site.asked() == ["/robots.txt", "/open"]


def test_robots_txt_is_asked_for_once_and_may_be_moved(site: Site) -> None:
    site.serve("/robots.txt", reply(301, location="/robots-new.txt"))
    site.serve("/robots-new.txt", reply(body=b"User-agent: *\nDisallow: /private"))
    outcomes = ask_all(*(site.url(path) for path in ("/private", "/a", "/b")))
    assert [isinstance(each, Answer) for each in outcomes] == [False, True, True]
    assert site.asked("/a", "/b") == ["/robots.txt", "/robots-new.txt"]


def test_nothing_is_asked_for_while_robots_txt_is_unreachable(site: Site) -> None:
    site.serve("/robots.txt", reply(500))
    error = failure(site.url("/a"))
    assert (error.kind, site.asked()) == ("robots-unreachable", ["/robots.txt"] * ATTEMPTS)
    assert "HTTP 500" in str(error)


def test_the_target_of_a_redirect_is_subject_to_robots_txt(site: Site) -> None:
    site.serve("/robots.txt", reply(body=b"User-agent: *\nDisallow: /private"))
    site.serve("/a", reply(302, location="/private"))
    assert failure(site.url("/a")).kind == "robots"
    assert site.asked() == ["/robots.txt", "/a"]


# ------------------------------------------------------------------------------------------------ politeness


def test_a_domain_gets_one_request_at_a_time_a_delay_apart(site: Site) -> None:
    for path in ("/a", "/b", "/c"):
        site.serve(path, reply(), pause_s=0.05)
    ask_all(*(site.url(path) for path in ("/a", "/b", "/c")), host_delay_s=0.2)
    assert len(site.requests) == 4
    assert all(after.began - before.ended >= 0.19 for before, after in pairwise(site.requests))


def test_redirects_keep_the_delay_too(site: Site) -> None:
    site.serve("/a", reply(302, location="/b"))
    ask(site.url("/a"), host_delay_s=0.2)
    assert all(after.began - before.ended >= 0.19 for before, after in pairwise(site.requests))


def test_a_crawl_delay_longer_than_ours_is_kept(site: Site) -> None:
    site.serve("/robots.txt", reply(body=b"User-agent: *\nCrawl-delay: 0.3"))
    ask_all(site.url("/a"), site.url("/b"), host_delay_s=0.05)
    _, first, second = site.requests
    assert second.began - first.ended >= 0.29


def test_domains_do_not_wait_for_each_other(site: Site) -> None:
    site.serve("/slow", reply(), pause_s=0.3)
    ask_all(site.url("/slow"), site.url("/a", host="localhost"), allow_networks=("127.0.0.0/8",))
    assert site.asked("/robots.txt") == ["/a", "/slow"]


def test_a_server_error_is_tried_again(site: Site) -> None:
    site.serve("/a", reply(503), reply(body=b"at last"))
    assert ask(site.url("/a")).content == b"at last"


def test_a_server_error_that_stays_is_an_answer(site: Site) -> None:
    site.serve("/a", reply(503))
    assert ask(site.url("/a")).status == 503
    assert site.asked("/robots.txt") == ["/a"] * ATTEMPTS


def test_a_short_retry_after_is_waited_out_by_the_whole_domain(site: Site) -> None:
    site.serve("/a", reply(429, retry_after=1), reply(body=b"at last"))
    answers = ask_all(site.url("/a"), site.url("/b"))
    assert sorted(each.status for each in answers if isinstance(each, Answer)) == [200, 404]
    _, refused, *later = site.requests
    assert (refused.path, len(later)) == ("/a", 2)
    assert all(request.began - refused.ended >= 0.95 for request in later)


@pytest.mark.parametrize("answer", [reply(429, retry_after=3600), reply(503, retry_after=3600), reply(429)])
def test_a_long_or_unnamed_retry_after_silences_the_domain(site: Site, answer: bytes) -> None:
    site.serve("/a", answer)
    first, second = ask_all(site.url("/a"), site.url("/b"))
    assert isinstance(first, Answer)
    assert isinstance(second, WebError)
    assert second.kind == "host-blocked"
    assert second.retry_after_s is not None
    assert second.retry_after_s > 500
    assert site.asked("/robots.txt") == ["/a"]


def test_a_429_that_comes_again_and_again_silences_the_domain(site: Site) -> None:
    site.serve("/a", reply(429, retry_after=0))

    async def scenario() -> tuple[Answer, str]:
        web = Web(make_settings())
        answer = await web.get(site.url("/a"))
        try:
            await web.get(site.url("/b"))
        except WebError as error:
            return answer, error.kind
        finally:
            await web.close()
        return answer, "asked"

    answer, then = asyncio.run(scenario())
    assert (answer.status, then) == (429, "host-blocked")
    assert site.asked("/robots.txt") == ["/a"] * ATTEMPTS


def test_time_in_which_others_are_asked_is_not_the_domains(site: Site) -> None:
    site.serve("/a", reply())
    site.serve("/b", reply())

    async def scenario() -> list[int]:
        web = Web(make_settings(turn_s=0.2))
        first = await web.get(site.url("/a"))
        await asyncio.sleep(0.5)
        second = await web.get(site.url("/b"))
        await web.close()
        return [first.status, second.status]

    assert asyncio.run(scenario()) == [200, 200]


def test_feeds_leave_some_of_their_domains_time_for_its_pages(site: Site) -> None:
    site.serve("/feed", reply(), pause_s=0.3)
    site.serve("/page", reply())

    async def scenario() -> list[str]:
        web, outcomes = Web(make_settings(turn_s=0.5)), []
        for path, share in (("/feed", 0.5), ("/feed", 0.5), ("/page", 1.0)):
            try:
                outcomes.append(str((await web.ask(site.url(path), "*/*", share=share)).status))
            except WebError as error:
                outcomes.append(error.kind)
        await web.close()
        return outcomes

    assert asyncio.run(scenario()) == ["200", "postponed", "200"]


def test_a_domain_has_its_time_and_the_rest_is_put_off(site: Site) -> None:
    for path in ("/a", "/b", "/c"):
        site.serve(path, reply(), pause_s=0.3)

    async def scenario() -> list[str]:
        web = Web(make_settings(turn_s=0.5))
        outcomes = []
        for path in ("/a", "/b", "/c"):
            try:
                outcomes.append(str((await web.get(site.url(path))).status))
            except WebError as error:
                outcomes.append(error.kind)
        await web.close()
        return outcomes

    assert asyncio.run(scenario()) == ["200", "200", "postponed"]
    assert site.asked("/robots.txt") == ["/a", "/b"]


# ------------------------------------------------------------------------------------------------ one process


def test_equal_settings_share_one_web_in_a_process(site: Site) -> None:
    site.serve("/a", reply(body=b"here"))
    thread = WebThread.shared()
    web = thread.web(make_settings())
    assert thread.submit(web.get(site.url("/a"))).result(timeout=5).content == b"here"
    assert WebThread.shared().web(make_settings()) is web
    assert WebThread.shared().web(make_settings(user_agent="icewire/other")) is not web


def test_what_reads_memory_does_not_tell_settings_apart_and_silences_do() -> None:
    silence = Silence(domain="ledger.example", until=NOON, reason="http-429")
    settings = make_settings(recall_robots=dict)
    assert (settings, hash(settings)) == (make_settings(), hash(make_settings()))
    assert settings != make_settings(silences=(silence,))
    assert pickle.loads(pickle.dumps(settings)).recall_robots is dict
