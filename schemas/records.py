"""What flows: one frozen record per stage, worth reading top to bottom.

Every field of a record that becomes a table carries its description; `schemas.tables` turns them into Arrow columns,
Parquet field metadata and docs/tables.md, so a column is described once. Instants are timezone-aware UTC datetimes,
ids are lower-case hex, hashes are SHA-256 in hex. Absent is None, never "" or 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class a record: a frozen, slotted, keyword-only dataclass."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


class NotAColumn:
    """Marks a field that travels with the record but is not stored in its table."""


# ---------------------------------------------------------------------------------------------------- discover


@record
class Feed:
    """A document at an address that lists a publisher's newest entries, as curated in a feeds file."""

    feed_id: str
    url: str
    publisher: str
    homepage: str | None = None
    kind: str = "national"
    language: str = "en"
    stance: str | None = None
    format: str | None = None
    scope: str | None = None
    tier: int = 2
    enabled: bool = True
    needs_topic_filter: bool = False
    evidence_level: Literal["verified", "in_use", "pattern"] | None = None
    evidence_date: str | None = None
    evidence: str | None = None
    note: str | None = None


@record
class Entry:
    """One item a feed announces: a link and what the feed says of it."""

    feed_id: Annotated[str, "the feed that listed the entry"]
    entry_id: Annotated[str, "the feed's own id of the entry; its URL where the feed gives none"]
    url: Annotated[str | None, "the entry's link, absolute; null if the feed gives no usable one"]
    title: Annotated[str | None, "the entry's title as plain text"] = None
    summary: Annotated[str | None, "the entry's summary as plain text, at most 10,000 characters"] = None
    authors: Annotated[tuple[str, ...], "the authors the feed names"] = ()
    categories: Annotated[tuple[str, ...], "the categories the feed names"] = ()
    language: Annotated[str | None, "the language the feed declares"] = None
    published_at: Annotated[datetime | None, "when the feed says it was published"] = None
    published_raw: Annotated[str | None, "the feed's own words for that date"] = None
    date_flag: Annotated[str, "ok, no_zone, unknown_zone, implausible or missing"] = "missing"
    updated_at: Annotated[datetime | None, "when the feed says it was last changed"] = None


@record
class Poll:
    """One reading of a feed: the answer as received, or "not modified"."""

    run_id: Annotated[str, "the run that read the feed"]
    feed_id: Annotated[str, "the feed, as named in the feeds file"]
    publisher: Annotated[str, "who is responsible for the feed"]
    url: Annotated[str, "the address asked"]
    final_url: Annotated[str | None, "the address that answered, after redirects"] = None
    polled_at: Annotated[datetime, "when the feed was asked"]
    outcome: Annotated[str, "entries, not-modified, unchanged (same bytes again) or error"]
    status: Annotated[int | None, "HTTP status; null if no answer came"] = None
    kind: Annotated[str | None, "what the document proved to be: rss20, atom10, json11, news-sitemap, …"] = None
    etag: Annotated[str | None, "the ETag validator, byte for byte"] = None
    last_modified: Annotated[str | None, "the Last-Modified validator, byte for byte"] = None
    body_sha256: Annotated[str | None, "hash of the document's bytes after content decoding"] = None
    entries_listed: Annotated[int, "entries in the document"] = 0
    truncated_at: Annotated[int | None, "entries read of a longer document, where it was cut at the cap; else null"] = (
        None
    )
    entries_new: Annotated[int, "entries that the poll before did not list"] = 0
    overlap: Annotated[float | None, "share of entries that the poll before listed too; null on a first poll"] = None
    next_due_at: Annotated[datetime | None, "not to be asked again before this instant"] = None
    error: Annotated[str | None, "why the poll failed"] = None
    entry_ids: Annotated[tuple[str, ...], NotAColumn] = ()


@record
class FeedTurn:
    """A feed whose turn it is, with what is remembered of it."""

    feed: Feed
    memory: "FeedMemory | None" = None


# ---------------------------------------------------------------------------------------------------- download


@record
class Silence:
    """A domain's wish to be left alone for a while, told while its feeds were polled; its pages are not asked for."""

    domain: str
    seconds: int


@record
class Visit:
    """One planned request for an article page, and why: the entry is new, a failed visit is retried, or it is due."""

    entry: Entry
    url_key: str
    publisher: str
    language: str
    needs_topic_filter: bool
    reason: Literal["new", "updated", "retry", "revisit"]
    known: "PageMemory | None" = None
    silenced_s: int | None = None


@record
class Itinerary:
    """The visits planned for one registrable domain, in the order they will be made."""

    domain: str
    visits: tuple[Visit, ...]


@record
class Redirect:
    """One hop on the way to the response."""

    url: Annotated[str, "the address that redirected"]
    status: Annotated[int, "its HTTP status"]


@record
class Header:
    """One HTTP header field, as sent."""

    name: str
    value: str


@record
class Capture:
    """One HTTP response kept byte for byte, with when and how."""

    capture_id: Annotated[str, "id of the capture: a hash of URL, instant and payload"]
    run_id: Annotated[str, "the run that fetched it"]
    feed_id: Annotated[str, "the feed whose entry led here"]
    publisher: Annotated[str, "who is responsible for the page"]
    url_key: Annotated[str, "key of the page: equal for addresses that differ only in tracking parameters and the like"]
    requested_url: Annotated[str, "the address asked"]
    url: Annotated[str, "the address that answered, after redirects"]
    redirects: Annotated[tuple[Redirect, ...], "the hops between the two"] = ()
    visit_reason: Annotated[str, "new, updated, retry or revisit"]
    fetched_at: Annotated[datetime, "when the request was sent"]
    status: Annotated[int, "HTTP status"]
    headers: Annotated[tuple[Header, ...], "response headers as received, in order"]
    request_headers: Annotated[tuple[Header, ...], "request headers as sent, secrets removed"] = ()
    content_type: Annotated[str | None, "the Content-Type header"] = None
    payload_bytes: Annotated[int, "length of the body as received"]
    payload_sha256: Annotated[str, "hash of the body as received (the WARC record's payload digest)"]
    content_sha256: Annotated[str, "hash of the body after content decoding; equal for equal pages however compressed"]
    robots: Annotated[str, "why we could ask: allowed, or no-robots (none there)"]
    entry: Annotated[Entry, "what the feed said of the page"]
    warc_file: Annotated[str | None, "the WARC file that holds the bytes, relative to the data set"] = None
    warc_offset: Annotated[int | None, "offset of the response record in that file, in bytes"] = None
    warc_length: Annotated[int | None, "length of the compressed response record, in bytes"] = None
    needs_topic_filter: Annotated[bool, "whether its feed is broad, so that off-domain articles are dropped"] = False
    body: Annotated[bytes, NotAColumn] = b""
    known: Annotated["PageMemory | None", NotAColumn] = None


# ---------------------------------------------------------------------------------------------------- extract


@record
class Article:
    """The readable text and facts extracted from one capture."""

    article_id: Annotated[str, "id of this text at this page: a hash of url_key, title and text"]
    run_id: Annotated[str, "the run that extracted it"]
    capture_id: Annotated[str, "the capture it was extracted from"]
    feed_id: Annotated[str, "the feed whose entry led here"]
    publisher: Annotated[str, "who is responsible for the page"]
    url: Annotated[str, "the address that answered"]
    canonical_url: Annotated[str | None, "the address the page itself declares"] = None
    url_key: Annotated[str, "key of the page"]
    title: Annotated[str | None, "headline, without the site's name"] = None
    authors: Annotated[tuple[str, ...], "names in the byline"] = ()
    published_at: Annotated[datetime | None, "when it was first published; null if no source is plausible"] = None
    published_precision: Annotated[str | None, "second, minute or day"] = None
    published_source: Annotated[str | None, "json-ld, meta, feed, url or text"] = None
    modified_at: Annotated[datetime | None, "when the page says it was last changed"] = None
    captured_at: Annotated[datetime, "when the bytes were fetched"]
    section: Annotated[str | None, "the section the page names"] = None
    image_url: Annotated[str | None, "the picture the page names"] = None
    language: Annotated[str | None, "ISO 639-1 code, identified from the text"] = None
    text: Annotated[str, "the body as plain text; paragraphs separated by newlines"]
    text_sha256: Annotated[str, "hash of title and text"]
    word_count: Annotated[int, "words in the text"]
    body_state: Annotated[str, "full, teaser, paywalled, live-blog or video-stub (others are dead letters)"]
    body_state_reason: Annotated[str | None, "what the body state was judged by"] = None
    charset: Annotated[str | None, "character set the bytes were decoded with"] = None
    charset_source: Annotated[str | None, "how it was known: utf-8, http, meta, bom or detected"] = None
    revision: Annotated[int, "1 for the first text seen at this page, counting up"] = 1
    previous_article_id: Annotated[str | None, "the revision before"] = None
    extractor: Annotated[str, "which path of which extractor gave the text, with versions"]
    needs_topic_filter: Annotated[bool, NotAColumn] = False
    known: Annotated["PageMemory | None", NotAColumn] = None


# ---------------------------------------------------------------------------------------------------- link


@record
class Evidence:
    """The verbatim words with their offsets for which a tag or claim stands."""

    field: Annotated[str, "title or text"]
    start: Annotated[int, "offset of the first character, counting code points from 0"]
    end: Annotated[int, "offset behind the last character"]
    quote: Annotated[str, "the words themselves: field[start:end]"]


@record
class Story:
    """One article's place in a story: the articles that tell the same news."""

    story_id: Annotated[str, "id of the story: the article_id of its first article"]
    article_id: Annotated[str, "the article"]
    url_key: Annotated[str, "key of the article's page"]
    run_id: Annotated[str, "the run that linked it"]
    seen_at: Annotated[datetime, "when the article's page was first seen"]
    role: Annotated[str, "origin (first seen), copy, partial (a cut copy) or independent (alone so far)"]
    origin_id: Annotated[str | None, "the article_id it shares words with; null for origins and independents"] = None
    containment: Annotated[
        float, "estimated share of this article's five-word runs that stand in the other; 0 to 1"
    ] = 0.0
    wire_credit: Annotated[str | None, "the agency the text itself credits"] = None
    evidence: Annotated[tuple[Evidence, ...], "runs of words that stand in both, the longest first"] = ()
    sketch: Annotated[tuple[int, ...], NotAColumn] = ()


@record
class LinkedArticle:
    """An article with its revision number and its place in a story, on the way to the tagger."""

    article: Article
    story: Story


# ---------------------------------------------------------------------------------------------------- tag


@record
class TopicTag:
    """The statement that an article is about a topic, with the words it stands on."""

    article_id: Annotated[str, "the article"]
    run_id: Annotated[str, "the run that tagged it"]
    topic: Annotated[str, "the topic's slug, as defined in the topics file"]
    rule_id: Annotated[str, "the rule that weighed most"]
    ruleset_version: Annotated[str, "hash of the rules' meaning"]
    score: Annotated[float, "0 to 1; what the matching rules add up to, higher is surer"]
    evidence: Annotated[tuple[Evidence, ...], "the words the tag stands on"]


# ---------------------------------------------------------------------------------------------------- every stage


@record
class DeadLetter:
    """A record a stage could not process, with the error."""

    run_id: Annotated[str, "the run"]
    stage: Annotated[str, "discover, download, extract, link, tag or write"]
    error: Annotated[str, "kind of error: a short stable word such as timeout, http-503 or challenge"]
    detail: Annotated[str | None, "the error in words, secrets removed"] = None
    at: Annotated[datetime, "when"]
    feed_id: Annotated[str | None, "the feed concerned"] = None
    url: Annotated[str | None, "the address concerned"] = None
    url_key: Annotated[str | None, "key of the page concerned"] = None
    entry_id: Annotated[str | None, "the entry concerned"] = None
    capture_id: Annotated[str | None, "the capture that holds the bytes, where there is one"] = None
    retry_after_s: Annotated[int | None, "seconds the server asked us to wait"] = None


@record
class Dropped:
    """A record a stage chose not to pass on, with the reason."""

    run_id: Annotated[str, "the run"]
    stage: Annotated[str, "discover, download, extract, link, tag or write"]
    reason: Annotated[str, "a short stable word such as robots, duplicate, unchanged or off-domain"]
    detail: Annotated[str | None, "the reason in words"] = None
    at: Annotated[datetime, "when"]
    feed_id: Annotated[str | None, "the feed concerned"] = None
    url: Annotated[str | None, "the address concerned"] = None
    url_key: Annotated[str | None, "key of the page concerned"] = None
    entry_id: Annotated[str | None, "the entry concerned"] = None
    capture_id: Annotated[str | None, "the capture that holds the bytes, where there is one"] = None
    article_id: Annotated[str | None, "the article concerned, where there is one"] = None


@record
class Count:
    """One counter of a run: `<stage>/<in|out|dropped:reason|dead>`."""

    counter: Annotated[str, "its name"]
    value: Annotated[int, "its value"]


@record
class Run:
    """One execution: id, start, options, counts."""

    run_id: Annotated[str, "id of the run; its start is part of it"]
    verb: Annotated[str, "the command: ingest, …"]
    started_at: Annotated[datetime, "the run's clock at its start"]
    finished_at: Annotated[datetime, "the run's clock at the commit"]
    runner: Annotated[str, "the Beam runner asked for"]
    options: Annotated[str, "options as JSON, secrets removed"]
    versions: Annotated[str, "versions of icewire, Beam, extractor and rules as JSON"]
    data_version: Annotated[int, "number of the manifest this run wrote"]
    counts: Annotated[tuple[Count, ...], "every counter of every stage"]
    data_missing: Annotated[bool, "whether something listed could not be had; the dead letters say what"]


# ---------------------------------------------------------------------------------------------------- memory


@record
class FeedMemory:
    """What the next pass must know of a feed."""

    feed_id: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    validators_at: datetime | None = None
    body_sha256: str | None = None
    entry_ids: tuple[str, ...] = ()
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    next_due_at: datetime | None = None
    errors: int = 0


@record
class PageMemory:
    """What the next pass must know of an article page: what was seen there and when to look again."""

    url_key: str
    entry: Entry
    publisher: str
    language: str
    needs_topic_filter: bool
    first_seen_at: datetime
    fetched_at: datetime | None = None
    fetch_at: datetime | None = None
    visits: int = 0
    failures: int = 0
    status: int | None = None
    content_sha256: str | None = None
    article_ids: tuple[str, ...] = ()
    latest_id: str | None = None


@record
class StoryMemory:
    """What the next pass must know of an article to recognise its copies."""

    article_id: str
    story_id: str
    url_key: str
    seen_at: datetime
    sketch: tuple[int, ...]


PageLookup = Callable[[Sequence[str]], Mapping[str, PageMemory]]
"""Answers what is remembered of pages, by url_key; read where it is asked, so that workers share nothing."""
