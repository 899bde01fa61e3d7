"""The stories as they came about: each run's articles are linked among themselves and to those remembered by then."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from schemas.memory import StoryMemory
from schemas.records import Article, Run, Story
from transforms.link.stories import link_stories, sketch_article
from transforms.write.history import History
from transforms.write.memory import STORY_WINDOW
from transforms.write.remember import remember_story


class StoryLine:
    """Links the articles of one run after the other, with the stories of the STORY_WINDOW before each."""

    def __init__(self, run_id: str, now: datetime, settled: "Settled | None" = None) -> None:
        self._run_id, self._now, self._settled = run_id, now, settled
        self._before: datetime | None = None
        self.remembered: dict[str, StoryMemory] = {}
        """By article_id, what the next run would remember."""

    def link(self, run: Run, articles: Sequence[Article]) -> tuple[dict[str, Story], frozenset[str]]:
        """The place of each article by article_id, and the articles whose place was taken as it is stored."""
        self._forget(run)
        window = [each for each in self.remembered.values() if each.seen_at > run.started_at - STORY_WINDOW]
        settled = self._settled.places(articles) if self._settled else {}
        sketched = [sketch_article(article, run.started_at) for article in articles]
        stories = link_stories(sketched, window, run_id=self._run_id, now=self._now, settled=settled)
        return {story.article_id: story for story in stories}, frozenset(settled)

    def remember(self, stories: Iterable[Story]) -> None:
        """Remember the places of the articles that were kept, once their whole run is linked."""
        for story in stories:
            self.remembered[story.article_id] = remember_story(story)

    def _forget(self, run: Run) -> None:
        """Drop what is out of the window for good: one run by a clock that was ahead makes nobody forget."""
        now = min(run.started_at, self._before or run.started_at)
        self._before = run.started_at
        for article_id in [key for key, each in self.remembered.items() if each.seen_at <= now - STORY_WINDOW]:
            del self.remembered[article_id]


class Settled:
    """The stored places in stories that rest on words not at hand: of articles that were off-domain, or taken down.

    A place is one of these if it names such an article; or, where no off-domain text is at hand, if it is an origin
    that no article of its run names.
    """

    def __init__(self, history: History, is_gone: Callable[[str], bool], *, with_origins: bool) -> None:
        self._is_gone, self._with_origins = is_gone, with_origins
        self._linked: dict[str, Story] = {}
        columns = ["article_id", "story_id", "url_key", "as_of", "seen_at", "role", "origin_id"]
        for part in history.read("stories"):
            for row in part.select(columns).to_pylist():
                before = self._linked.get(row["article_id"])
                if row["role"] != "independent" and (before is None or before.as_of < row["as_of"]):
                    self._linked[row["article_id"]] = Story(run_id="", **row)

    def places(self, articles: Iterable[Article]) -> Mapping[str, Story]:
        """Those of a run's articles, by article_id."""
        stored = {a.article_id: self._linked[a.article_id] for a in articles if a.article_id in self._linked}
        named = {story.origin_id for story in stored.values()}
        return {
            article_id: story
            for article_id, story in stored.items()
            if (story.origin_id is not None and self._is_gone(story.origin_id))
            or (self._with_origins and story.role == "origin" and article_id not in named)
        }
