"""Check what rows say of each other and of the records that they point to."""

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby

import pyarrow as pa

from schemas.arrow import conform, from_arrow
from schemas.records import Capture
from transforms.write.dataset import counting_rows
from transforms.write.finding import Finding
from transforms.write.manifest import DataFile
from transforms.write.parquet import read_arrow
from transforms.write.read_warc import DamagedRecord, check_record
from transforms.write.row_index import RowIndex
from transforms.write.store import Root, open_store

_BATCH = 1024

_FALSE_SPANS = f"""
WITH spans AS (
    SELECT 'topic_tags' AS kind, article_id, topic AS about, unnest(evidence) AS span
    FROM {counting_rows("topic_tags", "topic_tags")}
    UNION ALL
    SELECT 'stories', article_id, NULL, unnest(evidence) FROM {counting_rows("stories", "stories")}
)
SELECT DISTINCT kind, article_id, about, span.field, span.start, span."end", span.quote
FROM spans JOIN texts USING (article_id)
WHERE substring(CASE span.field WHEN 'title' THEN coalesce(title, '') ELSE text END,
                span.start + 1, span."end" - span.start) IS DISTINCT FROM span.quote
ORDER BY ALL
"""  # noqa: S608 - our own names

_WITHOUT_ARTICLE = f"""
SELECT DISTINCT kind, article_id FROM (
    SELECT 'topic_tags' AS kind, article_id FROM {counting_rows("topic_tags", "topic_tags")}
    UNION ALL
    SELECT 'stories', article_id FROM {counting_rows("stories", "stories")}
) ANTI JOIN articles USING (article_id) ORDER BY ALL
"""  # noqa: S608

_WITHOUT_CAPTURE = """
SELECT article_id, capture_id FROM articles ANTI JOIN captures USING (capture_id) ORDER BY ALL
"""

_WITHOUT_PAYLOAD = """
SELECT revisit.capture_id, revisit.payload_in FROM captures AS revisit LEFT JOIN captures AS original
    ON original.capture_id = revisit.payload_in AND original.payload_in IS NULL
    AND original.payload_sha256 = revisit.payload_sha256
WHERE revisit.payload_in IS NOT NULL AND original.capture_id IS NULL ORDER BY ALL
"""


def orphaned_articles(index: RowIndex) -> list[tuple[str, str]]:
    """(article_id, capture_id) of the articles whose capture is in no file that can be believed."""
    return [(article, capture) for article, capture in index.select(_WITHOUT_CAPTURE)]


def articles_named(index: RowIndex) -> tuple[str, ...]:
    """Ids that tags and stories name, of articles that are in no file that can be believed."""
    return tuple(dict.fromkeys(article for _, article in index.select(_WITHOUT_ARTICLE)))


def check_evidence(index: RowIndex) -> Iterator[Finding]:
    """Evidence whose words are not those at its offsets; DuckDB's substring counts code points, as offsets do."""
    for kind, article_id, about, field, start, end, quote in index.select(_FALSE_SPANS):
        told = f"the evidence {quote!r} is not what stands in the {field} at {start} to {end}"
        yield Finding(path=f"data/{kind}", problem=told, touches=about or "", article_ids=(article_id,))


def check_links(index: RowIndex, sound: Collection[str]) -> Iterator[Finding]:
    """Rows that point to a row that is not there; asked only of tables of which every file is `sound`."""
    if {"captures", "articles"} <= set(sound):
        for article_id, capture_id in orphaned_articles(index):
            yield Finding(
                path="data/articles",
                problem=f"capture {capture_id} of an article is not in captures",
                article_ids=(article_id,),
            )
    if {"articles", "topic_tags", "stories"} <= set(sound):
        for kind, article_id in index.select(_WITHOUT_ARTICLE):
            told = "a row's article is not in articles"
            yield Finding(path=f"data/{kind}", problem=told, article_ids=(article_id,))
    if "captures" in sound:
        for capture_id, payload_in in index.select(_WITHOUT_PAYLOAD):
            told = f"its bytes should be in the record of capture {payload_in}, which has others or is not there"
            yield Finding(path="data/captures", problem=told, capture_ids=(capture_id,))


def check_captures(root: Root, file: DataFile, warcs: Mapping[str, bool], *, is_all: bool) -> Iterator[Finding]:
    """Rows of one file of `captures` whose record is not what they say.

    `warcs` tells which WARC files are whole, since the others have been told of; `is_all` if there can be no more.
    """
    rows = conform(Capture, read_arrow(root, file.path)).sort_by([("warc_file", "ascending")])
    by_warc = groupby(_captures(rows), key=lambda row: row.warc_file)
    for path, captures in by_warc:
        if path is not None and warcs.get(path):
            with open_store(root).open(path) as warc:
                for row in captures:
                    try:
                        check_record(warc, row)
                    except DamagedRecord as damage:
                        yield Finding(path=file.path, problem=str(damage), capture_ids=(row.capture_id,))
        elif is_all and path not in warcs:
            told = f"rows point to {path or 'no WARC file'}, which is none of the data set's"
            yield Finding(path=file.path, problem=told, capture_ids=tuple(row.capture_id for row in captures))


def _captures(rows: pa.Table) -> Iterator[Capture]:
    for batch in rows.to_batches(_BATCH):
        yield from from_arrow(Capture, pa.Table.from_batches([batch]))
