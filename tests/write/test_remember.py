"""When a page is looked at again, by how its visit ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.records import DeadLetter, Dropped, PageMemory, Story
from tests.builders import NOON, PAGE, make_article, make_capture, make_page, make_story_memory, make_visit
from transforms.write.remember import RETRIES, REVISIT_AGES, remember_page, remember_story

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def failed(**facts: Any) -> DeadLetter:
    return DeadLetter(run_id="run-1", stage="download", error="timeout", at=NOON, **facts)


def dropped(reason: str, **facts: Any) -> Dropped:
    return Dropped(run_id="run-1", stage="link", reason=reason, at=NOON, **facts)


def remember(known: PageMemory | None = None, now: datetime = NOON, **outcome: Any) -> PageMemory:
    return remember_page(make_visit(known=known), now=now, **outcome)


def test_a_page_that_gave_an_article_is_remembered_with_it() -> None:
    capture = make_capture(fetched_at=NOON + MINUTE)
    page = remember(capture=capture, article=make_article("a1"))
    assert (page.url_key, page.first_seen_at, page.fetched_at) == (PAGE, NOON, NOON + MINUTE)
    assert (page.status, page.content_sha256, page.article_ids) == (200, capture.content_sha256, ("a1",))
    assert (page.visits, page.failures, page.fetch_at) == (1, 0, NOON + HOUR)


def test_a_page_is_looked_at_again_at_set_ages_and_then_never() -> None:
    page, now = remember(capture=make_capture(), article=make_article()), NOON
    ages: list[timedelta] = []
    while page.fetch_at is not None and len(ages) < 20:
        now = page.fetch_at
        ages.append(now - NOON)
        page = remember(page, now, capture=make_capture(), dropped=dropped("unchanged", article_id="a1"))
    assert tuple(ages) == REVISIT_AGES


def test_ages_missed_while_we_were_away_are_not_made_up_for() -> None:
    page = remember(make_page(), NOON + 2 * DAY, capture=make_capture(), article=make_article())
    assert page.fetch_at == NOON + 7 * DAY


@pytest.mark.parametrize(("failures", "wait"), [(0, 15 * MINUTE), (1, 30 * MINUTE), (3, 2 * HOUR), (8, DAY)])
def test_a_page_that_could_not_be_had_is_retried_ever_later(failures: int, wait: timedelta) -> None:
    page = remember(make_page(failures=failures), dead=failed())
    assert (page.failures, page.fetch_at) == (failures + 1, NOON + wait)


def test_a_page_is_given_up_after_so_many_failures() -> None:
    assert remember(make_page(failures=RETRIES - 1), dead=failed()).fetch_at is None


def test_a_server_is_not_asked_again_sooner_than_it_said() -> None:
    assert remember(dead=failed(retry_after_s=7200)).fetch_at == NOON + 2 * HOUR
    assert remember(dead=failed(retry_after_s=5)).fetch_at == NOON + 15 * MINUTE


def test_a_failure_forgets_nothing_that_was_known() -> None:
    known = make_page(article_ids=("a1",), content_sha256="old", fetched_at=NOON - DAY, visits=4)
    page = remember(known, dead=failed())
    assert (page.article_ids, page.content_sha256, page.fetched_at) == (("a1",), "old", NOON - DAY)
    assert page.visits == 5


def test_a_capture_that_could_not_be_read_leaves_its_status_but_not_its_content() -> None:
    page = remember(make_page(content_sha256="old"), capture=make_capture(status=503), dead=failed())
    assert (page.status, page.content_sha256, page.fetched_at) == (503, "old", NOON)


def test_a_success_ends_a_row_of_failures() -> None:
    page = remember(make_page(failures=4), NOON + 2 * HOUR, capture=make_capture(), article=make_article())
    assert (page.failures, page.fetch_at) == (0, NOON + 6 * HOUR)


@pytest.mark.parametrize("reason", ["robots", "off-domain"])
def test_a_page_that_is_not_ours_to_have_is_left_alone(reason: str) -> None:
    assert remember(dropped=dropped(reason)).fetch_at is None


def test_revisions_are_remembered_in_order_and_once() -> None:
    page = make_page(article_ids=("a1",))
    page = remember(page, capture=make_capture(), article=make_article("a2"))
    page = remember(page, capture=make_capture(), dropped=dropped("reverted", article_id="a1"))
    assert page.article_ids == ("a1", "a2")


def test_a_story_is_remembered_by_what_recognises_its_copies() -> None:
    story = Story(
        story_id="s1",
        article_id="a1",
        url_key="https://ledger.example/a1",
        run_id="run-1",
        seen_at=NOON,
        role="copy",
        sketch=(1, 2, 3),
    )
    assert remember_story(story) == make_story_memory("a1", story_id="s1")
