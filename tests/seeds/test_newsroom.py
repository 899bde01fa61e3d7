"""The newsroom's loader: what a small outlet file becomes, and how mistakes are told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UserError
from seeds.newsroom.newsroom import DAYS, clock_on, load_newsroom, revision_on, share_paragraphs

OUTLET = """
[outlet]
slug = "tide-table"
name = "The Tide Table"
kind = "local"
language = "en"
tagline = "Twice a day"
city = "Port Alden"
layout = "ledger"
feed_format = "rss20"
needs_topic_filter = true
charset = "utf-8"
time_zone = "America/New_York"
"""

ARTICLE = """
[[articles]]
slug = "ferry-late"
title = "Ferry late again"
authors = ["Ada Quay"]
published_at = 2026-11-02T21:15:00-05:00
day = 1
section = "Harbor"
summary = "It was late."
on_domain = false
topics = []
near_miss = "boats"
state = "full"
body = '''
The ferry was
late.

Nobody was surprised.
'''
"""

REVISION = """
[[articles.revisions]]
day = 2
modified_at = 2026-11-03T08:00:00-05:00
title = "Ferry found"
body = "The ferry came."
"""

COPY = """
[[articles]]
slug = "boat-late"
title = "A boat is late"
published_at = 2026-11-03T07:00:00-05:00
day = 2
section = "Wire"
summary = "Late."
on_domain = false
topics = []
wire_of = "tide-table/ferry-late"
wire_share = 0.6
lede = "Hear this."
"""


def write(folder: Path, text: str, name: str = "tide-table") -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_outlet_file_becomes_records(tmp_path: Path) -> None:
    (outlet,) = load_newsroom(write(tmp_path, OUTLET + ARTICLE + REVISION)).outlets
    (piece,) = outlet.pieces
    assert (outlet.slug, outlet.layout, outlet.charset) == ("tide-table", "ledger", "utf-8")
    assert (piece.authors, piece.near_miss, piece.topics) == (("Ada Quay",), "boats", ())
    assert piece.published_at == datetime(2026, 11, 3, 2, 15, tzinfo=UTC)
    first, second = piece.revisions
    assert first.paragraphs == ("The ferry was late.", "Nobody was surprised.")
    assert (second.title, second.paragraphs) == ("Ferry found", ("The ferry came.",))


def test_a_reader_finds_the_text_of_the_day(tmp_path: Path) -> None:
    copy = load_newsroom(write(tmp_path, OUTLET + ARTICLE + REVISION + COPY)).outlets[0].pieces[1]
    assert revision_on(copy, 1) is None
    piece = load_newsroom(tmp_path).outlets[0].pieces[0]
    titles = [text.title for day in DAYS if (text := revision_on(piece, day))]
    assert titles == ["Ferry late again", "Ferry found", "Ferry found"]


def test_a_wire_copy_takes_the_first_share_of_its_source(tmp_path: Path) -> None:
    copy = load_newsroom(write(tmp_path, OUTLET + ARTICLE + REVISION + COPY)).outlets[0].pieces[1]
    assert copy.revisions[0].paragraphs == ("Hear this.", "The ferry was late.")
    assert (copy.wire_of, copy.wire_share) == ("tide-table/ferry-late", 0.6)


@given(st.lists(st.text("ab ", min_size=1).filter(str.strip), min_size=1), st.floats(0.01, 1))
def test_a_share_is_the_nearest_run_of_first_paragraphs(paragraphs: list[str], share: float) -> None:
    counts = [len(paragraph.split()) for paragraph in paragraphs]
    taken = share_paragraphs(paragraphs, share)
    assert list(taken) == paragraphs[: len(taken)]
    misses = [abs(sum(counts[:n]) - share * sum(counts)) for n in range(1, len(counts) + 1)]
    assert misses[len(taken) - 1] == min(misses)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("outlet = ", "tide-table.toml: the file: field '(all)': not TOML"),
        (OUTLET + "[adverts]", "field 'adverts': unknown table"),
        (OUTLET + "[articles]", "field 'articles': not a list"),
        (OUTLET.replace('layout = "ledger"', 'layout = "classic"'), "outlet: field 'layout': Invalid enum value"),
        (OUTLET.replace("tide-table", "ebb"), "outlet: field 'slug': 'ebb' is not the file's name"),
        (OUTLET.replace("New_York", "Old_York"), "outlet: field 'time_zone': 'No time zone found"),
        (OUTLET + "colour = 'red'", "outlet: field 'colour': Object contains unknown field"),
        (
            OUTLET + ARTICLE.replace('title = "Ferry late again"', ""),
            "article ferry-late: field 'title': Object missing",
        ),
        (OUTLET + ARTICLE.replace('slug = "ferry-late"', ""), "article no. 1: field 'slug': Object missing"),
        (OUTLET + ARTICLE + ARTICLE, "article ferry-late: field 'slug': used twice"),
        (OUTLET + ARTICLE.replace("day = 1", "day = 4"), "article ferry-late: field 'day'"),
        (OUTLET + ARTICLE.replace("15:00-05:00", "15:00"), "field 'published_at'"),
        (OUTLET + ARTICLE.replace("11-02", "11-03"), "field 'day': ends before published_at"),
        (OUTLET + ARTICLE.replace("topics = []", 'topics = ["protests"]'), "off-domain texts carry no topics"),
        (OUTLET + ARTICLE.replace("on_domain = false", "on_domain = true"), "field 'near_miss'"),
        (OUTLET + ARTICLE.replace("body = ", "lede = "), "field 'body': needs either"),
        (OUTLET + ARTICLE + "lede = 'x'", "field 'lede': lede and tail go with wire_of"),
        (OUTLET + ARTICLE + REVISION.replace("day = 2", "day = 1"), "field 'revisions[0].day': must be later"),
        (OUTLET + ARTICLE + REVISION.replace("11-03", "11-01"), "field 'revisions[0].modified_at': not after"),
        (OUTLET + ARTICLE + REVISION.replace('"The ferry came."', '""'), "field 'revisions[0].body'"),
        (OUTLET + COPY, "article boat-late: field 'wire_of': 'tide-table/ferry-late' is unknown"),
        (OUTLET + COPY.replace("ferry-late", "boat-late"), "field 'wire_of': 'tide-table/boat-late' is itself a copy"),
        (OUTLET + COPY.replace("wire_share = 0.6", ""), "field 'wire_share': goes with wire_of"),
    ],
)
def test_a_mistake_is_one_line_with_file_entry_and_field(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError) as caught:
        load_newsroom(write(tmp_path, text))
    assert told in str(caught.value)
    assert str(caught.value).startswith("tide-table.toml: ")
    assert "; " in str(caught.value)


def test_a_folder_without_outlets_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no outlet files"):
        load_newsroom(tmp_path)


def test_the_bundled_newsroom_loads_and_is_rich() -> None:
    newsroom = load_newsroom()
    pieces = [piece for outlet in newsroom.outlets for piece in outlet.pieces]
    assert {outlet.language for outlet in newsroom.outlets} == {"en", "es"}
    assert {revision.day for piece in pieces for revision in piece.revisions} == set(DAYS)
    assert any(piece.wire_of for piece in pieces)
    assert all(piece.published_at < clock_on(piece.revisions[0].day) for piece in pieces)
