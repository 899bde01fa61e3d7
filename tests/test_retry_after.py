"""What a Retry-After header asks of us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from transforms.retry_after import PATIENCE_S, RETRY_AFTER_CAP_S, SILENCE_S, retry_after_seconds, silence_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 02 Nov 2026 12:01:30 GMT", 90),
        ("Monday, 02-Nov-26 12:00:05 GMT", 5),
        ("Mon, 02 Nov 2026 07:00:10 -0500", 10),
        ("Mon, 02 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", RETRY_AFTER_CAP_S),
        ("9" * 400, RETRY_AFTER_CAP_S),
    ],
)
def test_seconds_and_dates_are_read_and_capped(value: str, seconds: int) -> None:
    assert retry_after_seconds(value, NOON) == seconds


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5", "²", "Mon, 99 Nov 2026 12:00:00 GMT"])
def test_what_means_nothing_is_none(value: str | None) -> None:
    assert retry_after_seconds(value, NOON) is None


@given(st.text(max_size=60))
def test_no_header_can_raise_or_silence_us_for_longer_than_a_day(value: str) -> None:
    seconds = retry_after_seconds(value, NOON)
    assert seconds is None or 0 <= seconds <= RETRY_AFTER_CAP_S


@pytest.mark.parametrize(
    ("status", "wait_s", "is_last", "seconds"),
    [
        (429, None, False, SILENCE_S),
        (429, 5, False, None),
        (429, 5, True, SILENCE_S),
        (429, PATIENCE_S, False, None),
        (429, PATIENCE_S + 1, False, PATIENCE_S + 1),
        (503, None, False, None),
        (503, None, True, None),
        (503, 5, True, None),
        (503, 7200, False, 7200),
    ],
)
def test_an_answer_silences_its_domain_if_it_says_so_or_says_no_again(
    status: int, wait_s: int | None, is_last: bool, seconds: int | None
) -> None:
    assert silence_seconds(status, wait_s, is_last=is_last) == seconds
