"""What stands in place of an article: a bot check, a consent page, a notice that there is none, or nothing.

Articles write about captchas, cookies and missing pages: wording counts only on pages of few words, and a notice must
say so in its title, too, or more than once. Error pages, forms to log in and refusals by region are empty: they hold no
article and ask for no proof and no consent, and what is empty is asked for again later.
"""

from transforms.challenge import CHALLENGE, CHALLENGE_TERM, CHALLENGE_TITLE, CHECK_WORDS, PLAIN_REFUSAL
from transforms.extract.signs import PART_WORDS, SHORT_WORDS, Signs
from transforms.extract.walls import (
    ADDRESSED,
    CONSENT,
    CONSENT_CONTROL,
    CONSENT_TERM,
    NO_ARTICLE,
    SCRIPT_NEEDED,
    count_phrases,
)

Verdict = tuple[str, str]
"""A body state and its reason."""

# Words below which a text may be no article: of notices, of forms, of a stray line, of nothing worth reading.
_NOTICE_WORDS, _SHELL_WORDS, _STRAY_WORDS, _EMPTY_WORDS = 90, 40, 15, 12
# On pages that ask for consent or for proof one word of so many is a term of theirs, and there are several; in articles
# about cookies one of sixteen is.
_TERM_WORDS, _MIN_TERMS = 12, 3
# A page that has nothing but its notice: at most so many words and links.
_BARE_WORDS, _BARE_LINKS = 120, 6
_WALL_STATUS = frozenset({401, 403, 405, 429, 451, 503})


def judge_challenge(signs: Signs) -> Verdict | None:
    """A bot check, whatever the status it comes with; None for any other page."""
    if signs.words > CHECK_WORDS or len(signs.shown.split()) > 2 * SHORT_WORDS:
        return None
    wording = CHALLENGE.search(signs.shown)
    named = next((title for title in signs.titles if CHALLENGE_TITLE.match(title)), None)
    status = f", status {signs.status}" if signs.status != 200 else ""
    if wording and (
        named or signs.markers or signs.status in _WALL_STATUS or count_phrases(CHALLENGE, signs.shown) > 1
    ):
        return "challenge", f"bot check: “{wording[0]}”{status}"
    if named and (signs.markers or signs.status in _WALL_STATUS or signs.words < _EMPTY_WORDS * 3):
        return "challenge", f"bot check: titled “{named[:60]}”{status}"
    if signs.markers and signs.words < _EMPTY_WORDS * 2 and len(signs.shown.split()) < CHECK_WORDS:
        return "challenge", f"bot check: {signs.markers[0]} and {signs.words} words{status}"
    is_plain = not wording or PLAIN_REFUSAL.match(wording[0])
    if wording and not is_plain and len(signs.shown.split()) < CHECK_WORDS and signs.words < CHECK_WORDS // 2:
        return "challenge", f"bot check: “{wording[0]}”{status}"
    if not _is_bare(signs):
        return None
    # A page that is nothing else says in its own words what all of them say.
    terms, words = [match[0] for match in CHALLENGE_TERM.finditer(signs.shown)], len(signs.shown.split())
    proof = signs.widget or (f"status {signs.status}" if signs.status in _WALL_STATUS else None)
    if (terms or (signs.widget and signs.form)) and proof and words < _BARE_WORDS // 2:
        return (
            "challenge",
            f"bot check: {proof}, {' and '.join(f'“{term}”' for term in terms[:1])} {words} words{status}",
        )
    if len({term.lower() for term in terms}) >= _MIN_TERMS and len(terms) * _TERM_WORDS >= words:
        return "challenge", f"bot check: {', '.join(dict.fromkeys(terms))} in {words} words{status}"
    return None


def judge_consent(signs: Signs) -> Verdict | None:
    """A page that asks for consent, or for consent or money, and shows nothing else."""
    # A banner beside an article leaves a text of its own; a consent page has nothing but the banner, and its buttons.
    asks = next((control for control in signs.controls if CONSENT_CONTROL.match(control)), None)
    text = signs.shown if signs.words < _EMPTY_WORDS * 2 or _is_bare(signs) else signs.text
    words = len(text.split())
    if signs.words > PART_WORDS or words > PART_WORDS:
        return None
    phrases, terms = count_phrases(CONSENT, text), count_phrases(CONSENT_TERM, text)
    is_dense = len(CONSENT_TERM.findall(text)) * _TERM_WORDS >= words
    if phrases >= 2 and is_dense and phrases * (60 if asks else 30) >= words:
        return "consent", f"{phrases} consent phrases in {words} words" + (f", control “{asks[:40]}”" if asks else "")
    if is_dense and terms >= _MIN_TERMS and (asks or (_is_bare(signs) and signs.controls)):
        return "consent", f"{terms} terms of consent in {words} words, control “{(asks or signs.controls[0])[:40]}”"
    return None


def judge_notice(signs: Signs) -> Verdict | None:
    """Empty, for a page that says that there is no article: an error, something removed, a form to log in."""
    if signs.words > _NOTICE_WORDS:
        return None
    # In its title and in its text, or more than once in few words said to the reader: an article about such a page is
    # longer, and speaks of others.
    titled = next((match[0] for title in signs.titles if (match := NO_ARTICLE.search(title))), None)
    told = NO_ARTICLE.search(signs.text or signs.shown)
    is_notice = ADDRESSED.search(signs.text or signs.shown) is not None
    if told and (titled or (is_notice and count_phrases(NO_ARTICLE, signs.text) > 1)):
        return "empty", f"no article: “{titled or told[0]}”, {signs.words} words"
    if told and is_notice and _is_bare(signs) and signs.words < _EMPTY_WORDS * 4:
        return "empty", f"no article: “{told[0]}”, {signs.words} words and nothing else"
    if titled and signs.words < _EMPTY_WORDS * 5:
        return "empty", f"no article: titled “{titled}”, {signs.words} words"
    if signs.login and (told or _is_bare(signs)) and signs.words < _EMPTY_WORDS * 5:
        return "empty", f"a form to log in, {signs.words} words"
    return None


def judge_empty(signs: Signs) -> Verdict | None:
    """Empty, for a page of hardly any words that are not links."""
    if signs.words - signs.linked_words >= _EMPTY_WORDS:
        scripted = signs.words < _EMPTY_WORDS * 2 and SCRIPT_NEEDED.search(signs.text)
        return ("empty", f"“{scripted[0]}”") if scripted else None
    needed = SCRIPT_NEEDED.search(signs.shown)
    linked = f", {signs.linked_words} of them in links" if signs.linked_words else ""
    return "empty", f"{signs.words} words{linked}" + (f"; “{needed[0]}”" if needed else "")


def judge_shell(signs: Signs) -> Verdict | None:
    """Empty, for a page that declares no article and is a form with a few words round it, or fewer words alone."""
    if signs.words < (_SHELL_WORDS if signs.form else _STRAY_WORDS) and _is_bare(signs):
        return "empty", f"{'a form and ' if signs.form else ''}{signs.words} words, no article declared"
    return None


def _is_bare(signs: Signs) -> bool:
    is_small = signs.links <= _BARE_LINKS and len(signs.shown.split()) <= _BARE_WORDS
    return is_small and not signs.is_article
