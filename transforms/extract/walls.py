"""The wording of walls: what a page says when it shows something else than its article, in English and Spanish.

Phrases were written down from what American and Latin American publishers show to readers; each is a whole thought,
since single words (subscribe, cookies, verify) stand on every page. Bot checks have theirs in `transforms.challenge`.
"""

import re


def _any(*phrases: str) -> re.Pattern[str]:
    # Every phrase begins with a word, so that four positions of five need not be looked at.
    return re.compile(rf"\b(?:{'|'.join(phrases)})", re.I)


CONSENT = _any(
    r"before you continue(?: to)?|we (?:and our partners|value your privacy|care about your privacy)|"
    r"your privacy choices",
    r"(?:accept|reject|allow) (?:all|all cookies|cookies)\b|manage (?:my |your )?(?:cookie|privacy|consent|"
    r"preferences|options)",
    r"(?:store|access) (?:and/or access )?information on (?:a|your) device|our \d+ (?:partners|vendors)|"
    r"consent (?:to|or pay)\b",
    r"we use cookies|this (?:site|website) uses cookies|cookie (?:settings|preferences|policy)|"
    r"personali[sz]ed ads and content",
    r"aceptar (?:todas?|todo|las cookies|cookies|y continuar)|rechazar (?:todas?|todo)|configurar (?:las )?cookies",
    r"(?:nosotros y )?nuestros (?:\d+ )?socios|utilizamos cookies|antes de continuar|respetamos (?:tu|su) privacidad",
    r"tu privacidad (?:es|nos) import|pol[ií]tica de (?:cookies|privacidad)|gestionar (?:opciones|preferencias)",
)
PAYWALL = _any(
    r"(?:subscribe|sign up|register|log ?in|sign in|become a (?:member|subscriber))(?: (?:now|today|here|for free|"
    r"or log ?in|"
    r"or sign in))?(?: in order)? to (?:continue|keep|read|unlock|access|finish|view|see)\b",
    r"(?:continue|keep) reading (?:this (?:story|article) )?(?:with|for|by) (?:a|an|your|\$|free|subscri)",
    r"(?:this|the|our) (?:article|story|content|post|premium content) is (?:only |exclusively |available |"
    r"reserved |just )*(?:for|to) "
    r"(?:paid |paying |premium |our )?(?:subscribers|members|readers who)",
    r"(?:exclusive|available) (?:only )?(?:to|for) (?:our )?(?:subscribers|members)|subscriber[- ](?:only|"
    r"exclusive)|for subscribers only",
    r"you(?:'|’)?(?:ve| have)? (?:reached|read|used|hit|exceeded) (?:your|all|the)\b.{0,40}(?:free|limit|articles)",
    r"already (?:a|an) (?:\w+ )?(?:subscriber|member)\?|to (?:read|continue reading) the (?:full|rest|whole|"
    r"entire)\b.{0,40}"
    r"(?:subscri|log|sign|register|member)",
    r"unlock (?:this|the|full|unlimited)\b.{0,30}(?:article|story|access)|subscription (?:is )?required|"
    r"start your (?:free )?trial",
    r"you must be (?:logged in|a (?:subscriber|member))|create (?:a|your) free account to|"
    r"get unlimited (?:digital )?access",
    r"(?:suscr[ií]b[ae](?:te|se)|reg[ií]str[ae](?:te|se)|inicia(?:r)? sesi[oó]n)(?: \w+){0,3} para (?:seguir|"
    r"continuar|leer|"
    r"acceder|ver|desbloquear)",
    r"para (?:seguir|continuar) leyendo|contenido (?:exclusivo|solo|reservado|premium) (?:para|"
    r"a) (?:nuestros )?(?:suscriptores|"
    r"socios|abonados)|(?:s[oó]lo|exclusivo|exclusiva) para (?:suscriptores|socios|abonados)",
    r"ya (?:eres|es|soy) (?:suscriptor|socio)|has (?:alcanzado|llegado|superado)\b.{0,30}l[ií]mite|"
    r"lee sin l[ií]mites",
)
TEASER_END = re.compile(
    r"(?:\.\.\.|…|\[…\]|\[\.\.\.\])[\s\"”»)\]]*(?:(?:read|continue|see|leer|lee|ver|seguir|sigue|contin[uú]a).{0,40})?\Z",
    re.I,
)
TEASER = _any(
    r"(?:read|see|view) the (?:full|rest of the|complete|entire|original) (?:story|article|post|report)\b",
    r"(?:continue|keep) reading(?: (?:at|on|→|»|\.\.\.|…|this)|\s*\Z)|read more (?:at|on) \S+|(?:the post|"
    r"the article) .{3,200} (?:appeared "
    r"first on|first appeared on)|(?:full|original) (?:story|article) (?:at|on|here|available)|"
    r"click here to (?:read|continue)",
    r"leer (?:la )?(?:nota|noticia|art[ií]culo|historia)? ?complet[oa]|(?:lee|lea|leer) m[aá]s (?:en|aqu[ií])|"
    r"seguir leyendo|contin[uú]a leyendo|"
    r"ver (?:la )?nota completa|art[ií]culo completo (?:en|aqu[ií])",
)
SCRIPT_NEEDED = _any(
    r"(?:please )?(?:enable|turn on|activate) javascript|you need to enable javascript|requires javascript|"
    r"javascript (?:is|must be) "
    r"(?:disabled|required|enabled)|(?:habilit|activ)[ae]r? javascript|necesita javascript",
)
LIVE_TITLE = re.compile(
    r"\blive (?:updates|blog|coverage|feed)\b|\bas it happened\b|\blive\s*:|[-–|]\s*live\Z|\ben vivo\b|"
    r"\ben directo\b|"
    r"minuto a minuto|[uú]ltima hora en vivo",
    re.I,
)
VIDEO_TITLE = re.compile(
    r"\A\W*(?:watch|video|v[ií]deo)\s*[:|–—-]|[|:–—-]\s*(?:video|v[ií]deo)\Z|\A\[?\(?v[ií]deo\b|\(v[ií]deo\)\Z",
    re.I,
)
