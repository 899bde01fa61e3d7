"""Number the distinct texts seen at one page."""

from dataclasses import replace
from datetime import datetime

from schemas.records import Article, Dropped
from transforms.outcomes import drop_article


def number_revision(article: Article, *, run_id: str, now: datetime) -> list[Article | Dropped]:
    """The article with its revision number, or Dropped: `unchanged`, or `reverted` to an earlier text of the page."""
    seen = article.known.article_ids if article.known else ()
    latest_id = article.known.latest_id if article.known else None
    if article.article_id in seen:
        reason = "unchanged" if article.article_id == latest_id else "reverted"
        detail = f"title and text are those of revision {seen.index(article.article_id) + 1}"
        return [drop_article(article, stage="link", reason=reason, detail=detail, run_id=run_id, now=now)]
    return [replace(article, revision=len(seen) + 1, previous_article_id=latest_id)]
