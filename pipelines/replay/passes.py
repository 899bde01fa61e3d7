"""The passes of a data set once more, in their order, from its captures or from what is stored of a later stage."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pipelines.replay.extractor import Extractor, LeftAlone
from pipelines.replay.line import Settled, StoryLine
from pipelines.replay.pages import Pages
from pipelines.replay.replayed import DAMAGED, Replayed, Tagger
from schemas.records import Article, Capture, DeadLetter, LinkedArticle, Run, Story
from transforms.link.revisions import number_revision
from transforms.write.history import History, is_text
from transforms.write.memory import Memory

Start = Literal["extract", "link", "tag"]


class Passes:
    """Replays the passes of one data set; what each run knew of pages and stories is told by the runs before it."""

    def __init__(
        self, history: History, memory: Memory, *, start: Start, tagger: Tagger, extractor: Extractor | None = None
    ) -> None:
        self._history, self._start, self._tagger, self._extractor = history, start, tagger, extractor
        self._days = list(history.days())
        self.total = history.count("captures" if start == "extract" else "articles")
        """Captures, or stored articles, that will be gone through at most."""
        self.pages = Pages(memory, (run for day in self._days for run in day))
        self.line = StoryLine(tagger.run_id, tagger.now, self._settled())

    def replay(self) -> Iterator[Replayed]:
        """Each run's outcome, in the order of their versions."""
        for day in self._days:
            rows = self._history.captures(day)
            of_run: dict[str, list[Capture]] = {run.run_id: [] for run in day}
            for row in rows:
                of_run[row.run_id].append(row)
            if self._start == "extract":
                keys = self._history.page_keys(day)
                self.pages.recall(set(keys.values()))
                for run in day:
                    yield self._from_captures(run, of_run[run.run_id], keys)
            else:
                stored = self._stored_articles(rows)
                self.pages.recall({article.url_key for article in stored.values()})
                for run in day:
                    yield self._from_articles(run, of_run[run.run_id], stored)

    def _from_captures(self, run: Run, rows: Sequence[Capture], keys: Mapping[str, str]) -> Replayed:
        assert self._extractor is not None
        made = Replayed(counts=Counter({"in": len(rows)}))
        arrived = [self._arrive(run, row, keys[row.capture_id]) for row in rows if row.capture_id in keys]
        made.counts["dropped:not-passed"] = len(rows) - len(arrived)
        outcomes: list[tuple[Capture, Any]] = []
        for capture, outcome in self._extractor.extract_all(arrived):
            if isinstance(outcome, LeftAlone):
                made.problems.append(outcome.detail)
                outcomes.append((capture, self._as_stored(capture, made)))
            elif isinstance(outcome, Article):
                outcomes.append((capture, *self._tagger.attempt("link", number_revision, outcome)))
            else:
                outcomes.append((capture, outcome))
        tagged = self._link(run, [outcome for _, outcome in outcomes if isinstance(outcome, Article)], made)
        for capture, outcome in outcomes:
            ended = tagged.get(capture.capture_id, outcome)
            self.pages.settle(run, capture, ended)
            made.count(capture.capture_id, ended)
        made.articles = [each for each in tagged.values() if _is_kept(each) and each.article_id not in made.left_alone]
        return made

    def _from_articles(self, run: Run, rows: Sequence[Capture], stored: Mapping[str, Article]) -> Replayed:
        articles = []
        for row in rows:
            if article := stored.get(row.capture_id):
                # One that came to its page from another address was filtered as that page is, which is not stored.
                is_filtered = row.needs_topic_filter and row.url_key == article.url_key
                known = self.pages.before(article.url_key, run)
                articles.append(replace(article, known=known, needs_topic_filter=is_filtered))
        made = Replayed(counts=Counter({"in": len(articles)}))
        if self._start == "link":
            tagged = self._link(run, articles, made)
        else:
            tagged = {article.capture_id: self._tag(run, article, _unplaced(article), made) for article in articles}
            made.kept_stories = [each.article_id for each in tagged.values() if _is_kept(each)]
        for capture_id, outcome in tagged.items():
            made.count(capture_id, outcome)
        made.kept_articles = [each for each in tagged.values() if _is_kept(each)]
        return made

    def _link(self, run: Run, articles: Sequence[Article], made: Replayed) -> dict[str, Any]:
        """What linking and tagging make of a run's articles, by capture_id."""
        stories, settled = self.line.link(run, articles)
        tagged = {each.capture_id: self._tag(run, each, stories[each.article_id], made) for each in articles}
        kept = [each.article_id for each in tagged.values() if _is_kept(each)]
        stay = settled | made.left_alone
        made.stories = [stories[article_id] for article_id in kept if article_id not in stay]
        made.kept_stories = [article_id for article_id in kept if article_id in stay]
        self.line.remember(stories[article_id] for article_id in kept)
        return tagged

    def _tag(self, run: Run, article: Article, story: Story, made: Replayed) -> Any:
        """The article, if it is kept, with its tags among what was made; else why it is not."""
        if article.article_id in made.left_alone:
            return article
        keep_off_domain = bool(json.loads(run.options).get("keep_off_domain"))
        linked = LinkedArticle(article=article, story=story)
        outcome, tags = self._tagger.tag(linked, keep_off_domain=keep_off_domain)
        made.tags += tags
        return outcome

    def _as_stored(self, capture: Capture, made: Replayed) -> Any:
        """What a capture that cannot be read came to when it could, as far as that is stored."""
        captured = (capture.fetched_at, capture.fetched_at)
        article = self._history.articles([capture.capture_id], captured).get(capture.capture_id)
        if article is not None and not article.withdrawn:
            made.kept_articles.append(article)
            made.left_alone.add(article.article_id)
            return replace(article, known=capture.known, needs_topic_filter=capture.needs_topic_filter)
        return DeadLetter(
            run_id=self._tagger.run_id, stage="extract", error=DAMAGED, at=self._tagger.now, url_key=capture.url_key
        )

    def _arrive(self, run: Run, row: Capture, url_key: str) -> Capture:
        """The capture of a row as it came to extraction."""
        known = self.pages.before(url_key, run)
        is_filtered = row.needs_topic_filter
        if url_key != row.url_key and known is not None:  # led to a page that was known
            is_filtered = is_filtered and known.needs_topic_filter
        return replace(row, url_key=url_key, known=known, needs_topic_filter=is_filtered)

    def _stored_articles(self, rows: Sequence[Capture]) -> dict[str, Article]:
        """The articles of captures that count, and those that nothing but rules withdrew."""
        if not rows:
            return {}
        fetched = [row.fetched_at for row in rows]
        found = self._history.articles([row.capture_id for row in rows], (min(fetched), max(fetched)))
        return {
            capture_id: article
            for capture_id, article in found.items()
            if is_text(article.withdrawn, article.withdrawn_as)
        }

    def _settled(self) -> Settled | None:
        if self._start == "link":
            texts = self._history.article_ids()
            return Settled(self._history, lambda article_id: article_id not in texts, with_origins=True)
        taken = self._history.taken_down()
        return Settled(self._history, taken.__contains__, with_origins=False) if taken else None


def _is_kept(outcome: Any) -> bool:
    return isinstance(outcome, Article)


def _unplaced(article: Article) -> Story:
    """Stands in for an article's place in a story, which tagging passes on and does not look at."""
    return Story(
        story_id=article.article_id,
        article_id=article.article_id,
        url_key=article.url_key,
        run_id=article.run_id,
        as_of=article.as_of,
        seen_at=article.captured_at,
        role="independent",
    )
