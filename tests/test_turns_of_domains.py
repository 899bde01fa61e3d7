"""Pages that redirect to another domain, through the real stage: its turns are kept, whoever the worker is."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from schemas.memory import FeedTurn
from schemas.records import Feed
from tests.builders import NOON, make_entry, make_feed
from tests.faults.oracle import PAGE, make_settings
from tests.faults.server import FaultServer, Request, reply

DELAY_S = 0.05

WORKERS = [[], ["--direct_running_mode=multi_processing", "--direct_num_workers=2"]]


@pytest.fixture
def papers() -> Iterator[FaultServer]:
    """Two domains: 127.0.0.1 hands its visitors on to 127.0.0.2."""
    server = FaultServer("127.0.0.1", "127.0.0.2")
    yield server
    server.stop()


def gaps(requests: list[Request]) -> list[float]:
    """Seconds between one answer and the next request; none is negative unless two were under way at once."""
    ordered = sorted(requests, key=lambda request: request.began)
    return [after.began - before.ended for before, after in pairwise(ordered)]


@pytest.mark.slow
@pytest.mark.parametrize("workers", WORKERS)
def test_the_turns_of_a_domain_that_others_lead_to_are_kept(papers: FaultServer, workers: list[str]) -> None:
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.testing.util import assert_that, equal_to

    from transforms.download.beam import DownloadPages

    for number in range(6):
        papers.serve(f"/go/{number}", reply(302, location=papers.url(f"/page/{number}", host="127.0.0.2")))
        papers.serve(f"/page/{number}", reply(body=PAGE + str(number).encode()))
        papers.serve(f"/own/{number}", reply(body=PAGE + b"own" + str(number).encode()))
    links = [papers.url(f"/go/{number}") for number in range(6)]
    own = [papers.url(f"/own/{number}", host="127.0.0.2") for number in range(6)]
    feeds: dict[str, Feed] = {"ledger": make_feed()}
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", *workers])) as pipeline:
        downloaded = (
            pipeline
            | beam.Create([make_entry(url) for url in (*links, *own)])
            | DownloadPages(
                feeds=feeds,
                lookup=_nothing,
                run_id="run-1",
                now=NOON,
                settings=make_settings(host_delay_s=DELAY_S),
            )
        )
        answered = downloaded.landed | beam.Map(lambda capture: capture.url_key.rpartition(":")[2])
        assert_that(answered, equal_to([f"{papers.port}/{kind}/{n}" for kind in ("page", "own") for n in range(6)]))
    assert len(papers.asked()) == 18
    for host in ("127.0.0.1", "127.0.0.2"):
        asked = [request for request in papers.requests if request.host.startswith(host)]
        assert min(gaps(asked)) > 0, "two requests were under way at once"


@pytest.mark.slow
@pytest.mark.parametrize("workers", WORKERS)
def test_so_they_are_for_feeds_that_lead_there_and_for_parts_of_their_sitemaps(
    papers: FaultServer, workers: list[str]
) -> None:
    """Four feeds of 127.0.0.1 live on 127.0.0.2, and two sitemap indexes there have their parts here."""
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.testing.util import assert_that, equal_to

    from transforms.discover.beam import PollFeeds

    feeds = []
    for number in range(4):
        papers.serve(f"/old/{number}", reply(301, location=papers.url(f"/feed/{number}", host="127.0.0.2")))
        papers.serve(f"/feed/{number}", reply(body=_rss(f"story-{number}")))
        feeds.append(make_feed(f"moved-{number}", url=papers.url(f"/old/{number}")))
    for number in range(2):
        papers.serve(f"/index/{number}", reply(body=_index(papers.url(f"/part/{number}"))))
        papers.serve(f"/part/{number}", reply(body=_sitemap(f"page-{number}")))
        feeds.append(make_feed(f"index-{number}", url=papers.url(f"/index/{number}", host="127.0.0.2")))
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", *workers])) as pipeline:
        polled = (
            pipeline
            | beam.Create([FeedTurn(feed=feed) for feed in feeds])
            | PollFeeds(run_id="run-1", now=NOON, settings=make_settings(host_delay_s=DELAY_S))
        )
        listed = polled.Entry | beam.Map(lambda entry: (entry.feed_id, entry.url.rpartition("/")[2]))
        moved = [(f"moved-{number}", f"story-{number}") for number in range(4)]
        assert_that(listed, equal_to([*moved, *((f"index-{number}", f"page-{number}") for number in range(2))]))
        assert_that(polled.FeedMemory | beam.Map(lambda memory: memory.errors), equal_to([0.0] * 6), label="Errors")
    paths = {"feed": 4, "index": 2, "old": 4, "part": 2}
    once = [f"/{kind}/{number}" for kind, count in paths.items() for number in range(count)]
    assert sorted(papers.asked()) == once, "nothing is asked twice"
    for host in ("127.0.0.1", "127.0.0.2"):
        asked = [request for request in papers.requests if request.host.startswith(host)]
        assert min(gaps(asked)) > 0, "two requests were under way at once"


def _rss(name: str) -> bytes:
    item = f"<item><title>{name}</title><link>https://ledger.example/{name}</link></item>"
    return f"<rss version='2.0'><channel><title>Ledger</title>{item}</channel></rss>".encode()


def _index(url: str) -> bytes:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<sitemapindex xmlns="{space}"><sitemap><loc>{url}</loc></sitemap></sitemapindex>'.encode()


def _sitemap(name: str) -> bytes:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<urlset xmlns="{space}"><url><loc>https://ledger.example/{name}</loc></url></urlset>'.encode()


def _nothing(_: object) -> dict[str, object]:
    return {}
