"""Where in an article words stand decides what they are worth."""

from schemas.records import TopicTag
from seeds.topics import Rule
from tests.builders import NOON
from tests.tag.rulebooks import rule, rulebook
from transforms.tag.topics import tag_topics

OVERTIME = rule(["overtime"], id="overtime", weight=0.7)
WEEKENDS = rule(["weekends"], id="weekends", weight=0.7)
FILLER = "Rain fell on the town again. " * 20  # longer than the tests' lead of 200 characters


def tag(text: str, *rules: Rule) -> tuple[TopicTag, ...]:
    return tag_topics(rulebook(hours=list(rules)), article_id="a1", run_id="r1", now=NOON, title="ICE", text=text).tags


def test_one_sentence_of_the_lead_suffices() -> None:
    (found,) = tag("They work overtime. " + FILLER, OVERTIME)
    assert found.score == 0.7


def test_rules_that_meet_in_one_sentence_behind_the_lead_are_one_reason() -> None:
    assert tag(FILLER + "They work overtime on weekends.", OVERTIME, WEEKENDS) == ()


def test_sentences_behind_the_lead_that_say_as_much_are_several() -> None:
    (found,) = tag(FILLER + "They work overtime. They work weekends.", OVERTIME, WEEKENDS)
    assert found.score == 0.525
    assert [one.quote for one in found.evidence] == ["overtime", "weekends"]


def test_more_than_three_sentences_make_nothing_surer() -> None:
    scores = [tag(FILLER + "They work overtime. " * times, OVERTIME)[0].score for times in (3, 4, 9)]
    assert scores == [0.6125, 0.6125, 0.6125]


def test_what_stands_behind_the_lead_adds_to_what_stands_in_it() -> None:
    weak = rule(["tired"], id="tired", weight=0.3)
    (found,) = tag("They are tired. " + FILLER + "They work overtime.", OVERTIME, weak)
    assert found.score == round(1 - 0.7 * (1 - 0.35), 6)
