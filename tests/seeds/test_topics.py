"""The topics file loads as written, and every mistake in it is one clear line."""

from pathlib import Path

import pytest

from schemas.errors import UserError
from seeds.topics import TOPICS_FILE, load_topics

SMALL = """
[scoring]
topic_threshold = 0.5
domain_threshold = 1.0
lead = 1500
later = 0.5

[lists]
agency = ["ICE", "Border Patrol", "!ICE cream"]
actors = ["@agency", "sheriff*"]

[[domain.rules]]
id = "domain-agency"
reason = "Its name."
weight = 1.0
say = ["@agency"]
matches = "ICE came."
refuses = "It rained."

[[topics]]
slug = "protests"
label = "Protests"
definition = "People who protest."
counts = "Marches."
does_not_count = "Suits."
near_misses = ["ICE sued."]

[[topics.rules]]
id = "protest-word"
reason = "The word itself."
say = ["protest*"]
also = [["@actors"]]
matches = "ICE met a protest."
refuses = "ICE met a sheriff."
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "topics.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_lists_are_resolved_to_any_depth(tmp_path: Path) -> None:
    (rule,) = load_topics(write(tmp_path, SMALL)).topics[0].rules
    assert rule.also[0].phrases == ("ICE", "Border Patrol", "sheriff*")
    assert rule.also[0].not_in == ("ICE cream",)
    assert rule.within == "sentence"
    assert rule.weight == 0.7


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('say = ["protest*"]', 'says = ["protest*"]', ("protest-word", "'says'", "unknown field")),
        (
            'say = ["protest*"]',
            'say = ["protest*", "@police"]',
            ("protest-word", "'say'", "no list @police", "@agency"),
        ),
        ('say = ["protest*"]', "say = []", ("protest-word", "'say'", "no phrase")),
        ('say = ["protest*"]', 'say = ["protest*", " "]', ("protest-word", "'say'", "neither letters nor digits")),
        ('say = ["protest*"]', 'say = ["protest*", "p*otest"]', ("protest-word", "'say'", "'p*otest'")),
        (
            'say = ["protest*"]',
            'say = ["protest*"]\nunless = ["protest*"]',
            ("protest-word", "'unless'", "also in say"),
        ),
        ('say = ["protest*"]', 'say = ["protest*"]\nweight = -0.5', ("protest-word", "'weight'", "-0.5")),
        ('say = ["protest*"]', 'say = ["protest*"]\nweight = 7', ("protest-word", "'weight'")),
        ('say = ["protest*"]', 'say = ["protest*"]\nwithin = "page"', ("protest-word", "'within'", "page")),
        ('also = [["@actors"]]', 'also = ["@actors"]', ("protest-word", "'also'")),
        ('id = "protest-word"', 'id = "domain-agency"', ("'id'", "'domain-agency' is given twice")),
        ('refuses = "ICE met a sheriff."', 'refuses = "ICE met a protest."', ("protest-word", "'refuses'")),
        ('slug = "protests"', 'slug = "Protests!"', ("'slug'",)),
        ('actors = ["@agency", "sheriff*"]', 'actors = ["@actors"]', ("list actors", "contains itself")),
        ('definition = "People who protest."', "", ("protests", "'definition'", "missing")),
        ("lead = 1500", 'lead = "far"', ("'lead'",)),
        ("lead = 1500", "lead = ", ("topics.toml", "TOML")),
    ],
)
def test_a_mistake_names_file_entry_field_and_remedy(
    tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    assert old in SMALL
    with pytest.raises(UserError) as raised:
        load_topics(write(tmp_path, SMALL.replace(old, new, 1)))
    message = str(raised.value)
    assert message.splitlines()[0].startswith(("topics.toml: ", str(tmp_path)))
    for word in words:
        assert word in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.toml: cannot be read"):
        load_topics(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('reason = "The word itself."', 'reason = "Because."', True),
        ("[lists]", "# a comment\n[lists]", True),
        ('["ICE", "Border Patrol", "!ICE cream"]', '["Border Patrol", "!ICE cream", "ICE"]', True),
        ('say = ["protest*"]', 'say = ["protest*", "march*"]', False),
        ('say = ["protest*"]', 'say = ["protest*"]\nweight = 0.6', False),
        ("lead = 1500", "lead = 1600", False),
    ],
)
def test_the_version_follows_the_meaning(tmp_path: Path, old: str, new: str, same: bool) -> None:
    before = load_topics(write(tmp_path, SMALL)).version
    assert (load_topics(write(tmp_path, SMALL.replace(old, new, 1))).version == before) is same


def test_the_bundled_file_holds_the_26_topics() -> None:
    topics = load_topics()
    assert TOPICS_FILE.name == "topics.toml"
    assert len(topics.topics) == 26
    for topic in topics.topics:
        assert all((topic.label, topic.definition, topic.counts, topic.does_not_count, topic.near_misses, topic.rules))
