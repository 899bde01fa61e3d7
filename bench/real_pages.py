"""How many real pages become full articles: pages served on loopback through a feed, ingested by the pipeline.

    python -m bench.real_pages PAGES [--data DIR] [--limit N]

PAGES is a folder of labelled pages as `bench.extract` reads them; those whose truth has a body are served and counted.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb

from bench.extract.pages import LabelledPage, folder_pages
from pipelines.ingest import ingest
from pipelines.options import IngestOptions
from pipelines.report import report


@contextmanager
def serve_pages(pages: list[LabelledPage]) -> Iterator[str]:
    """Serve the pages and a JSON Feed of them on loopback; gives the server's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://{self.headers['Host']}"
            if self.path == "/feed.json":
                items = [{"id": name, "url": f"{base}/{name}.html"} for name in wanted]
                listing = {"version": "https://jsonfeed.org/version/1.1", "title": "Real pages", "items": items}
                self._send("application/feed+json", json.dumps(listing).encode())
            elif self.path.endswith(".html") and (name := self.path[1:-5]) in wanted:
                self._send("text/html", wanted[name].read())
            else:
                self.send_error(404)

        def _send(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    wanted = {page.id: page for page in pages}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    """Ingest the pages and print how many became articles, and of which body state."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--data", type=Path, help="keep the data set here")
    parser.add_argument("--limit", type=int, help="only so many pages")
    options = parser.parse_args()
    pages = [page for page in folder_pages(options.pages) if page.truth.get("text")][: options.limit]
    with tempfile.TemporaryDirectory() as scratch, serve_pages(pages) as base:
        data = options.data or Path(scratch) / "data"
        feeds = Path(scratch) / "feeds.toml"
        feeds.write_text(
            f'[[feeds]]\nfeed_id = "real-pages"\nurl = "{base}/feed.json"\npublisher = "Real pages"\n', encoding="utf-8"
        )
        started = time.process_time()
        run = ingest(
            IngestOptions(feeds=feeds, data=data, host_delay_s=0.0, allow_networks=("127.0.0.0/8",), contact="bench")
        ).run
        print(report(data, run))
        states = duckdb.sql(
            f"SELECT body_state, count(*) FROM read_parquet('{data}/data/articles/**/*.parquet')"
            " GROUP BY ALL ORDER BY 2 DESC"
        ).fetchall()
        full = dict(states).get("full", 0)
        print(f"\nbody states {dict(states)}")
        print(f"{full} of {len(pages)} pages are full articles: {full / len(pages):.1%}")
        print(f"{(time.process_time() - started) / len(pages) * 1000:.0f} ms CPU a page, all stages")


if __name__ == "__main__":
    main()
