"""What flows: one frozen record per stage, worth reading top to bottom.

Every field of a record that becomes a table carries its description; `schemas.arrow` turns them into Arrow columns,
Parquet field metadata and docs/tables.md, so a column is described once. Instants are timezone-aware UTC datetimes,
ids are lower-case hex, hashes are SHA-256 in hex. Absent is None, never "" or 0. What a pass remembers of those before
it is in `schemas.memory`.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Any, Literal, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class a record: a frozen, slotted, keyword-only dataclass that is quick to pickle."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    # Beam pickles every record on its way. The standard library looks the fields up anew each time, which costs more
    # than all the rest of pickling them.
    names = tuple(field.name for field in fields(made))  # type: ignore[arg-type]

    get = attrgetter(*names, names[0])  # one more, so that a record with one field gives a tuple, too
    assign = object.__setattr__

    def get_state(self: Any) -> tuple[Any, ...]:
        return get(self)

    def set_state(self: Any, state: tuple[Any, ...]) -> None:
        for name, value in zip(names, state, strict=False):
            assign(self, name, value)

    made.__getstate__ = get_state  # type: ignore[method-assign]
    made.__setstate__ = set_state  # type: ignore[attr-defined]
    return made


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
    sitemap: str | None = None
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
    is_new: Annotated[bool, NotAColumn] = False
    """Whether the poll before did not list it."""


@record
class Gap:
    """A stretch of time in which a feed could not show us everything, and why."""

    kind: Annotated[
        str,
        "outage, slow, blocked, challenged, gone, unreadable, rolled-over, lying-304 or truncated: entries may be "
        "missing; moved: none are, but the feeds file should follow",
    ]
    cause: Annotated[
        str,
        "what was met: http-503, timeout, robots, the address it moved to, …; after a semicolon, what the sitemap gave",
    ]
    began_at: Annotated[datetime, "the last instant at which all was well, as far as known"]
    ended_at: Annotated[
        datetime | None, "when all was well again; null while it lasts, or while the sitemap is still to fill it"
    ] = None
    recovered: Annotated[int, "entries that the feed had lost by then and that its sitemap still listed"] = 0


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
    truncated_at: Annotated[
        int | None, "entries read of a longer document, where it was cut at the cap or came without its end; else null"
    ] = None
    entries_new: Annotated[int, "entries that the poll before did not list"] = 0
    overlap: Annotated[float | None, "share of entries that the poll before listed too; null on a first poll"] = None
    backfilled: Annotated[int, "entries taken from the feed's sitemap, since the feed itself had lost them"] = 0
    moved_to: Annotated[str | None, "where the feed says it lives for good (permanent redirects only)"] = None
    rate: Annotated[float | None, "new entries an hour of late; what the schedule goes by"] = None
    usual_rate: Annotated[float | None, "new entries an hour over about a week; what is expected of the feed"] = None
    interval_s: Annotated[int | None, "seconds between two polls that the schedule wants"] = None
    next_due_at: Annotated[datetime | None, "not to be asked again before this instant"] = None
    error: Annotated[str | None, "why the poll failed"] = None
    gaps: Annotated[tuple[Gap, ...], "gaps that this poll found, that still last, or that it ended"] = ()


# ---------------------------------------------------------------------------------------------------- download


@record
class Silence:
    """A domain's wish to be left alone, told in an answer; every stage and later runs keep it until it is over."""

    domain: str
    until: datetime
    reason: str


@record
class RobotsMemory:
    """One origin's robots.txt as it last answered, so that a run need not ask for it again."""

    origin: str
    asked_at: datetime
    status: int
    body: bytes


@record
class Visit:
    """One planned request for an article page, and why: the entry is new, a failed visit is retried, or it is due."""

    entry: Entry
    url_key: str
    publisher: str
    language: str
    needs_topic_filter: bool
    reason: Literal["new", "updated", "retry", "revisit"]
    known: "schemas.memory.PageMemory | None" = None


@record
class Itinerary:
    """The visits planned for one registrable domain, in the order they will be made, and the silences it asked for."""

    domain: str
    visits: tuple[Visit, ...]
    silences: tuple[Silence, ...] = ()


@record
class Header:
    """One HTTP header field, as sent."""

    name: str
    value: str


@record
class Redirect:
    """One hop on the way to the response; what it answered travels along and is kept in the WARC file."""

    url: Annotated[str, "the address that redirected"]
    status: Annotated[int, "its HTTP status"]
    asked_at: Annotated[datetime | None, NotAColumn] = None
    """When it was asked; None where only the way is known."""
    headers: Annotated[tuple[Header, ...], NotAColumn] = ()
    request_headers: Annotated[tuple[Header, ...], NotAColumn] = ()
    body: Annotated[bytes, NotAColumn] = b""
    is_cut: Annotated[bool, NotAColumn] = False
    """Whether `body` is only its begin."""


@record
class KeptPayload:
    """The bytes that a page answered with last, and the capture whose WARC record holds them."""

    capture_id: str
    url: str
    fetched_at: datetime
    status: int
    payload_sha256: str


@record
class Capture:
    """One HTTP response kept byte for byte, with when and how."""

    capture_id: Annotated[str, "id of the capture: a hash of URL, instant and payload"]
    run_id: Annotated[str, "the run that fetched it"]
    feed_id: Annotated[str, "the feed whose entry led here"]
    publisher: Annotated[str, "who is responsible for the page"]
    url_key: Annotated[
        str, "key of the page asked for: equal for addresses that differ only in tracking parameters and the like"
    ]
    requested_url: Annotated[str, "the address asked, secrets removed"]
    url: Annotated[str, "the address that answered, after redirects, secrets removed"]
    redirects: Annotated[tuple[Redirect, ...], "the hops between the two"] = ()
    visit_reason: Annotated[str, "new, updated, retry or revisit"]
    fetched_at: Annotated[datetime, "when the request was sent"]
    status: Annotated[int, "HTTP status"]
    headers: Annotated[tuple[Header, ...], "response headers as received, in order, secrets in addresses removed"]
    request_headers: Annotated[tuple[Header, ...], "request headers as sent, secrets removed"] = ()
    content_type: Annotated[str | None, "the Content-Type header"] = None
    payload_bytes: Annotated[int, "length of the body as received"]
    payload_sha256: Annotated[str, "hash of the body as received (the WARC record's payload digest)"]
    content_sha256: Annotated[str, "hash of the body after content decoding; equal for equal pages however compressed"]
    robots: Annotated[str, "why we could ask: allowed, or no-robots (none there)"]
    entry: Annotated[Entry, "what the feed said of the page"]
    warc_file: Annotated[str | None, "the WARC file that holds its record, relative to the data set"] = None
    warc_offset: Annotated[int | None, "offset of the response or revisit record in that file, in bytes"] = None
    warc_length: Annotated[int | None, "length of the compressed record, in bytes"] = None
    payload_in: Annotated[
        str | None,
        "the earlier capture whose record holds the bytes, where they were the same and this one's is a revisit "
        "record; null if its own record holds them",
    ] = None
    needs_topic_filter: Annotated[bool, "whether its feed is broad, so that off-domain articles are dropped"] = False
    language: Annotated[str, NotAColumn] = "en"
    body: Annotated[bytes, NotAColumn] = b""
    known: Annotated["schemas.memory.PageMemory | None", NotAColumn] = None
    kept_payload: Annotated[KeptPayload | None, NotAColumn] = None
    """The very same payload, if it is in the data set already; the capture becomes a revisit record."""


@record
class Landing:
    """An arrival at a page: by the page's own address, or, with the stray capture, by one that led there."""

    url_key: str
    news: tuple[str, ...] = ()
    """What the entry has in common with others that tell the same news (`agreement.news_marks`)."""
    stray: Capture | None = None
    is_doubted: bool = False
    """Whether the page does not look like the one that the stray's entry announces."""


# ---------------------------------------------------------------------------------------------------- extract


@record
class Article:
    """The readable text and facts extracted from one capture."""

    article_id: Annotated[str, "id of this text at this page: a hash of url_key, title and text"]
    run_id: Annotated[str, "the run that extracted it"]
    as_of: Annotated[datetime, "start of the run that wrote the row; of rows with equal capture_id the latest counts"]
    withdrawn: Annotated[bool, "true if by then the bytes gave no such row any more, as a replay may find"] = False
    capture_id: Annotated[str, "the capture it was extracted from"]
    feed_id: Annotated[str, "the feed whose entry led here"]
    publisher: Annotated[str, "who is responsible for the page"]
    original_url: Annotated[str | None, "the address as the feed lists it"] = None
    url: Annotated[str, "the address that answered, after redirects"]
    canonical_url: Annotated[str | None, "the address the page itself declares"] = None
    url_key: Annotated[str, "key of the page, made of the address that first answered for it"]
    title: Annotated[str | None, "headline, without the site's name"] = None
    authors: Annotated[tuple[str, ...], "names in the byline"] = ()
    published_at: Annotated[datetime | None, "when it was first published; null if no source is plausible"] = None
    published_precision: Annotated[str | None, "second, minute or day"] = None
    published_source: Annotated[
        str | None,
        "who told it: json-ld, meta, feed, text (beside the headline), url, or publisher (its own rule)",
    ] = None
    published_agreement: Annotated[
        tuple[str, ...],
        "who else tells the same day: the sources above, last-modified (the server) or first-seen (we, within a day)",
    ] = ()
    published_flags: Annotated[
        tuple[str, ...],
        "what is odd: missing (nobody tells a date); too-late SOURCE (over 24 hours after first seen) or too-early "
        "SOURCE (before 1995, and alone), which were refused; conflict SOURCE (over two days off the date chosen)",
    ] = ()
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
    declared_free: Annotated[
        bool | None,
        "whether the publisher declares the article free to read (isAccessibleForFree, or a content tier); null if it "
        "says nothing",
    ] = None
    charset: Annotated[str | None, "character set the bytes were decoded with"] = None
    charset_source: Annotated[str | None, "how it was known: utf-8, http, meta, bom or detected"] = None
    revision: Annotated[int, "1 for the first text seen at this page, counting up"] = 1
    previous_article_id: Annotated[str | None, "the revision before"] = None
    extractor: Annotated[str, "which path of which extractor gave the text, with versions"]
    withdrawn_as: Annotated[
        str | None, "what the bytes come to instead, if withdrawn: off-domain, or a reason or error of another stage"
    ] = None
    needs_topic_filter: Annotated[bool, NotAColumn] = False
    known: Annotated["schemas.memory.PageMemory | None", NotAColumn] = None


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
    as_of: Annotated[datetime, "start of the run that wrote the row; of rows with equal article_id the latest counts"]
    withdrawn: Annotated[bool, "true if by then the bytes gave no such row any more, as a replay may find"] = False
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
    as_of: Annotated[
        datetime, "start of the run that wrote the row; of rows with equal article_id and topic the latest counts"
    ]
    withdrawn: Annotated[bool, "true if by then the bytes gave no such row any more, as a replay may find"] = False
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
class PageTurn:
    """An entry whose page's standing changed: what its feed's day counted it as, and what it counts as now."""

    feed_id: str
    day: date
    before: str | None
    after: str | None


@record
class Coverage:
    """One feed's day as a run left it: what was expected, what was seen, and what became of it.

    A later run of the same day, or one that has better luck with a page of that day, writes the day anew; the row with
    the latest `as_of` stands.
    """

    run_id: Annotated[str, "the run that wrote the day"]
    feed_id: Annotated[str, "the feed"]
    publisher: Annotated[str, "who is responsible for the feed"]
    day: Annotated[date, "the UTC day on which the run began that read the feed, or first met the pages"]
    as_of: Annotated[datetime, "up to when the row tells of the day; of a feed's day the latest counts"]
    state: Annotated[str, "ok, quiet (far fewer entries than usual, nothing known to be wrong), or the day's worst gap"]
    expected: Annotated[float | None, "entries the feed usually lists in the day up to as_of; null on its first day"]
    polls: Annotated[int, "readings of the feed"] = 0
    polls_failed: Annotated[int, "those of them that failed"] = 0
    seen: Annotated[int, "entries first listed on the day"] = 0
    backfilled: Annotated[int, "entries taken from the sitemap, since the feed had lost them"] = 0
    fetched: Annotated[int, "their pages that became articles with their whole text"] = 0
    paywalled: Annotated[int, "pages of which only a part is shown: paywalled or teaser"] = 0
    off_domain: Annotated[int, "pages of a broad feed about something else"] = 0
    duplicate: Annotated[int, "entries that led to a page known by another entry or address"] = 0
    missing: Annotated[int, "pages that are not there (404, 410)"] = 0
    blocked: Annotated[int, "pages we may not have: robots.txt, 401, 402, 403, 429, 451"] = 0
    challenged: Annotated[int, "pages behind a bot check or a consent page"] = 0
    failed: Annotated[int, "entries without a usable link, and pages that could not be had for any other reason"] = 0
    truncated: Annotated[int, "readings that were cut at the cap of entries"] = 0
    rolled_over: Annotated[int, "readings that shared no entry with the one before"] = 0
    gaps: Annotated[
        tuple[Gap, ...], "the gaps that touch the day, with cause and interval, in order of their begin"
    ] = ()


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


@record
class Takedown:
    """The tombstone of a page whose text and captures were removed: what there was, why and when it went."""

    run_id: Annotated[str, "the run that removed it"]
    taken_down_at: Annotated[datetime, "when"]
    url: Annotated[str, "the address that was asked to be removed, secrets removed"]
    page_keys: Annotated[
        tuple[str, ...], "keys (url_key) of the pages removed: that of the address, and those that led there"
    ]
    reason: Annotated[str | None, "why, as told by whoever removed it"] = None
    article_ids: Annotated[tuple[str, ...], "the articles removed"] = ()
    capture_ids: Annotated[tuple[str, ...], "the captures removed"] = ()
    first_seen_at: Annotated[datetime | None, "when the page was first seen"] = None


import schemas.memory  # noqa: E402 - last: memory is made of these records, and some of them carry it along
