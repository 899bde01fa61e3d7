"""What a reader sees of a page, read from its markup."""

import time

import pytest

from tests.extract.pages import ENGLISH, paragraphs
from transforms.extract.shown import count_stamps, read_behind, read_controls, read_shown, read_wall

PREVIEW = paragraphs(ENGLISH, 4)
TEXT = "\n".join((f"{ENGLISH[0]} {ENGLISH[1]}", f"{ENGLISH[2]} {ENGLISH[3]}"))


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (b"<p>One</p><div style='color:red; display: none'><div>no</div> nor this</div><p>two</p>", "One two"),
        (b"<p>One</p><section class=x hidden><p>no</p></section><p>two &amp; three</p>", "One two & three"),
        (b"<p>One</p><p title='a hidden meaning'>two</p>", "One two"),
        (b"<p>One</p><div hidden>a part that nothing closes", "One a part that nothing closes"),
        (b"<body style='display:none'><p>shown by a script</p></body>", "shown by a script"),
        (b'<p>One</p><script type=\'application/ld+json\'>{"headline": "no"}</script>', "One"),
    ],
)
def test_what_is_hidden_is_not_shown(markup: bytes, shown: str) -> None:
    rest = b"<p>" + b"The rest of the page. " * 9 + b"</p>"
    assert read_shown(markup + rest).split(" The rest")[0] == shown


def test_what_hides_most_of_a_page_is_a_scripts_matter() -> None:
    assert read_shown(f"<p>One</p><main hidden>{PREVIEW}</main>".encode()).startswith("One Federal officers")


def test_controls_are_links_and_buttons() -> None:
    markup = (
        b"<a href='/x'>Read <b>on</b></a><button class=c>Accept</button><input type=submit value='Send it'>"
        b"<input type=text value=no><div role=button>Reject</div><p>no</p>"
    )
    assert read_controls(markup) == ("Read on", "Accept", "Send it", "Reject")


def test_what_stands_behind_the_text_begins_at_its_last_paragraph() -> None:
    shown = read_shown(f"<h1>Raid</h1>{PREVIEW}<div>Read on in print.</div>".encode())
    assert read_behind(shown, TEXT) == " Read on in print."
    assert read_behind(shown, f"{TEXT}\nRead on in print.") == " Read on in print."
    assert read_behind(shown, "Another text, of which the page shows not a single word anywhere.") == ""


@pytest.mark.parametrize(
    ("markup", "wall"),
    [
        ("<div class='content-gate box'><p>Members read on.</p></div>", "Members read on."),
        ("<div id=paywall>Members read on.</div>", "Members read on."),
        ("<div class='newsletter subscribe'><p>Our letter.</p></div>", ""),
        ("<div class='wallpaper'>Members read on.</div>", ""),
        (f"<div>{'Much else stands here. ' * 20}</div><div class=paywall>Members read on.</div>", ""),
        ("<div class=paywall hidden>Members read on.</div>", ""),
    ],
)
def test_a_wall_is_an_element_named_so_right_behind_the_text(markup: str, wall: str) -> None:
    assert read_wall(f"<h1>Raid</h1>{PREVIEW}{markup}".encode(), TEXT) == wall


def test_stamps_stand_alone_above_parts_of_the_text() -> None:
    posts = "".join(f"<h3>{at}:05 p.m. ET</h3><p>{line}</p>" for at, line in enumerate(ENGLISH[:4], 1))
    rail = "".join(f"<span>{at} hours ago</span><a href='/{at}'>Other news of the day</a>" for at in range(2, 6))
    assert count_stamps((posts + rail).encode(), "\n".join(ENGLISH[:4])) == 4
    assert count_stamps(f"<p>At 8:30 p.m. {ENGLISH[0]}</p>".encode(), f"At 8:30 p.m. {ENGLISH[0]}") == 0
    assert count_stamps(f"<time>hace 3 horas</time><p>{ENGLISH[0]}</p>".encode(), ENGLISH[0]) == 1


@pytest.mark.parametrize(
    "piece",
    [b"<div hidden>", b"class=wall ", b"<a id=", b"class=", b">12:30 ", b"<button>", b"> ", b"<script>", b" "],
)
def test_no_page_takes_long(piece: bytes) -> None:
    markup = b"<div " + piece * (2_000_000 // len(piece))
    began_s = time.process_time()
    for read in (read_shown, read_controls):
        read(markup)
    read_wall(markup, TEXT)
    count_stamps(markup, TEXT)
    assert time.process_time() - began_s < 5
