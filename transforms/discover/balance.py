"""Writing tags so that they nest: what is left open is closed, what closes nothing is left out."""

from collections import Counter

from transforms.discover.guards import MAX_ATTRIBUTES, MAX_DEPTH, MAX_ENTRIES, MAX_NAMES, MAX_TAGS
from transforms.discover.plain import HTML_TAGS

# Local names of the root elements we can read.
ROOTS = frozenset({"rss", "feed", "rdf", "channel", "urlset", "sitemapindex", "opml", "entry"})
# Local names of the elements that hold one entry.
ENTRY_TAGS = frozenset({"item", "entry", "url", "sitemap", "outline"})
# Of these, the ones that never stand in one another: a second start means that an end tag was lost.
_FLAT_TAGS = frozenset({"item", "entry"})

Attributes = list[tuple[str, str]]


def local_name(name: str) -> str:
    """The name without prefix, in lower case: `rdf:RDF` is `rdf`."""
    return name.rpartition(":")[2].lower()


class TagWriter:
    """Collects the markup of one root element, balanced and within the caps of `guards`.

    Tags before a known root are left out. `done` turns true at a cap, where `truncated_at` is the number of entries
    kept, and in an HTML page.
    """

    def __init__(self) -> None:
        self.root: str | None = None
        self.done = False
        self.truncated_at: int | None = None
        self.before_root: list[str] = []
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._opened: Counter[str] = Counter()
        self._prefixes: set[str] = set()
        self._entries = 0
        self._repeats: Counter[str] = Counter()
        self._tags = 0
        self._text_only = False

    @property
    def parent(self) -> str:
        """The name of the innermost open element, or ""."""
        return self._open[-1] if self._open else ""

    def write(self, text: str) -> None:
        """Add text that is already well-formed; outside the root there is no place for it."""
        if self._open:
            self._pieces.append(text)

    def start(self, name: str, attributes: Attributes, *, empty: bool = False) -> None:
        """Open an element; `empty` closes it at once."""
        local = local_name(name)
        if self.root is None:
            if local not in ROOTS:
                self.before_root += [local] if len(self.before_root) < 20 else []
                self.done = local == "html"
                return
            self.root = local
            empty = False
        self._tags += 1
        if local in ENTRY_TAGS:
            if local in _FLAT_TAGS and self._opened[name.lower()]:
                self.end(name)
            self._entries += 1
            self._repeats.clear()
        if self._entries > MAX_ENTRIES or self._tags > MAX_TAGS:
            self.cut()
            return
        if self._is_repeated(local):
            return
        if len(self._open) < MAX_DEPTH:
            self._pieces.append(f"<{name}{self._admit(attributes)}{'/' if empty else ''}>")
        if not empty:
            self._open.append(name)
            self._opened[name.lower()] += 1
        self._text_only = not empty

    def end(self, name: str) -> None:
        """Close the element of this name and all within it; an end tag that closes nothing is left out.

        The root stays open to the end, since some feeds close it too early or are two feeds in one.
        """
        if self._open and name.lower() == self._open[0].lower() and self._opened[name.lower()] == 1:
            while len(self._open) > 1:
                self._close_one()
        elif self._opened[name.lower()]:
            while self._close_one().lower() != name.lower():
                pass
        elif self._text_only and len(self._open) > 1 and name.lower() not in HTML_TAGS:
            self._close_one()  # <title>A</titel>: misspelt
        self._text_only = False

    def cut(self) -> None:
        """Stop at a cap: close whatever is open and note how many entries there are."""
        self.truncated_at = min(self._entries, MAX_ENTRIES)
        self.finish()

    def finish(self) -> None:
        """Close whatever is open."""
        while self._open:
            self._close_one()
        self.done = True

    def markup(self) -> str:
        """All that was written."""
        return "".join(self._pieces)

    def _is_repeated(self, local: str) -> bool:
        """Whether an entry has more of one element than anybody means: feedparser compares each category with all."""
        if local in HTML_TAGS or local in ENTRY_TAGS:
            return False
        self._repeats[local] += 1
        return self._repeats[local] > MAX_NAMES

    def _close_one(self) -> str:
        name = self._open.pop()
        self._opened[name.lower()] -= 1
        if len(self._open) < MAX_DEPTH:
            self._pieces.append(f"</{name}>")
        return name

    def _admit(self, attributes: Attributes) -> str:
        """The attributes as markup: the first of each name, and no more than a parser can bear."""
        kept: dict[str, str] = {}
        for name, value in attributes[:MAX_ATTRIBUTES]:
            if name.startswith("xmlns:"):
                if len(self._prefixes) >= MAX_ATTRIBUTES and name not in self._prefixes:
                    continue
                self._prefixes.add(name)
            kept.setdefault(name, value)
        return "".join(f' {name}="{value}"' for name, value in kept.items())
