"""Ask for one feed document and read it: the errors of asking and of reading, and nothing else, come out."""

from schemas.records import Header
from transforms.answer import Answer, Asker, WebError
from transforms.challenge import challenged
from transforms.discover.guarded_parse import parse_guarded
from transforms.discover.listing import FeedError, Listing
from transforms.retry_after import SILENCE_S, retry_after_seconds

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, */*;q=0.1"
)


async def ask_document(web: Asker, url: str, conditions: tuple[Header, ...] = ()) -> Answer:
    """The answer of a feed document: status 200, or 304 if there were conditions; WebError for any other."""
    answer = await web.get(url, accept=ACCEPT, conditions=conditions)
    if answer.status == 200 or (answer.status == 304 and conditions):
        return answer
    raise refused(answer)


async def read_document(web: Asker, url: str, *, feed_id: str) -> tuple[Listing, Answer]:
    """Ask for a document that is wanted whole, and read it. Raises WebError or FeedError."""
    answer = await ask_document(web, url)
    return await read_answer(answer, feed_id=feed_id), answer


async def read_answer(answer: Answer, *, feed_id: str) -> Listing:
    """The listing in an answer's bytes; FeedError if they are no feed."""
    listing = await parse_guarded(
        answer.content,
        feed_id=feed_id,
        url=answer.url,
        content_type=answer.header("content-type"),
        now=answer.asked_at,
    )
    if listing.kind == "opml":
        raise FeedError("not-a-feed", "a list of feeds (OPML); `icewire feeds import` adds them to a feeds file")
    return listing


def refused(answer: Answer) -> WebError:
    """The error that a status means: challenge, unasked-304 or http-…, with the wait that the server asked for."""
    wait_s = retry_after_seconds(answer.header("retry-after"), answer.asked_at)
    if wait_s is None and answer.status == 429:
        wait_s = SILENCE_S
    if answer.status == 304:
        return WebError("unasked-304", f"{answer.url} answered HTTP 304 to a request without conditions")
    if wall := challenged(answer.status, answer.headers, answer.content):
        return WebError("challenge", f"{answer.url} answered HTTP {answer.status} with a bot check ({wall})", wait_s)
    return WebError(f"http-{answer.status}", f"{answer.url} answered HTTP {answer.status}", wait_s)
