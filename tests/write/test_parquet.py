"""Files of tables, as DuckDB and pyarrow read them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from schemas.arrow import arrow_schema, from_arrow, schema_sha256
from schemas.records import Article
from schemas.tables import TABLES, describe
from tests.builders import NOON, file_sha256, make_article
from transforms.write.manifest import DataFile
from transforms.write.parquet import write_table

ARTICLES = TABLES["articles"]
DAY = "2026-11-02"
ROWS = [
    make_article("c", published_at=NOON, authors=("Ada Quay", "Ben Spar")),
    make_article("d"),
    make_article("b", published_at=NOON - timedelta(days=1), text="Señal: “raid” 🚨"),
    make_article("a", published_at=NOON),
]


def write(root: Path, rows: list[Article], run_id: str = "run-1", day: str = DAY, shard: int = 0) -> DataFile:
    return write_table(root, ARTICLES, rows, day=day, run_id=run_id, shard=shard)


def publish(root: Path, file: DataFile) -> None:
    (root / file.path).parent.mkdir(parents=True, exist_ok=True)
    (root / file.staged).rename(root / file.path)


def query(sql: str) -> list[Any]:
    return duckdb.connect().execute(sql).fetchall()


def test_rows_read_back_as_they_went_sorted(tmp_path: Path) -> None:
    file = write(tmp_path, ROWS)
    back = from_arrow(Article, pq.ParquetFile(tmp_path / file.staged).read())
    assert [article.article_id for article in back] == ["b", "a", "c", "d"]
    assert sorted(back, key=lambda each: each.article_id) == sorted(ROWS, key=lambda each: each.article_id)


def test_every_column_carries_its_description(tmp_path: Path) -> None:
    schema = pq.read_schema(tmp_path / write(tmp_path, ROWS).staged)
    described = [(field.name, field.metadata[b"description"].decode()) for field in schema]
    assert described == [(name, description) for name, _, description in describe(ARTICLES)]


def test_duckdb_reads_the_table_by_its_partitions(tmp_path: Path) -> None:
    publish(tmp_path, write(tmp_path, ROWS[:2]))
    publish(tmp_path, write(tmp_path, ROWS[2:], run_id="run-2", day="2026-11-03"))
    sql = f"""
        SELECT captured_on::VARCHAR, list(article_id ORDER BY article_id), max(len(authors))
        FROM read_parquet('{tmp_path}/data/articles/**/*.parquet', hive_partitioning = true)
        GROUP BY 1 ORDER BY 1
    """
    assert query(sql) == [("2026-11-02", ["c", "d"], 2), ("2026-11-03", ["a", "b"], 0)]


def test_duckdb_sees_instants_and_text_as_they_are(tmp_path: Path) -> None:
    file = write(tmp_path, ROWS)
    sql = f"""
        SELECT text, epoch(published_at)::BIGINT FROM read_parquet('{tmp_path / file.staged}') WHERE article_id = 'b'
    """
    (row,) = query(sql)
    assert row == ("Señal: “raid” 🚨", int((NOON - timedelta(days=1)).timestamp()))


def test_pyarrow_prunes_by_partition(tmp_path: Path) -> None:
    publish(tmp_path, write(tmp_path, ROWS[:1]))
    publish(tmp_path, write(tmp_path, ROWS[1:], run_id="run-2", day="2026-11-03"))
    dataset = ds.dataset(tmp_path / "data" / "articles", partitioning="hive")
    assert len(list(dataset.get_fragments(filter=ds.field("captured_on") == "2026-11-03"))) == 1
    assert dataset.count_rows(filter=ds.field("captured_on") == DAY) == 1


def test_a_file_says_what_it_holds(tmp_path: Path) -> None:
    file = write(tmp_path, ROWS, shard=2)
    staged = tmp_path / file.staged
    assert file.path == "data/articles/captured_on=2026-11-02/part-run-1-00002.parquet"
    assert (file.kind, file.rows, file.bytes) == ("articles", 4, staged.stat().st_size)
    assert (file.sha256, file.schema_sha256) == (file_sha256(staged), schema_sha256(arrow_schema(Article)))


def test_two_attempts_never_share_a_staging_place_but_a_final_one(tmp_path: Path) -> None:
    first, second = write(tmp_path, ROWS), write(tmp_path, ROWS)
    assert first.staged != second.staged
    assert (first.path, first.sha256) == (second.path, second.sha256)


def test_a_table_without_rows_is_a_readable_file(tmp_path: Path) -> None:
    file = write(tmp_path, [])
    assert query(f"SELECT count(*) FROM read_parquet('{tmp_path / file.staged}')") == [(0,)]
