"""How seldom a server wishes its feed to be read."""

from datetime import timedelta

import pytest

from tests.builders import make_answer
from transforms.discover.wishes import cache_wish, read_skips

DATE = "Mon, 02 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"Cache-Control": "public, max-age=1800"}, 30),
        ({"cache-control": "s-maxage=60, Max-Age=600"}, 10),
        ({"Cache-Control": "no-cache, max-age=1800"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Expires": "Mon, 02 Nov 2026 13:00:00 GMT", "Date": DATE}, 60),
        ({"Expires": "Mon, 02 Nov 2026 11:00:00 GMT", "Date": DATE}, None),
        ({"Expires": "0", "Date": DATE}, None),
        ({"Expires": "Mon, 02 Nov 2026 13:00:00 GMT"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Mon, 02 Nov 2026 13:00:00 GMT", "Date": DATE}, 1),
        ({}, None),
    ],
)
def test_http_caching_tells_how_long_an_answer_is_fresh(headers: dict[str, str], minutes: int | None) -> None:
    assert cache_wish(make_answer(**headers)) == (timedelta(minutes=minutes) if minutes else None)


def test_rss_tells_hours_and_days_to_leave_out() -> None:
    markup = """<rss><channel><skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>99</hour></skipHours>
    <skipDays><day>Saturday</day><day>SUNDAY</day><day>Someday</day></skipDays></channel></rss>"""
    assert read_skips(markup) == ({0, 23}, {5, 6})


def test_a_feed_that_asks_never_to_be_read_is_not_taken_at_its_word() -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    assert read_skips(f"<skipHours>{hours}</skipHours>") == (frozenset(), frozenset())
