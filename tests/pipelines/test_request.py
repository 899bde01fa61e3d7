"""What a line asks of a filter, as far as it is more than a document."""

from datetime import UTC, datetime

import pytest

from pipelines.request import read_captured_at


def test_a_request_may_tell_when_its_page_was_fetched() -> None:
    assert read_captured_at({"id": 1}) is None
    assert read_captured_at({"captured_at": "2026-11-02T18:00:00+02:00"}) == datetime(2026, 11, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("captured_at", "told"),
    [("yesterday", "is no instant"), (1762106400, "is no instant"), ("2026-11-02T18:00:00", "names no time zone")],
)
def test_what_is_no_instant_is_refused(captured_at: object, told: str) -> None:
    with pytest.raises(ValueError, match=f"field 'captured_at' {told}"):
        read_captured_at({"captured_at": captured_at})
