"""Repair: whatever goes in, a strict parser can read what comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from transforms.discover.repair import repair_xml


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("<rss><a>x & y</a></rss>", "<rss><a>x &amp; y</a></rss>"),
        ("<rss><a b=c d>x</a></rss>", '<rss><a b="c" d="d">x</a></rss>'),
        ("<rss><a b='1' b='2'/></rss>", '<rss><a b="1"/></rss>'),
        ("<rss><b><i>x</b></i></rss>", "<rss><b><i>x</i></b></rss>"),
        ("<rss>x<br>y</rss>", "<rss>x<br>y</br></rss>"),
        ("<rss><Title>x</title></rss>", "<rss><Title>x</Title></rss>"),
        ("<rss>a<!-- b -->c<?php d ?>e</rss>", "<rss>ace</rss>"),
        ("<rss>1 < 2 ]]></rss>", "<rss>1 &lt; 2 ]]&gt;</rss>"),
        ("<rss><![CDATA[a & <b>]]></rss>", "<rss><![CDATA[a & <b>]]></rss>"),
        ("<rss></rss></rss> x", "<rss> x</rss>"),
    ],
)
def test_repairs(broken: str, whole: str) -> None:
    assert repair_xml(broken).markup == whole


PIECES = [
    "<rss>",
    "</rss>",
    "<item>",
    "</item>",
    "<b>",
    "</b>",
    "<a x='1'>",
    "<br/>",
    "<a b=c",
    "&",
    "&amp;",
    "&#55357;",
    "<",
]
PIECES += ["<![CDATA[", "]]>", "<!--", "-->", "<?x", "?>", "<!DOCTYPE a [", "]>", ">", "'", '"', "\x01", "\ud800", "é"]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join))
def test_what_comes_out_is_well_formed(text: str) -> None:
    repaired = repair_xml("<rss>" + text)
    etree.fromstring(repaired.markup.encode(), etree.XMLParser(resolve_entities=False))


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_repair_changes_nothing_the_second_time(text: str) -> None:
    once = repair_xml("<rss>" + text).markup
    assert repair_xml(once).markup == once


def test_no_name_or_value_is_longer_than_a_reader_can_bear() -> None:
    """A tag name of megabytes made feedparser hold gigabytes, one copy for each element after it."""
    monster = "n" * 1_000_000
    repaired = repair_xml(f'<rss><{monster}:{monster} {monster}="{monster}">x</{monster}:{monster}></rss>').markup
    assert len(repaired) < 25_000
    assert etree.fromstring(repaired.encode(), etree.XMLParser(recover=True)).xpath("string()") == "x"
