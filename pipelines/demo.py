"""The demo: three days of the bundled newsroom, ingested by the same code as live feeds, and what came of them."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import duckdb

from pipelines.balance import is_balanced
from pipelines.context import in_context, printable
from pipelines.ingest import ingest
from pipelines.newsroom.server import serve
from pipelines.options import IngestOptions
from pipelines.report import report
from schemas.errors import UserError
from schemas.records import Run
from seeds.newsroom.newsroom import clock_on, load_newsroom

DAYS = (1, 2, 3)
MARK = "_demo"
"""Folder that marks a data set as a demo's, so that only those are ever replaced."""


def run_demo(data: Path) -> int:
    """Serve the newsroom on loopback, ingest three days of it into `data`, and tell what came of it.

    Exit status 0 if every pass was committed and its counts add up; some of the newsroom's pages fail on purpose.
    """
    _clear(data)
    newsroom = load_newsroom()
    runs: list[Run] = []
    with serve(newsroom) as running:
        feeds = data / MARK / "feeds.toml"
        feeds.parent.mkdir(parents=True)
        feeds.write_text(running.feeds_toml(), encoding="utf-8")
        for day in DAYS:
            running.set_day(day)
            click.echo(f"\n── newsroom day {day} " + "─" * 60)
            options = IngestOptions(
                feeds=feeds,
                data=data,
                now=clock_on(day),
                host_delay_s=0.0,
                allow_networks=("127.0.0.0/8",),
                contact="the demo",
            )
            runs.append(ingest(options).run)
            click.echo(report(data, runs[-1]))
    click.echo("\n── what is in the data set " + "─" * 51)
    click.echo(summarise(data))
    balanced = all(is_balanced(run) for run in runs)
    click.echo("\nEvery count of every pass adds up." if balanced else "\nCOUNTS DO NOT ADD UP; see the reports above.")
    return 0 if balanced else 1


def summarise(data: Path) -> str:
    """What the data set holds, and the story of the article with the most topics."""
    with duckdb.connect() as database:
        for table in ("articles", "topic_tags", "stories", "captures", "dropped", "dead_letters"):
            if any((data / "data" / table).rglob("*.parquet")):
                files = f"{data}/data/{table}/**/*.parquet"
                database.read_parquet(files, hive_partitioning=True, union_by_name=True).create_view(table)
        lines = _totals(database) + _topics(database) + _one_article(database)
    return "\n".join([*lines, "", "explore it:", *_explore(data)])


def _totals(database: duckdb.DuckDBPyConnection) -> list[str]:
    articles, pages, publishers, revised = database.sql(
        "SELECT count(*), count(DISTINCT url_key), count(DISTINCT publisher), count(*) FILTER (revision > 1)"
        " FROM articles"
    ).fetchall()[0]
    copies = database.sql("SELECT role, count(*) FROM stories GROUP BY role ORDER BY role").fetchall()
    return [
        f"{articles} articles at {pages} pages of {publishers} publishers; {revised} of them are later revisions",
        "stories: " + ", ".join(f"{count} {role}" for role, count in copies),
    ]


def _topics(database: duckdb.DuckDBPyConnection) -> list[str]:
    rows = database.sql("SELECT topic, count(*) FROM topic_tags GROUP BY topic ORDER BY 2 DESC, 1").fetchall()
    most = max((count for _, count in rows), default=1)
    return ["", "articles by topic"] + [f"  {topic:22} {'█' * round(30 * n / most)} {n}" for topic, n in rows]


def _one_article(database: duckdb.DuckDBPyConnection) -> list[str]:
    """The whole story of one article: the one with the most topics, the earliest of equals."""
    article_id, url_key = database.sql(
        "SELECT article_id, url_key FROM articles JOIN topic_tags USING (article_id)"
        " GROUP BY ALL ORDER BY count(*) DESC, min(captured_at), article_id LIMIT 1"
    ).fetchall()[0]
    revisions = _records(
        database,
        "SELECT a.*, s.role, s.origin_id, c.warc_file, c.warc_offset, c.payload_sha256 FROM articles a"
        " JOIN stories s USING (article_id) JOIN captures c USING (capture_id) WHERE a.url_key = ? ORDER BY revision",
        url_key,
    )
    tags = _records(
        database,
        "SELECT topic, score, evidence, title, text FROM topic_tags JOIN articles USING (article_id)"
        " WHERE article_id = ? ORDER BY score DESC, topic",
        article_id,
    )
    lines = ["", "one article, whole"]
    for row in revisions:
        lines += [
            printable(f"  revision {row['revision']}  {row['title']}"),
            f"    {row['publisher']} · published {_say(row['published_at'])} (from {row['published_source']})"
            f" · {row['body_state']}, {row['word_count']} words"
            f" · {row['role']} in its story",
            f"    bytes: {row['warc_file']} at {row['warc_offset']}, sha256 {row['payload_sha256'][:16]}…",
        ]
    for tag in tags:
        words = in_context(tag["title"] or "", tag["text"], tag["evidence"])
        lines.append(f"  {tag['topic']:22} {tag['score']:.2f}  {words}")
    return lines


def _say(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else "at an unknown time"


def _records(database: duckdb.DuckDBPyConnection, query: str, value: str) -> list[dict[str, Any]]:
    result = database.execute(query, [value])
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _explore(data: Path) -> list[str]:
    return [
        "  python -c \"import duckdb; duckdb.sql('''",
        "    SELECT topic, title, evidence[1].quote AS words",
        f"    FROM read_parquet('{data}/data/topic_tags/**/*.parquet', hive_partitioning=true)",
        f"    JOIN read_parquet('{data}/data/articles/**/*.parquet', hive_partitioning=true) USING (article_id)",
        "    ORDER BY topic''').show()\"",
    ]


def _clear(data: Path) -> None:
    if data.exists() and any(data.iterdir()):
        if not (data / MARK).is_dir():
            raise UserError(f"--data {data}: holds something that no demo wrote; name another folder")
        shutil.rmtree(data)
