"""Publishers' quirks: where the generic way fails, how a rule mends it, and when it holds no more."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.publishers import Publisher, Quirk
from seeds.publishers import load_publishers
from tests.builders import make_capture
from tests.extract.pages import ENGLISH, page, paragraphs
from transforms.extract.capture import extract_capture
from transforms.extract.extract import Extraction, extract_article
from transforms.extract.quirks import choose_quirk, find_publisher

GOLDEN = Path(__file__).with_name("publishers")
QUIRKS = {
    quirk.golden: (publisher, quirk) for publisher in load_publishers().values() for quirk in publisher.quirks
}  # fmt: skip
FACTS = ("title", "authors", "published_at", "text")


def read_golden(name: str, publisher: Publisher | None, captured_at: datetime | None) -> Extraction:
    wanted = expected(name)
    content = (GOLDEN / f"{name}.html").read_bytes()
    return extract_article(content, url=wanted["url"], publisher=publisher, captured_at=captured_at)


def expected(name: str) -> dict[str, Any]:
    return tomllib.loads((GOLDEN / f"{name}.toml").read_text(encoding="utf-8"))


def facts(extraction: Extraction) -> dict[str, Any]:
    made = {name: getattr(extraction, name) for name in FACTS}
    return made | {"authors": list(made["authors"])}


@pytest.mark.parametrize("name", QUIRKS)
def test_a_rule_reads_its_golden_page_as_the_generic_way_does_not(name: str) -> None:
    wanted = expected(name)
    publisher, _ = QUIRKS[name]
    assert find_publisher(load_publishers(), wanted["url"]) == publisher
    mended = read_golden(name, publisher, wanted["captured_at"])
    assert facts(mended) == {fact: wanted[fact] for fact in FACTS} | {"text": wanted["text"].strip()}
    assert "publisher (" in mended.extractor
    generic = read_golden(name, None, wanted["captured_at"])
    assert facts(generic) != facts(mended)
    assert "publisher" not in generic.extractor


@pytest.mark.parametrize("name", [name for name, (_, quirk) in QUIRKS.items() if quirk.valid_until])
def test_a_rule_is_used_until_its_last_day(name: str) -> None:
    publisher, quirk = QUIRKS[name]
    assert quirk.valid_until is not None
    end = datetime.combine(quirk.valid_until, time.max, tzinfo=UTC)
    only = Publisher(name=publisher.name, hosts=publisher.hosts, zone=publisher.zone, quirks=(quirk,))
    assert "publisher" in read_golden(name, only, end).extractor
    after = read_golden(name, only, end + timedelta(seconds=1))
    assert facts(after) == facts(read_golden(name, None, end))
    assert "publisher" not in after.extractor


def test_every_golden_page_proves_a_rule() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(QUIRKS)


def quirk(since: int, until: int | None = None, **rules: str) -> Quirk:
    last = None if until is None else date(until, 12, 31)
    return Quirk(valid_from=date(since, 1, 1), valid_until=last, reason="It fails.", golden="none", **rules)


def test_yesterdays_page_is_read_by_yesterdays_rule() -> None:
    old, new, blog = quirk(2019, 2020, body="p"), quirk(2021, body="div"), quirk(2021, path="/blog/", body="li")
    ledger = Publisher(name="The Ledger", hosts=("ledger.example",), quirks=(old, new, blog))

    def chosen(year: int | None, path: str = "/news/a") -> Quirk | None:
        at = datetime(year, 6, 1, tzinfo=UTC) if year else None
        return choose_quirk(ledger, f"https://ledger.example{path}", at)

    assert [chosen(year) for year in (2018, 2019, 2020, 2021, 2030)] == [None, old, old, new, new]
    assert chosen(2022, "/blog/a") == blog
    assert chosen(2020, "/blog/a") == old
    assert chosen(None) == new  # a page of unknown age is taken for one of today ...
    gone = Publisher(name="The Ledger", hosts=("ledger.example",), quirks=(old,))
    assert choose_quirk(gone, "https://ledger.example/news/a", None) is None  # ... and old layouts are gone


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://ledger.example/a", True),
        ("https://www.news.ledger.example:8080/a", True),
        ("https://ledger.example.org/a", False),
        ("https://theledger.example/a", False),
        ("https://elsewhere.example/?u=https://ledger.example/", False),
        ("https://[broken/", False),
        ("", False),
    ],
)
def test_only_the_host_chooses_a_publisher(url: str, found: bool) -> None:
    ledger = Publisher(name="The Ledger", hosts=("ledger.example",))
    assert (find_publisher({"ledger.example": ledger}, url) is ledger) == found


def test_a_rule_may_name_paragraphs_title_authors_and_date() -> None:
    markup = page(
        "<h1>Wrong headline</h1><div class='hed'>Eleven roofers<br>detained</div>"
        "<b class='who'>By Ana Díaz and Joe Park</b><i class='when'>Marzo 1, 2026</i>"
        f"<div class='copy'>{paragraphs(ENGLISH, 6)}</div>{paragraphs(ENGLISH[6:], 6)}"
    )
    rules = quirk(2020, body=".copy p", title=".hed", authors=".who", published=".when")
    ledger = Publisher(name="The Ledger", hosts=("ledger.example",), quirks=(rules,))
    made = extract_article(markup.encode(), url="https://ledger.example/a", publisher=ledger)
    assert made.text.splitlines() == [" ".join(ENGLISH[at : at + 2]) for at in (0, 2, 4)]
    assert made.authors == ("Ana Díaz", "Joe Park")
    assert made.title == "Eleven roofers detained"
    assert (made.published_at, made.published_source) == (datetime(2026, 3, 1, tzinfo=UTC), "publisher")
    assert made.extractor.startswith("publisher (")


def test_a_capture_is_read_by_the_rule_of_its_host_and_its_day() -> None:
    body = (GOLDEN / "the-hill.html").read_bytes()

    def path(url: str, fetched_at: datetime) -> str:
        capture = make_capture(url=url, body=body, fetched_at=fetched_at)
        (article,) = extract_capture(capture, run_id="run-1", now=fetched_at, publishers=load_publishers())
        return str(article.extractor.split(" (")[0])

    then, now = datetime(2019, 11, 20, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    assert path("https://thehill.com/homenews/a", then).endswith(" + publisher")
    assert "publisher" not in path("https://thehill.com/homenews/a", now)
    assert "publisher" not in path("https://ledger.example/homenews/a", then)


def test_a_rule_that_meets_nothing_leaves_the_generic_way() -> None:
    markup = page(f"<h1>Eleven roofers detained</h1><div class='copy'>{paragraphs(ENGLISH, 12)}</div>").encode()
    rules = quirk(2020, body=".gone p", drop=".gone", authors=".gone")
    ledger = Publisher(name="The Ledger", hosts=("ledger.example",), quirks=(rules,))
    ruled = extract_article(markup, url="https://ledger.example/a", publisher=ledger)
    assert ruled == extract_article(markup, url="https://ledger.example/a")


def test_the_publishers_zone_places_naive_times() -> None:
    ledger = Publisher(name="The Ledger", hosts=("ledger.example",), zone="America/Chicago")
    head = '<meta property="article:published_time" content="2026-03-01T23:30:00">'
    markup = page(f"<h1>Eleven roofers detained</h1>{paragraphs(ENGLISH, 12)}", head=head).encode()
    made = extract_article(markup, url="https://ledger.example/a", publisher=ledger)
    assert (made.published_at, made.published_precision) == (datetime(2026, 3, 2, 5, 30, tzinfo=UTC), "second")
