"""The `parse` filter's contract."""

import gzip
import json

from transforms.discover.filter import parse_record

RSS = b"""<rss version="2.0"><channel><title>T</title><item><title>A</title><link>https://a.example/1</link>
<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>"""


def test_the_answer_is_json_with_iso_dates() -> None:
    answer = json.loads(json.dumps(parse_record(7, gzip.compress(RSS), "https://a.example/feed")))
    assert (answer["id"], answer["kind"], answer["title"]) == (7, "rss20", "T")
    (entry,) = answer["entries"]
    assert (entry["entry_id"], entry["title"], entry["url"]) == ("https://a.example/1", "A", "https://a.example/1")
    assert (entry["published_at"], entry["date_flag"], entry["summary"]) == ("2026-11-23T10:00:00Z", "ok", None)


def test_an_opml_lists_its_feeds() -> None:
    opml = b'<opml><body><outline text="A" xmlUrl="https://a.example/feed"/></body></opml>'
    assert [entry["url"] for entry in parse_record("x", opml)["entries"]] == ["https://a.example/feed"]


def test_an_error_is_an_answer() -> None:
    assert parse_record("x", b"") == {"id": "x", "error": "empty: the document has no bytes"}
