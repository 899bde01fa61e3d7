"""The bundled rules keep their own promises: every example, every near miss, and evidence that carries its tag."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import TopicTag
from seeds.topics import Rule, load_topics
from tests.builders import NOON
from transforms.tag.domain import decide_domain
from transforms.tag.match import fire_rules
from transforms.tag.page import open_page
from transforms.tag.reading import read_page
from transforms.tag.rulebook import compile_rules
from transforms.tag.topics import Tagging, tag_topics

TOPICS = load_topics()
BOOK = compile_rules(TOPICS)
RULES = [*TOPICS.domain, *(rule for topic in TOPICS.topics for rule in topic.rules)]
NEAR_MISSES = [(topic.slug, text) for topic in TOPICS.topics for text in topic.near_misses]


def fires(rule: Rule, text: str) -> bool:
    page = open_page("", text)
    return any(
        firing.rule.id == rule.id
        for rules in (BOOK.domain, BOOK.topics)
        for compiled in rules.of.values()
        for firing in fire_rules(compiled, read_page(rules, page), BOOK.scoring)
    )


def tag(title: str, text: str) -> Tagging:
    return tag_topics(BOOK, article_id="a1", run_id="r1", now=NOON, title=title, text=text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_matches_and_refuses_its_examples(rule: Rule) -> None:
    assert fires(rule, rule.matches)
    assert not fires(rule, rule.refuses)


@pytest.mark.parametrize(("topic", "text"), NEAR_MISSES)
def test_a_near_miss_is_on_domain_without_the_topic(topic: str, text: str) -> None:
    tagging = tag("", text)
    assert tagging.domain.on_domain
    assert topic not in [one.topic for one in tagging.tags]


@pytest.mark.parametrize(
    "text",
    [
        "The ICE rink closed after the hockey team went home, the sheriff said.",
        "Intercontinental Exchange, or ICE, reported record volume in the United States.",
        "The Home Office said it had arrested migrants who crossed the Channel in small boats.",
        "Malaysia detained 120 undocumented migrants in a raid on a factory.",
        "ICE vehicles still outsell electric vehicles in California.",
        "City police morale is low and officers in Dallas quit over forced overtime.",
        "The fee for H-1B visas will rise, the White House said.",
        "Homeland Security warned of attacks on water systems.",
        "Inmates of a state prison in Florida sued over solitary confinement.",
        "The cod quota was cut again and fishermen in Maine protested.",
        "Freezing rain hit Ohio. ICE HAS WON, a sign read. Deputies arrested a looter near the state border.",
        "Deport the umpire, read a banner in Texas. The team called its locker room a detention center.",
        "Customs and Border Protection told importers in Houston that the tariff quota was full.",
    ],
)
def test_other_news_is_off_domain(text: str) -> None:
    assert not decide_domain(BOOK, "", text).on_domain


@pytest.mark.parametrize(
    "text",
    [
        "ICE took a baker on his way to work; neighbors say agents never showed a warrant.",
        "Border Patrol agents arrested nine people near Yuma.",
        "Trump wants to deport a million immigrants.",
        "Agentes de ICE realizaron una redada en Los Ángeles.",
        "The sheriff will join the 287(g) program.",
        "Federal agents swept the block and took immigrants into custody in Chicago.",
        "Two law firms sued the Department of Homeland Security for residents of Denver who were handcuffed.",
    ],
)
def test_enforcement_is_on_domain(text: str) -> None:
    decision = decide_domain(BOOK, "", text)
    assert decision.on_domain
    assert all(text[one.start : one.end] == one.quote for one in decision.evidence)


PIECES = st.sampled_from([rule.matches for rule in RULES] + [rule.refuses for rule in RULES])
JOINTS = st.sampled_from([" ", "\n", "\n\n", " 🙂 ", " “İ” ", "\u200b ", " — "])


def blank(field: str, given: str, found: TopicTag) -> str:
    for one in found.evidence:
        if one.field == field:
            given = given[: one.start] + " " * (one.end - one.start) + given[one.end :]
    return given


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PIECES, JOINTS), max_size=5), PIECES)
def test_a_tag_stands_and_falls_with_its_evidence(pieces: list[tuple[str, str]], title: str) -> None:
    title, text = f"ICE agents: {title}", "".join(piece + joint for piece, joint in pieces)
    tagging = tag(title, text)
    assert [one.topic for one in tagging.tags] == sorted({one.topic for one in tagging.tags})
    for found in tagging.tags:
        fields = {"title": title, "text": text}
        assert all(fields[one.field][one.start : one.end] == one.quote for one in found.evidence)
        left = tag(blank("title", title, found), blank("text", text, found))
        assert found.topic not in [one.topic for one in left.tags]


def test_straight_and_curly_marks_make_no_difference() -> None:
    straight = tag("ICE's agents", "The agency's third-country deal: 'due process' is denied.")
    curly = tag("ICE’s agents", "The agency’s third‑country deal: ‘due process’ is denied.")
    assert [replace(one, evidence=()) for one in straight.tags] == [replace(one, evidence=()) for one in curly.tags]
    assert {one.topic for one in curly.tags} == {"due-process", "removals-abroad"}
