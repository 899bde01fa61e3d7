"""Keys of pages, domains of addresses, refusals and redaction."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.addresses import MAX_URL_LENGTH, key_of, redact, refusal, registrable_domain, request_url, url_key

ANY_VALUE = st.text(st.characters(codec="utf-8"), max_size=10)
ANY_PATH = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: quote(text, safe="/%;,"))
ANY_HOST = st.text(max_size=12) | st.sampled_from(["a.example", "xn--a", "[::1]", "[]@", "127.0.0.1:80"])


@pytest.mark.parametrize(
    "other",
    [
        "http://ledger.example/a?id=1",
        "https://LEDGER.example:443/a?id=1",
        "https://ledger.example/a?id=1#comments",
        "https://reader:pass@ledger.example/a?id=1",
        "https://ledger.example/a?utm_source=rss&id=1&fbclid=xyz",
        "http://ledger.example:80/a?id=1&UTM_Campaign=x&gclid=1&mc_cid=2#top",
        "https://ledger.example/x/../a?id=1",
    ],
)
def test_addresses_of_one_page_share_a_key(other: str) -> None:
    assert url_key(other) == "https://ledger.example/a?id=1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://ledger.example/?id=1", "https://ledger.example/?id=2"),
        ("https://ledger.example/AbC", "https://ledger.example/abc"),
        ("https://t.co/AbC", "https://t.co/abc"),
        ("https://www.news.com.au/national/1", "https://www.ledger.com.au/national/1"),
        ("https://sport.news.com.au/1", "https://travel.news.com.au/1"),
        ("https://ledger.example/go?to=/a", "https://ledger.example/go?to=/b"),
        ("https://ledger.example/a", "https://ledger.example/a/"),
        ("https://ledger.example/a%2Fb", "https://ledger.example/a/b"),
        ("https://ledger.example/a%3Fb", "https://ledger.example/a?b"),
        ("https://ledger.example/?q=a%26b=c", "https://ledger.example/?q=a&b=c"),
        ("https://ledger.example/?q=a+b", "https://ledger.example/?q=a%2Bb"),
        ("https://ledger.example/?id=1&id=2", "https://ledger.example/?id=2&id=1"),
        ("https://ledger.example/#!/one", "https://ledger.example/#!/two"),
        ("https://ledger.example/a", "https://ledger.example:8080/a"),
        ("https://ledger.example/a", "https://www.ledger.example/a"),
    ],
)
def test_addresses_that_may_be_two_pages_never_merge(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@given(ANY_PATH, ANY_VALUE, ANY_VALUE)
def test_a_key_is_its_own_key(path: str, name: str, value: str) -> None:
    key = url_key(f"https://ledger.example/{path}?{quote(name)}={quote(value)}&b=2")
    assert url_key(key) == key


@given(ANY_VALUE, ANY_VALUE)
def test_keys_are_equal_only_for_equal_ids(one: str, other: str) -> None:
    def key(value: str) -> str:
        return url_key(f"https://ledger.example/story?utm_medium=rss&id={quote(value, safe='')}")

    assert (key(one) == key(other)) == (one == other)


@given(st.permutations(["a=1", "b=2", "c=3", "utm_campaign=x", "d="]))
def test_the_order_of_parameters_does_not_matter(parameters: list[str]) -> None:
    assert url_key("https://ledger.example/?" + "&".join(parameters)) == "https://ledger.example/?a=1&b=2&c=3&d="


@pytest.mark.parametrize("text", ["", "raid.html", "//ledger.example/a", "ftp://ledger.example/a", "https://"])
def test_only_absolute_web_addresses_have_a_key(text: str) -> None:
    with pytest.raises(ValueError, match="not an absolute"):
        url_key(text)


@given(st.text(max_size=40) | st.builds("http://{}{}".format, ANY_HOST, st.text(max_size=20)))
def test_any_text_is_refused_or_has_a_key_and_a_domain(text: str) -> None:
    if refusal(text) is None:
        assert url_key(url_key(text)) == url_key(text)
        assert registrable_domain(text)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.ledger.example/a", "ledger.example"),
        ("https://www.paper.co.uk/a", "paper.co.uk"),
        ("https://www.news.com.au/a", "news.com.au"),
        ("https://www.ledger.com.au/a", "ledger.com.au"),
        ("https://one.github.io/a", "one.github.io"),
        ("https://WWW.Ledger.Example./a", "ledger.example"),
        ("http://127.0.0.1:8000/a", "127.0.0.1"),
        ("http://[::1]:8000/a", "::1"),
        ("http://localhost/a", "localhost"),
    ],
)
def test_politeness_is_owed_to_the_registrable_domain(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (None, "no-link"),
        ("", "no-link"),
        ("https://ledger.example/" + "a" * MAX_URL_LENGTH, "too-long"),
        ("javascript:alert(1)", "bad-scheme"),
        ("file:///etc/passwd", "bad-scheme"),
        ("/raid.html", "bad-scheme"),
        ("https:///raid", "no-host"),
        ("https://ledger.example:99999/", "bad-link"),
        ("https://[::1/", "bad-link"),
        ("https://[]@/", "bad-link"),
        ("https://../", "bad-link"),
        ("https://led ger.example/", "bad-link"),
        ("https://xn--a/", "bad-link"),
        ("https://me:secret@ledger.example/", "credentials"),
        ("https://ledger.example/raid", None),
        ("http://ledger.example:8080/raid?id=1", None),
    ],
)
def test_addresses_are_refused_for_a_stated_reason(url: str | None, reason: str | None) -> None:
    assert refusal(url) == reason


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:secret@ledger.example/a", "https://ledger.example/a"),
        ("https://me:p@ss@ledger.example/a", "https://ledger.example/a"),
        ("https://x.example/?id=1&token=abc&p=2", "https://x.example/?id=1&token=[redacted]&p=2"),
        ("GET https://x.example/?API_KEY=abc failed", "GET https://x.example/?API_KEY=[redacted] failed"),
        ("https://x.example/?client_secret=abc", "https://x.example/?client_secret=[redacted]"),
        ("https://x.example/#access_token=abc", "https://x.example/#access_token=[redacted]"),
        ("https://x.example/?X-Amz-Signature=abc", "https://x.example/?X-Amz-Signature=[redacted]"),
        ("write to tips@x.example or https://x.example/?keyword=raid", None),
    ],
)
def test_secrets_are_redacted_and_nothing_else(text: str, shown: str | None) -> None:
    assert redact(text) == (text if shown is None else shown)


@pytest.mark.parametrize(
    ("url", "path"),
    [("https://x.example/%7ea%2fb?x=%c3%a9+1", "/%7ea%2fb?x=%c3%a9+1"), ("https://x.example/a b/ñ", "/a%20b/%C3%B1")],
)
def test_requests_keep_the_spelling_of_an_address_that_can_be_sent(url: str, path: str) -> None:
    assert request_url(url).raw_path_qs == path


def test_what_may_not_be_asked_has_no_key() -> None:
    assert key_of("https://ledger.example/a?utm_source=mail") == url_key("https://ledger.example/a")
    assert [key_of(url) for url in (None, "", "ftp://ledger.example/a", "https://a:b@ledger.example/")] == [None] * 4
