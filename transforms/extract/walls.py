"""The wording of walls: what a page says when it shows something else than its article, in English and Spanish.

Phrases were written down from what American and Latin American publishers show to readers; each is a whole thought,
since single words (subscribe, cookies, verify) stand on every page. Bot checks have theirs in `transforms.challenge`.
"""

import re


def _any(*phrases: str) -> re.Pattern[str]:
    # Every phrase begins with a word, so that four positions of five need not be looked at.
    return re.compile(rf"\b(?:{'|'.join(phrases)})", re.I)


def count_phrases(phrases: re.Pattern[str], text: str) -> int:
    """How many different phrases of a kind stand in a text."""
    return len({match[0].lower() for match in phrases.finditer(text)})


CONSENT = _any(
    r"before you continue(?: to)?",
    r"we (?:and our partners|value your privacy|care about your privacy)",
    r"(?:your )?privacy (?:choices|settings|is important)",
    r"(?:accept|reject|allow) (?:all|all cookies|cookies)\b",
    r"manage (?:my |your )?(?:cookie|privacy|consent|preferences|options|settings)",
    r"(?:store|access) (?:and/or access )?information on (?:a|your) device",
    r"our (?:\d+ )?(?:partners|vendors)",
    r"consent (?:to|or pay)\b",
    r"we use cookies|this (?:site|website) uses cookies|cookie (?:settings|preferences|policy)",
    r"personali[sz]ed (?:ads|advertising|content)",
    r"(?:nosotros y )?nuestros (?:\d+ )?socios",
    r"antes de continuar",
    r"(?:respetamos (?:tu|su) privacidad|(?:tu|su) privacidad (?:es|nos) import)",
    r"(?:aceptar|rechazar) (?:todas?|todo|las cookies|cookies|y continuar)",
    r"(?:gestionar|configurar) (?:las |tus |sus )?(?:cookies|opciones|preferencias)",
    r"(?:usa|utiliza)(?:mos)? cookies|pol[ií]tica de (?:cookies|privacidad)",
    r"(?:anuncios|publicidad|contenidos?) (?:y contenido )?personalizad[oa]s?",
)
"""What consent pages, and banners, say."""
CONSENT_TERM = _any(
    r"(?:cookies?|consent|consents|privacy|partners|vendors|third[- ]part(?:y|ies)|legitimate interest)\b",
    r"(?:data|personali[sz]ed|advert\w*|ads|ad|device|geolocation|identifiers|tracking)\b",
    r"(?:measurement|audience|accept|agree|reject|deny|withdraw|revoke|choose|choices?|settings|no thanks)\b",
    r"(?:consentimiento|consentir|privacidad|socios|aliados|terceros|datos|inter[eé]s leg[ií]timo)\b",
    r"(?:personalizad[oa]s?|anuncios|publicidad|publicitari[oa]s|dispositivo|audiencia|medici[oó]n)\b",
    r"(?:acept\w+|rechaz\w+|autoriz\w+|configurar|elegir|elige)\b",
)
"""Words of which consent pages are made; in other texts they are few."""
CONSENT_CONTROL = re.compile(
    r"\A\W*(?:(?:i |yes,? i )?(?:accept|agree|allow|consent|reject|deny|refuse|decline)|"
    r"(?:no )?acept|(?:estoy )?de acuerdo|rechaz|consentir|permitir)",
    re.I,
)
"""What the buttons of a consent page begin with."""

_JOIN = r"(?:subscribe|sign up|register|log ?in|sign in|join|become a (?:paid )?(?:member|subscriber))"
_HOW = r"(?: (?:now|today|here|for free|free|or (?:subscribe|register|log ?in|sign in)))*"
# To go on reading; not to comment, to support, or to have letters.
_GO_ON = (
    r"(?:continue|keep|read|unlock|access|finish|view|see)\b"
    r"(?! (?:supporting|all comments|comments|your|our|stories|newsletters?|the (?:conversation|latest|comments)))"
)
_THIS = r"(?:this|the|our) (?:article|story|content|post|piece|report|page|premium content)"
_READERS = r"(?:subscribers|members|(?:registered |logged-in )?(?:users|readers)(?: who)?)"
_UNETE = (
    r"(?:suscr[ií]b[aei](?:te|se)|reg[ií]str[ae](?:te|se)|inici[ae]r? sesi[oó]n|"
    r"h[aá](?:zte|gase) soci[oa](?: o soci[oa])?)"
)
_ESTO = r"(?:contenido|art[ií]culo|nota|noticia|publicaci[oó]n|reportaje|historia|texto)"
_LECTORES = (
    r"(?:los |nuestros |nuestras )?(?:suscriptores|soci[oa]s|abonados|miembros|(?:usuarios|lectores) registrados)"
)
PAYWALL = _any(
    rf"{_JOIN}{_HOW}(?: in order)? to {_GO_ON}",
    r"(?:continue|keep) reading (?:(?:this|your|the)(?: \w+){1,2} )?(?:free\b|with (?:a|an|your|\$|free|subscri))",
    r"(?:continue|keep) reading (?:(?:this|your|the)(?: \w+){1,2} )?(?:for (?:free|just|only|\$)|by (?:creat|subscri|"
    r"regis))",
    rf"{_THIS} is (?:only |exclusively |available |reserved |just )*(?:for|to) (?:our |paid |paying |premium |"
    rf"registered )*{_READERS}",
    rf"only (?:our )?(?:\w+ )?{_READERS} (?:can|may) (?:read|see|view|access)",
    rf"{_READERS},? (?:please )?(?:log|sign) ?in to",
    r"you(?:'|’)?(?:ve| have)? (?:reached|read|used|hit|exceeded)(?: up)? (?:your|all|the)\b.{0,40}(?:free|limit|"
    r"articles)",
    r"(?:read|see|view|finish) (?:the )?(?:full|rest|whole|entire|remainder)\b.{0,40}\b(?:subscri|log ?in|sign ?"
    r"(?:in|up)|regist|members?\b|buy\b|(?:day )?pass\b)",
    r"(?:buy|purchase|unlock) (?:this|the full|a single|single|full) (?:article|story|access|issue)",
    r"want to (?:read|finish) (?:this|the rest)|to (?:see|read) (?:more|on|it all|everything), (?:please )?(?:log|"
    r"sign|sub|reg)",
    r"for the (?:full|whole|complete|entire) (?:story|article|text)\b.{0,60}(?:subscri|log ?in|sign ?in|regist|member)",
    r"(?:needs?|requires?) (?:a|an) (?:\w+ )?(?:subscription|membership|account) to (?:read|continue|view|access)",
    r"you must be (?:logged in|a (?:subscriber|member)) to (?:read|view|see|access|continue)",
    r"create (?:a|your) free account to",
    rf"{_UNETE}(?: \w+){{0,3}} para (?:seguir|continuar|leer|acceder|ver|desbloquear)\w*(?! coment)",
    r"para (?:seguir|continuar) leyendo,? (?:est[ea]\b|la |el |debe|necesit|suscr|reg[ií]s|inici|h[aá][zg])",
    rf"{_ESTO} (?:es |est[aá] )?(?:s[oó]lo |exclusiv[oa] |reservad[oa] |premium |disponible |es )+(?:en exclusiva )?"
    rf"(?:para|a) {_LECTORES}",
    r"(?:alcanzado|alcanzaste|llegado|llegaste|superado|superaste)\b.{0,30}l[ií]mite",
    rf"(?:resto|versi[oó]n completa) de est[ea] {_ESTO}\b.{{0,40}}(?:suscri|soci)",
)
"""What says that reading this page ends here unless one pays or registers."""
OFFER = _any(
    r"already (?:a|an) (?:\w+ )?(?:subscriber|member)\?|already (?:registered|subscribed)\?",
    r"(?:already )?have an account\?",
    r"(?:exclusive|available) (?:only )?(?:to|for) (?:our )?(?:subscribers|members)",
    r"subscriber[- ](?:only|exclusive)|for subscribers only",
    r"(?:get|enjoy|lee)\b.{0,9} (?:unlimited (?:\w+ )?access|sin l[ií]mites)",
    r"start your (?:free )?trial|subscription (?:is )?required|day pass|cancel anytime",
    r"(?:view|see|choose) (?:\w+ )?(?:offers|options|plans?|subscription)\b",
    r"(?:s[oó]lo|exclusiv[oa]) para (?:suscriptores|socios|abonados)",
    r"ya (?:eres|es|soy|tienes|tiene) (?:suscriptor|soci[oa]|una cuenta|cuenta)",
    r"ver (?:las )?ofertas|(?:puedes|pod[eé]s|puede) cancelar cuando",
)
"""What offers of subscriptions say, on walls as well as in the margins of open pages."""
TEASER_END = re.compile(
    r"(?:\.\.\.|…|\[…\]|\[\.\.\.\])[\s\"”»)\]]*"
    r"(?:(?:read|continue|see|leer|lee|ver|seguir|sigue|contin[uú]a).{0,40})?\Z",
    re.I,
)
GO_ON_TERM = _any(
    r"(?:read(?:ers?|ing)?|stor(?:y|ies)|articles?|posts?|pieces?|content|full|rest|remainder|leer|lee|leyendo|nota|"
    r"notas|art[ií]culos?|"
    r"contenidos?)\b"
)
JOIN_TERM = _any(
    r"(?:subscri\w+|members?(?:hip)?|log ?in|sign ?in|sign ?up|regist\w+|account|plans?|trial|clients)\b",
    r"(?:free|access|unlimited)\b",
    r"(?:suscri\w+|soci[oa]s?|abonad\w+|cuenta|inicia sesi\w+|ingresa|planes|gratis|acceso|ilimitad\w+)\b",
)
"""Words of which walls are made, together: what could be read, and what it takes."""
_WHOLE = r"(?:full|rest|complete|entire|whole|original)"
_ENTERO = r"(?:complet[oa]|original|[ií]ntegr[oa])"
TEASER = _any(
    rf"(?:read|see|view|find|get) (?:the |this )?{_WHOLE}(?: version)?(?: of (?:the|this))? (?:story|article|post|"
    rf"piece|report|interview)\b",
    r"(?:continue|keep) reading(?: (?:at|on|in|→|»|\.\.\.|…)|\s*\Z)|read more (?:at|on) \S+|story continues\s*\Z",
    r"(?:the post|the article) .{3,200} (?:appeared first on|first appeared on)",
    rf"{_WHOLE} (?:version|story|article|text)(?: of this (?:story|article|piece))? (?:at|on|here|available|appears?|"
    rf"is (?:in|available)|can be (?:read|found))",
    r"for (?:more|the rest) (?:on|of|about) this (?:story|article)|(?:go|continue|jump) to the (?:full |"
    r"original )?(?:article|story|post)",
    r"full (?:release|statement|text|report) \(|(?:m[aá]s informaci[oó]n|nota original|fuente original) en\b",
    r"click here to (?:read|continue)|this (?:is an )?(?:excerpt|extract)\b|appears in full in",
    rf"(?:leer|lee|lea|ver|consulta|consulte|descarg\w+) (?:la |el |esta |este )?{_ESTO}? ?{_ENTERO}",
    rf"{_ESTO} {_ENTERO},? (?:en|aqu[ií])",
    r"(?:lee|lea|leer) m[aá]s (?:en|aqu[ií])|(?:seguir|contin[uú]a|sigue|siga|contin[uú]e) leyendo(?:\s*\Z| en)",
    r"(?:la entrada|el art[ií]culo) .{3,200} (?:se public[oó]|aparece|apareci[oó]) primero en",
)
"""What leads to the rest of the text, elsewhere."""
MORE_CONTROL = re.compile(
    rf"\A\W*(?:(?:continue|keep) reading|story continues|"
    rf"(?:read|view|see) (?:the )?{_WHOLE}(?: (?:story|article|post|piece|text|version)\b| of| at| on|\W*\Z)|"
    rf"(?:seguir|continuar|contin[uú]a|sigue) leyendo|(?:leer|ver) (?:la |el )?{_ESTO}? ?{_ENTERO})",
    re.I,
)
"""What a control says behind the begin of a text, where it leads to the rest."""

SCRIPT_NEEDED = _any(
    r"(?:please )?(?:enable|turn on|activate) javascript|you need to enable javascript|requires javascript",
    r"javascript (?:is|must be) (?:disabled|required|enabled)",
    r"(?:habilit|activ)[ae]r? javascript|necesita javascript",
)
_PAGE = r"(?:page|story|article|content|post|url)"
_PAGINA = r"(?:p[aá]gina|nota|noticia|art[ií]culo|contenido)"
NO_ARTICLE = _any(
    rf"{_PAGE}(?: (?:that )?you \w+(?: \w+){{0,2}})?(?: was| is| has| could| can| may have)* (?:not (?:be )?found|"
    rf"no longer (?:available|exists?|here|online))",
    rf"{_PAGE}(?: (?:that )?you \w+(?: \w+){{0,2}})?(?: was| is| has| may have)* (?:been )?(?:removed|deleted|moved|"
    rf"expired|unavailable)",
    rf"(?:could|can|did)(?: not|n['’]t|not) (?:find|locate)\b.{{0,20}}(?:{_PAGE}|looking for)|nothing (?:was )?found",
    rf"{_PAGE}(?: (?:that )?you \w+(?: \w+){{0,2}})? (?:could|can)(?: not|n['’]t|not) be (?:found|displayed|shown)",
    r"(?:web)?site (?:you \w+(?: \w+){0,2} )?is (?:no longer|not) (?:online|available)|has ceased publi",
    r"(?:404|410|500|502|503|504) (?:error|not found|internal|bad gateway|service|gateway)|error (?:4\d\d|5\d\d)\b",
    r"something went wrong|unexpected error|technical (?:difficulties|problems)|internal server error",
    r"bad gateway|service unavailable|(?:try again|come back) (?:later|in a few|shortly)",
    r"(?:down|closed|undergoing|scheduled) (?:for )?maintenance",
    r"not available in your (?:region|country|location|area)|unavailable in your",
    r"access this (?:web)?site from a country",
    r"(?:log|sign) ?in to your account|forgot(?:ten)? (?:your )?password|enter (?:your|the) (?:email|password|"
    r"username)",
    rf"no (?:hemos |pudimos |podemos |se (?:ha |pudo )?)?(?:encontr\w+|existe)\b.{{0,30}}{_PAGINA}",
    rf"{_PAGINA} (?:que buscas? )?(?:no (?:encontrad[oa]|existe|(?:est[aá] )?disponible)|ya no (?:est[aá]|exista?e?))",
    r"tareas de mantenimiento|(?:sitio|p[aá]gina) en mantenimiento",
    r"no est[aá] disponible (?:en (?:este momento|su|tu) ?|temporalmente)",
    r"algo sali[oó] mal|error inesperado|(?:ha ocurrido|se produjo|ocurri[oó]) un error|no pudimos cargar|"
    r"int[eé]nt[ae]lo (?:de nuevo|m[aá]s tarde)|olvid(?:aste|[oó]) (?:tu|"
    r"su) contrase[nñ]a",
)
"""What a page without an article says: errors, things removed or closed to a region, maintenance, forms to log in."""
ADDRESSED = _any(
    r"(?:you|your|we|our|us|sorry|oops|please)\b",
    r"(?:t[uú]|tus|te|nos|nuestr[oa]s?|hemos|estamos|pudimos|sentimos|disculp\w+|buscas?|intentas?|puedes?|vuelve|"
    r"regresa)\b",
)
"""Words by which notices speak to the reader, while news does not."""

LIVE_TITLE = re.compile(
    r"\blive (?:updates|blog|coverage|feed)\b|\bliveblog\b|\breal[- ]time updates\b|\bas it happened\b|"
    r"\blive\b|\brolling (?:coverage|updates)\b|(?:\A|[:|–—-]\s*)(?:latest|the latest|live|updates|lo [uú]ltimo)\W*\Z|"
    r"\Alatest (?:updates|news)\b|\ben (?:vivo|directo)\b|minuto a minuto|[uú]ltima hora en vivo",
    re.I,
)
VIDEO_TITLE = re.compile(
    r"\A\W*(?:(?:watch|video|v[ií]deo)\s*[:|–—-]|(?:mira|vea|ve) (?:el|este|aqu[ií]) )|\A\[?\(?v[ií]deo\b|"
    r"[|:–—-]\s*v[ií]deo\Z|\(v[ií]deo\)\Z|\bfull (?:episode|newscast|show|broadcast)\b|\bepisodio completo\b",
    re.I,
)
VIDEO_TOLD = re.compile(r"\b(?:videos?|v[ií]deos?|footage|bodycam|newscast|noticiero)\b", re.I)
"""What titles of articles about a video say, too: beside a player and a few words it is the video itself."""
