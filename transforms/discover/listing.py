"""What reading a feed's bytes gives: a Listing of entries, or a FeedError that says why there is none."""

from schemas.errors import KindError
from schemas.records import Entry, record


class FeedError(KindError):
    """A document that gave no listing.

    `kind` is a short stable word: empty, not-a-feed, challenge, too-large, limits, unreadable or parse-limit; `detail`
    says more.
    """


@record
class Listing:
    """One feed document as read: what it proved to be and the entries it announces.

    `kind` is feedparser's name of the format (rss090 to rss20, rss10, atom03, atom10, cdf), or json10, json11, json,
    news-sitemap, sitemap, sitemap-index or opml. `documents` are other documents it names (an OPML's feeds, an index's
    sitemaps): never articles. `refresh_minutes` is how seldom the feed asks to be read; `skip_hours` (GMT) and
    `skip_days` (Monday is 0) are when it asks not to be. `truncated_at` is the number of entries kept where the
    document was cut at a cap, or its end is missing.
    """

    kind: str
    title: str | None = None
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    documents: tuple[Entry, ...] = ()
    refresh_minutes: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    truncated_at: int | None = None


@record
class RawLink:
    """A link as an entry gives it, not yet judged."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    hreflang: str | None = None


@record
class RawEntry:
    """What a reader found for one entry, in the feed's own words; `entries.make_entry` judges it.

    Titles and summaries are HTML unless `title_is_text` / `summary_is_text`. `links` are in order of preference of the
    reader; `permalink` is an id that may stand in for a link.
    """

    entry_id: str | None = None
    permalink: str | None = None
    links: tuple[RawLink, ...] = ()
    title: str | None = None
    title_is_text: bool = False
    summary: str | None = None
    summary_is_text: bool = False
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    published_raw: str | None = None
    updated_raw: str | None = None
