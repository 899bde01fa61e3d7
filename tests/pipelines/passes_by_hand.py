"""Passes over given captures by the real functions of each stage, without feeds, Beam or a newsroom."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from schemas.memory import PageMemory
from schemas.records import Article, Capture, DeadLetter, Dropped, LinkedArticle, Story, Visit
from schemas.tables import TABLES
from seeds.topics import load_topics
from tests.builders import make_capture, make_entry, make_run
from tests.extract.pages import page, paragraphs
from transforms.extract.capture import extract_capture
from transforms.link.revisions import number_revision
from transforms.link.stories import link_stories, sketch_article
from transforms.tag.articles import tag_article
from transforms.tag.rulebook import RuleBook, compile_rules
from transforms.write.finish import finish_run
from transforms.write.hold import hold_data_set
from transforms.write.manifest import read_manifest
from transforms.write.memory import Memory
from transforms.write.parquet import write_table
from transforms.write.remember import remember_page, remember_story
from transforms.write.warc import write_warc

_TABLE_OF = {table.row: name for name, table in TABLES.items()}


@cache
def rulebook() -> RuleBook:
    return compile_rules(load_topics())


def visit(url: str, sentences: Sequence[str], title: str, at: datetime, **facts: Any) -> Capture:
    """The capture of a page that shows these sentences."""
    body = page(f"<article><h1>{title}</h1>{paragraphs(tuple(sentences), len(sentences))}</article>", title)
    entry = make_entry(url, title=title)
    known: dict[str, Any] = {"entry": entry, "fetched_at": at, "content_type": "text/html; charset=utf-8"}
    capture = make_capture(url, body.encode(), **(known | facts))
    identity = f"{url}\n{at.isoformat()}\n{capture.payload_sha256}"
    return replace(capture, capture_id=hashlib.sha256(identity.encode()).hexdigest()[:32])


def write_pass(
    root: Path,
    captures: Sequence[Capture],
    *,
    at: datetime,
    run_id: str,
    failed: Sequence[str] = (),
    extract: Callable[..., list[Any]] = extract_capture,
) -> None:
    """Commit a pass that fetched these captures, and visited the pages `failed` in vain."""
    where: dict[str, Any] = {"run_id": run_id, "now": at}
    place: dict[str, Any] = {"day": f"{at:%Y-%m-%d}", "run_id": run_id}
    with hold_data_set(root, run_id) as base:
        memory = Memory.of(root, read_manifest(root, base) if base else None)
        known = memory.pages([*(each.url_key for each in captures), *failed])
        arrived = [_arrive(each, known.get(each.url_key), run_id) for each in captures]
        outcomes = {each.capture_id: extract(each, **where)[0] for each in arrived}
        numbered = {
            key: number_revision(made, **where)[0] if isinstance(made, Article) else made
            for key, made in outcomes.items()
        }
        articles = [made for made in numbered.values() if isinstance(made, Article)]
        linked = link_stories([sketch_article(each, at) for each in articles], memory.stories(at), **where)
        stories = {story.article_id: story for story in linked}
        rows: list[Any] = [made for made in numbered.values() if not isinstance(made, Article)]
        for article in articles:
            pair = LinkedArticle(article=article, story=stories[article.article_id])
            rows += tag_article(pair, rulebook=rulebook(), keep_off_domain=False, **where)
        ended = {row.capture_id: row for row in rows if isinstance(row, Article | Dropped | DeadLetter)}
        pages = [_remember(each, ended[each.capture_id], at) for each in arrived]
        vain = [_remember_failed(url, known.get(url), run_id, at) for url in failed]
        placed, warc = write_warc(root, arrived, **place)
        by_table: dict[str, list[Any]] = {}
        for row in [*rows, *placed, *(dead for dead, _ in vain)]:
            by_table.setdefault(_TABLE_OF[type(row)], []).append(row)
        files = [write_table(root, TABLES[name], each, **place) for name, each in by_table.items()]
        finish_run(
            root,
            make_run(run_id, started_at=at, finished_at=at, options=json.dumps({}), data_version=base + 1),
            day=place["day"],
            files=[*files, warc],
            counts=[],
            memory_before=memory.files,
            memory_rows={
                "pages": [*pages, *(page for _, page in vain)],
                "stories": [remember_story(row) for row in rows if isinstance(row, Story)],
            },
            finished_at=at,
        )


def _arrive(capture: Capture, known: PageMemory | None, run_id: str) -> Capture:
    kept = known.kept_payload if known else None
    is_same = kept is not None and (kept.payload_sha256, kept.status) == (capture.payload_sha256, capture.status)
    return replace(capture, run_id=run_id, known=known, kept_payload=kept if is_same else None)


def _visit(capture: Capture) -> Visit:
    return Visit(
        entry=capture.entry,
        url_key=capture.url_key,
        publisher=capture.publisher,
        language="en",
        needs_topic_filter=capture.needs_topic_filter,
        reason="revisit" if capture.known else "new",
        known=capture.known,
    )


def _remember(capture: Capture, outcome: Any, at: datetime) -> PageMemory:
    return remember_page(
        _visit(capture),
        now=at,
        capture=capture,
        article=outcome if isinstance(outcome, Article) else None,
        dropped=outcome if isinstance(outcome, Dropped) else None,
        dead=outcome if isinstance(outcome, DeadLetter) else None,
    )


def _remember_failed(url: str, known: PageMemory | None, run_id: str, at: datetime) -> tuple[DeadLetter, PageMemory]:
    dead = DeadLetter(run_id=run_id, stage="download", error="timeout", at=at, url_key=url)
    return dead, remember_page(_visit(make_capture(url, known=known)), now=at, dead=dead)
