"""Number the distinct texts seen at one page."""

from dataclasses import replace
from datetime import datetime

from schemas.records import Article, Dropped


def number_revision(article: Article, *, run_id: str, now: datetime) -> list[Article | Dropped]:
    """The article with its revision number, or Dropped: `unchanged`, or `reverted` to an earlier text of the page."""
    seen = article.known.article_ids if article.known else ()
    latest_id = article.known.latest_id if article.known else None
    if article.article_id in seen:
        dropped = Dropped(
            run_id=run_id,
            stage="link",
            reason="unchanged" if article.article_id == latest_id else "reverted",
            detail=f"title and text are those of revision {seen.index(article.article_id) + 1}",
            at=now,
            feed_id=article.feed_id,
            url=article.url,
            url_key=article.url_key,
            capture_id=article.capture_id,
            article_id=article.article_id,
        )
        return [dropped]
    return [replace(article, revision=len(seen) + 1, previous_article_id=latest_id)]
