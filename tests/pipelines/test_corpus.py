"""What three days of the bundled newsroom become: read as users read it, by DuckDB, pandas, Polars and WARC tools."""

import re
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from pipelines.balance import is_balanced
from pipelines.ingest import read_run
from pipelines.newsroom.faults import planned_faults
from pipelines.newsroom.layouts import page_path
from seeds.newsroom.newsroom import load_newsroom
from transforms.write.dataset import open_dataset

pytestmark = pytest.mark.slow

README = Path(__file__).parents[2] / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)

SEED_TOPICS = {"arrest-quotas", "workforce-morale", "overtime-hours", "noncriminal-arrests", "internal-dissent"}


def test_every_count_of_every_pass_adds_up(corpus: Path) -> None:
    for version in (1, 2, 3):
        assert is_balanced(read_run(corpus, version))


def test_every_entry_listed_is_written_dropped_or_dead(corpus: Path, database: duckdb.DuckDBPyConnection) -> None:
    for version in (1, 2, 3):
        run = read_run(corpus, version)
        counts = {count.counter: count.value for count in run.counts}
        where = f"run_id = '{run.run_id}'"
        listed = _one(database, f"SELECT sum(entries_listed) FROM polls WHERE {where}")
        due = counts["download/in"] - listed
        again = _one(database, f"SELECT count(*) FROM captures WHERE visit_reason IN ('retry', 'revisit') AND {where}")
        assert due >= again
        ended = sum(
            value for name, value in counts.items() if "dropped:" in name and not name.startswith("discover")
        ) + sum(value for name, value in counts.items() if name.endswith("/dead") and not name.startswith("discover"))
        assert counts["download/in"] == ended + counts["write/out"]


def test_evidence_is_the_very_words_of_the_stored_text(database: duckdb.DuckDBPyConnection) -> None:
    for table in ("topic_tags", "stories"):
        rows = database.sql(
            f"""SELECT span.quote = substr(CASE span.field WHEN 'title' THEN title ELSE text END,
                                           span.start + 1, span."end" - span.start) AS verbatim
                FROM (SELECT article_id, unnest(evidence) AS span FROM {table}) JOIN articles USING (article_id)"""
        ).fetchall()
        assert len(rows) > 20
        assert all(verbatim for (verbatim,) in rows)


def test_the_typical_article_is_found_under_its_topics(database: duckdb.DuckDBPyConnection) -> None:
    rows = database.sql(
        "SELECT revision, list(topic) FROM articles JOIN topic_tags USING (article_id)"
        " WHERE url_key LIKE '%officers-quit-over-arrest-quota%' GROUP BY ALL"
    ).fetchall()
    assert {revision for revision, _ in rows} == {1, 2}
    for _, topics in rows:
        assert set(topics) >= SEED_TOPICS


def test_pandas_and_polars_read_the_same_join(corpus: Path, database: duckdb.DuckDBPyConnection) -> None:
    articles, tags = f"{corpus}/data/articles", f"{corpus}/data/topic_tags"
    by_pandas = pandas.read_parquet(articles).merge(pandas.read_parquet(tags), on="article_id")
    by_polars = polars.read_parquet(f"{articles}/**/*.parquet", hive_partitioning=True).join(
        polars.read_parquet(f"{tags}/**/*.parquet", hive_partitioning=True), on="article_id"
    )
    by_duckdb = _one(database, "SELECT count(*) FROM articles JOIN topic_tags USING (article_id)")
    assert len(by_pandas) == len(by_polars) == by_duckdb > 100
    for title, text, evidence in by_polars.select("title", "text", "evidence").iter_rows():
        for span in evidence:
            assert {"title": title, "text": text}[span["field"]][span["start"] : span["end"]] == span["quote"]


def test_the_plain_glob_is_what_the_manifests_name(corpus: Path) -> None:
    named = {path for paths in open_dataset(corpus).tables.values() for path in paths}
    assert named == {str(path.resolve()) for path in (corpus / "data").rglob("*.parquet")}
    assert set(open_dataset(corpus).warc_files) == {str(path.resolve()) for path in (corpus / "captures").rglob("*.gz")}


def test_files_describe_their_columns(corpus: Path) -> None:
    schema = pq.read_schema(next((corpus / "data" / "articles").rglob("*.parquet")))
    assert schema.field("body_state").metadata[b"description"].startswith(b"full, teaser")


def test_every_capture_is_proved_by_its_warc_record(corpus: Path, database: duckdb.DuckDBPyConnection) -> None:
    rows = database.sql(
        "SELECT warc_file, warc_offset, url, status, payload_bytes, payload_in FROM captures"
    ).fetchall()
    assert len(rows) > 100
    for file, offset, url, status, length, payload_in in rows:
        with (corpus / file).open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream)))
            kind = "revisit" if payload_in else "response"
            assert (record.rec_type, record.rec_headers["WARC-Target-URI"]) == (kind, url)
            assert record.http_headers.get_statuscode() == str(status)
            assert len(record.raw_stream.read()) == (0 if payload_in else length)


def test_warc_files_pass_warcio_check(corpus: Path) -> None:
    class Arguments:
        inputs = [str(path) for path in (corpus / "captures").rglob("*.warc.gz")]  # noqa: RUF012
        verbose = False

    checker = Checker(Arguments())
    for file in Arguments.inputs:
        checker.process_one(file)
    assert checker.exit_value == 0


def test_revisions_are_numbered_and_chained(database: duckdb.DuckDBPyConnection) -> None:
    chains = database.sql(
        "SELECT later.revision - earlier.revision, later.url_key = earlier.url_key FROM articles later"
        " JOIN articles earlier ON later.previous_article_id = earlier.article_id"
    ).fetchall()
    assert len(chains) >= 8
    assert set(chains) == {(1, True)}


def test_wire_copies_are_linked_to_what_they_copy(database: duckdb.DuckDBPyConnection) -> None:
    newsroom = load_newsroom()
    copies = {
        page_path(outlet, piece): page_path(*_piece(newsroom, piece.wire_of))
        for outlet in newsroom.outlets
        for piece in outlet.pieces
        if piece.wire_of
    }
    linked = dict(
        database.sql(
            "SELECT a.url_key, b.url_key FROM stories s JOIN articles a USING (article_id)"
            " JOIN articles b ON b.article_id = s.origin_id"
        ).fetchall()
    )
    kept = {path for (path,) in database.sql("SELECT url_key FROM articles").fetchall()}
    found = [
        (copy, origin)
        for copy, origin in copies.items()
        for key in kept
        if key.endswith(copy) and linked.get(key, "").endswith(origin)
    ]
    present = [copy for copy in copies if any(key.endswith(copy) for key in kept)]
    assert len(present) >= 8
    assert len(found) >= 0.8 * len(present), f"found {found} of {present}"


def test_broad_feeds_keep_what_is_ours_and_little_else(database: duckdb.DuckDBPyConnection) -> None:
    kept = {key for (key,) in database.sql("SELECT url_key FROM articles").fetchall()}
    off = {key for (key,) in database.sql("SELECT url_key FROM dropped WHERE reason = 'off-domain'").fetchall()}
    ours, others = [0, 0], [0, 0]
    for outlet in load_newsroom().outlets:
        for piece in outlet.pieces if outlet.needs_topic_filter else ():
            path = page_path(outlet, piece)
            was_kept, was_dropped = (any(key.endswith(path) for key in keys) for keys in (kept, off))
            if was_kept or was_dropped:
                tally = ours if piece.on_domain else others
                tally[0] += was_kept
                tally[1] += 1
    assert ours[0] >= 0.95 * ours[1]
    assert others[0] <= 0.15 * others[1]
    assert others[1] >= 15


def test_devoted_feeds_keep_everything(database: duckdb.DuckDBPyConnection) -> None:
    devoted = [outlet.slug for outlet in load_newsroom().outlets if not outlet.needs_topic_filter]
    off_domain = database.sql("SELECT DISTINCT feed_id FROM dropped WHERE reason = 'off-domain'").fetchall()
    assert devoted
    assert not set(devoted) & {feed_id for (feed_id,) in off_domain}


def test_spanish_and_mislabelled_bytes_are_read_right(database: duckdb.DuckDBPyConnection) -> None:
    spanish = _one(database, "SELECT count(*) FROM articles WHERE language = 'es'")
    broken = _one(
        database, "SELECT count(*) FROM articles WHERE text LIKE '%\ufffd%' OR text LIKE '%Ã%' OR text LIKE '%â€%'"
    )
    assert spanish >= 8
    assert broken == 0


def test_a_challenge_page_is_never_an_article(database: duckdb.DuckDBPyConnection) -> None:
    newsroom = load_newsroom()
    challenged = [page_path(o, p) for o in newsroom.outlets for p in o.pieces if p.state == "challenge"]
    keys = [key for (key,) in database.sql("SELECT url_key FROM articles").fetchall()]
    assert challenged
    assert not [key for key in keys for path in challenged if key.endswith(path)]


def test_body_states_say_what_was_there(database: duckdb.DuckDBPyConnection) -> None:
    states = dict(database.sql("SELECT url_key, any_value(body_state) FROM articles GROUP BY url_key").fetchall())
    right, seen = 0, 0
    for outlet in load_newsroom().outlets:
        for piece in outlet.pieces:
            for key, state in states.items():
                if key.endswith(page_path(outlet, piece)):
                    seen += 1
                    right += state == piece.state
    assert seen > 70
    assert right >= 0.95 * seen


def test_a_page_that_failed_is_retried_though_its_feed_says_nothing_new(database: duckdb.DuckDBPyConnection) -> None:
    faults = [fault for fault in planned_faults(load_newsroom()) if fault.status == 503]
    assert faults
    for fault in faults:
        rows = database.sql(
            f"SELECT visit_reason FROM captures WHERE url_key LIKE '%{fault.path}' ORDER BY fetched_at"
        ).fetchall()
        assert ("retry",) in rows
        assert _one(database, f"SELECT count(*) FROM articles WHERE url_key LIKE '%{fault.path}'") >= 1


def _one(database: duckdb.DuckDBPyConnection, query: str) -> int:
    (row,) = database.sql(query).fetchall()
    return int(row[0] or 0)


def _piece(newsroom: object, name: str | None) -> tuple:
    slug, _, piece_slug = (name or "").partition("/")
    return next(
        (outlet, piece)
        for outlet in newsroom.outlets  # type: ignore[attr-defined]
        for piece in outlet.pieces
        if outlet.slug == slug and piece.slug == piece_slug
    )


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_snippets_of_the_readme_run(snippet: str, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(snippet.replace("demo-data", str(corpus)), {})
    assert "2026-11-03" in capsys.readouterr().out
