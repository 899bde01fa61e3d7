"""What a pass must know of those before it: one record per memory, kept as rows and committed with the tables.

They are no tables of the data set for readers, so their fields are told of here alone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from schemas.records import Entry, Feed, Gap, KeptPayload, record


@record
class FeedMemory:
    """What the next pass must know of a feed, read at `url`; what another address keeps of it is told by `at`."""

    feed_id: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    validators_at: datetime | None = None
    """When the last whole answer came: what has been taken on the validators' word since may be a lie."""
    validators_from: str | None = None
    """The address that gave it, after redirects."""
    not_modified_at: datetime | None = None
    """When the server last said "not modified"."""
    distrusted_at: datetime | None = None
    """When the server was last caught saying so of a feed that had changed."""
    repeats: int = 0
    """Whole answers in a row with the bytes known already, although validators were sent."""
    body_sha256: str | None = None
    marks: tuple[str, ...] = ()
    """One mark for each id and each link last listed (`reading.entry_marks`)."""
    listed_at: datetime | None = None
    """When they were last seen to stand in a list, as far as "not modified" was not found to be a lie."""
    past_marks: tuple[str, ...] = ()
    """Marks of lists before and of entries back-filled, the newest first, so that no entry is back-filled twice."""
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    changed_at: datetime | None = None
    next_due_at: datetime | None = None
    interval_s: int | None = None
    refresh_s: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    """What its document last said of how seldom it wishes to be read."""
    rate: float | None = None
    usual_rate: float | None = None
    overlap: float | None = None
    rollovers: int = 0
    errors: float = 0.0
    """Weight of the failures in a row (`schedule.WEIGHTS`)."""
    failures: int = 0
    last_error: str | None = None
    gone_polls: int = 0
    gone_since: datetime | None = None
    parked: str | None = None
    """Why it is only probed now and then: `errors` or `gone`."""
    gap: Gap | None = None
    unfilled: tuple[Gap, ...] = ()
    """Gaps that the sitemap is still to fill, since it could not be read; told as open until then."""
    unfilled_error: str | None = None
    """What kept us from the sitemap last."""
    moved_to: str | None = None
    moved_polls: int = 0
    moved_since: datetime | None = None
    moved_after: datetime | None = None
    """When the feed was last read without being led to `moved_to`."""
    adopted_url: str | None = None
    """Where the feed has lived for long enough to be asked there instead of at `url`."""

    @property
    def move(self) -> Gap | None:
        """The move that the feed tells of and that is not adopted yet, since it was last read where it had been."""
        if self.moved_to is None or self.moved_since is None:
            return None
        return Gap(kind="moved", cause=self.moved_to, began_at=self.moved_after or self.moved_since)

    @property
    def emptied(self) -> Gap | None:
        """The gap of a feed whose list came without entries, since it was last seen to hold some."""
        if not self.marks or self.listed_at is None or self.changed_at is None or self.changed_at <= self.listed_at:
            return None
        return Gap(kind="truncated", cause="the list is empty", began_at=self.listed_at)

    def at(self, url: str) -> "FeedMemory":
        """What of it holds at another address: what was listed, at which pace, and what is missing since when.

        What a server said, how it failed and where it led is another server's word there: the address is due at once,
        and asked for a whole answer. Of a move only its begin is kept, so that it is told to have ended.
        """
        if url == self.url:
            return self
        kept = {name: getattr(self, name) for name in _KEPT_ELSEWHERE}
        return FeedMemory(feed_id=self.feed_id, url=url, **kept)


_KEPT_ELSEWHERE = (
    "marks", "listed_at", "past_marks", "polled_at", "succeeded_at", "changed_at", "interval_s", "rate", "usual_rate",
    "overlap", "rollovers", "gap", "unfilled", "unfilled_error", "moved_to", "moved_since", "moved_after",
)  # fmt: skip
"""Fields of FeedMemory that another address of the same feed keeps."""


@record
class FeedTurn:
    """A feed whose turn it is, with what is remembered of it."""

    feed: Feed
    memory: FeedMemory | None = None
    is_forced: bool = False
    """Asked now even if it is not due; what servers asked of us is kept all the same."""

    @property
    def recalled(self) -> FeedMemory:
        """What is remembered of the feed, as far as it holds at the address that the feeds file gives now."""
        known = self.memory or FeedMemory(feed_id=self.feed.feed_id, url=self.feed.url)
        return known.at(self.feed.url)


@record
class PageMemory:
    """What the next pass must know of an article page: what was seen there and when to look again."""

    url_key: str
    entry: Entry
    publisher: str
    language: str
    needs_topic_filter: bool
    first_seen_at: datetime
    listed_by: str | None = None
    listed_on: date | None = None
    """The feed that listed it first, and the day: there the page is counted, whichever feed lists it later."""
    fetched_at: datetime | None = None
    fetch_at: datetime | None = None
    visits: int = 0
    failures: int = 0
    status: int | None = None
    content_sha256: str | None = None
    kept_payload: KeptPayload | None = None
    article_ids: tuple[str, ...] = ()
    latest_id: str | None = None
    outcome: str | None = None
    """How the last visit ended, as `coverage` counts it."""
    steady: int = 0
    """Visits in a row that found the text known already."""
    missing_since: datetime | None = None
    missing_checks: int = 0
    """Visits in a row that found no page there (404 or 410), and since when."""
    same_as: str | None = None
    """Key of the page that this address led to; everything else is remembered there."""
    landed_at: str | None = None
    """The address that answered last, if a redirect led there and the page kept its key all the same."""


@record
class Appointment:
    """When a page is to be looked at again, as its memory says, apart from it: a pass reads those of all pages."""

    url_key: str
    first_seen_at: datetime
    fetched_at: datetime | None = None
    fetch_at: datetime | None = None
    failures: int = 0
    outcome: str | None = None
    same_as: str | None = None
    settled_at: datetime | None = None
    """When the page was last seen, if there is no appointment any more."""


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
