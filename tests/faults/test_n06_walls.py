"""N6: a site that sends everything to one page for a while, and one that counts clicks: whole passes over both."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import icewire
from tests.builders import NOON
from tests.faults.server import FaultServer, reply

pytestmark = pytest.mark.slow

NEWS = {
    "/2026/1": "Agents raid a meat plant in Omaha",
    "/2026/2": "Judge halts deportation flights to Honduras",
    "/2026/3": "Detention center in Georgia to double its beds",
    "/2026/4": "Families wait outside the immigration court",
    "/2026/5": "Sheriff ends jail agreement with ICE",
    "/2026/6": "Asylum officers told to pause interviews",
}
ABOUT = (
    "Officers of Immigration and Customs Enforcement were there in the morning, people who live nearby said, and by"
    " noon a lawyer for some of those who had been detained asked a federal judge to keep them from being deported. The"
    " agency did not say how many were taken into custody, nor where they were being held. Her office had heard of"
    " eleven families by the evening, she said, and expected to hear of more."
)
CLOSED = (
    "We are improving our site for you tonight and will be back shortly. While our engineers are at work none of our"
    " stories can be read here, but all of them will return in the morning just where you left them. Our newsletter is"
    " sent as usual, and our printed edition is on sale everywhere in town from six o'clock. Thank you for your"
    " patience and for supporting local news in these days."
)


def page(title: str, text: str) -> bytes:
    paragraphs = f"<p>{title}.</p><p>{text}</p>"
    body = f"<title>{title} | The Ledger</title><article><h1>{title}</h1>{paragraphs}</article>"
    return reply(body=f"<!doctype html><html lang=en><meta charset=utf-8>{body}".encode(), content_type="text/html")


def serve_feed(site: FaultServer, paths: list[str], *, is_titled: bool = True) -> None:
    items = "".join(
        f"<item>{f'<title>{title}</title>' * is_titled}<link>{site.url(path)}</link><guid>{title}</guid></item>"
        for path, title in zip(paths, NEWS.values(), strict=True)
    )
    feed = f'<rss version="2.0"><channel><title>The Ledger</title>{items}</channel></rss>'
    site.serve("/feed", reply(body=feed.encode(), content_type="application/rss+xml"))


def run_pass(site: FaultServer, folder: Path, hours: float) -> int:
    """The exit status of `icewire ingest`, some hours after noon."""
    feeds = folder / "feeds.toml"
    feeds.write_text(f'[[feeds]]\nfeed_id = "ledger"\nurl = "{site.url("/feed")}"\npublisher = "The Ledger"\n')
    options = ["--feeds", feeds, "--data", folder / "data", "--now", (NOON + timedelta(hours=hours)).isoformat()]
    options += ["--all-feeds", "--host-delay", "0", "--allow-network", "127.0.0.0/8"]
    return CliRunner().invoke(icewire, ["ingest", *map(str, options)], catch_exceptions=False).exit_code


def read(folder: Path, columns: str, table: str) -> list[tuple]:
    """What a table holds; nothing if it has no file."""
    if not any((folder / "data" / "data" / table).rglob("*.parquet")):
        return []
    return duckdb.sql(
        f"SELECT {columns} FROM read_parquet('{folder}/data/data/{table}/**/*.parquet') ORDER BY ALL"
    ).fetchall()


def test_n6_a_site_that_is_closed_for_a_day_costs_no_article(site: FaultServer, tmp_path: Path) -> None:
    serve_feed(site, list(NEWS))
    for path in NEWS:
        site.serve(path, reply(302, location="/closed-tonight"))
    site.serve("/closed-tonight", page("We will be back shortly", CLOSED))
    assert run_pass(site, tmp_path, 0) == 3
    assert read(tmp_path, "title", "articles") == []
    assert read(tmp_path, "error, url", "dead_letters") == [("led-astray", site.url(path)) for path in NEWS]

    for path, title in NEWS.items():
        site.serve(path, page(title, ABOUT))
    assert run_pass(site, tmp_path, 24) == 0
    assert read(tmp_path, "url, title", "articles") == [(site.url(path), title) for path, title in NEWS.items()]
    assert len(read(tmp_path, "error", "dead_letters")) == len(NEWS)


def test_n6_addresses_that_count_clicks_are_forgotten_for_those_they_lead_to(site: FaultServer, tmp_path: Path) -> None:
    clicks = [path.replace("/2026/", "/go/") for path in NEWS]
    serve_feed(site, clicks)
    for click, (path, title) in zip(clicks, NEWS.items(), strict=True):
        site.serve(click, reply(302, location=path))
        site.serve(path, page(title, ABOUT))
    assert run_pass(site, tmp_path, 0) == 0
    told = [(site.url(path).replace("http:", "https:"), title) for path, title in NEWS.items()]
    assert read(tmp_path, "url_key, title", "articles") == told
    assert read(tmp_path, "error", "dead_letters") == []

    asked = len(site.asked())
    assert run_pass(site, tmp_path, 0.75) == 0
    assert site.asked()[asked:] == ["/feed"], "every page is known by now, and none is due"


def test_n6_where_nothing_tells_whether_a_redirect_is_right_pages_are_had_again_and_again(
    site: FaultServer, tmp_path: Path
) -> None:
    clicks = [path.replace("/2026/", "/go/") for path in NEWS]
    serve_feed(site, clicks, is_titled=False)
    for click, (path, title) in zip(clicks, NEWS.items(), strict=True):
        site.serve(click, reply(302, location=path))
        site.serve(path, page(title, ABOUT), page(title, f"{ABOUT} Nobody was released."))
    keys = [site.url(click).replace("http:", "https:") for click in clicks]
    told = list(zip(keys, NEWS.values(), strict=True))
    assert run_pass(site, tmp_path, 0) == 0
    assert read(tmp_path, "url_key, title", "articles") == told
    assert run_pass(site, tmp_path, 2) == 0
    assert read(tmp_path, "url_key, title", "articles") == sorted(told * 2)
    for path in NEWS:
        site.serve(path, reply(302, location="/closed-tonight"))
    site.serve("/closed-tonight", page("We will be back shortly", CLOSED))
    assert run_pass(site, tmp_path, 7) == 3
    assert len(read(tmp_path, "title", "articles")) == 2 * len(NEWS)
    assert read(tmp_path, "error, url", "dead_letters") == [("led-astray", site.url(click)) for click in clicks]


def test_n6_an_article_that_moves_for_good_is_one_article(site: FaultServer, tmp_path: Path) -> None:
    serve_feed(site, list(NEWS))
    for path, title in NEWS.items():
        site.serve(path, page(title, ABOUT))
    assert run_pass(site, tmp_path, 0) == 0

    moved = [path.replace("/2026/", "/archive/") for path in NEWS]
    for number, (path, title) in enumerate(NEWS.items()):
        site.serve(path, reply(301, location=moved[number]))
        new_text = " Nobody was released." if number % 2 else ""
        site.serve(moved[number], page(title, f"{ABOUT}{new_text}<!-- archived -->"))
    assert run_pass(site, tmp_path, 2) == 0
    keys = [site.url(path).replace("http:", "https:") for path in NEWS]
    revisions = [(key, revision) for number, key in enumerate(keys) for revision in ((1, 2) if number % 2 else (1,))]
    assert read(tmp_path, "url_key, revision", "articles") == revisions

    serve_feed(site, moved)
    asked = len(site.asked())
    assert run_pass(site, tmp_path, 4) == 0
    assert site.asked()[asked:] == ["/feed"], "the new addresses are known to be the old pages"
    assert read(tmp_path, "url_key, revision", "articles") == revisions
