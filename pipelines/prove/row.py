"""Prove one row: read its bytes, check their hash, extract them again, and compare every column."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow.dataset as ds

from pipelines.prove.find import Shelf
from pipelines.replay.extractor import Extractor, LeftAlone
from pipelines.replay.pages import page_seen
from pipelines.replay.tell import tell_values
from schemas.arrow import arrow_schema, to_arrow
from schemas.memory import PageMemory
from schemas.records import Article, Capture, DeadLetter, Dropped, Evidence, record
from transforms.write.history import AFTER_DOWNLOAD
from transforms.write.read_warc import DamagedRecord
from transforms.write.secrets import without_secrets
from transforms.write.stored_rows import OF_THE_RUN

OF_THE_PAGE = frozenset({"revision", "previous_article_id"})
"""Columns that tell of the page's earlier captures, and are compared with their rows."""


@record
class Check:
    """One thing looked at: whether it is as it should be, None if that cannot be told from what is stored."""

    what: str
    ok: bool | None
    told: str


@record
class Proof:
    """What proving one row came to."""

    capture_id: str
    article_id: str | None
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok is not False for check in self.checks)


def prove_row(shelf: Shelf, capture: Capture, article: Article | None) -> Proof:
    """Prove an article's row, or what a capture without an article came to; changes nothing."""
    checks = list(_prove(shelf, capture, article))
    return Proof(
        capture_id=capture.capture_id, article_id=article.article_id if article else None, checks=tuple(checks)
    )


def read_bytes(shelf: Shelf, row: Capture) -> Capture | DamagedRecord:
    """The capture of a row with its body, or what is wrong with its record."""
    (capture,) = shelf.history.bodies([row])
    return capture


def _prove(shelf: Shelf, row: Capture, article: Article | None) -> Iterator[Check]:
    capture = read_bytes(shelf, row)
    if isinstance(capture, DamagedRecord):
        yield Check(what="bytes", ok=False, told=f"{capture}; restore that file from a copy")
        return
    where = f"{row.warc_file} at {row.warc_offset}, {row.warc_length} bytes"
    yield Check(what="record", ok=True, told=f"{where}: its address, instant, status and header fields are the row's")
    elsewhere = f", in the record of capture {row.payload_in}" if row.payload_in else ""
    yield Check(what="payload", ok=True, told=f"{row.payload_bytes} bytes, sha256 {row.payload_sha256}{elsewhere}")
    if article is None:
        yield _compare_end(shelf, row, capture)
        return
    outcome = extract_again(shelf, capture, article.url_key, article)
    if not isinstance(outcome, Article):
        yield Check(what="extraction", ok=False, told=f"the bytes give no article now: {_tell_end(outcome)}")
        return
    yield from compare(article, outcome)
    yield from _check_run(shelf, article)
    yield from _check_page(shelf, article)
    if article.withdrawn:
        yield Check(
            what="withdrawn", ok=None, told=f"the row does not count any more: {article.withdrawn_as or 'replayed'}"
        )
    yield from check_evidence(shelf, article)


def extract_again(shelf: Shelf, capture: Capture, url_key: str, article: Article | None) -> Any:
    """What the extractor of today makes of a capture: Article, Dropped, DeadLetter, or LeftAlone if it breaks it.

    `url_key` is that of the page it went on as, which can be another than the one asked for.
    """
    run_id, now = (article.run_id, article.as_of) if article else (capture.run_id, capture.fetched_at)
    arrived = replace(capture, url_key=url_key)
    arrived = replace(arrived, known=_known(shelf, arrived, article))
    extractor = Extractor(shelf.history, jobs=1, run_id=run_id, now=now)
    try:
        ((_, outcome),) = extractor.extract_all([arrived])
    finally:
        extractor.close()
    return outcome


def compare(article: Article, made: Article) -> Iterator[Check]:
    """Every column of a row beside what the extractor of today makes of the same bytes."""
    is_other = article.extractor != made.extractor
    now = f"extracted by {article.extractor} then" + (f", by {made.extractor} now" if is_other else " and now")
    yield Check(what="extractor", ok=None if is_other else True, told=now)
    stored, again = (to_arrow(Article, [each]).to_pylist()[0] for each in (article, without_secrets(made)))
    names = [name for name in arrow_schema(Article).names if name not in OF_THE_RUN | OF_THE_PAGE]
    equal = [name for name in names if stored[name] == again[name]]
    if equal:
        yield Check(what="columns", ok=True, told=f"extracted again and equal: {', '.join(equal)}")
    before, after = tell_values(stored, names), tell_values(again, names)
    for name in names:
        if name not in equal:
            told = f"{before[name]} in the row, {after[name]} now"
            yield Check(what=name, ok=None if is_other else False, told=told)


def check_evidence(shelf: Shelf, article: Article) -> Iterator[Check]:
    """The words of tags and story beside those that stand at their offsets."""
    of_article = ds.field("article_id") == article.article_id
    tags = shelf.current("topic_tags", of_article, ["article_id"])
    stories = shelf.current("stories", of_article, ["article_id"])
    for what, row in [*((tag.topic, tag) for tag in tags), *(("story", story) for story in stories)]:
        false = [span for span in row.evidence if not is_verbatim(article, span)]
        if false:
            told = "; ".join(f"«{span.quote}» does not stand in the {span.field} at {span.start}" for span in false)
            yield Check(what=f"evidence of {what}", ok=False, told=told)
        elif row.evidence:
            told = f"{len(row.evidence)} quotes stand where it says"
            yield Check(what=f"evidence of {what}", ok=True, told=told)


def is_verbatim(article: Article, span: Evidence) -> bool:
    """Whether evidence quotes the very words at its offsets."""
    text = (article.title or "") if span.field == "title" else article.text
    return text[span.start : span.end] == span.quote


def _known(shelf: Shelf, capture: Capture, article: Article | None) -> PageMemory | None:
    """What extraction asks of a page: when it was first seen, which bounds how late it can have been published."""
    run = shelf.run(capture.run_id)
    pages = shelf.memory.pages([capture.url_key])
    stories = shelf.rows("stories", ds.field("article_id") == article.article_id, ["article_id"]) if article else []
    seen = [story.seen_at for story in stories] or [page.first_seen_at for page in pages.values()]
    if run is None or not seen or min(seen) >= run.started_at:
        return None  # it was this run that saw it first
    return page_seen(capture.url_key, min(seen))


def _check_run(shelf: Shelf, article: Article) -> Iterator[Check]:
    run = shelf.run(article.run_id)
    if run is None:
        yield Check(what="run_id", ok=False, told=f"{article.run_id} is no run of the data set")
    elif article.as_of != run.started_at:
        yield Check(what="as_of", ok=False, told=f"{article.as_of} in the row, run {run.run_id} began {run.started_at}")
    else:
        told = f"run {run.run_id} ({run.verb}, version {run.data_version}) wrote the row, and began at its as_of"
        yield Check(what="run_id, as_of", ok=True, told=told)


def _check_page(shelf: Shelf, article: Article) -> Iterator[Check]:
    if article.revision == 1:
        ok = article.previous_article_id is None
        told = "the first text seen at its page" if ok else f"revision 1, yet after {article.previous_article_id}"
        yield Check(what="revision", ok=ok, told=told)
        return
    previous = shelf.rows("articles", ds.field("article_id") == article.previous_article_id, ["article_id"])
    before = next((each for each in previous if each.url_key == article.url_key), None)
    if before is None:
        told = f"revision {article.revision}; the text before is not in the data set, so this cannot be checked"
        yield Check(what="revision", ok=None, told=told)
        return
    ok = before.revision < article.revision and before.captured_at <= article.captured_at
    told = f"revision {article.revision}, after revision {before.revision}, article {before.article_id}"
    yield Check(what="revision", ok=ok, told=told)


def _compare_end(shelf: Shelf, row: Capture, capture: Capture) -> Check:
    """What a capture without an article came to, then and now."""
    of_capture = ds.field("capture_id") == row.capture_id
    ends = [each for table in ("dropped", "dead_letters") for each in shelf.rows(table, of_capture, ["capture_id"])]
    went_on_as = (end.url_key for end in ends if end.stage in AFTER_DOWNLOAD and end.url_key)
    outcome = extract_again(shelf, capture, next(went_on_as, row.url_key), None)
    then = "; ".join(map(_tell_end, ends)) or "not told"
    is_same = any(_is_same_end(end, outcome) for end in ends)
    told = f"no row of articles was made of it: {then}; the bytes give now: {_tell_end(outcome)}"
    return Check(what="outcome", ok=True if is_same else None, told=told)


def _is_same_end(end: Dropped | DeadLetter, outcome: Any) -> bool:
    if isinstance(outcome, Article):
        return isinstance(end, Dropped) and end.article_id == outcome.article_id
    return _tell_end(end) == _tell_end(outcome)


def _tell_end(outcome: Any) -> str:
    if isinstance(outcome, Dropped):
        about = f", article {outcome.article_id}" if outcome.article_id else ""
        return f"{outcome.reason} ({outcome.stage}{about})"
    if isinstance(outcome, DeadLetter):
        return f"{outcome.error} ({outcome.stage})"
    if isinstance(outcome, LeftAlone):
        return outcome.detail
    return f"article {outcome.article_id}"
