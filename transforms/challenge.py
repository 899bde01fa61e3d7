"""Recognise a bot check that answers in place of what was asked: its networks, their traces, and its wording.

Phrases and traces were written down from what the large networks show to readers, in English and Spanish; each phrase
is a whole thought, since single words (verify, captcha, robot) stand on every page.
"""

import re
from collections.abc import Iterable

from schemas.records import Header
from transforms.references import unescape

CHECK_WORDS = 150
"""Bot checks show fewer words."""

WALL_STATUS = frozenset({202, 401, 403, 405, 406, 429, 503})
"""Statuses that bot checks come with, beside 200; any other status says what it means."""

_PREFIX_BYTES = 64 * 1024
_BARE_WORDS = 36
"""A page titled like a bot check with no more words than this has nothing else to show."""

_HEADERS = (
    ("cf-mitigated", "challenge", "Cloudflare"),
    ("x-amzn-waf-action", "challenge", "AWS WAF"),
    ("x-amzn-waf-action", "captcha", "AWS WAF"),
    ("x-vercel-mitigated", "challenge", "Vercel"),
)
"""Header fields by which a network itself says that this is its check."""

# Traces in markup of pages that are a bot check and nothing else. Widgets for forms (reCAPTCHA, hCaptcha) and scripts
# that only watch (DataDome, PerimeterX) stand on article pages as well and are no traces.
_TRACES: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("Cloudflare", (b"cf-mitigated", b"cf_chl", b"cf-chl", b"challenge-platform/h/", b"/cdn-cgi/challenge",
                    b"cf-turnstile", b"challenge-form")),
    ("DataDome", (b"captcha-delivery.com/c", b"geo.captcha")),
    ("HUMAN", (b"px-captcha",)),
    ("Imperva", (b"_incapsula_resource", b"incapsula incident", b"distil_r_captcha")),
    ("DDoS-Guard", (b"ddos-guard",)),
    ("AWS WAF", (b"awswafcaptcha", b"awswaf")),
    ("Sucuri", (b"sucuri_cloudproxy",)),
    ("Kasada", (b"kpsdk",)),
    ("Akamai", (b"errors.edgesuite.net", b"/_sec/cp_challenge", b"sec-if-cpt-container")),
    ("Anubis", (b"/.within.website/x/cmd/anubis",)),
)  # fmt: skip

CHALLENGE_MARKERS = tuple(trace for _, traces in _TRACES for trace in traces)
"""The traces, in lower case."""

# Every phrase begins with a word, so that four positions of five need not be looked at.
_PHRASES = (
    r"(?:checking|verifying) (?:if the site connection is secure|your browser|you are (?:a )?human|that you are)",
    r"verify (?:that )?you(?:'|’)?(?: a)?re (?:a )?(?:human|not a (?:robot|bot))",
    r"(?:are you|i(?:'|’)m not|you(?:'|’)re not|not) a robot\b|making sure you(?:'|’)re not a bot",
    r"press (?:&|and) hold|complete the (?:security check|captcha|challenge)|solve (?:this|the) (?:captcha|puzzle)",
    r"unusual (?:traffic|activity) from your|automated (?:access|requests|traffic|queries)|"
    r"we think you (?:might be|are) a bot",
    r"enable javascript and cookies to continue|pardon our interruption|(?:performance|security) (?:&|and|"
    r"by) .{0,12}cloudflare",
    r"you have been blocked|access (?:to this page )?(?:has been |was )?(?:denied|blocked)|attention required!?",
    r"why (?:do i have to complete|have i been blocked)|this request was blocked|request unsuccessful\. incapsula",
    r"needs to review the security of your connection|ddos protection by|your ip (?:address )?(?:is|has been)|"
    r"ray id\b",
    r"(?:confirm|verifi|comprueb|comprob)\w{1,6} (?:que|si) (?:usted )?(?:no )?(?:eres|es) (?:una? )?(?:ser )?"
    r"(?:robot|bot|human[oa]|persona)\b|no soy un robot|(?:si )?eres t[uú] quien env[ií]a|y no un (?:robot|bot)\b",
    r"verific(?:a|ando|ar|amos|aci[oó]n) (?:si (?:eres|es)|(?:de )?(?:tu|su) (?:navegador|conexi[oó]n)|de seguridad|"
    r"humana)|comprobando (?:tu|su) navegador|revisar la seguridad de (?:tu|su) conexi[oó]n",
    r"acceso denegado|(?:se ha |ha sido )?denegado el acceso|(?:su|tu) \w+ ha sido bloquead[oa]|resuelv[ae] el captcha",
    r"(?:hemos|han) detectado (?:tr[aá]fico|actividad) inusual|(?:tr[aá]fico|actividad) inusual (?:procedente )?"
    r"(?:de|desde|en) (?:tu|su)|(?:programa|acceso|navegador) automatizado|mant[eé]n(?:ga)? (?:presionad|pulsad)[oa]",
)
CHALLENGE = re.compile(rf"\b(?:{'|'.join(_PHRASES)})", re.I)
"""What a bot check says."""

CHALLENGE_TERM = re.compile(
    r"\b(?:robots?|bots?|human|humano|captcha|browser|navegador|scripts?|javascript|automat\w+|verif\w+|prove|"
    r"comprob\w+|comprueb\w+|check(?:ing|ed|s)?|requests?|solicitud|ip|network|red|traffic|tr[aá]fico|slide|puzzle|"
    r"challenge|desaf[ií]o|casilla|tick|connection|conexi[oó]n|integrity|blocked|rejected|denied|bloquead[oa]|"
    r"denegad[oa]|security|seguridad|"
    r"(?:support|ray|reference|request|incident) (?:id|number))\b",
    re.I,
)
"""Words of which bot checks are made; in other texts they are few."""

CHALLENGE_TITLE = re.compile(
    r"\A(?=(?:\S+\s+){0,6}\S*\s*\Z)\W*"
    r"(?:just a moment|un momento|attention required|access denied|acceso denegado|are you a (?:robot|human)|"
    r"robot check|pardon our interruption|human verification|verificaci[oó]n|security check|please wait|espere|captcha|"
    r"bot (?:check|verification)|ddos-guard|403 forbidden|forbidden|blocked|request (?:rejected|blocked)|"
    r"one more step|verifying|"
    r"checking your browser|client challenge|vercel security checkpoint|making sure you(?:'|’)re not a bot)",
    re.I,
)
"""How the title of a bot check begins; it has few words, while headlines that quote one have more."""

PLAIN_REFUSAL = re.compile(
    r"acce(?:ss|so) (?:was |has been )?(?:den|block)|(?:se ha |ha sido )?denegado el acceso|ray id|"
    r"(?:performance|security) (?:&|and|by)",
    re.I,
)
"""What plain refusals and error pages of the same networks say, too."""

_WATCHING = re.compile(rb"/cdn-cgi/challenge-platform/(?:h/\w/)?scripts/jsd")
"""A script of Cloudflare's on ordinary pages, under the path of its check."""

_TITLE = re.compile(rb"<title\b[^<>]{0,200}>([^<]{0,300})", re.I)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.I)
_UNSHOWN = re.compile(rb"<(?=/?(?:script|style)\b)", re.I)
_TAG = re.compile(rb"<[^<>]*>")


def challenged(status: int, headers: Iterable[Header], content: bytes) -> str | None:
    """Which network's bot check (or `unnamed`) this answer is in place of what was asked; None if it is none.

    `content` is the body after content decoding, of which the first 64 KB are looked at. With a status of success a
    trace or the wording of a check counts only on a page of a few words, so that articles about captchas are articles.
    """
    said = {(field.name.lower(), field.value.strip().lower()) for field in headers}
    for name, value, sender in _HEADERS:
        if (name, value) in said:
            return sender
    if status != 200 and status not in WALL_STATUS:
        return None
    prefix = content[:_PREFIX_BYTES]
    shown = _read_shown(prefix)
    words = len(shown.split())
    if words >= CHECK_WORDS or (status == 200 and (len(content) > _PREFIX_BYTES or not _PAGE.search(prefix))):
        return None
    lower = _WATCHING.sub(b"", prefix.lower())
    network = next((name for name, traces in _TRACES if any(trace in lower for trace in traces)), None)
    found = _TITLE.search(prefix)
    is_titled = bool(found and CHALLENGE_TITLE.match(unescape(found[1].decode("utf-8", "replace"))))
    phrases = {match[0].lower() for match in CHALLENGE.finditer(shown)}
    if status != 200:
        return network or ("unnamed" if any(not PLAIN_REFUSAL.match(phrase) for phrase in phrases) else None)
    if (network and (is_titled or phrases or words < _BARE_WORDS)) or (is_titled and phrases):
        return network or "unnamed"
    return "unnamed" if (is_titled and words < _BARE_WORDS) or len(phrases) > 1 else None


def _read_shown(markup: bytes) -> str:
    """The text that markup shows, with single spaces; time grows with its length only."""
    first, *parts = _UNSHOWN.split(markup)
    kept = b" ".join([first, *(part.partition(b">")[2] for part in parts if part.startswith(b"/"))])
    return " ".join(unescape(_TAG.sub(b" ", kept).decode("utf-8", "replace")).split())
