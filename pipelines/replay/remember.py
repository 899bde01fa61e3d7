"""Memory after a replay: the next pass must take for known what the tables say now, or it would take it for new."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from schemas.arrow import arrow_schema
from schemas.memory import PageMemory, StoryMemory
from transforms.link.sketch import sketch_text
from transforms.missing import TAKEN_DOWN
from transforms.write.memory import COVERAGE_WINDOW, KINDS, STORY_WINDOW, Memory, newest_rows
from transforms.write.parquet import read_arrow

Rows = Iterable[Mapping[str, Any]]

_COMPARED = ("url_key", "article_ids", "latest_id", "outcome")
_BATCH = 4096


def pages_replayed(memory: Memory, states: Mapping[str, PageMemory], now: datetime) -> list[PageMemory]:
    """The memory of those pages of which it says something else than the captures come to now."""
    differing = []
    for known in _known_pages(memory):
        state = states.get(known["url_key"])
        if state and known["outcome"] != TAKEN_DOWN:
            then = (tuple(known["article_ids"] or ()), known["latest_id"])
            differing += [known["url_key"]] if then != (state.article_ids, state.latest_id) else []
    changed = []
    for key, page in memory.pages(differing).items():
        state = states[key]
        page = _with_articles(page, state.article_ids, state.latest_id, state.outcome, now)
        changed.append(replace(page, content_sha256=state.content_sha256 or page.content_sha256))
    return changed


def pages_retagged(memory: Memory, gone: Rows, back: Rows, now: datetime) -> list[PageMemory]:
    """The memory of the pages of which articles were withdrawn, or count again; each keeps its number."""
    without: dict[str, set[str]] = {}
    more: dict[str, list[tuple[int, str]]] = {}
    for row in gone:
        without.setdefault(row["url_key"], set()).add(row["article_id"])
    for row in back:
        more.setdefault(row["url_key"], []).append((row["revision"], row["article_id"]))
    changed = []
    for key, page in memory.pages([*without, *more]).items():
        ids = [each for each in page.article_ids if each not in without.get(key, ())]
        for revision, article_id in sorted(more.get(key, ())):
            ids.insert(revision - 1, article_id)
        latest_id = page.latest_id if page.latest_id in ids[:-1] else next(reversed(ids), None)
        outcome = "fetched" if ids else "off-domain"
        changed.append(_with_articles(page, tuple(ids), latest_id, outcome, now))
    return changed


def stories_replayed(memory: Memory, remembered: Iterable[StoryMemory], now: datetime) -> list[StoryMemory]:
    """The memory of stories where it differs; of articles that are no more, nothing that could be shared."""
    known = {story.article_id: story for story in memory.stories(now)}
    recent = {story.article_id: story for story in remembered if _is_recent(story.seen_at, now)}
    return [story for key, story in sorted(recent.items()) if known.get(key) != story] + [
        replace(story, sketch=()) for key, story in sorted(known.items()) if key not in recent and story.sketch
    ]


def stories_retagged(memory: Memory, gone: Rows, back: Rows, places: Rows, now: datetime) -> list[StoryMemory]:
    """The same where nothing was linked anew: `back` has the texts of articles, `places` their rows of `stories`."""
    texts = {row["article_id"]: row["text"] for row in back}
    lost = {row["article_id"] for row in gone}
    return [replace(story, sketch=()) for story in memory.stories(now) if story.article_id in lost] + [
        StoryMemory(
            article_id=row["article_id"],
            story_id=row["story_id"],
            url_key=row["url_key"],
            seen_at=row["seen_at"],
            sketch=sketch_text(texts[row["article_id"]]),
        )
        for row in places
        if row["article_id"] in texts and _is_recent(row["seen_at"], now)
    ]


def _with_articles(
    page: PageMemory, article_ids: tuple[str, ...], latest_id: str | None, outcome: str | None, now: datetime
) -> PageMemory:
    """A page that has articles now and had none, or the other way about, stands otherwise, too.

    But not while coverage counts how it stands, since that stays as it was told.
    """
    is_counted = page.listed_on is not None and page.listed_on >= (now - COVERAGE_WINDOW).date()
    if bool(article_ids) != bool(page.article_ids) and not is_counted:
        page = replace(page, outcome=outcome)
    return replace(page, article_ids=article_ids, latest_id=latest_id)


def _known_pages(memory: Memory) -> Iterator[dict[str, Any]]:
    schema = arrow_schema(PageMemory)
    part = pa.schema([schema.field(name) for name in _COMPARED])
    tables = [read_arrow(memory.root, file.path, schema=part) for file in memory.files.get("pages", ())]
    for batch in newest_rows(tables, KINDS["pages"].key).to_batches(_BATCH) if tables else ():
        yield from batch.to_pylist()


def _is_recent(seen_at: datetime, now: datetime) -> bool:
    return seen_at > now - STORY_WINDOW
