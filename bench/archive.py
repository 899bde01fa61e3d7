"""Synthesise an archive of articles, day by day, through the code that passes write with.

    python -m bench.archive --data DIR --articles 1000000 --until 2026-11-02

Texts are made of invented words. Pages of the last month still have an appointment, as the rules for revisits give it;
older ones have none. Captures are rows without WARC records: writing those takes hours, and a pass does not read them.
"""

import argparse
import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.made_run import commit_made_run
from bench.progress import show_progress
from schemas.memory import PageMemory, StoryMemory
from schemas.records import Article, Capture, Entry, Evidence, Story, TopicTag, record
from transforms.write.memory import STORY_WINDOW
from transforms.write.remember import REVISIT_AGES

ARTICLES_A_DAY = 1_000
"""What some hundred feeds bring a day."""

WORDS_A_TEXT = 250
_WORDS = tuple("".join(random.Random(n).choices("abdeilnorstu", k=3 + n % 7)) for n in range(4_000))


@record
class Day:
    """One day's rows."""

    captures: list[Capture]
    articles: list[Article]
    stories: list[Story]
    tags: list[TopicTag]
    pages: list[PageMemory]
    remembered: list[StoryMemory]


def main() -> None:
    """Write the archive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="where the data set is written; must not exist")
    parser.add_argument("--articles", type=int, default=1_000_000, help="how many articles (default 1,000,000)")
    parser.add_argument("--until", default="2026-11-02", help="the day after the last one of the archive")
    options = parser.parse_args()
    if options.data.exists():
        parser.error(f"--data {options.data}: is there already; name a new folder")
    write_archive(options.data, options.articles, datetime.fromisoformat(options.until).replace(tzinfo=UTC))


def write_archive(data: Path, articles: int, until: datetime) -> None:
    """An archive of so many articles, ARTICLES_A_DAY or all in one day, that ends before an instant."""
    days = max(articles // ARTICLES_A_DAY, 1)
    with show_progress(days) as advance:
        for number in range(days):
            at = until - timedelta(days=days - number) + timedelta(hours=12)
            write_day(data, make_day(number, articles // days, at, until), at)
            advance()


def make_day(number: int, articles: int, at: datetime, until: datetime) -> Day:
    """One day's articles, with what a pass makes of each."""
    chance = random.Random(number)
    day = Day(captures=[], articles=[], stories=[], tags=[], pages=[], remembered=[])
    run_id = _run_id(at)
    appointments = [at + age for age in REVISIT_AGES if at + age > until + timedelta(days=1)]
    for place in range(articles):
        text = " ".join(chance.choices(_WORDS, k=WORDS_A_TEXT))
        title = text[: 40 + place % 30]
        key = f"https://{_WORDS[place % 300]}.example/{at:%Y/%m/%d}/{title.replace(' ', '-')}-{place}"
        capture_id, article_id = (hashlib.sha256(f"{kind}{key}".encode()).hexdigest()[:32] for kind in "ca")
        entry = Entry(feed_id=f"feed-{place % 300}", entry_id=key, url=key, title=title, summary=text[:300])
        digest = hashlib.sha256(text.encode()).hexdigest()
        day.captures.append(
            Capture(
                capture_id=capture_id,
                run_id=run_id,
                feed_id=entry.feed_id,
                publisher="Invented",
                url_key=key,
                requested_url=key,
                url=key,
                visit_reason="new",
                fetched_at=at,
                status=200,
                headers=(),
                payload_bytes=len(text),
                payload_sha256=digest,
                content_sha256=digest,
                robots="allowed",
                entry=entry,
            )
        )
        day.articles.append(
            Article(
                article_id=article_id,
                run_id=run_id,
                as_of=at,
                capture_id=capture_id,
                feed_id=entry.feed_id,
                publisher="Invented",
                url=key,
                url_key=key,
                title=title,
                published_at=at,
                captured_at=at,
                text=text,
                text_sha256=digest,
                word_count=WORDS_A_TEXT,
                body_state="full",
                extractor="none",
            )
        )
        sketch = tuple(sorted(chance.getrandbits(63) for _ in range(WORDS_A_TEXT // 4)))
        day.stories.append(
            Story(
                story_id=article_id,
                article_id=article_id,
                url_key=key,
                run_id=run_id,
                as_of=at,
                seen_at=at,
                role="independent",
            )
        )
        if at > until - STORY_WINDOW:
            day.remembered.append(
                StoryMemory(article_id=article_id, story_id=article_id, url_key=key, seen_at=at, sketch=sketch)
            )
        quote = Evidence(field="title", start=0, end=5, quote=title[:5])
        day.tags.append(
            TopicTag(
                article_id=article_id,
                run_id=run_id,
                as_of=at,
                topic=_WORDS[place % 26],
                rule_id="invented",
                ruleset_version="0",
                score=0.5,
                evidence=(quote,),
            )
        )
        day.pages.append(
            PageMemory(
                url_key=key,
                entry=entry,
                publisher="Invented",
                language="en",
                needs_topic_filter=False,
                first_seen_at=at,
                listed_by=entry.feed_id,
                listed_on=at.date(),
                fetched_at=at,
                fetch_at=appointments[0] if appointments else None,
                visits=5,
                status=200,
                content_sha256=digest,
                article_ids=(article_id,),
                latest_id=article_id,
                outcome="fetched",
            )
        )
    return day


def write_day(data: Path, day: Day, at: datetime) -> None:
    """Commit one day as one run."""
    rows = {"captures": day.captures, "articles": day.articles, "stories": day.stories, "topic_tags": day.tags}
    commit_made_run(data, _run_id(at), at, rows, memory={"pages": day.pages, "stories": day.remembered})


def _run_id(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}-bench"


if __name__ == "__main__":
    main()
