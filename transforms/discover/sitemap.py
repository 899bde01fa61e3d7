"""News sitemaps, plain sitemaps and sitemap indexes (sitemaps.org 0.9, Google News 0.9)."""

from transforms.discover.elements import Element, find_all, parse_tree, tag_name, text_of
from transforms.discover.entries import FeedContext, make_entry
from transforms.discover.listing import Listing, RawEntry, RawLink


def read_sitemap(markup: str, root_name: str, context: FeedContext) -> Listing:
    """Read a repaired sitemap; an index's sitemaps are its `documents`. Raises FeedError(unreadable)."""
    root = parse_tree(markup)
    if root_name == "sitemapindex":
        sitemaps = tuple(make_entry(_read_url(each), context) for each in find_all(root, "sitemap"))
        return Listing(kind="sitemap-index", documents=sitemaps)
    is_news = next(find_all(root, "news"), None) is not None
    urls = (element for element in find_all(root, "url") if element.getparent() is root)
    return Listing(
        kind="news-sitemap" if is_news else "sitemap",
        entries=tuple(make_entry(_read_url(each), context) for each in urls),
    )


def _read_url(element: Element) -> RawEntry:
    location = text_of(element, "loc") or ""
    news = next((child for child in element if tag_name(child) == "news"), None)
    changed = text_of(element, "lastmod")
    if news is None:
        # lastmod tells when the page changed, which is no publication date.
        return RawEntry(links=(RawLink(href=location),), updated_raw=changed)
    publication = next((child for child in news if tag_name(child) == "publication"), news)
    keywords = text_of(news, "keywords") or ""
    return RawEntry(
        links=(RawLink(href=location),),
        title=text_of(news, "title"),
        categories=tuple(word.strip() for word in keywords.split(",")),
        language=text_of(publication, "language"),
        published_raw=text_of(news, "publication_date"),
        updated_raw=changed,
    )
