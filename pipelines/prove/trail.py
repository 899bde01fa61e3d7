"""Gather the trail of a page: who listed it, every capture, what was made of each, and what the data set says of it."""

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from pipelines.prove.find import Shelf
from pipelines.prove.row import read_bytes
from schemas.memory import PageMemory
from schemas.records import Article, Capture, DeadLetter, Dropped, Poll, Run, Story, Takedown, TopicTag, record
from transforms.write.read_warc import DamagedRecord
from transforms.write.warc_form import record_id


@record
class Seen:
    """One capture of the page, as its row has it, and what its bytes say now."""

    capture: Capture
    record_id: str
    damage: str | None
    """What is wrong with its record; None if it was read just now, and its bytes have the hash of the row."""
    article_id: str | None
    """The article made of it, if one was."""
    ended: tuple[Dropped | DeadLetter, ...] = ()
    """Why none was."""


@record
class Revision:
    """One text of the page, with what was found in it and its place in a story."""

    article: Article
    is_current: bool
    tags: tuple[TopicTag, ...]
    story: Story | None


@record
class Member:
    """An article of the same story at any page."""

    story: Story
    title: str | None
    publisher: str | None
    url: str | None


@record
class Trail:
    """All that a data set says of one page, oldest first."""

    version: int
    manifest_sha256: str
    url_keys: tuple[str, ...]
    """Keys of the page, and of addresses known to lead there."""
    pages: tuple[PageMemory, ...]
    polls: tuple[Poll, ...]
    """Readings of the feeds that listed it, in the runs that then fetched it."""
    runs: tuple[Run, ...]
    captures: tuple[Seen, ...]
    revisions: tuple[Revision, ...]
    members: tuple[Member, ...]
    not_captured: tuple[Dropped | DeadLetter, ...]
    """What was dropped or failed before there was a capture."""
    takedowns: tuple[Takedown, ...]


def follow_trail(shelf: Shelf, url_keys: Iterable[str]) -> Trail:
    """The trail of the page with these keys; reads every capture of it."""
    keys = sorted(url_keys)
    of_page = _among("url_key", keys)
    articles = shelf.current("articles", of_page, ["url_key"])
    ended = [each for table in ("dropped", "dead_letters") for each in shelf.rows(table, of_page, ["url_key"])]
    named = {each.capture_id for each in (*articles, *ended) if each.capture_id}
    captures = shelf.rows("captures", of_page, ["url_key"])
    strays = named - {each.capture_id for each in captures}
    captures += shelf.rows("captures", _among("capture_id", strays), ["capture_id"]) if strays else []
    captures.sort(key=lambda each: (each.fetched_at, each.capture_id))
    made = {each.capture_id: each.article_id for each in articles}
    seen = tuple(_see(shelf, each, made, ended) for each in captures)
    ids = sorted({each.article_id for each in articles})
    stories = {each.article_id: each for each in shelf.current("stories", _among("article_id", ids), ["article_id"])}
    tags = shelf.current("topic_tags", _among("article_id", ids), ["article_id"])
    runs = shelf.rows("runs", _among("run_id", {each.run_id for each in (*captures, *articles)}), ["run_id"])
    return Trail(
        version=shelf.version,
        manifest_sha256=shelf.sha256,
        url_keys=tuple(keys),
        pages=tuple(shelf.memory.pages(keys).values()),
        polls=_polls(shelf, captures),
        runs=tuple(sorted(runs, key=lambda run: run.data_version)),
        captures=seen,
        revisions=_revisions(articles, stories, tags),
        members=_members(shelf, stories.values()),
        not_captured=tuple(sorted((each for each in ended if each.capture_id is None), key=lambda each: each.at)),
        takedowns=tuple(each for each in shelf.rows("takedowns", None, ["page_keys"]) if {*each.page_keys} & {*keys}),
    )


def _among(column: str, values: Iterable[str]) -> Any:
    return ds.field(column).isin(pa.array(sorted(values), pa.string()))


def _see(shelf: Shelf, row: Capture, made: dict[str, str], ended: Sequence[Dropped | DeadLetter]) -> Seen:
    found = read_bytes(shelf, row)
    return Seen(
        capture=row,
        record_id=record_id(row.capture_id),
        damage=str(found) if isinstance(found, DamagedRecord) else None,
        article_id=made.get(row.capture_id),
        ended=tuple(each for each in ended if each.capture_id == row.capture_id),
    )


def _polls(shelf: Shelf, captures: Sequence[Capture]) -> tuple[Poll, ...]:
    listed = {(each.run_id, each.feed_id) for each in captures if each.visit_reason in ("new", "updated")}
    where = _among("run_id", {run_id for run_id, _ in listed}) & _among("feed_id", {feed_id for _, feed_id in listed})
    polls = shelf.rows("polls", where, ["run_id", "feed_id"])
    return tuple(
        sorted((each for each in polls if (each.run_id, each.feed_id) in listed), key=lambda each: each.polled_at)
    )


def _revisions(articles: list[Article], stories: dict[str, Story], tags: list[TopicTag]) -> tuple[Revision, ...]:
    articles.sort(key=lambda each: (each.revision, each.captured_at))
    return tuple(
        Revision(
            article=article,
            is_current=article is articles[-1],
            tags=tuple(
                sorted((tag for tag in tags if tag.article_id == article.article_id), key=lambda tag: -tag.score)
            ),
            story=stories.get(article.article_id),
        )
        for article in articles
    )


def _members(shelf: Shelf, stories: Iterable[Story]) -> tuple[Member, ...]:
    told = {each.story_id for each in stories}
    if not told:
        return ()
    members = shelf.current("stories", _among("story_id", told), ["story_id"])
    wanted = _among("article_id", {each.article_id for each in members})
    columns = ["article_id", "title", "publisher", "url"]
    titles = {row["article_id"]: row for row in shelf.columns("articles", columns, wanted)}
    return tuple(
        Member(
            story=each,
            title=titles.get(each.article_id, {}).get("title"),
            publisher=titles.get(each.article_id, {}).get("publisher"),
            url=titles.get(each.article_id, {}).get("url"),
        )
        for each in sorted(members, key=lambda each: (each.story_id, each.seen_at, each.article_id))
    )
