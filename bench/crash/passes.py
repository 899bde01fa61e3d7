"""Passes as an ingest leaves them, without the web and without Beam: every table, WARC captures and every memory.

What a pass writes follows from seed and number alone, so a ledger can say what must be there without reading anything.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from schemas.memory import FeedMemory, PageMemory, StoryMemory
from schemas.records import (
    Article,
    Capture,
    Coverage,
    DeadLetter,
    Dropped,
    Entry,
    Evidence,
    Poll,
    RobotsMemory,
    Silence,
    Story,
    TopicTag,
    record,
)

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
A_DAY = 3
"""Passes a day."""

PAGES = 4
FEED, PUBLISHER, HOST = "ledger", "The Ledger", "https://ledger.example"
QUOTE = "arrest quota"


@record
class Pass:
    """A pass by its number, from 1, and the seed of all that it writes."""

    seed: int
    number: int
    as_run: str | None = None
    """A run id that is not its own, for two writers of one run."""

    @property
    def run_id(self) -> str:
        """The id of its run."""
        return self.as_run or f"pass-{self.number:04d}"

    @property
    def at(self) -> datetime:
        """When it began."""
        day, turn = divmod(self.number - 1, A_DAY)
        return START + timedelta(days=day, hours=turn)

    @property
    def day(self) -> str:
        """The UTC day on which it began."""
        return f"{self.at:%Y-%m-%d}"

    @property
    def urls(self) -> list[str]:
        """The pages that it is the first to meet."""
        return [f"{HOST}/{self.seed}/{self.number}/{page}" for page in range(PAGES)]


@record
class Rows:
    """What a pass writes: captures with their bytes, rows of the other tables, and rows of each memory."""

    captures: tuple[Capture, ...]
    tables: dict[str, tuple[object, ...]]
    memory: dict[str, tuple[object, ...]]


def write_rows(this: Pass) -> Rows:
    """What a pass writes, made up."""
    captures = tuple(_capture(this, url) for url in this.urls)
    articles = tuple(_article(this, capture) for capture in captures)
    run, at = this.run_id, this.at
    tables: dict[str, tuple[object, ...]] = {
        "polls": (
            Poll(run_id=run, feed_id=FEED, publisher=PUBLISHER, url=f"{HOST}/feed", polled_at=at, outcome="entries"),
        ),
        "articles": articles,
        "stories": tuple(_story(this, article) for article in articles),
        "topic_tags": tuple(_tag(this, article) for article in articles),
        "coverage": (_coverage(this),),
        "dead_letters": (
            DeadLetter(run_id=run, stage="download", error="timeout", at=at, url_key=f"{HOST}/slow/{this.number}"),
        ),
        "dropped": (
            Dropped(run_id=run, stage="tag", reason="off-domain", at=at, url_key=f"{HOST}/sport/{this.number}"),
        ),
    }
    looked_at_again = Pass(seed=this.seed, number=max(this.number - 1, 1)).urls[0]
    memory: dict[str, tuple[object, ...]] = {
        "feeds": (FeedMemory(feed_id=FEED, url=f"{HOST}/feed", polled_at=at),),
        "pages": tuple(_page(this, url) for url in dict.fromkeys([*this.urls, looked_at_again])),
        "stories": tuple(
            StoryMemory(
                article_id=each.article_id, story_id=each.article_id, url_key=each.url_key, seen_at=at, sketch=(1, 2)
            )
            for each in articles
        ),
        "coverage": (_coverage(this),),
        "silences": (Silence(domain=f"d{this.number % 2}.example", until=at + timedelta(days=9), reason="http-429"),),
        "robots": (RobotsMemory(origin=HOST, asked_at=at, status=404, body=b""),),
    }
    return Rows(captures=captures, tables=tables, memory=memory)


def expected_rows(passes: Iterable[Pass]) -> dict[str, Counter[str]]:
    """By table how often each row must be there, by what names it; of a pass named twice once."""
    rows: dict[str, Counter[str]] = {}
    for this in {each.run_id: each for each in passes}.values():
        written = write_rows(this)
        for table, those in {"captures": written.captures, **written.tables}.items():
            rows.setdefault(table, Counter()).update(name_row(table, each) for each in those)
        rows.setdefault("runs", Counter()).update([this.run_id])
    return rows


def expected_pages(passes: Iterable[Pass]) -> dict[str, str]:
    """By url_key the run that a page's memory must tell of: the last that met it."""
    pages: dict[str, str] = {}
    for this in passes:
        for page in write_rows(this).memory["pages"]:
            pages[page.url_key] = page.outcome  # type: ignore[attr-defined]
    return pages


NAMES: dict[str, tuple[str, ...]] = {
    "captures": ("capture_id",), "articles": ("article_id",), "stories": ("article_id",),
    "topic_tags": ("article_id", "topic"), "polls": ("run_id", "feed_id"), "coverage": ("run_id", "feed_id"),
    "dead_letters": ("run_id", "url_key"), "dropped": ("run_id", "url_key"), "runs": ("run_id",),
}  # fmt: skip
"""The columns that name a row of a pass."""


def name_row(table: str, row: object) -> str:
    """What names a row of a pass."""
    return "/".join(str(getattr(row, column)) for column in NAMES[table])


def _id(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def _capture(this: Pass, url: str) -> Capture:
    noise = random.Random(url).randbytes(6_000).hex()  # what does not compress, so that a file is several writes
    body = f"<h1>Raid at {url}</h1><p>ICE agents made {QUOTE}</p><!-- {noise} -->".encode()
    digest = hashlib.sha256(body).hexdigest()
    return Capture(
        capture_id=_id("capture", url), run_id=this.run_id, feed_id=FEED, publisher=PUBLISHER, url_key=url,
        requested_url=url, url=url, visit_reason="new", fetched_at=this.at, status=200, headers=(),
        payload_bytes=len(body), payload_sha256=digest, content_sha256=digest, robots="allowed",
        entry=Entry(feed_id=FEED, entry_id=url, url=url, title=f"Raid at {url}"), body=body,
    )  # fmt: skip


def _article(this: Pass, capture: Capture) -> Article:
    text = f"ICE agents made {QUOTE} at {capture.url}"
    return Article(
        article_id=_id("article", capture.url), run_id=this.run_id, as_of=this.at, capture_id=capture.capture_id,
        feed_id=FEED, publisher=PUBLISHER, url=capture.url, url_key=capture.url_key, title=f"Raid at {capture.url}",
        captured_at=this.at, text=text, text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        word_count=len(text.split()), body_state="full", extractor="bench",
    )  # fmt: skip


def _story(this: Pass, article: Article) -> Story:
    return Story(
        story_id=article.article_id, article_id=article.article_id, url_key=article.url_key, run_id=this.run_id,
        as_of=this.at, seen_at=this.at, role="independent",
    )  # fmt: skip


def _tag(this: Pass, article: Article) -> TopicTag:
    start = article.text.index(QUOTE)
    words = Evidence(field="text", start=start, end=start + len(QUOTE), quote=QUOTE)
    return TopicTag(
        article_id=article.article_id, run_id=this.run_id, as_of=this.at, topic="arrest-quotas", rule_id="quota",
        ruleset_version="1", score=0.9, evidence=(words,),
    )  # fmt: skip


def _coverage(this: Pass) -> Coverage:
    return Coverage(
        run_id=this.run_id, feed_id=FEED, publisher=PUBLISHER, day=this.at.date(), as_of=this.at, state="ok",
        expected=None, polls=1, seen=PAGES,
    )  # fmt: skip


def _page(this: Pass, url: str) -> PageMemory:
    return PageMemory(
        url_key=url, entry=Entry(feed_id=FEED, entry_id=url, url=url), publisher=PUBLISHER, language="en",
        needs_topic_filter=False, first_seen_at=START, fetched_at=this.at, article_ids=(_id("article", url),),
        latest_id=_id("article", url), outcome=this.run_id,
    )  # fmt: skip
