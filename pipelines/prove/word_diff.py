"""What changed between two texts, word by word, in lines that show what went and what came among its neighbours."""

from collections.abc import Iterator
from difflib import SequenceMatcher

AROUND = 4
"""Words shown before and after a change."""

SHOWN = 12
"""Changes shown unless all are asked for."""

_LONG = 40
_MANY = 20_000
"""Words beyond which a text is compared by paragraphs, since comparing takes the square of what it compares."""


def word_diff(before: str, after: str, *, most: int | None = SHOWN) -> list[str]:
    """The changes in lines like `… the paper [-said-] {+says+} that …`; with `most`, a last line counts the rest."""
    is_long = len(before) + len(after) > _MANY * 6
    one, two = (text.split("\n") if is_long else text.split() for text in (before, after))
    changes = list(_changes(one, two))
    shown = changes if most is None else changes[:most]
    return shown + ([f"… and {len(changes) - len(shown)} more changes"] if len(changes) > len(shown) else [])


def _changes(one: list[str], two: list[str]) -> Iterator[str]:
    for kind, a, b, c, d in SequenceMatcher(None, one, two, autojunk=len(one) + len(two) > 4_000).get_opcodes():
        if kind == "equal":
            continue
        lead, tail = one[max(0, a - AROUND) : a], one[b : b + AROUND]
        parts = ["…"] if a > AROUND else []
        parts += lead
        parts += [f"[-{_shorten(one[a:b])}-]"] if a < b else []
        parts += [f"{{+{_shorten(two[c:d])}+}}"] if c < d else []
        parts += tail
        yield " ".join([*parts, *(["…"] if b + AROUND < len(one) else [])])


def _shorten(words: list[str]) -> str:
    if len(words) <= _LONG:
        return " ".join(words)
    return f"{' '.join(words[: _LONG // 2])} … {' '.join(words[-_LONG // 2 :])}"
