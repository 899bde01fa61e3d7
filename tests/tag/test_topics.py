"""What makes a rule fire, what a tag says, and that it stands on its evidence alone."""

import pickle

import pytest

from schemas.records import Evidence, TopicTag
from tests.builders import NOON
from tests.tag.rulebooks import rule, rulebook
from transforms.tag.rulebook import RuleBook
from transforms.tag.topics import tag_topics


def tags(book: RuleBook, text: str, title: str = "ICE") -> tuple[TopicTag, ...]:
    return tag_topics(book, article_id="a1", run_id="r1", now=NOON, title=title, text=text).tags


def quotes(book: RuleBook, text: str, title: str = "ICE") -> list[str]:
    return [evidence.quote for tag in tags(book, text, title) for evidence in tag.evidence]


def test_a_tag_says_topic_rule_score_and_words() -> None:
    book = rulebook(protests=[rule(["protest*"], id="protest-word", weight=0.8)])
    assert tags(book, "They met. A protest followed.") == (
        TopicTag(
            article_id="a1",
            run_id="r1",
            as_of=NOON,
            topic="protests",
            rule_id="protest-word",
            ruleset_version="000000000000",
            score=0.8,
            evidence=(Evidence(field="text", start=12, end=19, quote="protest"),),
        ),
    )


def test_an_article_off_the_domain_has_no_tags() -> None:
    book = rulebook(protests=[rule(["protest*"])])
    assert tags(book, "A protest.", title="Rain") == ()
    assert tags(book, "A protest at the hockey game.") == ()


@pytest.mark.parametrize(
    ("within", "text", "found"),
    [
        ("sentence", "A quota of arrests. Rain.", ["quota", "arrests"]),
        ("sentence", "A quota. Arrests rose.", []),
        ("passage", "A quota. Arrests rose.", ["quota", "Arrests"]),
        ("passage", "A quota. Rain fell. Arrests rose.", []),
        ("article", "A quota. Rain fell. Arrests rose.", ["quota", "Arrests"]),
        ("article", "A quota.", []),
    ],
)
def test_how_far_company_may_stand(within: str, text: str, found: list[str]) -> None:
    book = rulebook(quotas=[rule(["quota*"], also=(["arrest*"],), within=within)])  # type: ignore[arg-type]
    assert quotes(book, text) == found


def test_the_title_stands_beside_the_first_sentence() -> None:
    book = rulebook(quotas=[rule(["quota*"], also=(["arrest*"],), within="passage")])
    assert quotes(book, "Arrests rose.", title="ICE quota") == ["quota", "Arrests"]


def test_a_word_is_no_company_for_itself() -> None:
    book = rulebook(quotas=[rule(["arrest quota*"], also=(["arrest*"],))])
    assert quotes(book, "An arrest quota.") == []
    assert quotes(book, "An arrest quota for arrests.") == ["arrest quota", "arrests"]


def test_unless_and_longer_phrases_hold_a_rule_back() -> None:
    book = rulebook(
        force=[rule(["shot*"], unless=("wanted for",))], deaths=[rule(["death*"], not_in=("death penalty",))]
    )
    assert quotes(book, "A shot. A man wanted for a shot.") == ["shot"]
    assert quotes(book, "The death penalty.") == []
    assert quotes(book, "The death penalty. A death.") == ["death"]


def test_weak_rules_add_up_and_the_heaviest_is_named() -> None:
    book = rulebook(
        hours=[
            rule(["overtime"], id="b", weight=0.3),
            rule(["weekends"], id="a", weight=0.3),
            rule(["dawn"], weight=0.9),
        ]
    )
    assert tags(book, "Overtime.") == ()
    (tag,) = tags(book, "Overtime on weekends.")
    assert (tag.rule_id, tag.score) == ("a", 0.51)


def test_a_word_in_passing_behind_the_lead_needs_repeating() -> None:
    book = rulebook(hours=[rule(["overtime"], weight=0.8)])
    far = "Rain fell on the town again. " * 20
    assert tags(book, far + "Overtime.") == ()
    assert len(tags(book, far + "Overtime. More overtime.")) == 1


def test_tags_are_sorted_by_topic_and_evidence_by_place() -> None:
    book = rulebook(zeal=[rule(["raid*"])], arrests=[rule(["arrest*"]), rule(["ICE arrest*"], id="named")])
    found = tags(book, "Raids and ICE arrests.", title="ICE arrests and raids")
    assert [tag.topic for tag in found] == ["arrests", "zeal"]
    assert [(one.field, one.quote) for one in found[0].evidence] == [("title", "ICE arrests"), ("text", "ICE arrests")]


def test_words_that_held_a_rule_back_belong_to_the_evidence_with_what_they_held_back() -> None:
    book = rulebook(force=[rule(["tear gas"], id="gas"), rule(["fired"], id="shot", unless=("tear gas",))])
    assert quotes(book, "Agents fired tear gas.") == ["fired", "tear gas"]


def test_a_rule_book_travels_to_workers() -> None:
    book = rulebook(deaths=[rule(["death* in ICE custody"])])
    assert quotes(pickle.loads(pickle.dumps(book)), "Deaths in ICE custody.") == ["Deaths in ICE custody"]


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ud800", "🙂" * 50, "İ" * 50, "\n" * 50, "protest" * 50])
def test_odd_texts_are_just_texts(text: str) -> None:
    assert tags(rulebook(protests=[rule(["protest"])]), text, title=text) == ()


@pytest.mark.parametrize("unit", ["ICE raid protest ", "protest. ", "\u0301protest", "“protest” ", "x"])
def test_five_megabytes_are_read_in_part(unit: str) -> None:
    text = unit * (5_000_000 // len(unit))
    for tag in tags(rulebook(protests=[rule(["protest*"], also=(["raid*"],), within="article")]), text):
        assert all(text[one.start : one.end] == one.quote for one in tag.evidence)
        assert tag.evidence[-1].end <= 200_100
