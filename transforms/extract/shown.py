"""What a page shows to its reader, read from markup without a tree: its text, its controls, its time stamps."""

import re
from itertools import islice

from transforms.references import unescape

# How much of a page is looked at, in bytes and characters; how many hidden elements are left out of it, each with how
# many elements of its own name in it at most; and how many elements named like walls are looked at.
_MARKUP_BYTES = 400_000
_SHOWN_CHARS = 20_000
_MAX_HIDDEN, _MAX_INNER, _MAX_WALLS = 100, 2_000, 200
_MAX_CONTROLS, _CONTROL_BYTES = 400, 200
_TAG = re.compile(rb"<[^<>]*>")
_DATA = re.compile(rb"<script\b[^<>]*>[^<]*+(?:<(?!/script)[^<]*+)*+(?:</script\s*>|\Z)", re.I)
# Both begin with a literal, which is found many times faster than an alternative.
_STYLED_AWAY = re.compile(rb"display\s?:\s?none")
_HIDDEN = re.compile(rb"hidden(?=[\s=>/])")
_NAME = re.compile(rb"<([a-z][a-z0-9-]{0,30})", re.I)
_VOID = frozenset({b"input", b"img", b"meta", b"link", b"br", b"hr", b"source", b"html", b"body"})
_CONTROL = re.compile(
    rb"<(button|a|summary)\b[^<>]*>((?:[^<]|<(?!/?(?:button|a|summary)\b)){0,%d})</\1|"
    rb"<(?:div|span)\b[^<>]*\brole\s*=\s*[\"']?button[^<>]*>([^<]{1,%d})|"
    rb"<input\b(?=[^<>]*\btype\s*=\s*[\"']?(?:submit|button))[^<>]*\bvalue\s*=\s*[\"']([^\"'<>]{1,%d})"
    % (_CONTROL_BYTES, _CONTROL_BYTES, _CONTROL_BYTES),
    re.I,
)
# An element that holds a time of day or an age and nothing else, perhaps after a date. Few elements hold a number and
# little more, which is looked for first.
_STAMP = re.compile(
    rb">(?=[^<\d]{0,100}\d[^<]{0,100}<)[\s\[(]{0,50}"
    rb"(?:[\w ,.|/\x80-\xff-]{1,30}[\s,|])?(?:\d{1,2}[:.h]\d{2}(?:[\s\x80-\xff.]*(?:[ap]\.?\s?m\b\.?|"
    rb"hs?\b|hrs\b|horas\b|[ecmp][sd]?t\b|gmt\b|utc\b))*|\d{1,2}\s?(?:m|h|hrs?|mins?|minutes?|hours?)\sago|"
    rb"hace\s\d{1,2}\s(?:min(?:utos?)?|horas?))[\s.:|)\]\x80-\xff-]*<",
    re.I,
)
_AT = "\x01"  # stands for a stamp, or a wall, in the text shown; disarmed markup has no control characters
# Elements named like what asks for money, registration or a log-in; boxes for letters and comments are none of these.
_WALL = re.compile(
    rb"\b(?:class|id)\s*=\s*[\"']?[^\"'<>=]{0,200}?(?<![a-z])(?:wall|(?:pay|reg|soft|hard)-?(?:wall|box|gate)|"
    rb"(?:content-?|sign-?)?gated?|locked?|meter(?:ed)?|roadblock|regist(?:er|ration|ro)|subscri\w{0,12}|"
    rb"suscri\w{0,12}|members?(?:hip)?|premium|"
    rb"piano|zephr|pelcro|leaky[_-]paywall|tp-container|offers?|upgrade|muro|flap)(?![a-z])",
    re.I,
)
_NO_WALL = re.compile(rb"newsletter|comment|login-?link|footer|header|nav\b|menu", re.I)
_NEAR_CHARS, _WALL_CHARS = 160, 400  # how far behind the text a wall's element begins, and how much of it is read
_PROSE_WORDS = 20  # the words of a line that is a paragraph for sure
_LOOK_AHEAD, _RUN = 12, 4  # words behind a stamp among which the text may begin, and words that prove that it does


def read_shown(markup: bytes) -> str:
    """The text of disarmed markup as a reader sees it, with single spaces: without JSON-LD and hidden elements."""
    bare = _TAG.sub(b" ", _drop_hidden(_DATA.sub(b" ", markup[:_MARKUP_BYTES])))
    return " ".join(unescape(bare.decode("utf-8", "replace")).split())[:_SHOWN_CHARS]


def read_controls(markup: bytes) -> tuple[str, ...]:
    """What the page's links and buttons say, in their order; hidden ones, too."""
    controls = []
    for match in islice(_CONTROL.finditer(markup[:_MARKUP_BYTES]), _MAX_CONTROLS):
        label = _TAG.sub(b" ", match[2] or match[3] or match[4] or b"")
        controls.append(" ".join(unescape(label.decode("utf-8", "replace")).split()))
    return tuple(label for label in controls if label)


def read_behind(shown: str, text: str) -> str:
    """What is shown right behind the text's last paragraph; "" if its end is not found."""
    # Short lines behind it may be a wall's, of which the extractor leaves out some.
    lines = text.splitlines()
    prose = next((line for line in reversed(lines) if len(line.split()) >= _PROSE_WORDS), lines[-1] if lines else "")
    tail = " ".join(prose.split())[-40:]
    at = shown.rfind(tail) if len(tail) >= 20 else -1
    return shown[at + len(tail) :] if at >= 0 else ""


def read_wall(markup: bytes, text: str) -> str:
    """What an element named like a wall says right behind the text; "" if there is none."""
    kept, at = [], 0
    markup = markup[:_MARKUP_BYTES]
    for match in islice(_WALL.finditer(markup), _MAX_WALLS):
        start = markup.rfind(b"<", at, match.start())
        if start >= 0 and b">" not in markup[start : match.start()] and not _NO_WALL.search(match[0]):
            kept.append(markup[at:start])
            at = start
    if not kept:
        return ""
    behind = read_behind(read_shown(b" \x01 ".join([*kept, markup[at:]])), text)
    before, _, wall = behind.partition(_AT)
    return " ".join(wall.replace(_AT, " ").split())[:_WALL_CHARS] if len(before) <= _NEAR_CHARS else ""


def count_stamps(markup: bytes, text: str) -> int:
    """How many parts of the text have a time of their own above them, in an element that holds nothing else."""
    shown = read_shown(_STAMP.sub(b">\x01<", markup[:_MARKUP_BYTES]))
    ours = " ".join(text.split())
    return sum(_leads_to(part.split()[:_LOOK_AHEAD], ours) for part in shown.split(_AT)[1:])


def _leads_to(words: list[str], text: str) -> bool:
    runs = range(max(1, len(words) - _RUN + 1))
    return any(" ".join(words[at : at + _RUN]) in text for at in runs) if len(words) >= _RUN else False


def _drop_hidden(markup: bytes) -> bytes:
    kept, at = [], 0
    found = [
        match.start() for hiding in (_STYLED_AWAY, _HIDDEN) for match in islice(hiding.finditer(markup), _MAX_HIDDEN)
    ]
    for place in sorted(found):
        start = markup.rfind(b"<", at, place)
        inside = markup[start:place]
        # The word counts as an attribute of its own, not within a quoted value; the style only within one.
        is_quoted = (inside.count(b'"') + inside.count(b"'")) % 2 == 1
        is_style = markup[place] == ord("d")
        if start < 0 or b">" in inside or is_quoted != is_style or not (is_style or inside[-1:].isspace()):
            continue
        name = _NAME.match(inside)
        end = _end_of(markup, place, name[1].lower()) if name else None
        # What hides half of the page hides it only until a script has run.
        if end is not None and end - start < len(markup) // 2:
            kept.append(markup[at:start])
            at = end
    return b" ".join([*kept, markup[at:]])


def _end_of(markup: bytes, at: int, name: bytes) -> int | None:
    """Where the element ends whose opening tag holds `at`; None if nothing closes it."""
    if name in _VOID:
        return None
    depth = 1
    tags = re.compile(rb"<(/?)%s(?=[\s>/])[^<>]*>" % re.escape(name), re.I).finditer(markup, at)
    for tag in islice(tags, _MAX_INNER):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return None
