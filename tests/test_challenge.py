"""Which answers are a bot check in place of what was asked."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Header
from transforms.challenge import challenged


def page(body: str, title: str = "The Ledger") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


ARTICLE = page(
    "<p>The agency said its site now asks visitors to verify they are human. “Are you a robot? Complete the captcha,” "
    "it says; some readers reported access denied pages and unusual traffic warnings.</p>"
    + "<p>Officers came to the plant at noon and took nine workers, witnesses said.</p>" * 15
    + '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script><div class="g-recaptcha"></div>',
    title="Captcha rules come to court websites",
)
CLOUDFLARE = page(
    '<h1>ledger.example</h1><p>Verifying you are human.</p><script src="/cdn-cgi/challenge-platform/h/b/orchestrate">'
    "</script><noscript>Enable JavaScript and cookies to continue</noscript>",
    title="Just a moment...",
)


@pytest.mark.parametrize(
    ("status", "headers", "content", "network"),
    [
        (403, {"CF-Mitigated": "challenge"}, b"", "Cloudflare"),
        (503, {}, CLOUDFLARE, "Cloudflare"),
        (200, {}, CLOUDFLARE, "Cloudflare"),
        (200, {}, page("", title="Just a moment..."), "unnamed"),
        (202, {"x-amzn-waf-action": "challenge"}, b"", "AWS WAF"),
        (405, {"x-amzn-waf-action": "captcha"}, b"", "AWS WAF"),
        (202, {}, page('<script src="https://x.token.awswaf.com/challenge.js"></script>'), "AWS WAF"),
        (403, {}, b'{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=AH"}', "DataDome"),
        (200, {}, page('<iframe src="/_Incapsula_Resource?SWUDNSAI=31"></iframe>'), "Imperva"),
        (403, {}, page('<div id="px-captcha"></div><p>Press &amp; Hold to confirm</p>'), "HUMAN"),
        (403, {}, page("<h1>Access Denied</h1><p>https://errors.edgesuite.net/18.2f</p>", "Access Denied"), "Akamai"),
        (429, {"X-Vercel-Mitigated": "challenge"}, b"", "Vercel"),
        (200, {}, page('<script src="/.within.website/x/cmd/anubis/main.mjs"></script><p>One moment</p>'), "Anubis"),
        (429, {}, page("<p>Our systems have detected unusual traffic from your network.</p>"), "unnamed"),
        (403, {}, page("<p>Verificando que eres humano.</p>", "Un momento…"), "unnamed"),
    ],
)
def test_a_bot_check_is_named_by_its_network(
    status: int, headers: dict[str, str], content: bytes, network: str
) -> None:
    fields = tuple(Header(name=name, value=value) for name, value in headers.items())
    assert challenged(status, fields, content) == network


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, ARTICLE),
        (403, ARTICLE),
        (200, b""),
        (403, b""),
        (429, b"Too Many Requests"),
        (503, b"<h1>503 Service Unavailable</h1>"),
        (403, page("<h1>403 Forbidden</h1><hr>nginx", title="403 Forbidden")),
        (403, page("<h1>Access denied</h1>You don't have permission.", title="Access denied")),
        (503, page("<h1>Down</h1><p>Ray ID: 8a1</p><p>Performance &amp; security by Cloudflare</p>")),
        (503, page('<h1>Down</h1><script src="/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js"></script>')),
        (404, page("<p>No such page</p><div class='cf-turnstile'></div>")),
        (500, CLOUDFLARE),
        (200, page("<p>Comment below.</p><div class='g-recaptcha'></div>" + "<p>Agents came to the plant.</p>" * 9)),
        (200, b"<rss><channel><item><title>Are you a robot? Courts ask</title></item></channel></rss>"),
        (202, b""),
    ],
)
def test_what_is_no_bot_check_is_none(status: int, content: bytes) -> None:
    assert challenged(status, (), content) is None


@given(st.sampled_from([200, 202, 403, 503]), st.binary(max_size=400))
def test_no_bytes_can_raise(status: int, content: bytes) -> None:
    wall = challenged(status, (), b"<html><title>" + content)
    assert wall is None or wall


@pytest.mark.parametrize("piece", [b"<script", b"<title", b"<", b"<style></style", b"are you ", b"performance by "])
def test_no_page_takes_long(piece: bytes) -> None:
    began_s = time.process_time()
    challenged(403, (), piece * (10_000_000 // len(piece)))
    assert time.process_time() - began_s < 5
