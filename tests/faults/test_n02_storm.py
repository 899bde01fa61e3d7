"""N2: a storm of server errors: three requests an address, and none any more when a host fails on and on."""

from schemas.records import Capture
from tests.faults.oracle import dead_poll, error_of, fetch, fetch_beside, fetch_page_of, poll, with_web
from tests.faults.server import FaultServer, held, reply
from transforms.circuit import OPEN_AFTER, REST_S
from transforms.web import ATTEMPTS, Web


def test_n2_a_server_error_is_asked_three_times_and_captured(site: FaultServer, healthy: FaultServer) -> None:
    site.serve("/page", reply(500, b"oops"))
    record = fetch_beside(healthy, site.url("/page"))
    assert isinstance(record, Capture)
    assert (record.status, record.body) == (500, b"oops")
    assert site.asked() == ["/page"] * ATTEMPTS


def test_n2_an_error_that_passes_is_overcome(site: FaultServer) -> None:
    site.serve("/page", reply(502), reply(504), reply(body=b"at last"))
    assert fetch(site.url("/page")).body == b"at last"


def test_n2_a_feed_in_a_storm_is_one_dead_letter(site: FaultServer) -> None:
    site.serve("/feed", reply(503))
    assert dead_poll(poll(site.url("/feed"))) == "http-503"


def test_n2_a_host_that_fails_on_and_on_is_left_alone(site: FaultServer, healthy: FaultServer) -> None:
    site.serve("/page", reply(500))

    async def work(web: Web) -> list[object]:
        outcomes = [await fetch_page_of(web, site.url("/page")) for _ in range(OPEN_AFTER + 3)]
        return [*outcomes, await fetch_page_of(web, healthy.url("/page", host="127.0.0.2"))]

    *outcomes, other = with_web(work)
    assert [isinstance(each, Capture) for each in outcomes] == [True] * OPEN_AFTER + [False] * 3
    assert {error_of(each) for each in outcomes[OPEN_AFTER:]} == {"host-down"}
    assert 0 < outcomes[-1].retry_after_s <= REST_S
    assert len(site.asked()) == OPEN_AFTER * ATTEMPTS
    assert isinstance(other, Capture)


def test_n2_a_host_that_hangs_on_and_on_is_left_alone(site: FaultServer, quick: float) -> None:
    site.serve("/page", held(b""))

    async def work(web: Web) -> list[str]:
        return [error_of(await fetch_page_of(web, site.url("/page"))) for _ in range(OPEN_AFTER + 1)]

    assert with_web(work) == ["timeout"] * OPEN_AFTER + ["host-down"]


def test_n2_a_page_that_answers_in_between_keeps_the_host_open(site: FaultServer) -> None:
    site.serve("/page", reply(500))
    site.serve("/fine", reply(body=b"here"))

    async def work(web: Web) -> list[object]:
        paths = ["/page", "/page", "/fine", "/page", "/page", "/fine"]
        return [await fetch_page_of(web, site.url(path)) for path in paths]

    assert all(isinstance(each, Capture) for each in with_web(work))


def test_n2_what_failed_here_silences_no_later_run(site: FaultServer) -> None:
    site.serve("/page", reply(500))

    async def work(web: Web) -> list[object]:
        for _ in range(OPEN_AFTER + 1):
            await fetch_page_of(web, site.url("/page"))
        return [type(each).__name__ for each in web.learnt()]

    assert with_web(work) == ["RobotsMemory"]
