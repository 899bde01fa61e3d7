"""Conditional requests: what is sent, and when a "not modified" is not believed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.memory import FeedMemory
from schemas.records import Entry, Header
from tests.builders import NOON, make_answer, make_entry, make_feed_memory
from transforms.answer import Answer
from transforms.discover.validators import (
    DISTRUST,
    DOUBTED_ENTRIES,
    REPEATS,
    VALIDATORS_KEPT,
    conditions,
    doubt_server,
    is_anothers,
    lied,
    remember_validators,
)

HOUR = timedelta(hours=1)
LAST_MODIFIED = "Mon, 02 Nov 2026 10:00:00 GMT"


def known(**facts: object) -> FeedMemory:
    return make_feed_memory(**({"etag": 'W/"a"', "last_modified": LAST_MODIFIED, "validators_at": NOON} | facts))


def sent(memory: FeedMemory, after: timedelta = HOUR) -> dict[str, str]:
    return {field.name: field.value for field in conditions(memory, NOON + after)}


def test_not_modified_is_not_believed_of_a_domain_that_gave_no_validators() -> None:
    memory = remember_validators(make_feed_memory(), make_answer(b"<rss/>", ETag='"1"'), is_same=False)
    elsewhere = replace(make_answer(status=304), url="https://courier.example/feed")
    assert is_anothers(memory, elsewhere)
    assert not is_anothers(memory, replace(elsewhere, url="https://www.ledger.example/rss"))
    assert not is_anothers(memory, replace(elsewhere, status=200))
    assert not is_anothers(make_feed_memory(), elsewhere), "memory of an older icewire"


def test_both_validators_go_back_byte_for_byte() -> None:
    odd = known(last_modified="yesterday, more or less")
    assert sent(odd) == {"If-None-Match": 'W/"a"', "If-Modified-Since": "yesterday, more or less"}


def test_what_is_not_ascii_is_not_sent_since_it_would_be_other_bytes() -> None:
    assert sent(known(etag='"caf\xe9"')) == {"If-Modified-Since": LAST_MODIFIED}


def test_a_server_whose_answer_to_validators_is_no_http_is_sent_none() -> None:
    assert sent(doubt_server(known(), "protocol", NOON)) == {}
    assert sent(doubt_server(known(), "timeout", NOON)) != {}
    assert doubt_server(make_feed_memory(), "protocol", NOON).distrusted_at is None, "it was sent none"


def test_nothing_is_sent_of_a_feed_never_read() -> None:
    assert sent(make_feed_memory()) == {}


def test_validators_are_dropped_after_a_week() -> None:
    assert sent(known(), VALIDATORS_KEPT) != {}
    assert sent(known(), VALIDATORS_KEPT + HOUR) == {}


def test_validators_are_doubted_once_much_should_have_come() -> None:
    busy = known(changed_at=NOON - HOUR, usual_rate=2.0)
    assert sent(busy, (DOUBTED_ENTRIES / 2 - 0.1) * HOUR) != {}
    assert sent(busy, (DOUBTED_ENTRIES / 2) * HOUR) == {}


def test_a_server_caught_lying_is_sent_none_for_a_month() -> None:
    liar = known(distrusted_at=NOON)
    assert sent(liar) == {}
    assert sent(known(distrusted_at=NOON - DISTRUST)) != {}


def test_a_304_keeps_what_it_does_not_name() -> None:
    after = remember_validators(known(), make_answer(status=304, ETag='"b"'), is_same=False)
    assert (after.etag, after.last_modified, after.validators_at) == ('"b"', LAST_MODIFIED, NOON)


def test_a_whole_answer_replaces_both_even_by_nothing() -> None:
    after = remember_validators(known(), make_answer(asked_at=NOON + HOUR), is_same=False)
    assert (after.etag, after.last_modified, after.validators_at) == (None, None, NOON + HOUR)


def conditional_answer(**headers: str) -> Answer:
    answer = make_answer(b"<rss/>", Last_Modified=LAST_MODIFIED, **headers)
    return replace(answer, request_headers=(Header(name="If-None-Match", value="x"),))


@pytest.mark.parametrize("etags", [['"a-gzip"'] * 6, ['"1"', '"2"', '"1"', '"2"', '"1"', '"2"']], ids=["gzip", "farm"])
def test_an_etag_that_never_matches_is_left_out(etags: list[str]) -> None:
    """Apache appends -gzip and never matches its own ETag; servers of one farm disagree about it."""
    memory = known()
    for etag in etags[:REPEATS]:
        assert "If-None-Match" in sent(memory)
        memory = remember_validators(memory, conditional_answer(ETag=etag), is_same=True)
    assert sent(memory) == {"If-Modified-Since": LAST_MODIFIED}
    memory = remember_validators(memory, make_answer(status=304, ETag='"a-gzip"'), is_same=False)
    assert sent(memory) == {"If-Modified-Since": LAST_MODIFIED}, "the 304 was earned by the date"


def dated(*hours: int) -> list[Entry]:
    """Entries whose feeds give whole dates, so many hours after noon."""
    return [make_entry(f"https://ledger.example/{n}", published_at=NOON + n * HOUR, date_flag="ok") for n in hours]


def test_new_entries_under_old_validators_prove_a_lie() -> None:
    memory = known(not_modified_at=NOON + HOUR)
    whole = make_answer(b"", ETag='W/"a"', Last_Modified=LAST_MODIFIED)
    assert lied(memory, whole, [make_entry()])
    assert not lied(memory, whole, [])


def test_an_etag_that_was_left_out_proves_nothing() -> None:
    memory = known(not_modified_at=NOON + HOUR, repeats=REPEATS)
    assert lied(memory, make_answer(b"", ETag='"b"', Last_Modified=LAST_MODIFIED), [make_entry()])
    assert not lied(memory, make_answer(b"", ETag='W/"a"', Last_Modified="now"), [make_entry()])


def test_entries_dated_before_the_last_304_prove_a_lie() -> None:
    memory = known(not_modified_at=NOON + 10 * HOUR)
    hidden = dated(2, 3)
    assert lied(memory, make_answer(b"", ETag='"b"'), hidden)
    assert not lied(memory, make_answer(b"", ETag='"b"'), hidden[:1]), "one may be back-dated"


@pytest.mark.parametrize(("hours", "is_proof"), [((2, 3), False), ((15, 17), True), ((15, 28), False)])
def test_a_date_without_a_zone_proves_a_lie_only_if_it_would_in_every_zone(
    hours: tuple[int, ...], is_proof: bool
) -> None:
    memory = known(not_modified_at=NOON + 30 * HOUR)
    no_zone = [replace(entry, date_flag="no_zone") for entry in dated(*hours)]
    assert lied(memory, make_answer(b"", ETag='"b"'), no_zone) == is_proof


def test_a_change_since_the_last_304_is_no_lie() -> None:
    memory = known(not_modified_at=NOON + HOUR)
    assert not lied(memory, make_answer(b"", ETag='"b"'), dated(2, 3))
