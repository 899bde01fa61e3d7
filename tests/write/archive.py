"""Data sets as many small passes leave them: tables, WARC files and memory, through the real writer."""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from bench.made_run import commit_made_run
from schemas.records import DeadLetter, Evidence, Poll, Story, TopicTag
from tests.builders import NOON, make_article, make_capture, make_page, make_story_memory
from transforms.write.store import Root


def write_pass(root: Root, number: int, *, at: datetime = NOON, pages: int = 3, run_id: str | None = None) -> str:
    """One pass with so many new pages, each an article with a story and a tag; gives its run id."""
    run_id = run_id or f"pass-{number:04d}"
    urls = [f"https://ledger.example/{run_id}/{page}" for page in range(pages)]
    bodies = [f"<p>ICE agents made arrest quota {url}</p>".encode() for url in urls]
    captures = [
        make_capture(url, body, run_id=run_id, fetched_at=at, headers=(), capture_id=f"c{number:015d}{page:016d}")
        for page, (url, body) in enumerate(zip(urls, bodies, strict=True))
    ]
    articles = [
        make_article(
            f"a{number:015d}{page:016d}",
            f"ICE agents made arrest quota {url}",
            run_id=run_id,
            as_of=at,
            capture_id=capture.capture_id,
            url=url,
            url_key=url,
            title=f"Quota {page}",
            captured_at=at,
        )
        for page, (url, capture) in enumerate(zip(urls, captures, strict=True))
    ]
    quote = Evidence(field="text", start=16, end=28, quote="arrest quota")
    tags = [
        TopicTag(
            article_id=article.article_id,
            run_id=run_id,
            as_of=at,
            topic="arrest-quotas",
            rule_id="quota",
            ruleset_version="1",
            score=0.9,
            evidence=(quote,),
        )
        for article in articles
    ]
    stories = [
        Story(
            story_id=article.article_id,
            article_id=article.article_id,
            url_key=article.url_key,
            run_id=run_id,
            as_of=at,
            seen_at=at,
            role="independent",
        )
        for article in articles
    ]
    poll = Poll(
        run_id=run_id, feed_id="ledger", publisher="The Ledger", url="https://ledger.example/feed", polled_at=at,
        outcome="entries",
    )  # fmt: skip
    dead = DeadLetter(run_id=run_id, stage="download", error="timeout", at=at, url_key="https://ledger.example/slow")
    rows = {
        "articles": articles, "topic_tags": tags, "stories": stories, "polls": [poll], "dead_letters": [dead],
    }  # fmt: skip
    memory = {
        "pages": [
            make_page(url, article_ids=(article.article_id,), latest_id=article.article_id, first_seen_at=at)
            for url, article in zip(urls, articles, strict=True)
        ],
        "stories": [make_story_memory(article.article_id, url_key=article.url_key, seen_at=at) for article in articles],
    }
    commit_made_run(root, run_id, at, rows, memory=memory, captures=captures)
    return run_id


def write_days(root: Root, *, days: int, passes: int, start: datetime = NOON, pages: int = 3) -> list[str]:
    """So many days of so many passes each, a quarter of an hour apart."""
    return [
        write_pass(root, day * passes + number, at=start + timedelta(days=day, minutes=15 * number), pages=pages)
        for day in range(days)
        for number in range(passes)
    ]


def table_rows(root: Path, table: str) -> list[tuple[object, ...]]:
    """All rows of a table by the plain glob, without where their WARC records are, in order."""
    left_out = "EXCLUDE (warc_file, warc_offset)" if table == "captures" else ""
    rows = duckdb.sql(f"""
        SELECT * {left_out} FROM read_parquet('{root}/data/{table}/**/*.parquet', hive_partitioning = true) ORDER BY ALL
    """)
    return rows.fetchall()
