"""Check a WARC file by reading every record of it, and tell which captures a damaged stretch touches."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from schemas.records import record
from transforms.write.finding import Finding
from transforms.write.warc_form import ANSWER, record_id
from transforms.write.warc_records import WarcRecord, walk_records

_PARTS = ("request", ANSWER, "metadata")
"""The records that every capture has; those of redirects come before them."""


@record
class Place:
    """Where a row of `captures` says that its answer is."""

    capture_id: str
    offset: int
    length: int


@record
class Survey:
    """What a WARC file holds: which records are there, and which stretches cannot be read."""

    record_ids: frozenset[str]
    answers: int
    """Response and revisit records, without those of redirects."""
    damaged: tuple[WarcRecord, ...]


def survey_warc(file: BinaryIO) -> Survey:
    """Read a whole WARC file, record by record; some 100 bytes of each stay in memory. OSError if it cannot be read."""
    found: set[str] = set()
    damaged = []
    answers = 0
    for each in walk_records(file):
        if each.problem:
            damaged.append(each)
        elif each.record_id:
            found.add(each.record_id)
            answers += each.kind in ("response", "revisit") and not each.headers.get("warc-concurrent-to")
    return Survey(record_ids=frozenset(found), answers=answers, damaged=tuple(damaged))


def tell_records(survey: Survey, places: Sequence[Place]) -> tuple[str, tuple[str, ...]]:
    """Which records cannot be read, in words, and the captures that miss one or whose answer lies there."""
    touched = {place.capture_id for place in places if _misses_record(survey, place)}
    told = []
    if not survey.damaged:
        told.append("records are missing" if touched else "every record can still be read and is what it was")
    for stretch in survey.damaged:
        end = stretch.offset + stretch.length
        words = f"bytes {stretch.offset} to {end - 1}: the record {stretch.problem}"
        if not touched:
            words += f" ({_beside(stretch, places)})"
        told.append(words)
    ordered = sorted(places, key=lambda place: place.offset)
    return "; ".join(told), tuple(place.capture_id for place in ordered if place.capture_id in touched)


def check_answers(path: str, survey: Survey, places: Iterable[Place]) -> list[Finding]:
    """Records of answers that no row of `captures` points to."""
    rows = len({place.capture_id for place in places})
    if rows == survey.answers:
        return []
    told = f"holds {survey.answers} records of answers, and {rows} rows of captures point to it"
    return [Finding(path=path, problem=told)]


def _misses_record(survey: Survey, place: Place) -> bool:
    return any(record_id(place.capture_id, part) not in survey.record_ids for part in _PARTS)


def _beside(stretch: WarcRecord, places: Iterable[Place]) -> str:
    """What a stretch can have been that holds no record which every capture has."""
    behind = [place for place in places if place.offset > stretch.offset]
    if stretch.offset == 0 or not behind:
        return "it describes the file, no capture is touched"
    following = min(behind, key=lambda place: place.offset)
    return f"it describes the file, or is a redirect of capture {following.capture_id}; its answer is not touched"
