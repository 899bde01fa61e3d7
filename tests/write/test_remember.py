"""When a page is looked at again, by how its visit ended."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.memory import PageMemory
from schemas.records import DeadLetter, Dropped, Redirect, Story
from tests.builders import (
    NOON,
    PAGE,
    make_article,
    make_capture,
    make_entry,
    make_kept_payload,
    make_page,
    make_story_memory,
    make_visit,
)
from transforms.missing import judge_missing
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


def follow(outcomes: list[dict[str, Any]]) -> list[timedelta]:
    """The ages at which a page is visited that ends each time as told, the last for ever."""
    page, now = remember(capture=make_capture(), article=make_article()), NOON
    ages: list[timedelta] = []
    while page.fetch_at is not None and len(ages) < 20:
        now = page.fetch_at
        ages.append(now - NOON)
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        page = remember(page, now, capture=make_capture(), **outcome)
    return ages


SAME = {"dropped": dropped("unchanged", article_id="a1")}
SAME_BYTES = {"dropped": dropped("same-bytes")}


def test_a_page_that_keeps_changing_is_looked_at_again_at_set_ages_and_then_never() -> None:
    assert tuple(follow([{"article": make_article("a2")}])) == REVISIT_AGES


def test_a_page_is_looked_at_no_more_once_it_was_the_same_three_times() -> None:
    assert follow([SAME, SAME_BYTES, SAME]) == [HOUR, 6 * HOUR, DAY]
    assert follow([SAME, SAME, {"article": make_article("a2")}, SAME]) == [HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY]


def test_a_page_that_is_not_there_is_looked_for_until_it_can_be_told_to_be_deleted() -> None:
    page, now, checks = make_page(article_ids=("a1",), outcome="fetched"), NOON, []
    while True:
        capture = make_capture(status=404, known=page, fetched_at=now)
        reason = judge_missing(capture)
        checks.append((now - NOON, reason))
        page = remember(page, now, capture=capture, dropped=dropped(reason))
        if page.fetch_at is None:
            break
        now = page.fetch_at
    assert checks == [(timedelta(), "missing"), (DAY, "missing"), (3 * DAY, "deleted")]
    assert page.outcome == "fetched", "we have its text, whatever became of it"


def test_a_page_that_comes_back_was_never_deleted() -> None:
    missed = remember(make_page(article_ids=("a1",)), capture=make_capture(status=404), dropped=dropped("missing"))
    back = remember(missed, NOON + DAY, capture=make_capture(), **SAME)
    assert (back.missing_checks, back.missing_since) == (0, None)


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        ({"article": make_article()}, "fetched"),
        ({"article": make_article(body_state="teaser")}, "paywalled"),
        ({"dropped": dropped("off-domain", article_id="a1")}, "off-domain"),
        ({"dropped": dropped("robots")}, "blocked"),
        ({"dropped": dropped("missing")}, "missing"),
        ({"dead": failed()}, "failed"),
        ({"dead": replace(failed(), error="http-403")}, "blocked"),
        ({"dead": replace(failed(), error="challenge")}, "challenged"),
        ({"article": make_article(), "dead": failed()}, "fetched"),
    ],
)
def test_how_a_page_stands_is_remembered_as_coverage_counts_it(ended: dict[str, Any], outcome: str) -> None:
    assert remember(**ended).outcome == outcome


def test_a_page_once_had_stays_had() -> None:
    had = remember(capture=make_capture(), article=make_article())
    assert remember(had, dead=failed()).outcome == "fetched"


def test_a_page_is_remembered_with_the_feed_that_listed_it_first_and_where_it_was_led() -> None:
    page = remember(capture=make_capture(redirects=(Redirect(url=PAGE, status=302),)), article=make_article())
    assert (page.listed_by, page.landed_at) == ("ledger", PAGE)
    known = make_page(entry=make_entry(feed_id="broad"))
    assert remember(known, capture=make_capture(), article=make_article()).listed_by == "broad"


def test_a_page_of_a_silent_domain_was_not_asked_for_and_has_not_failed() -> None:
    page = remember(make_page(failures=2), dead=replace(failed(retry_after_s=7200), error="host-blocked"))
    assert (page.failures, page.fetch_at) == (2, NOON + 2 * HOUR)


def test_a_page_put_off_is_due_at_once_and_has_not_failed() -> None:
    page = remember(make_page(failures=2), dropped=dropped("postponed"))
    assert (page.failures, page.fetch_at) == (2, NOON)


def test_a_text_that_was_turned_away_is_no_revision() -> None:
    assert remember(capture=make_capture(), dropped=dropped("off-domain", article_id="a1")).article_ids == ()


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
        as_of=NOON,
        seen_at=NOON,
        role="copy",
        sketch=(1, 2, 3),
    )
    assert remember_story(story) == make_story_memory("a1", story_id="s1")


def test_a_page_remembers_which_capture_holds_the_bytes_it_answered_with_last() -> None:
    first = make_capture(body=b"one")
    page = remember(capture=first, article=make_article())
    assert page.kept_payload == make_kept_payload(first)
    again = make_capture(body=b"one", capture_id="again", kept_payload=page.kept_payload)
    assert remember(page, capture=again, **SAME_BYTES).kept_payload == make_kept_payload(first)
    changed = make_capture(body=b"two")
    assert remember(page, capture=changed, article=make_article("a2")).kept_payload == make_kept_payload(changed)


def test_an_answer_without_bytes_or_none_at_all_leaves_the_bytes_where_they_are() -> None:
    page = remember(capture=make_capture(), article=make_article())
    assert remember(page, capture=make_capture(body=b"", status=404), dropped=dropped("missing")).kept_payload
    assert remember(page, dead=failed()).kept_payload == page.kept_payload


def test_the_bytes_of_a_page_that_gave_no_article_are_remembered_too() -> None:
    wall = make_capture(body=b"log in", status=403)
    assert remember(capture=wall, dead=replace(failed(), error="http-403")).kept_payload == make_kept_payload(wall)
