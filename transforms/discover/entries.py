"""From a feed's own words to an Entry: the rules for titles, links, dates and ids that hold for every format."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from schemas.records import Entry, record
from transforms.discover.dates import parse_date
from transforms.discover.guards import MAX_ID, MAX_NAME, MAX_NAMES, MAX_SUMMARY, MAX_TITLE
from transforms.discover.links import choose_link, usable_url
from transforms.discover.listing import RawEntry
from transforms.discover.plain import one_line, plain_text

_MAX_DATE_WORDS = 200


@record
class FeedContext:
    """What holds for every entry of a document.

    `base` is what relative links are joined to; `now` the reference instant for dates, None if there is none.
    """

    feed_id: str
    base: str | None = None
    language: str | None = None
    now: datetime | None = None


def make_entry(raw: RawEntry, context: FeedContext) -> Entry:
    """Judge what a reader found. An entry without a usable link has the url None; nothing here raises."""
    language = clean_language(raw.language) or context.language
    url = choose_link(raw.links, context.base, language) or usable_url(raw.permalink)
    title = (one_line if raw.title_is_text else plain_text)(raw.title or "", MAX_TITLE)
    summary = (one_line if raw.summary_is_text else plain_text)(raw.summary or "", MAX_SUMMARY)
    published_raw = one_line(raw.published_raw or "", _MAX_DATE_WORDS)
    # Outside English the day comes first; the United States is the only home of month-first dates we read.
    day_first = language is not None and not language.startswith("en")
    published = parse_date(published_raw, now=context.now, day_first=day_first)
    return Entry(
        feed_id=context.feed_id,
        entry_id=one_line(raw.entry_id or "", MAX_ID) or url or _derive_id(title or summary, published_raw),
        url=url,
        title=title,
        summary=summary,
        authors=_names(raw.authors),
        categories=_names(raw.categories),
        language=language,
        published_at=published.at,
        published_raw=published_raw,
        date_flag=published.flag,
        updated_at=parse_date(raw.updated_raw, now=context.now, day_first=day_first).at,
    )


def clean_language(tag: str | None) -> str | None:
    """A language tag in lower case with hyphens, or None for what is none."""
    tag = (tag or "").strip().lower().replace("_", "-")
    letters = tag.replace("-", "")
    return tag if 2 <= len(tag) <= 35 and letters.isascii() and letters.isalnum() and tag[:2].isalpha() else None


def _names(names: Iterable[str]) -> tuple[str, ...]:
    cleaned = (plain_text(name, MAX_NAME) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:MAX_NAMES]


def _derive_id(words: str | None, published_raw: str | None) -> str:
    """An id for an entry that has neither id nor link: equal for equal title (or summary) and date."""
    return "sha256:" + hashlib.sha256(f"{words}\n{published_raw}".encode()).hexdigest()
