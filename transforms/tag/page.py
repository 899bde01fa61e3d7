"""An article made ready to be read by rules: folded, its sentences numbered."""

from collections.abc import Iterable, Iterator

from schemas.records import Evidence, record
from transforms.tag.fold import Folded, fold
from transforms.tag.sentences import split_sentences

LONGEST_TEXT = 200_000
"""Characters of a text that are read; the longest news features stay under 100,000, so what is longer is a dump."""

LONGEST_TITLE = 2_000


@record
class Page:
    """Title and text, as far as they are read, as given and folded.

    Sentence 0 is the title; sentence n above 0 starts at `starts[n - 1]` of the folded text. `paragraphs` holds the
    number of each sentence's paragraph, 0 for the title.
    """

    title: str
    text: str
    folded_title: Folded
    folded_text: Folded
    starts: tuple[int, ...]
    paragraphs: tuple[int, ...]

    def quote(self, sentence: int, first: int, last: int) -> Evidence:
        """Lead a span of a folded field back to the article's own words."""
        if sentence:
            start, end = self.folded_text.locate(first, last)
            return Evidence(field="text", start=start, end=end, quote=self.text[start:end])
        start, end = self.folded_title.locate(first, last)
        return Evidence(field="title", start=start, end=end, quote=self.title[start:end])

    def without(self, evidence: Iterable[Evidence]) -> "Page":
        """The page as if these words were blank; all others keep their place."""
        spans: dict[str, list[tuple[int, int]]] = {"title": [], "text": []}
        for one in evidence:
            spans[one.field].append((one.start, one.end))
        return open_page(_blank(self.title, spans["title"]), _blank(self.text, spans["text"]))


def open_page(title: str, text: str) -> Page:
    """Fold title and text and find the sentences; never fails, whatever they hold."""
    title, text = title[:LONGEST_TITLE], text[:LONGEST_TEXT]
    folded_text = fold(text)
    starts = split_sentences(folded_text.plain)
    return Page(
        title=title,
        text=text,
        folded_title=fold(title),
        folded_text=folded_text,
        starts=starts,
        paragraphs=tuple(_number_paragraphs(folded_text.plain, starts)),
    )


def _number_paragraphs(plain: str, starts: tuple[int, ...]) -> Iterator[int]:
    """A sentence starts a paragraph where a line end stands before it."""
    number = 0
    yield number
    for start in starts:
        number += start == 0 or plain[start - 1] == "\n"
        yield number


def _blank(field: str, spans: list[tuple[int, int]]) -> str:
    """Put blanks in place of spans, given in ascending order and apart from one another."""
    pieces = []
    last = 0
    for start, end in spans:
        pieces += [field[last:start], " " * (end - start)]
        last = end
    return "".join([*pieces, field[last:]])
