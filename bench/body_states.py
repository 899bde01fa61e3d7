"""Measure body_state on labelled pages: the newsroom's, and pages whose markup follows real publishers' systems.

    python -m bench.body_states [--only working|held] [--wrong]

Prints precision, recall and F1 of each state, macro F1, and who was taken for what. Pages, labels and the reason of
each label are in tests/extract/body_states. A third of them, chosen by a hash of their names, was held back while the
judge was written.
"""

import argparse
import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path

from pipelines.newsroom.faults import render_challenge
from pipelines.newsroom.pages import encode_page, render_page
from schemas.records import record
from seeds.newsroom.newsroom import Newsroom, Piece, load_newsroom, revision_on
from transforms.extract.extract import ExtractError, extract_article

FOLDER = Path(__file__).parent.parent / "tests/extract/body_states"
STATES = ("full", "teaser", "paywalled", "consent", "challenge", "live-blog", "video-stub", "empty")


@record
class LabelledPage:
    """One page, what it is, and why; `held` tells whether it was kept aside while the judge was written."""

    name: str
    state: str
    why: str
    content: bytes
    status: int
    held: bool


@record
class Judged:
    """A labelled page with the state that the extractor gave it, and its reason."""

    page: LabelledPage
    state: str
    reason: str


def load_pages() -> list[LabelledPage]:
    """The pages of labels.toml, their slots filled with the words of the newsroom's pieces."""
    newsroom = load_newsroom()
    pieces = {f"{outlet.slug}/{piece.slug}": piece for outlet in newsroom.outlets for piece in outlet.pieces}
    labels = tomllib.loads((FOLDER / "labels.toml").read_text(encoding="utf-8"))
    pages = []
    for name, label in labels.items():
        markup = (FOLDER / "pages" / f"{name}.html").read_text(encoding="utf-8")
        content = fill_slots(markup, pieces.get(label.get("story", ""))).encode()
        pages.append(_page(name, label["state"], label["why"], content, label.get("status", 200)))
    return pages


def load_newsroom_pages(newsroom: Newsroom | None = None) -> list[LabelledPage]:
    """Every page that the newsroom serves on its last day, labelled by the piece's own state."""
    pages = []
    for outlet in (newsroom or load_newsroom()).outlets:
        for piece in outlet.pieces:
            revision = revision_on(piece, 3)
            if revision is None:
                continue
            markup = render_page(outlet, piece, revision, day=3, base=f"https://{outlet.slug}.example")
            content = render_challenge(outlet).encode() if piece.state == "challenge" else encode_page(outlet, markup)
            pages.append(_page(f"newsroom/{outlet.slug}/{piece.slug}", piece.state, "the newsroom's", content))
    return pages


def _page(name: str, state: str, why: str, content: bytes, status: int = 200) -> LabelledPage:
    held = hashlib.sha256(name.encode()).digest()[0] % 3 == 0
    return LabelledPage(name=name, state=state, why=why, content=content, status=status, held=held)


def fill_slots(markup: str, piece: Piece | None) -> str:
    """A page's markup with its slots filled by a piece; without a piece there must be none.

    Slots: `title`, `summary`, `words` and `characters` of the text, each after `json-` for use in JSON (with `body`,
    too); `p FROM-TO [ATTRIBUTES]` paragraphs, `divs` and `lines` the same as <div> or between <br>; `cut N LENGTH`
    the begin of a paragraph; `blocks FROM-TO TEMPLATE` a block each, in which % is the paragraph and @ its number.
    """
    if piece is None:
        assert "{{" not in markup, markup[:200]
        return markup
    texts = piece.revisions[0].paragraphs
    body = "\n".join(texts)
    plain = {
        "title": piece.revisions[0].title,
        "summary": piece.summary,
        "body": body,
        "words": str(len(body.split())),
        "characters": str(len(body)),
    }

    def fill(slot: re.Match[str]) -> str:
        kind, _, rest = slot[1].partition(" ")
        if kind in plain:
            return escape(plain[kind], quote=False)
        if kind.startswith("json-"):
            return json.dumps(plain[kind[5:]])[1:-1].replace("</", "<\\/")
        span, _, extra = rest.partition(" ")
        if kind == "cut":
            return escape(texts[int(span) - 1][: int(extra)].rsplit(" ", 1)[0], quote=False)
        first, _, last = span.partition("-")
        chosen = [escape(text, quote=False) for text in texts[int(first) - 1 : int(last) if last else None]]
        if kind == "lines":
            return "<br><br>\n".join(chosen)
        if kind == "blocks":
            blocks = enumerate(chosen, 1)
            return "\n".join(extra.replace("@", str(at)).replace("%", f"<p>{text}</p>") for at, text in blocks)
        tag = {"p": "p", "divs": "div"}[kind]
        opening = f"{tag} {extra}" if extra else tag
        return "\n".join(f"<{opening}>{text}</{tag}>" for text in chosen)

    return re.sub(r"\{\{(.+?)\}\}", fill, markup)


def judge_pages(pages: list[LabelledPage]) -> list[Judged]:
    """What the extractor makes of the pages; bytes that it refuses as empty count as the state empty."""
    judged = []
    for page in pages:
        try:
            found = extract_article(page.content, url=f"https://a.example/2026/{page.name}", status=page.status)
            state, reason = found.body_state, found.body_state_reason
        except ExtractError as error:
            state, reason = error.kind, error.detail
        judged.append(Judged(page=page, state=state, reason=reason))
    return judged


def measure_state(judged: list[Judged], state: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one state; 0 where nothing was right."""
    right = sum(row.state == row.page.state == state for row in judged)
    given = sum(row.state == state for row in judged)
    labelled = sum(row.page.state == state for row in judged)
    if not right:
        return 0.0, 0.0, 0.0
    precision, recall = right / given, right / labelled
    return precision, recall, 2 * precision * recall / (precision + recall)


def macro_f1(judged: list[Judged]) -> float:
    """The mean F1 of the states that any of the pages has."""
    states = {row.page.state for row in judged}
    return sum(measure_state(judged, state)[2] for state in states) / len(states)


def write_table(judged: list[Judged]) -> Iterator[str]:
    """Lines: a state each, with precision, recall, F1, and what its pages were taken for; then the macro F1."""
    yield f"{'state':11} pages precision recall   F1  taken for"
    for state in STATES:
        precision, recall, f1 = measure_state(judged, state)
        taken = Counter(row.state for row in judged if row.page.state == state)
        if taken:
            others = ", ".join(f"{other} {count}" for other, count in taken.most_common())
            yield f"{state:11} {taken.total():5} {precision:9.3f} {recall:6.3f} {f1:5.3f}  {others}"
    yield f"macro F1    {macro_f1(judged):.3f} on {len(judged)} pages"


def write_wrong(judged: list[Judged]) -> Iterator[str]:
    """A line for each page that was judged wrongly: what it is, what it was taken for, and by which reason."""
    for row in judged:
        if row.state != row.page.state:
            yield f"{row.page.name}: {row.page.state}, taken for {row.state} ({row.reason}); {row.page.why}"


def main() -> None:
    """Judge all pages and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("working", "held"), help="one part of the pages")
    parser.add_argument("--wrong", action="store_true", help="also list the pages that are judged wrongly")
    options = parser.parse_args()
    for title, pages in (("pages of the house", load_pages()), ("the newsroom's pages", load_newsroom_pages())):
        chosen = [page for page in pages if options.only is None or page.held == (options.only == "held")]
        judged = judge_pages(chosen)
        print(title, *write_table(judged), *(write_wrong(judged) if options.wrong else ()), "", sep="\n")


if __name__ == "__main__":
    main()
