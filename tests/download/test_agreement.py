"""Whether the page a redirect led to is the one its entry announces: by its titles, its address, or its slug."""

import gzip
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Capture, Header
from tests.builders import make_capture, make_entry
from transforms.download.agreement import agrees, fold_words, is_wall, news_marks

ASKED = "https://ledger.example/a/1"
ANSWERED = "https://ledger.example/b/2"


def answered(markup: str | bytes, url: str = ANSWERED, **facts: Any) -> Capture:
    body = markup.encode() if isinstance(markup, str) else markup
    return make_capture(url, body=body, **facts)


def is_about(title: str | None, markup: str | bytes, *, asked: str = ASKED, **facts: Any) -> bool:
    return agrees(make_entry(asked, title=title), answered(markup, **facts))


@pytest.mark.parametrize(
    "markup",
    [
        "<title>Agents raid meat plant in Omaha - The Ledger</title>",
        "<TITLE data-rh=true>\n AGENTS raid meat plant </TITLE>",
        '<title>The Ledger</title><meta property="og:title" content="Agents raid a meat plant">',
        "<meta content='Agents raid a meat plant' name=twitter:title />",
        '<h1 class="a"><a href="/"><span>Agents raid</span> a <em>meat&nbsp;plant</em></a></h1>',
        "<title>Meat plant: what we know of the agents&#39; visit</title>",
    ],
)
def test_a_page_with_the_entrys_words_in_its_titles_agrees(markup: str) -> None:
    assert is_about("Agents raid a meat plant", markup)


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<title>The Ledger: back soon</title><h1>We are working on it</h1>",
        "<title>Log in</title><p>Agents raid a meat plant</p>",
        "<title>Plant</title>",  # one word of four
        "<h1>The Ledger</h1><h1>Agents raid a meat plant</h1>",  # as on a front page: not its own title
        '<meta name="description" content="Agents raid a meat plant">',
    ],
)
def test_a_page_without_them_does_not(markup: str) -> None:
    assert not is_about("Agents raid a meat plant", markup)


@pytest.mark.parametrize(
    ("title", "markup"),
    [
        ("Razzia in der Großküche: Müller verhaftet", "<title>RAZZIA IN DER GROSSKÜCHE: MULLER VERHAFTET</title>"),
        ("Detenciones en Nogales según el alcalde", "<title>Detenciones en Nogales segun el alcalde</title>"),
        ("Задержания на границе в Аризоне", "<title>Задержания на границе в Аризоне | Вестник</title>"),
        ("美国移民局突袭肉类加工厂", "<title>快讯：移民局突袭肉类加工厂_新闻</title>"),
        ("国境で拘束された家族", "<title>国境で拘束された家族のいま｜新聞</title>"),
        ("ตรวจคนเข้าเมืองบุกโรงงาน", "<title>ด่วน ตรวจคนเข้าเมืองบุกโรงงานเนื้อ</title>"),
        ("مداهمة مصنع اللحوم في أوماها", "<title>مُداهمة مصنع اللحوم في أوماها - الصحيفة</title>"),
        ("ओमाहा में मांस संयंत्र पर छापा", "<title>ओमाहा में मांस संयंत्र पर छापा | समाचार</title>"),
        ("이민국 육류 공장 급습", "<title>[속보] 이민국, 육류 공장 급습</title>"),
        ("Omaha: 移民局突袭肉类加工厂", "<title>移民局突袭肉类加工厂</title>"),
        ("Ñandú", "<title>nandu</title>"),
        ("Nandu", "<title>&Ntilde;and&uacute;</title>"),
    ],
)
def test_words_are_read_in_any_script(title: str, markup: str) -> None:
    assert is_about(title, markup)
    assert not is_about(title, "<title>Maintenance 維護 維持 обслуживание บำรุงรักษา صيانة</title>")


def test_short_words_count_only_where_there_are_few_others() -> None:
    assert is_about("ICE in LA", "<title>ICE in LA | The Post</title>")
    assert not is_about("At it again", "<title>We are at it: come later</title>")


def test_words_of_the_publishers_name_tell_nothing() -> None:
    front = "<title>Border Chronicle - sign up</title>"
    assert not is_about("Border Chronicle podcast", front, publisher="The Border Chronicle")
    assert not is_about("Border Chronicle", front, publisher="The Border Chronicle")


def test_an_address_may_say_what_the_page_does_not() -> None:
    assert is_about("Agents raid a meat plant", "", url="https://ledger.example/2026/agents-raid-plant-omaha.html")
    assert is_about("Agents raid a meat plant", "", url="https://ledger.example/agents-raid-meat-plant/8841")
    assert not is_about("Agents raid a meat plant", "", url="https://ledger.example/login?to=/agents-raid-meat-plant")
    assert not is_about("Agents raid a meat plant", "", url="https://ledger.example/login/agents-raid-meat-plant")


@pytest.mark.parametrize(
    ("asked", "url", "is_same"),
    [
        ("https://a.example/us/agents-raid-plant", "https://a.example/local/agents-raid-plant/", True),
        ("https://a.example/agents-raid-plant.html", "https://b.example/2026/11/agents-raid-plant.php", True),
        ("https://a.example/agents-raid-plant/77", "https://a.example/local/agents-raid-plant/77", True),
        ("https://a.example/story/88412", "https://a.example/news/88412", True),
        ("https://a.example/?p=7", "https://a.example/agents-raid-plant", False),
        ("https://a.example/us-news/88412", "https://a.example/us-news/closed", False),
        ("https://a.example/story/7", "https://a.example/story/closed", False),
        ("https://a.example/story/7", "https://a.example/news/7", False),
        ("https://a.example/plant", "https://a.example/closed-for-plant-cleaning", False),
        ("https://a.example/agents-raid-plant", "https://a.example/closed", False),
        ("https://a.example/agents-raid-plant", "https://a.example/", False),
    ],
)
def test_an_entry_without_a_title_is_judged_by_the_slug(asked: str, url: str, is_same: bool) -> None:
    assert is_about(None, "<title>Agents raid plant</title>", asked=asked, url=url) is is_same


def test_only_the_head_of_a_page_is_read() -> None:
    assert not is_about("Agents raid a meat plant", "<p>" * 100_000 + "<title>Agents raid a meat plant</title>")


def test_an_address_that_comes_back_to_itself_is_its_page() -> None:
    assert is_about("Agents raid a meat plant", "", asked=ANSWERED + "?utm_source=feed")


def test_titles_are_read_from_compressed_pages_and_old_character_sets() -> None:
    title = "Задержания на границе"
    markup = f"<meta charset=windows-1251><title>{title}</title>"
    assert is_about(title, markup.encode("windows-1251"))
    packed = gzip.compress(markup.encode())
    assert is_about(title, packed, headers=(Header(name="Content-Encoding", value="gzip"),))
    assert not is_about(title, packed[:-9], headers=(Header(name="Content-Encoding", value="gzip"),))
    latin = "<title>Detención en Peñasco</title>".encode("latin-1")
    assert is_about("Detención en Peñasco", latin, content_type="text/html; charset=big5-nonsense")


@pytest.mark.parametrize("end", ["login", "Sign_In", "404.html", "maintenance/", "users/access-denied", "error/7"])
def test_walls_are_known_by_the_end_of_their_address(end: str) -> None:
    assert is_wall(f"https://ledger.example/{end}")


@pytest.mark.parametrize("end", ["", "error-in-the-count", "error/2026/the-count", "raid?to=/login", "2026/11/raid"])
def test_other_addresses_are_no_walls(end: str) -> None:
    assert not is_wall(f"https://ledger.example/{end}")


def test_the_same_news_has_a_mark_in_common() -> None:
    one = make_entry("https://a.example/1", entry_id="7", title="Raid: at a plant!")
    assert set(news_marks(one)) & set(news_marks(make_entry("https://b.example/2", title="RAID at a plant")))
    assert set(news_marks(one)) & set(news_marks(make_entry("https://b.example/2", entry_id="7", title="Strike")))
    assert not set(news_marks(one)) & set(news_marks(make_entry("https://b.example/2", feed_id="b", title=None)))


@pytest.mark.parametrize(
    "markup",
    [
        b"<title" * 50_000,
        b"<title>" + b"a" * 300_000,
        b"<h1 " * 70_000,
        b"<h1>" + b"<" * 300_000,
        b"<meta " * 50_000,
        b"<meta property=og:title content=" * 9_000,
        b"<meta " + b"content " * 40_000,
        (b"<meta " + b"content=" * 240 + b">") * 150,
        (b"<meta name=og:title" + b" content" * 240 + b">") * 150,
        b"<meta charset=gb" + b"\xff" * 300_000,
    ],
)
def test_hostile_markup_is_read_in_bounded_time(markup: bytes) -> None:
    began = time.monotonic()
    assert not is_about("Agents raid a meat plant", markup)
    assert time.monotonic() - began < 10


@given(st.text(max_size=80), st.binary(max_size=300), st.text(max_size=60))
def test_it_never_fails(title: str, markup: bytes, path: str) -> None:
    asked = f"https://ledger.example/{path}"
    assert isinstance(is_about(title, b"<title>" + markup, asked=asked), bool)
    assert isinstance(is_wall(asked), bool)


@given(st.text(min_size=1, max_size=80))
def test_a_title_agrees_with_itself(title: str) -> None:
    if fold_words(title) and not set("<>&\r\0") & set(title):
        assert is_about(title, f"<title>{title}</title>", publisher="")
