"""feeds.toml as it comes, and what a user reads who got their own file wrong."""

from pathlib import Path

import pytest

from schemas.errors import UserError
from schemas.records import Feed
from seeds.feeds import load_feeds

MINIMAL = '[[feeds]]\nfeed_id = "a"\nurl = "https://a.example/feed"\npublisher = "A"\n'


def load(tmp_path: Path, text: str) -> tuple[Feed, ...]:
    path = tmp_path / "my.toml"
    path.write_text(text, "utf-8")
    return load_feeds(path)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(UserError) as caught:
        load(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_the_feeds_that_come_with_icewire() -> None:
    feeds = load_feeds()
    assert len(feeds) > 70
    assert {feed.language for feed in feeds} == {"en", "es"}
    assert all(feed.evidence and feed.evidence_level for feed in feeds)
    assert any(not feed.enabled for feed in feeds)


def test_three_fields_are_enough(tmp_path: Path) -> None:
    assert load(tmp_path, MINIMAL) == (Feed(feed_id="a", url="https://a.example/feed", publisher="A"),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "my.toml: the file: field 'feeds': no feeds; add a [[feeds]] table with feed_id, url, publisher"),
        (
            "feeds = []",
            "my.toml: the file: field 'feeds': no feeds; add a [[feeds]] table with feed_id, url, publisher",
        ),
        ("[[feed]]\n", "my.toml: the file: field 'feed': not known here; begin every feed with [[feeds]]"),
        ("feeds = [1]", "my.toml: feed 1: field 'feeds': not a table; begin every feed with [[feeds]]"),
        (
            "[[feeds]]\nfeed_id = 'a'\nurl = 'x'",
            "feed 1 (a): field 'publisher': missing; every feed needs feed_id, url",
        ),
        (MINIMAL + "publishr = 'x'", "feed 1 (a): field 'publishr': not a field of a feed; did you mean 'publisher'?"),
        (MINIMAL + "tier = 4", "feed 1 (a): field 'tier': 4 is no tier; use 1 (matters most), 2 or 3"),
        (MINIMAL + "tier = '1'", "feed 1 (a): field 'tier': expected `int`, got `str`; write the value in that form"),
        (MINIMAL + "evidence_date = 2026-01-01", "field 'evidence_date': expected `str | null`, got `date`"),
        (MINIMAL + "evidence_level = 'sure'", "field 'evidence_level': invalid enum value 'sure'"),
        (MINIMAL.replace('"a"', '"A b"'), "feed 1 (A b): field 'feed_id': 'A b' is no feed_id; use 1 to 63 of a-z"),
        (MINIMAL.replace("https", "ftp"), "field 'url': 'ftp://a.example/feed' is no http(s) address; give the feed's"),
        (MINIMAL.replace("a.example", "u:p@a.example"), "holds a user name or password"),
        (MINIMAL * 2, "feed 2 (a): field 'feed_id': 'a' is already that of feed 1 (a); keep one of the two"),
        (
            MINIMAL + MINIMAL.replace('"a"', '"b"'),
            "field 'url': 'https://a.example/feed' is already that of feed 1 (a)",
        ),
        ("[[feeds]\n", "my.toml: the file: field '-': no TOML: "),
    ],
)
def test_a_mistake_is_one_line_that_says_where_and_what_to_do(tmp_path: Path, text: str, line: str) -> None:
    said = complaint(tmp_path, text)
    assert line in said
    assert said.startswith("my.toml: ")
    assert "; " in said


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, MINIMAL + "tier = 9\n" + MINIMAL.replace("https", "gopher"))
    assert [line.split(": ")[1] for line in said.splitlines()] == ["feed 1 (a)", "feed 2 (a)"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.toml: the file: .*no such file or directory; give the path"):
        load_feeds(tmp_path / "none.toml")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_bytes(b"\xff")
    with pytest.raises(UserError, match="no UTF-8 at byte 0"):
        load_feeds(tmp_path / "my.toml")
