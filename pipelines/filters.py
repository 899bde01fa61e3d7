"""One stage as a filter: JSON lines in, JSON lines out, in the same order, no Beam started."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

from pipelines.request import read_captured_at, read_document
from schemas.publishers import Publishers
from schemas.records import record
from transforms.guarded import GuardedCaller
from transforms.limits import LimitError, Limits

LineFilter = Callable[[dict[str, Any]], dict[str, Any]]

AHEAD = 4
"""Lines under way for each process: one is answered, the others wait so that it never does."""

MAX_LINE_BYTES = 20_000_000
"""Longest line that is read: room for the largest document in base64."""

TAG_LIMITS = Limits(cpu_s=20, idle_s=10, memory_bytes=1_000_000_000)
"""What tagging a text may cost; the longest text that extraction keeps takes some 2 CPU seconds."""


@record
class Filter:
    """A function of a request, importable or a partial of one, and what a line may cost.

    A line that costs more is answered by `last` within its limits, if there is one, else with an error that begins
    with `error`.
    """

    answer: LineFilter
    limits: Limits
    error: str = "limit"
    last: tuple[Callable[..., dict[str, Any]], Limits] | None = None


def parse_filter() -> Filter:
    """`icewire parse`: a feed document to its entries."""
    from transforms.discover.filter import parse_record
    from transforms.discover.guarded_parse import FEED_LIMITS, LIMIT_KIND

    return Filter(answer=partial(parse_line, parse_record), limits=FEED_LIMITS, error=LIMIT_KIND)


def extract_filter() -> Filter:
    """`icewire extract`: a page to its text and facts."""
    from seeds.publishers import load_publishers
    from transforms.extract.extract import extract_record
    from transforms.extract.guarded_read import LAST_LIMITS, PAGE_LIMITS

    answer = partial(extract_line, extract_record, load_publishers())
    return Filter(answer=answer, limits=PAGE_LIMITS, last=(answer, LAST_LIMITS))


def tag_filter(topics: Path | None) -> Filter:
    """`icewire tag`: a title and text to its topics with evidence."""
    from transforms.tag.filter import filter_record

    return Filter(answer=partial(tag_line, filter_record, topics), limits=TAG_LIMITS)


# Each is given its stage's function, so that the process that answers loads the stage before the limits hold.


def parse_line(parse_record: Callable[..., dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """The answer of `parse_record` to a request."""
    body = read_document(request, "body_base64")
    return parse_record(request["id"], body, request.get("url"), request.get("content_type"))


def extract_line(
    extract_record: Callable[..., dict[str, Any]],
    publishers: Publishers,
    request: dict[str, Any],
    met_limit: str | None = None,
) -> dict[str, Any]:
    """The answer of `extract_record` to a request; `met_limit` as in `extract_article`."""
    from transforms.extract.quirks import find_publisher

    content = read_document(request, "html_base64")
    url = request.get("url") or ""
    return extract_record(
        request["id"],
        content,
        url,
        request.get("content_type"),
        captured_at=read_captured_at(request),
        publisher=find_publisher(publishers, url),
        met_limit=met_limit,
    )


def tag_line(
    filter_record: Callable[..., dict[str, Any]], topics: Path | None, request: dict[str, Any]
) -> dict[str, Any]:
    """The answer of `filter_record` to a request, by the rules of a topics file."""
    return filter_record(_rulebook(topics), request)


def read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream that are not blank; one longer than MAX_LINE_BYTES is cut behind its next byte."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES + 1)
        if line.strip():
            yield line


def run_filter(chosen: Filter, lines: Iterable[bytes], jobs: int) -> Iterator[str]:
    """One JSON line for each input line, in order; a line that fails becomes {"id", "error"}.

    Each line is answered in one of `jobs` guarded processes, so that what it costs or breaks there is no other's loss.
    A single job answers each line before it reads the next.
    """
    guard = GuardedCaller(jobs)
    ahead = AHEAD * jobs if jobs > 1 else 1
    under_way: deque[tuple[bytes, Future[str]]] = deque()
    try:
        for line in lines:
            under_way.append((line, guard.submit(chosen.limits, answer_line, chosen.answer, line)))
            if len(under_way) >= ahead:
                yield _await_answer(guard, chosen, *under_way.popleft())
        while under_way:
            yield _await_answer(guard, chosen, *under_way.popleft())
    finally:
        guard.close()


def _await_answer(guard: GuardedCaller, chosen: Filter, line: bytes, answer: "Future[str]") -> str:
    try:
        return answer.result()
    except LimitError as error:
        met = error
    if chosen.last is not None:
        answer_last, limits = chosen.last
        try:
            return guard.submit(limits, answer_line, partial(answer_last, met_limit=met.kind), line).result()
        except LimitError:
            pass  # the limit that was met first tells more
    return answer_line(lambda request: {"id": request["id"], "error": f"{chosen.error}: {met}"}, line)


def answer_line(line_filter: LineFilter, line: bytes) -> str:
    """The JSON answer to one JSON line; what fails is an answer, too, except want of memory."""
    request_id: Any = None
    try:
        if len(line) > MAX_LINE_BYTES:
            raise ValueError(f"the line is longer than {MAX_LINE_BYTES} bytes")
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError("not a JSON object")
        request_id = request.get("id")
        if request_id is None:
            raise ValueError("field 'id' is missing")
        answer = line_filter(request)
    except MemoryError:
        raise
    except Exception as error:
        known = isinstance(error, (ValueError, OSError, EOFError))
        answer = {"id": request_id, "error": str(error) if known else f"{type(error).__name__}: {error}"}
    told = json.dumps(answer, ensure_ascii=False)
    try:
        told.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as in an id of the caller's, can only be written escaped
        return json.dumps(answer)
    return told


@cache
def _rulebook(topics: Path | None) -> Any:
    from seeds.topics import load_topics
    from transforms.tag.rulebook import compile_rules

    return compile_rules(load_topics(topics))
