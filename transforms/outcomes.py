"""How a stage says that it did not pass an article on."""

from datetime import datetime

from schemas.records import Article, Dropped


def drop_article(article: Article, *, stage: str, reason: str, detail: str, run_id: str, now: datetime) -> Dropped:
    """A Dropped that points to the article, its page and the capture that holds its bytes."""
    return Dropped(
        run_id=run_id,
        stage=stage,
        reason=reason,
        detail=detail,
        at=now,
        feed_id=article.feed_id,
        url=article.url,
        url_key=article.url_key,
        capture_id=article.capture_id,
        article_id=article.article_id,
    )
