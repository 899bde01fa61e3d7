"""Tell the trail of a page to a person, from the feed that listed it to the words that its tags stand on."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from pipelines.context import in_context, printable
from pipelines.prove.trail import Member, Revision, Seen, Trail
from pipelines.prove.word_diff import word_diff
from schemas.memory import PageMemory
from schemas.records import Article, DeadLetter, Dropped, Poll, Story

FIRST_LINES = 3
SHOWN_WORDS = 60

_TOLD_OF_PAGES = (
    "url_key", "publisher", "first_seen_at", "listed_by", "fetched_at", "fetch_at", "visits", "failures", "outcome",
    "same_as",
)  # fmt: skip


def explain(trail: Trail, *, is_full: bool = False) -> Iterator[str]:
    """The lines; with `is_full` whole texts, all changes and all passages. Control characters are blanks."""
    for line in _explain(trail, is_full):
        yield printable(line)


def trail_builtins(trail: Trail) -> dict[str, Any]:
    """The trail for programs."""
    told: dict[str, Any] = msgspec.to_builtins(trail)
    # Memory holds addresses with the keys that open them.
    told["pages"] = [{name: page[name] for name in _TOLD_OF_PAGES} for page in told["pages"]]
    for seen in told["captures"]:
        for name in ("body", "known", "kept_payload"):
            del seen["capture"][name]
    return told


def _explain(trail: Trail, is_full: bool) -> Iterator[str]:
    yield from _page(trail)
    for stone in trail.takedowns:
        yield f"  taken down {_at(stone.taken_down_at)} by run {stone.run_id}: {stone.reason or 'no reason told'}"
        yield f"    {len(stone.capture_ids)} captures and {len(stone.article_ids)} articles were removed"
    if trail.polls:
        yield from ("", "listed")
        for poll in trail.polls:
            yield from _poll(poll, trail)
    if trail.captures:
        yield from ("", f"captured ({len(trail.captures)})")
        for seen in trail.captures:
            yield from _capture(seen)
    for number, revision in enumerate(trail.revisions):
        yield ""
        yield from _revision(revision, trail, is_full)
        if number:
            before = trail.revisions[number - 1].article
            yield f"  changed since revision {before.revision}"
            yield from (f"    {line}" for line in _changes(before, revision.article, is_full))
    yield from _story(trail, is_full)
    if trail.not_captured:
        yield from ("", "dropped or failed before there was a capture")
        yield from (f"  {_end(each)}" for each in trail.not_captured)
    yield ""
    yield f"data set version {trail.version}, manifest sha256 {trail.manifest_sha256}"


def _page(trail: Trail) -> Iterator[str]:
    pages = sorted(trail.pages, key=lambda page: (page.same_as is not None, page.url_key))
    leads = [page.url_key for page in pages if page.same_as]
    own = next((page for page in pages if not page.same_as), None)
    yield own.url_key if own else trail.url_keys[0]
    if own:
        yield f"  first seen {_at(own.first_seen_at)}" + (f", listed by feed {own.listed_by}" if own.listed_by else "")
        yield f"  {_standing(own)}"
    yield from (f"  reached by {key}, too" for key in leads)


def _standing(page: PageMemory) -> str:
    latest = f"{page.visits} visits, the last {_at(page.fetched_at)}" if page.fetched_at else f"{page.visits} visits"
    due = f"next look after {_at(page.fetch_at)}" if page.fetch_at else "no more looks planned"
    return f"{latest}: {page.outcome or 'nothing yet'}; {due}"


def _poll(poll: Poll, trail: Trail) -> Iterator[str]:
    yield (
        f"  {_at(poll.polled_at)}  feed {poll.feed_id} of {poll.publisher}: HTTP {poll.status or '-'}, {poll.outcome},"
        f" {poll.entries_listed} entries, {poll.entries_new} new; run {poll.run_id}"
    )
    yield f"    {poll.final_url or poll.url}" + (f", sha256 {poll.body_sha256}" if poll.body_sha256 else "")
    for seen in trail.captures:
        capture = seen.capture
        if (capture.run_id, capture.feed_id) == (poll.run_id, poll.feed_id):
            entry = capture.entry
            dated = f", published {_at(entry.published_at)}" if entry.published_at else ""
            raw = f" («{entry.published_raw}»)" if entry.published_raw else ""
            authors = f", by {', '.join(entry.authors)}" if entry.authors else ""
            yield f"    it said: «{entry.title or 'no title'}»{dated}{raw}{authors}; {entry.url or 'no link'}"


def _capture(seen: Seen) -> Iterator[str]:
    row = seen.capture
    yield (
        f"  {_at(row.fetched_at)}  HTTP {row.status}, {row.payload_bytes} bytes; {row.visit_reason}, robots.txt:"
        f" {row.robots}; run {row.run_id}, capture {row.capture_id}"
    )
    yield f"    asked     {row.requested_url}"
    yield from (f"    led on    {hop.status} {hop.url}" for hop in row.redirects)
    if row.url != row.requested_url:
        yield f"    answered  {row.url}"
    yield f"    payload   sha256 {row.payload_sha256}"
    yield f"    record    {row.warc_file} at {row.warc_offset}, {row.warc_length} bytes, {seen.record_id}"
    if row.payload_in:
        yield f"    the same bytes as before; they are in the record of capture {row.payload_in}"
    yield f"    read now  {'DAMAGED: ' + seen.damage if seen.damage else 'the bytes have that hash'}"
    if seen.article_id:
        yield f"    gave      article {seen.article_id}"
    yield from (f"    gave      {_end(each)}" for each in seen.ended)


def _revision(revision: Revision, trail: Trail, is_full: bool) -> Iterator[str]:
    article = revision.article
    current = "current" if revision.is_current else "earlier"
    yield f"revision {article.revision}, {current}: article {article.article_id}"
    yield f"  {article.title or 'no title'}"
    yield f"  by {', '.join(article.authors) or 'nobody named'}; {article.publisher}; {_published(article)}"
    if article.modified_at:
        yield f"  the page says it was changed {_at(article.modified_at)}"
    state = f" ({article.body_state_reason})" if article.body_state_reason else ""
    yield f"  {article.word_count} words, {article.body_state}{state}, language {article.language or 'unknown'}"
    yield f"  captured {_at(article.captured_at)}; extracted by {article.extractor}, run {article.run_id}"
    yield f"  title and text: sha256 {article.text_sha256}"
    lines = article.text.split("\n")
    shown = lines if is_full else [_shorten(line) for line in lines[:FIRST_LINES]]
    yield from (f"    | {line}" for line in shown)
    if len(lines) > len(shown):
        yield f"    | … {len(lines) - len(shown)} more lines; --full shows all"
    for tag in revision.tags:
        words = in_context(article.title or "", article.text, msgspec.to_builtins(tag.evidence))
        yield f"  topic {tag.topic}, {tag.score:.2f} by rule {tag.rule_id}, rules {tag.ruleset_version[:12]}"
        yield f"    {words}"
        if is_full:
            yield from (f"    {span.field} {span.start}-{span.end} «{span.quote}»" for span in tag.evidence)
    if not revision.tags:
        yield "  no topic tags"


def _published(article: Article) -> str:
    if article.published_at is None:
        return "no date of publication that is plausible"
    return (
        f"published {_at(article.published_at)} (to the {article.published_precision}, from {article.published_source})"
    )


def _changes(before: Article, after: Article, is_full: bool) -> Iterator[str]:
    for name in ("title", "authors", "published_at", "modified_at", "body_state"):
        one, two = getattr(before, name), getattr(after, name)
        if one != two:
            yield f"{name}: {_value(one)} -> {_value(two)}"
    yield from word_diff(before.text, after.text, **({"most": None} if is_full else {}))


def _story(trail: Trail, is_full: bool) -> Iterator[str]:
    own = {revision.article.article_id: revision for revision in trail.revisions}
    for story_id in dict.fromkeys(revision.story.story_id for revision in trail.revisions if revision.story):
        members = [member for member in trail.members if member.story.story_id == story_id]
        yield from ("", f"story {story_id} ({len(members)} articles)")
        for member in members:
            yield _member(member, is_own=member.story.article_id in own)
            if member.story.article_id in own:
                yield from _shared(member.story, is_full)


def _member(member: Member, *, is_own: bool) -> str:
    story = member.story
    mark = "->" if is_own else "  "
    credit = f", credits {story.wire_credit}" if story.wire_credit else ""
    of = f" of {story.origin_id}, {story.containment:.0%} of its words" if story.origin_id else ""
    named = f"«{member.title or 'no title'}», {member.publisher}, {member.url}" if member.url else "not kept"
    return f"{mark} {_at(story.seen_at)}  {story.role}{of}{credit}: {story.article_id} {named}"


def _shared(story: Story, is_full: bool) -> Iterator[str]:
    for span in story.evidence if is_full else story.evidence[:2]:
        yield f"     shared: «{span.quote if is_full else _shorten(span.quote)}» ({span.field} {span.start}-{span.end})"


def _end(outcome: Dropped | DeadLetter) -> str:
    word = outcome.reason if isinstance(outcome, Dropped) else outcome.error
    kind = "dropped" if isinstance(outcome, Dropped) else "failed"
    detail = f": {outcome.detail}" if outcome.detail else ""
    return f"{_at(outcome.at)}  {kind} in {outcome.stage} as {word}{detail}; run {outcome.run_id}"


def _at(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%SZ") if instant else "never"


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return _at(value)
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _shorten(line: str) -> str:
    words = line.split()
    return " ".join(words[:SHOWN_WORDS]) + (" …" if len(words) > SHOWN_WORDS else "")
