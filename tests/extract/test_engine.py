"""trafilatura's parts on a region give what its whole cascade gives of a page that holds nothing else."""

from lxml.html import document_fromstring

from tests.extract.pages import ENGLISH, SPANISH, page, paragraphs
from transforms.extract.engine import read_page, read_part

RICH = f"""
<h2>What the sheriff knew</h2>{paragraphs(ENGLISH, 6)}
<ul><li>{ENGLISH[6]}</li><li>{ENGLISH[7]} <a href="/more">{ENGLISH[8][:20]}</a></li></ul>
<blockquote><p>{ENGLISH[9]}</p></blockquote>
<p>{ENGLISH[10]}<br>{ENGLISH[11]}</p>
<table><tr><th>County</th><th>Arrests</th></tr><tr><td>Pima</td><td>807</td></tr></table>
<div class="share-tools">Share this</div><div class="related"><p><a href="/x">{SPANISH[0]}</a></p></div>
<div style="display:none"><p>{SPANISH[1]}</p></div><div class="newsletter"><p>{SPANISH[2]}</p></div>
<p>{ENGLISH[12]} <i>{ENGLISH[13]}</i></p><h3>More</h3>
"""


def both(body: str) -> tuple[str, str]:
    """What the parts give of a body's box, and what trafilatura gives of a page of that box alone."""
    box = document_fromstring(page(f"<div>{body}</div>")).find(".//div")
    assert box is not None
    whole = document_fromstring(page(f"<article><div>{body}</div></article>"))
    return read_part(box, len(box.text_content())), read_page(whole, is_careful=False)


def test_parts_give_what_the_cascade_gives() -> None:
    parts, whole = both(RICH)
    assert parts == whole
    assert "| Pima | 807 |" in parts
    assert all(sentence in parts for sentence in ENGLISH[:8])
    assert not any(sentence in parts for sentence in (*SPANISH, "Share this", "More"))


def test_boxes_that_are_most_of_the_article_are_none_of_its_asides() -> None:
    """A name such as widget is no reason to drop what would leave nearly nothing."""
    parts, whole = both(f"<div class='widget-text'>{paragraphs(ENGLISH, 14)}</div><p>{ENGLISH[15]}</p>")
    assert parts == whole
    assert all(sentence in parts for sentence in ENGLISH[:14])


def test_the_body_by_name_is_taken_if_it_holds_most_of_the_region() -> None:
    named, aside = f"<div class='article-body'>{paragraphs(ENGLISH, 14)}</div>", f"<p>{SPANISH[0]}</p>"
    chars = sum(map(len, ENGLISH[:14]))
    for paragraphs_chars, has_aside in ((chars, False), (2 * chars, True)):
        box = document_fromstring(page(f"<div>{named}{aside}</div>")).find(".//div")
        assert box is not None
        text = read_part(box, paragraphs_chars)
        assert ENGLISH[13] in text
        assert (SPANISH[0] in text) == has_aside


def test_a_paragraph_printed_twice_is_read_once() -> None:
    parts, _ = both(f"<p>{ENGLISH[0]}</p><p>{ENGLISH[0]}</p>{paragraphs(ENGLISH[1:], 8)}")
    assert parts.count(ENGLISH[0]) == 1


def test_tags_and_attributes_that_no_tree_takes_are_no_obstacle() -> None:
    box = f"<div [ngclass]='y' class='z'>{paragraphs(ENGLISH, 8)}</div>"
    assert ENGLISH[7] in both(f"<o:p class='x' [hidden]='1' data-x=2>{ENGLISH[0]}</o:p>{box}")[0]
