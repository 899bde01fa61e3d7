"""N12: many feeds on a host, many hosts on a domain: the gap is kept and one connection is in use at a time."""

import asyncio
from itertools import pairwise

import pytest

from schemas.memory import FeedTurn
from schemas.records import Capture, Poll
from tests.builders import make_feed
from tests.faults.oracle import PAGE, fetch_all, fetch_page_of, names, with_web
from tests.faults.server import FaultServer, Request, dripped, reply
from transforms.discover.poll import poll_feed
from transforms.web import Web

SLACK_S = 0.010
"""What the clocks and threads of a test may cost, as the catalogue grants."""


def gaps(requests: list[Request]) -> list[float]:
    """Seconds between the end of an answer and the beginning of the next request, as the server saw them.

    If all are positive, no two requests were under way at once.
    """
    return [after.began - before.ended for before, after in pairwise(requests)]


def test_n12_fifty_feeds_of_one_host_take_turns(site: FaultServer) -> None:
    feeds = [make_feed(f"feed-{number}", url=site.url(f"/feed/{number}")) for number in range(50)]

    async def work(web: Web) -> list[list[object]]:
        return list(await asyncio.gather(*(poll_feed(web, FeedTurn(feed=feed), run_id="run-1") for feed in feeds)))

    polls = [each for outputs in with_web(work, host_delay_s=0.03) for each in outputs if isinstance(each, Poll)]
    assert [each.status for each in polls] == [404] * 50
    assert len(site.asked()) == 50
    assert min(gaps(site.requests)) >= 0.03 - SLACK_S


def test_n12_all_hosts_of_a_registrable_domain_share_its_turns(site: FaultServer) -> None:
    """A network of pages whose names all lead to one company's servers."""
    hosts = [f"n{number}.cdn.example" for number in range(25)]
    site.serve("/page", dripped(reply(body=PAGE), 0.001, at_once=100))
    lookup = names(**{host.replace(".", "_"): ["127.0.0.1"] for host in hosts})
    records = fetch_all(*(site.url("/page", host=host) for host in hosts), lookup=lookup, host_delay_s=0.02)
    assert all(isinstance(each, Capture) for each in records)
    assert len(site.requests) == 2 * len(hosts), "a robots.txt and a page of each host"
    assert len({request.host for request in site.requests}) == len(hosts)
    assert min(gaps(site.requests)) >= 0.02 - SLACK_S


def test_n12_domains_are_asked_at_the_same_time(site: FaultServer) -> None:
    hosts = [f"paper{number}.example" for number in range(8)]
    site.serve("/page", dripped(reply(body=PAGE), 0.01, at_once=100))
    lookup = names(**{host.replace(".", "_"): ["127.0.0.1"] for host in hosts})
    fetch_all(*(site.url("/page", host=host) for host in hosts), lookup=lookup, host_delay_s=0.2)
    assert site.most_at_once > 1


def test_n12_a_crawl_delay_is_kept_between_pages(site: FaultServer) -> None:
    site.serve("/robots.txt", reply(body=b"User-agent: *\nCrawl-delay: 0.3\n"))
    fetch_all(*(site.url(f"/{number}") for number in range(4)), host_delay_s=0.01)
    _, *pages = site.requests
    assert min(gaps(pages)) >= 0.3 - SLACK_S


@pytest.mark.parametrize("answer", [reply(503), b"", reply(302, location="/next")], ids=["5xx", "broken", "redirect"])
def test_n12_retries_and_hops_keep_the_gap(site: FaultServer, answer: bytes) -> None:
    site.serve("/page", answer)
    fetch_all(site.url("/page"), site.url("/other"), host_delay_s=0.1)
    assert min(gaps(site.requests)) >= 0.1 - SLACK_S


def test_n12_a_feed_and_its_pages_share_the_domains_turn(site: FaultServer) -> None:
    site.serve("/page", reply(body=PAGE))

    async def work(web: Web) -> None:
        feed = FeedTurn(feed=make_feed(url=site.url("/feed")))
        await asyncio.gather(poll_feed(web, feed, run_id="run-1"), fetch_page_of(web, site.url("/page")))

    with_web(work, host_delay_s=0.1)
    assert len(site.requests) == 3
    assert min(gaps(site.requests)) >= 0.1 - SLACK_S
