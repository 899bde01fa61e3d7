"""The date matrix: as feeds write dates, and the instant they mean."""

import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.discover.dates import parse_date

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23T10:00Z"),
        ("Mon, 23 Nov 2026 10:00:00 -0500", "2026-11-23T15:00Z"),
        ("Mon, 23 Nov 2026 10:00:00 GMT-0500", "2026-11-23T15:00Z"),
        ("Mon, 23 Nov 2026 10:00:00 AKST", "2026-11-23T19:00Z"),
        ("Mon, 23 Nov 2026 10:00:00 HST", "2026-11-23T20:00Z"),
        ("Thu, 23 Jul 2026 10:00:00 ET", "2026-07-23T14:00Z"),
        ("Mon, 23 Nov 2026 10:00:00 ET", "2026-11-23T15:00Z"),
        ("Mon, 23 Nov 2026 10:00:00 America/New_York", "2026-11-23T15:00Z"),
        ("Mon, 23 Nov 2026 10:00:00 CET", "2026-11-23T09:00Z"),
        ("Thu, 30 Jul 26 15:19:32 -0400", "2026-07-30T19:19:32Z"),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", "2022-07-27T19:35:05Z"),
        ("Mon, 23 Nov 2026 10:00 PM EST", "2026-11-24T03:00Z"),
        ("Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-24T00:00Z"),
        ("Mon, 23 Nov 2026 10:00:60 GMT", "2026-11-23T10:01Z"),
        ("Mon Nov 23 10:00:00 EST 2026", "2026-11-23T15:00Z"),
        ("Mon Nov 23 10:00:00 -0500 2026", "2026-11-23T15:00Z"),
        ("Mon Nov 23 2026 10:00:00 GMT-0500 (Eastern Standard Time)", "2026-11-23T15:00Z"),
        ("2026-11-23T10:00:00.5-05:00", "2026-11-23T15:00:00.5Z"),
        ("2026-11-23 10:00:00 EST", "2026-11-23T15:00Z"),
        ("20261123T100000Z", "2026-11-23T10:00Z"),
        ("1795428000", "2026-11-23T10:00Z"),
        ("1795428000000", "2026-11-23T10:00Z"),
        ("<time datetime='2026-11-23T10:00:00-05:00'>Monday</time>", "2026-11-23T15:00Z"),
        ("lunes, 23 de noviembre de 2026 a las 10:00 a. m. EST", "2026-11-23T15:00Z"),
        ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24T22:42:40Z"),
        ("mar, 24 nov 2026 00:00:00 +0100", "2026-11-23T23:00Z"),
        ("November 23, 2026 5 p.m. ET", "2026-11-23T22:00Z"),
    ],
)
def test_dates_with_a_zone(raw: str, instant: str) -> None:
    reading = parse_date(raw, now=NOW)
    assert (reading.at, reading.flag) == (datetime.fromisoformat(instant), "ok")


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("Mon, 23 Nov 2026 10:00:00", "2026-11-23T10:00Z"),
        ("Mon, Nov 23, 2026 - 10:00", "2026-11-23T10:00Z"),
        ("2020/1/10 14:33:00", "2020-01-10T14:33Z"),
        ("11/23/2026 10:00 AM", "2026-11-23T10:00Z"),
        ("Fri, 05/03/2019 - 15:21", "2019-05-03T15:21Z"),
        ("Tue, 05/03/2019 - 15:21", "2019-03-05T15:21Z"),
        ("23.11.2026", "2026-11-23T00:00Z"),
        ("23-Nov-2026", "2026-11-23T00:00Z"),
        ("November 23, 2026", "2026-11-23T00:00Z"),
        ("23 de novembro de 2026", "2026-11-23T00:00Z"),
    ],
)
def test_dates_without_a_zone_are_taken_for_utc(raw: str, instant: str) -> None:
    reading = parse_date(raw, now=NOW)
    assert (reading.at, reading.flag) == (datetime.fromisoformat(instant), "no_zone")


def test_numbers_alone_are_read_as_the_feeds_country_does() -> None:
    assert parse_date("05/03/2026").at == datetime(2026, 5, 3, tzinfo=UTC)
    assert parse_date("05/03/2026", day_first=True).at == datetime(2026, 3, 5, tzinfo=UTC)


def test_an_unknown_zone_is_said() -> None:
    reading = parse_date("Mon, 23 Nov 2026 10:00:00 XQT", now=NOW)
    assert (reading.at, reading.flag) == (datetime(2026, 11, 23, 10, tzinfo=UTC), "unknown_zone")


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        ("Mon, 01 Jan 0001 00:00:00 +0000", "implausible"),
        ("Mon, 30 Nov -0001 00:00:00 +0000", "implausible"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "implausible"),
        ("Mon, 23 Nov 2099 10:00:00 GMT", "implausible"),
        ("31 Feb 2026", "implausible"),
        ("2026-11-27T00:00:01Z", "implausible"),
        ("just now", "missing"),
        ("", "missing"),
        (None, "missing"),
    ],
)
def test_no_date_is_better_than_an_absurd_one(raw: str | None, flag: str) -> None:
    reading = parse_date(raw, now=NOW)
    assert (reading.at, reading.flag) == (None, flag)


def test_without_a_reference_the_future_is_open() -> None:
    assert parse_date("Mon, 23 Nov 2099 10:00:00 GMT").at == datetime(2099, 11, 23, 10, tzinfo=UTC)
    assert parse_date("2101-01-02").flag == "implausible"


@given(st.datetimes(datetime(1995, 1, 2), datetime(2026, 11, 23)), st.integers(-14 * 60, 14 * 60))
def test_rfc_and_iso_dates_come_back(local: datetime, offset: int) -> None:
    local = local.replace(microsecond=0)
    sign, hours, minutes = "-" if offset < 0 else "+", *divmod(abs(offset), 60)
    instant = local.replace(tzinfo=UTC) - timedelta(minutes=offset)
    rfc = f"{local.day} {calendar.month_abbr[local.month]} {local.year} {local:%H:%M:%S} {sign}{hours:02}{minutes:02}"
    for raw in (rfc, f"{local.isoformat()}{sign}{hours:02}:{minutes:02}"):
        reading = parse_date(raw, now=NOW)
        assert reading.at == instant or reading.flag == "implausible"


@given(st.text(max_size=200) | st.from_regex(r"[0-9/:., +\-TZa-z]{0,60}"))
def test_no_words_raise(raw: str) -> None:
    reading = parse_date(raw, now=NOW)
    assert (reading.at is None) == (reading.flag in ("implausible", "missing"))
