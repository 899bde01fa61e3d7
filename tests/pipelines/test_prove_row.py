"""`icewire verify --row`: an article is extracted from its captured bytes again and must be what its row says."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import icewire
from pipelines.prove.find import Shelf, find_row
from pipelines.prove.row import Check, compare, prove_row
from schemas.errors import UserError
from schemas.records import Article
from transforms.write.verify import verify


def run(*arguments: object) -> Result:
    return CliRunner().invoke(icewire, [str(each) for each in arguments])


def revised(corpus: Path) -> tuple[str, str]:
    """(article_id, capture_id) of a second revision."""
    query = f"SELECT article_id, capture_id FROM '{corpus}/data/articles/**/*.parquet' WHERE revision = 2 ORDER BY ALL"
    return duckdb.sql(query).fetchall()[0]


def told(checks: Sequence[Check]) -> dict[str, bool | None]:
    return {check.what: check.ok for check in checks}


def test_a_data_set_of_real_passes_verifies(corpus: Path) -> None:
    verdict = verify(corpus)
    assert verdict.findings == ()
    assert verdict.rows > 300


def test_a_row_is_what_its_bytes_give(corpus: Path) -> None:
    article_id, capture_id = revised(corpus)
    result = run("verify", "--data", corpus, "--row", article_id[:12])
    assert result.exit_code == 0, result.output
    assert (
        result.output.splitlines()[-1] == f"article {article_id}, capture {capture_id}: the row is what its bytes give"
    )
    assert "WRONG" not in result.output
    for column in ("title", "text", "published_at", "text_sha256"):
        assert f" {column}," in result.output
    assert "revision 2, after revision 1" in result.output


def test_a_capture_names_its_row_too_and_programs_get_json(corpus: Path) -> None:
    article_id, capture_id = revised(corpus)
    told = json.loads(run("verify", "--data", corpus, "--row", capture_id, "--json").output)
    assert (told["ok"], told["article_id"]) == (True, article_id)


def test_a_capture_without_an_article_tells_what_it_came_to_and_comes_to_now(corpus: Path) -> None:
    rows = duckdb.sql(f"""
        WITH ends AS (
            SELECT reason, capture_id, url_key FROM '{corpus}/data/dropped/**/*.parquet'
            WHERE stage IN ('extract', 'link', 'tag')
            UNION ALL
            SELECT error, capture_id, url_key FROM '{corpus}/data/dead_letters/**/*.parquet'
            WHERE capture_id IS NOT NULL
        )
        SELECT reason, ends.url_key != captures.url_key AS is_led_elsewhere, capture_id
        FROM ends JOIN '{corpus}/data/captures/**/*.parquet' AS captures USING (capture_id)
    """).fetchall()
    kinds = {("off-domain", False), ("off-domain", True), ("unchanged", False), ("http-403", False)}
    assert kinds <= {(reason, led) for reason, led, _ in rows}
    shelf = Shelf.at(corpus)
    for _, _, capture_id in rows:
        proof = prove_row(shelf, *find_row(shelf, capture_id))
        assert told(proof.checks)["outcome"] is True, proof


def test_a_row_that_says_something_else_is_told_column_by_column(corpus: Path) -> None:
    shelf = Shelf.at(corpus)
    _, article = find_row(shelf, revised(corpus)[0])
    assert article is not None
    forged = replace(article, title="Another title", word_count=7)
    checks = told(list(compare(forged, article)))
    assert checks == {"extractor": True, "columns": True, "title": False, "word_count": False}


def test_what_another_extractor_gave_is_no_fault(corpus: Path) -> None:
    shelf = Shelf.at(corpus)
    _, article = find_row(shelf, revised(corpus)[0])
    assert article is not None
    checks = list(compare(replace(article, title="As it was read then", extractor="article (ours 0.1)"), article))
    assert (checks[0].ok, checks[0].told) == (None, f"extracted by article (ours 0.1) then, by {article.extractor} now")
    assert told(checks)["title"] is None


def test_a_damaged_record_is_named_and_nothing_is_proved(corpus: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(corpus, tmp_path / "broken"))
    article_id, capture_id = revised(corpus)
    query = (
        f"SELECT warc_file, warc_offset FROM '{corpus}/data/captures/**/*.parquet' WHERE capture_id = '{capture_id}'"
    )
    ((file, offset),) = duckdb.sql(query).fetchall()
    content = bytearray((broken / file).read_bytes())
    content[offset + 200] ^= 1
    (broken / file).write_bytes(content)
    result = run("verify", "--data", broken, "--row", article_id)
    assert result.exit_code == 1
    assert f"{file} at {offset}: the record of capture {capture_id} is damaged" in result.output
    whole = run("verify", "--data", broken)
    assert whole.exit_code == 1
    first, last = whole.output.splitlines()
    assert first.startswith(f"{file}: changed")
    assert f"captures {capture_id}; articles {article_id}" in first
    assert last.startswith(f"1 problem in version 3 of {broken}")
    assert last.endswith(f"To do: restore it from a copy: {file}")
    assert json.loads(run("verify", "--data", broken, "--json").output)["findings"][0]["path"] == file


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [("abc", "at least its first 8"), ("../../etc", "at least its first 8"), ("0" * 32, "no article_id or capture_id")],
)
def test_an_id_that_names_nothing_is_the_users_to_mend(corpus: Path, wanted: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        find_row(Shelf.at(corpus), wanted)


def test_a_changed_text_is_not_taken_for_the_one_that_the_bytes_give(corpus: Path) -> None:
    """A row may be forged together with the hashes of its file: its bytes still tell."""
    shelf = Shelf.at(corpus)
    capture, article = find_row(shelf, revised(corpus)[0])
    forged: Any = replace(article, text="Nothing happened.", text_sha256="0" * 64)
    assert isinstance(forged, Article)
    proof = prove_row(shelf, capture, forged)
    assert not proof.ok
    assert {check.what for check in proof.checks if check.ok is False} >= {"text", "text_sha256"}
