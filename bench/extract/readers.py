"""The extractors: how each is loaded, and how it reads a page's bytes into text, title, author and date.

Each is called as its documentation says, with the defaults unless noted, and decodes the bytes by itself. Its library
is imported by its own function, in its own process.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from schemas.records import record

Answer = dict[str, Any]
"""Any of text, title, author (names or a list of them), date (begins with an ISO day); icewire's says more."""

Reader = Callable[[bytes, str], Answer]
"""Reads the bytes of a page and its address."""


@record
class Extractor:
    """An extractor: `open` loads it and gives its reader; `package` is the distribution whose version is told.

    `fields` are those it gives at all, so that what it does not try is not counted against it.
    """

    name: str
    package: str
    open: Callable[[], Reader]
    fields: tuple[str, ...] = ("text", "title", "author", "date")


def read_ours(content: bytes, url: str) -> Answer:
    """The extract stage's answer, without the guarded process that the pipeline puts round it."""
    from transforms.extract.extract import extract_record
    from transforms.extract.quirks import find_publisher

    answer = extract_record("", content, url, publisher=find_publisher(_load_publishers(), url))
    return {
        "text": answer.get("text"),
        "title": answer.get("title"),
        "author": answer.get("authors"),
        "date": (answer.get("published_at") or "")[:10],
        "body_state": answer.get("body_state") or answer["error"],
        "extractor": answer.get("extractor", ""),
    }


def read_trafilatura(content: bytes, url: str, **options: Any) -> Answer:
    """trafilatura's answer with metadata, by default with its default options."""
    import trafilatura

    document = trafilatura.bare_extraction(content, url=url, with_metadata=True, **options)
    return {field: getattr(document, field, None) for field in ("text", "title", "author", "date")}


@cache
def _load_publishers() -> Any:
    from seeds.publishers import load_publishers

    return load_publishers()


def open_ours() -> Reader:
    """icewire."""
    return read_ours


def open_trafilatura() -> Reader:
    """trafilatura as it is."""
    return read_trafilatura


def open_trafilatura_fast() -> Reader:
    """trafilatura without fallbacks, and without its search for dates in the text."""
    from trafilatura.settings import set_date_params

    dates = set_date_params(extensive=False)
    return lambda content, url: read_trafilatura(content, url, fast=True, date_extraction_params=dates)


def open_news_please() -> Reader:
    """news-please, told not to fetch images from the article's host, which it does otherwise."""
    from newsplease import NewsPlease

    def read(content: bytes, url: str) -> Answer:
        article = NewsPlease.from_html(content, url=url, fetch_images=False)
        if not article:
            return {}
        published = str(article.date_publish or "")
        return {"text": article.maintext, "title": article.title, "author": article.authors, "date": published}

    return read


def open_newspaper() -> Reader:
    """newspaper4k without images."""
    from newspaper import Article

    def read(content: bytes, url: str) -> Answer:
        article = Article(url, fetch_images=False)
        article.download(input_html=content)
        article.parse()
        published = str(article.publish_date or "")
        return {"text": article.text, "title": article.title, "author": article.authors, "date": published}

    return read


def open_readability() -> Reader:
    """readability-lxml; the text of the markup it gives, a line a block."""
    from lxml.html import fromstring
    from readability import Document

    def read(content: bytes, url: str) -> Answer:
        document = Document(content, url=url)
        summary: Any = fromstring(document.summary(html_partial=True))
        for block in summary.iter(
            "p", "div", "li", "h1", "h2", "h3", "h4", "blockquote", "pre", "td", "br", "figcaption"
        ):
            block.tail = f"\n{block.tail or ''}"
        return {"text": summary.text_content(), "title": document.short_title()}

    return read


def open_resiliparse() -> Reader:
    """resiliparse's main content, tuned: what its defaults add to an article's text is left out."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def read(content: bytes, url: str) -> Answer:
        tree = HTMLTree.parse_from_bytes(content, detect_encoding(content))
        text = extract_plain_text(
            tree,
            preserve_formatting=True,
            main_content=True,
            list_bullets=False,
            alt_texts=False,
            comments=False,
            post_meta=False,
        )
        return {"text": text}

    return read


def open_parse() -> Reader:
    """No extractor: lxml's parse alone, the least that any of those built on it can cost."""
    from lxml.html import HTMLParser, document_fromstring

    def read(content: bytes, url: str) -> Answer:
        document_fromstring(content, parser=HTMLParser())
        return {}

    return read


EXTRACTORS: tuple[Extractor, ...] = (
    Extractor(name="icewire", package="icewire", open=open_ours),
    Extractor(name="trafilatura", package="trafilatura", open=open_trafilatura),
    Extractor(name="trafilatura fast", package="trafilatura", open=open_trafilatura_fast),
    Extractor(name="news-please", package="news-please", open=open_news_please),
    Extractor(name="newspaper4k", package="newspaper4k", open=open_newspaper),
    Extractor(name="readability", package="readability-lxml", open=open_readability, fields=("text", "title")),
    Extractor(name="resiliparse", package="resiliparse", open=open_resiliparse, fields=("text",)),
    Extractor(name="lxml parse", package="lxml", open=open_parse, fields=()),
)
"""All of them, in the order of the table."""

OURS, YARDSTICK = "icewire", "trafilatura"
"""Ours, and the one that all are compared with."""
