"""One stage as a filter: JSON lines in, JSON lines out, in the same order, no Beam started."""

import base64
import binascii
import gzip
import io
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

from transforms.content_coding import MAX_CONTENT_BYTES

LineFilter = Callable[[dict[str, Any]], dict[str, Any]]

CHUNK = 8
"""Lines a worker takes at a time: small, since one page may cost as much as a hundred others."""

AHEAD = 4
"""Lines under way for each guarded process: one is answered, the others wait so that it never does."""


def parse_line(request: dict[str, Any]) -> dict[str, Any]:
    """`icewire parse`: a feed document to its entries."""
    from transforms.discover.filter import parse_record

    body = read_document(request, "body_base64")
    return parse_record(request["id"], body, request.get("url"), request.get("content_type"))


def extract_line(request: dict[str, Any]) -> dict[str, Any]:
    """`icewire extract`: a page to its text and facts."""
    from transforms.extract.extract import extract_record

    content = read_document(request, "html_base64")
    return extract_record(request["id"], content, request.get("url") or "", request.get("content_type"))


def tag_line(request: dict[str, Any], topics: Path | None) -> dict[str, Any]:
    """`icewire tag`: a title and text to its topics with evidence."""
    from transforms.tag.filter import filter_record

    return filter_record(_rulebook(topics), request)


def run_filter(line_filter: LineFilter, lines: Iterable[str], jobs: int) -> Iterator[str]:
    """One JSON line for each input line, in order; a line that fails becomes {"id", "error"}.

    `jobs` above 1 spreads lines over so many processes. Feed documents are always read in guarded ones.
    """
    answer = partial(answer_line, line_filter)
    filled = (line for line in lines if line.strip())
    if line_filter is parse_line:
        yield from _run_guarded(filled, jobs)
        return
    if jobs <= 1:
        yield from map(answer, filled)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(answer, filled, chunksize=CHUNK)


def _run_guarded(lines: Iterable[str], jobs: int) -> Iterator[str]:
    """The answers of `parse_line`, each within what a feed document may cost: one that is not costs its own line."""
    from transforms.discover.guarded_parse import FEED_LIMITS
    from transforms.guarded import GuardedCaller

    guard = GuardedCaller(jobs)
    ahead = AHEAD * jobs if jobs > 1 else 1  # a single job answers each line before it reads the next
    under_way: deque[tuple[str, Future[str]]] = deque()
    try:
        for line in lines:
            under_way.append((line, guard.submit(FEED_LIMITS, answer_line, parse_line, line, MemoryError)))
            if len(under_way) >= ahead:
                yield _guarded_answer(*under_way.popleft())
        while under_way:
            yield _guarded_answer(*under_way.popleft())
    finally:
        guard.close()


def _guarded_answer(line: str, answer: "Future[str]") -> str:
    from transforms.discover.filter import limit_record
    from transforms.limits import LimitError

    try:
        return answer.result()
    except LimitError as error:
        met = error
    return answer_line(lambda request: limit_record(request["id"], met), line)


def answer_line(line_filter: LineFilter, line: str, *fatal: type[Exception]) -> str:
    """The JSON answer to one JSON line; errors of the types `fatal` are raised, all others are answers."""
    request_id: Any = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError("not a JSON object")
        request_id = request.get("id")
        if request_id is None:
            raise ValueError("field 'id' is missing")
        answer = line_filter(request)
    except fatal:
        raise
    except Exception as error:  # a filter answers every line; what fails is its own answer
        detail = (
            str(error) if isinstance(error, (ValueError, OSError, EOFError)) else f"{type(error).__name__}: {error}"
        )
        answer = {"id": request_id, "error": detail}
    return json.dumps(answer, ensure_ascii=False)


def read_document(request: dict[str, Any], inline: str) -> bytes:
    """The bytes a request points to: base64 in the field `inline`, or the file at `path`, which may be gzip."""
    if inline in request:
        try:
            return base64.b64decode(request[inline], validate=True)
        except (binascii.Error, TypeError) as error:
            raise ValueError(f"field '{inline}' is no base64: {error}") from None
    if "path" not in request:
        raise ValueError(f"fields 'path' and '{inline}' are both missing")
    body = Path(request["path"]).read_bytes()
    if body[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(body)) as stream:
            body = stream.read(MAX_CONTENT_BYTES + 1)
    if len(body) > MAX_CONTENT_BYTES:
        raise ValueError(f"{request['path']}: larger than {MAX_CONTENT_BYTES} bytes")
    return body


@cache
def _rulebook(topics: Path | None) -> Any:
    from seeds.topics import load_topics
    from transforms.tag.rulebook import compile_rules

    return compile_rules(load_topics(topics))
