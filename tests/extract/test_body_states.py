"""Pages as publishers' systems write them, labelled with how much of their article they show; body_states/ has both."""

from collections import Counter

import pytest

from bench.body_states import (
    FOLDER,
    STATES,
    Judged,
    LabelledPage,
    judge_pages,
    load_newsroom_pages,
    load_pages,
    macro_f1,
    measure_state,
    write_table,
    write_wrong,
)


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return judge_pages(load_pages())


@pytest.fixture(scope="module")
def newsroom_judged() -> list[Judged]:
    return judge_pages(load_newsroom_pages())


def _tell(judged: list[Judged]) -> str:
    return "\n".join(["", *write_table(judged), *write_wrong(judged)])


def test_every_state_is_told_from_the_others(judged: list[Judged]) -> None:
    assert macro_f1(judged) >= 0.9, _tell(judged)
    assert all(measure_state(judged, state)[2] >= 0.8 for state in STATES), _tell(judged)


def test_no_bot_check_is_a_full_article(judged: list[Judged], newsroom_judged: list[Judged]) -> None:
    every = judged + newsroom_judged
    assert not [row.page.name for row in every if row.page.state == "challenge" and row.state == "full"], _tell(every)


def test_the_pages_kept_aside_are_judged_as_well_as_the_others(judged: list[Judged]) -> None:
    held = [row for row in judged if row.page.held]
    assert macro_f1(held) >= 0.9, _tell(held)


def test_the_newsroom_is_judged_as_it_labels_itself(newsroom_judged: list[Judged]) -> None:
    assert macro_f1(newsroom_judged) >= 0.9, _tell(newsroom_judged)


def test_a_reason_is_evidence(judged: list[Judged]) -> None:
    """Words counted, wording quoted or a declaration named; a status that is no success is told for bot checks."""
    thin = [row.page.name for row in judged if not any(sign in row.reason for sign in (" words", "“", "JSON-LD"))]
    assert not thin
    refused = [row for row in judged if row.state == "challenge" and row.page.status != 200]
    assert refused
    assert all(f"status {row.page.status}" in row.reason for row in refused)


def test_there_are_pages_enough_of_every_state_and_in_spanish() -> None:
    pages = load_pages()
    counts = Counter(page.state for page in pages)
    assert set(counts) == set(STATES)
    assert min(counts.values()) >= 7
    assert len(pages) >= 80
    assert sum(b'lang="es' in page.content for page in pages) >= 15
    assert {path.stem for path in (FOLDER / "pages").iterdir()} == {page.name for page in pages}


def _judged(state: str, given: str) -> Judged:
    page = LabelledPage(name="a", state=state, why="", content=b"", status=200, held=False)
    return Judged(page=page, state=given, reason="3 words")


def test_the_score_falls_when_one_is_taken_for_another() -> None:
    rows = [_judged("full", "full"), _judged("full", "full"), _judged("teaser", "full"), _judged("teaser", "teaser")]
    assert measure_state(rows, "full") == (2 / 3, 1.0, 0.8)
    assert measure_state(rows, "teaser") == (1.0, 0.5, 2 / 3)
    assert macro_f1(rows) == pytest.approx((0.8 + 2 / 3) / 2)
    assert "taken for full" in "\n".join(write_wrong(rows))
    assert "full 1, teaser 1" in "\n".join(write_table(rows))
