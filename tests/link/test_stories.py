"""Articles that tell the same news in the same words, and those that do not."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.memory import StoryMemory
from schemas.records import Story
from tests.builders import NOON, make_article, make_page
from transforms.link.sketch import RUN_WORDS, shared_passages, sketch_text
from transforms.link.stories import SketchedArticle, find_wire_credit, link_stories, sketch_article

MINUTE = timedelta(minutes=1)


def prose(words: int, seed: int = 1) -> str:
    """Words that look like news and repeat no run of five."""
    pick = random.Random(seed)
    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvw" for vowel in "aeiou"]
    return " ".join("".join(pick.choices(syllables, k=3)) + pick.choice(["", "", ",", "."]) for _ in range(words))


WIRE = prose(400)
WORDS = WIRE.split()


def sketched(article_id: str, text: str, minute: int = 0, **facts: Any) -> SketchedArticle:
    return sketch_article(make_article(article_id, text, published_at=NOON + minute * MINUTE, **facts), NOON)


def link(*articles: SketchedArticle, remembered: tuple[StoryMemory, ...] = ()) -> dict[str, Story]:
    return {story.article_id: story for story in link_stories(articles, remembered, run_id="run-1", now=NOON)}


def remember(article: SketchedArticle, story_id: str) -> StoryMemory:
    return StoryMemory(
        article_id=article.article_id,
        story_id=story_id,
        url_key=article.url_key,
        seen_at=article.first_seen_at,
        sketch=article.sketch,
    )


ORIGIN = sketched("wire", WIRE)


def test_an_exact_copy_joins_the_story_of_what_was_published_first() -> None:
    stories = link(sketched("copy", WIRE, minute=5), ORIGIN)
    assert (stories["wire"].role, stories["wire"].origin_id) == ("origin", None)
    copy = stories["copy"]
    assert (copy.role, copy.story_id, copy.origin_id, copy.containment) == ("copy", "wire", "wire", 1.0)


@pytest.mark.parametrize("share", [0.6, 0.3])
def test_a_cut_copy_is_a_partial_that_stands_wholly_in_its_origin(share: float) -> None:
    cut = link(ORIGIN, sketched("cut", " ".join(WORDS[: int(len(WORDS) * share)]), minute=5))["cut"]
    assert (cut.role, cut.story_id, cut.origin_id, cut.containment) == ("partial", "wire", "wire", 1.0)


def test_another_lede_and_other_letter_case_and_punctuation_do_not_hide_a_copy() -> None:
    retold = prose(30, seed=2) + "\n" + WIRE.upper().replace(",", " —")
    copy = link(ORIGIN, sketched("copy", retold, minute=5))["copy"]
    assert (copy.role, copy.story_id) == ("copy", "wire")
    assert 0.7 < copy.containment < 1


def test_an_article_that_quotes_at_length_is_a_partial() -> None:
    quoting = prose(150, seed=3) + " " + " ".join(WORDS[:200]) + " " + prose(150, seed=4)
    assert link(ORIGIN, sketched("quoting", quoting, minute=5))["quoting"].role == "partial"


OTHERS = (prose(400, seed=5), prose(300, seed=6) + " " + " ".join(WORDS[:20]), "Too short.", "")


@pytest.mark.parametrize("text", OTHERS, ids=["other words", "a short quotation", "too short", "empty"])
def test_an_article_with_words_of_its_own_is_independent(text: str) -> None:
    stories = link(ORIGIN, sketched("other", text, minute=5))
    assert {story.role for story in stories.values()} == {"independent"}
    assert stories["other"].story_id == "other"


def test_copies_of_a_copy_name_the_first_article_as_origin() -> None:
    stories = link(ORIGIN, sketched("a", WIRE, minute=5), sketched("b", WIRE, minute=9))
    assert {stories["a"].origin_id, stories["b"].origin_id} == {"wire"}


def test_a_copy_joins_the_story_of_an_earlier_run() -> None:
    earlier = remember(ORIGIN, story_id="wire")
    copy = link(sketched("copy", WIRE, captured_at=NOON + MINUTE), remembered=(earlier,))["copy"]
    assert (copy.role, copy.story_id, copy.origin_id) == ("copy", "wire", "wire")


def test_a_revision_stays_in_the_story_of_its_page_even_if_rewritten_from_a_copy() -> None:
    first = sketched("first", prose(300, seed=7), url_key="page")
    known = make_page("page", first_seen_at=NOON)
    rival = remember(sketched("rival", WIRE), story_id="rival")
    second = sketched("second", first.text + " " + WIRE, url_key="page", known=known, captured_at=NOON + 60 * MINUTE)
    story = link(second, remembered=(remember(first, "first"), rival))["second"]
    assert (story.story_id, story.origin_id) == ("first", "rival")


def test_a_revision_is_not_called_a_copy_of_an_article_that_came_after_its_page() -> None:
    first = remember(sketched("first", WIRE, url_key="page"), story_id="first")
    later = StoryMemory(
        article_id="later", story_id="first", url_key="x", seen_at=NOON + MINUTE, sketch=sketch_text(WIRE)
    )
    second = sketched("second", WIRE + " " + prose(60, seed=8), url_key="page", known=make_page("page"))
    story = link(second, remembered=(first, later))["second"]
    assert (story.story_id, story.role, story.seen_at) == ("first", "independent", NOON)


def test_evidence_quotes_the_article_itself_longest_first() -> None:
    retold = prose(40, seed=9) + " — “" + WIRE.title() + "”"
    evidence = link(ORIGIN, sketched("copy", retold, minute=5))["copy"].evidence
    assert 1 <= len(evidence) <= 5
    assert all(each.field == "text" and retold[each.start : each.end] == each.quote for each in evidence)
    lengths = [len(each.quote) for each in evidence]
    assert lengths == sorted(lengths, reverse=True)


FAMILY = (
    ORIGIN,
    sketched("same-minute", WIRE),
    sketched("copy", WIRE, minute=5),
    sketched("cut", " ".join(WORDS[:120]), minute=3),
    sketched("lede", prose(30, seed=2) + " " + WIRE, minute=2),
    sketched("other", prose(200, seed=5), minute=1),
)
EARLIER = tuple(remember(sketched(f"old-{n}", " ".join(WORDS[: 100 * n])), f"old-{n}") for n in (1, 2))


@settings(max_examples=30)
@given(st.permutations(FAMILY), st.permutations(EARLIER))
def test_the_order_of_articles_and_of_what_is_remembered_does_not_matter(
    articles: list[SketchedArticle], remembered: list[StoryMemory]
) -> None:
    assert link(*articles, remembered=tuple(remembered)) == link(*FAMILY, remembered=EARLIER)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("EL PASO, Texas (Continental Wire) — Agents came.", "Continental Wire"),
        ("(AP) - Agents came.", "AP"),
        ("Agents came (see map) — twice.", None),
        ("Agents came.\nEL PASO (AP) — Later.", None),
        ("(" * 5000, None),
        ("", None),
    ],
)
def test_the_agency_is_read_from_the_dateline_alone(text: str, agency: str | None) -> None:
    assert find_wire_credit(text) == agency


@given(st.lists(st.sampled_from(WORDS), max_size=80), st.lists(st.sampled_from(WORDS), max_size=20))
def test_a_text_holds_the_whole_sketch_of_each_of_its_parts(part: list[str], rest: list[str]) -> None:
    whole = sketch_text(" ".join([*part, *rest]))
    assert set(sketch_text(" ".join(part))) <= set(whole)
    assert list(whole) == sorted(set(whole))
    assert all(0 <= value < 2**63 for value in whole)


@given(st.text(max_size=200), st.text(max_size=200))
def test_shared_passages_of_any_texts_are_slices_that_do_not_overlap(text: str, other: str) -> None:
    passages = sorted(shared_passages(text, frozenset(sketch_text(other + text))), key=lambda each: each.start)
    assert all(each.quote == text[each.start : each.end] for each in passages)
    assert all(one.end < two.start for one, two in pairwise(passages))


def test_about_one_run_in_four_is_sampled() -> None:
    runs = len(WORDS) - RUN_WORDS + 1
    assert 0.15 < len(sketch_text(WIRE)) / runs < 0.35


def test_a_settled_place_is_taken_as_it_is_and_its_copies_join_that_story() -> None:
    first, copy = sketched("first", WIRE), sketched("copy", WIRE, minute=5)
    (placed,) = link_stories([first], (), run_id="run-1", now=NOON)
    settled = replace(placed, story_id="gone", role="copy", origin_id="gone")
    stories = link_stories([first, copy], (), run_id="run-1", now=NOON, settled={"first": settled})
    assert {story.article_id: (story.story_id, story.origin_id) for story in stories} == {
        "first": ("gone", "gone"),
        "copy": ("gone", "first"),
    }
