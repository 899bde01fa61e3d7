"""`icewire explain`: the trail of a page, from the feed that listed it to the words that its tags stand on."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import icewire
from pipelines.clock import Clock
from pipelines.keep.takedown import take_down
from pipelines.prove.explain import explain
from pipelines.prove.find import Shelf
from pipelines.prove.page import find_page
from pipelines.prove.trail import Trail, follow_trail
from pipelines.prove.word_diff import word_diff
from schemas.errors import UserError
from schemas.records import Redirect
from tests.builders import NOON, PAGE, make_article, make_capture
from tests.write.test_verify import write_rows

TITLE = "They signed up to catch criminals. The 3,000-a-day quota made them quit"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(icewire, [str(each) for each in arguments])


@pytest.fixture
def url(database: duckdb.DuckDBPyConnection) -> str:
    """The address of a retelling that was revised."""
    url: str = database.execute("SELECT url FROM articles WHERE title = ?", [TITLE]).fetchall()[0][0]
    return url


@pytest.fixture
def trail(corpus: Path, url: str) -> Trail:
    shelf = Shelf.at(corpus)
    return follow_trail(shelf, find_page(shelf, url))


def test_the_whole_way_is_told(trail: Trail) -> None:
    told = "\n".join(explain(trail))
    for part in (
        "listed by feed the-retold",
        "feed the-retold of The Retold: HTTP 200, entries",
        f"it said: «{TITLE}»",
        "captured (2)",
        f"sha256 {trail.captures[0].capture.payload_sha256}",
        f"{trail.captures[0].capture.warc_file} at {trail.captures[0].capture.warc_offset}",
        "read now  the bytes have that hash",
        "new, robots.txt: no-robots",
        "revision 1, earlier",
        "revision 2, current",
        "published 2026-11-02 15:40:00Z (to the second, from feed)",
        "changed since revision 1",
        "(corrected, with ICE’s answer)",
        "topic arrest-quotas, 0.98",
        "«Overtime was» mandatory",
        f"data set version 3, manifest sha256 {trail.manifest_sha256}",
    ):
        assert part in told, part


def test_a_copy_tells_its_origin_and_the_words_they_share(corpus: Path, database: duckdb.DuckDBPyConnection) -> None:
    copies = database.execute(
        "SELECT copy.article_id, origin.article_id FROM stories copy JOIN stories origin"
        " ON copy.origin_id = origin.article_id WHERE copy.role = 'copy' AND origin.role = 'origin'"
    ).fetchall()
    article_id, origin_id = copies[0]
    shelf = Shelf.at(corpus)
    told = "\n".join(explain(follow_trail(shelf, find_page(shelf, article_id))))
    assert re.search(rf"-> .* copy of {origin_id}, \d+% of its words.*: {article_id} ", told)
    assert re.search(rf"   .* origin.*: {origin_id} ", told)
    assert "shared: «" in told


def test_what_was_dropped_or_failed_is_told(corpus: Path, database: duckdb.DuckDBPyConnection) -> None:
    shelf = Shelf.at(corpus)
    for table, word in (("dropped", "reason"), ("dead_letters", "error")):
        query = f"SELECT url_key, any_value({word}) FROM {table} WHERE url_key IS NOT NULL GROUP BY ALL ORDER BY ALL"
        for key, reason in database.execute(query).fetchall()[:5]:
            assert reason in "\n".join(explain(follow_trail(shelf, find_page(shelf, key)))), key


def test_a_page_is_found_by_ids_and_by_its_address_with_a_tracker(corpus: Path, trail: Trail) -> None:
    shelf = Shelf.at(corpus)
    article, capture = trail.revisions[0].article, trail.captures[0].capture
    for wanted in (article.article_id, article.article_id[:8], capture.capture_id, f"{article.url}?utm_source=mail"):
        assert find_page(shelf, wanted) == set(trail.url_keys), wanted


def test_a_page_is_found_by_every_address_that_led_there(tmp_path: Path) -> None:
    hop = Redirect(url="https://short.example/r/7", status=301, asked_at=NOON)
    capture = make_capture(PAGE, requested_url="https://ledger.example/?p=7", redirects=(hop,))
    article = make_article(
        "a1", capture_id=capture.capture_id, url=PAGE, url_key=PAGE, original_url="https://t.example/7"
    )
    write_rows(tmp_path, "run-1", [capture], articles=[article])
    for wanted in (PAGE, "https://short.example/r/7", "http://ledger.example/?p=7&utm_source=x", "https://t.example/7"):
        keys = find_page(Shelf.at(tmp_path), wanted)
        assert PAGE in keys, wanted
        told = "\n".join(explain(follow_trail(Shelf.at(tmp_path), keys)))
        assert "led on    301 https://short.example/r/7" in told


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("https://nowhere.example/x", "the data set knows of no such page, and none of nowhere.example"),
        ("https://nowhere.example/x?token=s3cr3t", "token=[redacted]: the data set knows of no such page"),
        ("00000000", "no article_id or capture_id of the data set begins so"),
        ("ftp://nowhere.example/x", "is no address of a page (bad-scheme)"),
        ("abc", "is no address of a page"),
    ],
)
def test_an_unknown_page_is_a_clear_line(corpus: Path, wanted: str, told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)) as raised:
        find_page(Shelf.at(corpus), wanted)
    assert "s3cr3t" not in str(raised.value)


def test_near_addresses_are_named(corpus: Path, trail: Trail, url: str) -> None:
    with pytest.raises(UserError, match=re.escape(trail.url_keys[0])):
        find_page(Shelf.at(corpus), url.rstrip("/") + "x")


def test_programs_get_json_without_bytes_and_keys(corpus: Path, url: str) -> None:
    told = json.loads(run("explain", url, "--data", corpus, "--json").output)
    assert [revision["article"]["revision"] for revision in told["revisions"]] == [1, 2]
    assert told["captures"][0]["damage"] is None
    assert not {"body", "known"} & told["captures"][0]["capture"].keys()
    assert "entry" not in told["pages"][0]


def test_whole_texts_are_told_if_asked(corpus: Path, url: str) -> None:
    short, full = (run("explain", url, "--data", corpus, *more).output for more in ((), ("--full",)))
    assert "--full shows all" in short
    assert "--full shows all" not in full
    last = duckdb.sql(f"SELECT text FROM '{corpus}/data/articles/**/*.parquet' WHERE url = '{url}'").fetchall()[0][0]
    assert last.split("\n")[-1] in full


def test_damaged_bytes_are_told_and_end_with_status_1(corpus: Path, trail: Trail, tmp_path: Path, url: str) -> None:
    broken = Path(shutil.copytree(corpus, tmp_path / "broken"))
    capture = trail.captures[0].capture
    assert capture.warc_file is not None
    assert capture.warc_offset is not None
    content = bytearray((broken / capture.warc_file).read_bytes())
    content[capture.warc_offset + 200] ^= 1
    (broken / capture.warc_file).write_bytes(content)
    result = run("explain", url, "--data", broken)
    assert result.exit_code == 1
    assert f"read now  DAMAGED: {capture.warc_file} at {capture.warc_offset}" in result.output
    assert "revision 2, current" in result.output


def test_a_page_that_was_taken_down_leaves_its_tombstone(corpus: Path, tmp_path: Path, url: str) -> None:
    copy = Path(shutil.copytree(corpus, tmp_path / "copy"))
    take_down(copy, url, reason="court order 26-1234", clock=Clock(fixed=NOON.replace(day=20)))
    result = run("explain", url, "--data", copy)
    assert result.exit_code == 0, result.output
    assert "taken down 2026-11-20 12:00:00Z" in result.output
    assert "court order 26-1234" in result.output
    assert TITLE not in result.output


def test_control_characters_of_a_page_do_not_reach_the_terminal(trail: Trail) -> None:
    from dataclasses import replace

    first = trail.revisions[0]
    article = replace(first.article, title="\x1b[2Jgone", text="a\x07b\nc\u202ed")
    told = "\n".join(explain(replace(trail, revisions=(replace(first, article=article),)), is_full=True))
    assert not set(told) & {"\x1b", "\x07", "\u202e"}


def test_the_word_diff_shows_what_went_and_what_came() -> None:
    before = "At least 31 officers have left since the goal was set, the rosters show."
    after = "At least 29 officers have left since the goal was set, the new rosters show."
    assert word_diff(before, after) == [
        "At least [-31-] {+29+} officers have left since …",
        "… goal was set, the {+new+} rosters show.",
    ]
    assert word_diff(before, before) == []
    assert word_diff("a b c d", "a x c y", most=1)[1:] == ["… and 1 more changes"]
