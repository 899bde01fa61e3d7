"""Small pages written for the tests: one per way in which a page shows, or does not show, its article."""

import json

ENGLISH = (
    "Federal officers detained eleven workers at a roofing company on Tuesday morning, according to two employees.",
    "The owner said he had opened the gate because he was told that a driver had been hurt in the yard.",
    "By noon, relatives stood outside the county jail with folders of birth certificates and pay stubs.",
    "A spokeswoman for the agency confirmed the operation but would not say whether it had a signed warrant.",
    "Court records reviewed later that day list seven of the men as having no criminal convictions.",
    "Three of them had appointments with a judge in the spring, their lawyer said in a telephone interview.",
    "The sheriff, who ended an agreement with the agency last year, told reporters he had not been informed.",
    "Neighbors described a helicopter that circled above the elementary school for almost twenty minutes.",
    "Teachers kept pupils indoors during recess and sent a message to parents in four languages.",
    "The union that represents the roofers plans to ask for an injunction before the end of the week.",
    "Its president recalled a similar raid in 2019, after which most of the detained men were released on bond.",
    "Economists at the state university estimate that a fifth of the local building trade was born abroad.",
    "Rents have risen by a third since then, and contractors complain that they cannot finish half-built homes.",
    "The governor declined to comment on the arrests, pointing to a statement that her office made in March.",
    "In it she had promised that state troopers would not stop drivers for the sake of their papers.",
    "Whether that promise covers the parking lot of a private company is now a question for the attorney general.",
)
SPANISH = (
    "Agentes federales detuvieron el martes a once trabajadores de una empresa de techos, según dos empleados.",
    "El dueño contó que abrió el portón porque le dijeron que un chofer se había lastimado en el patio.",
    "Al mediodía, los familiares esperaban frente a la cárcel del condado con actas de nacimiento y talones de pago.",
    "Una portavoz de la agencia confirmó el operativo, pero no quiso decir si había una orden firmada por un juez.",
    "Los expedientes consultados ese día muestran que siete de los hombres no tienen condenas penales.",
    "Tres de ellos tenían citas ante el tribunal en primavera, explicó su abogado en una entrevista telefónica.",
    "El alguacil, que el año pasado puso fin a un acuerdo con la agencia, aseguró que nadie le avisó.",
    "Los vecinos describieron un helicóptero que dio vueltas sobre la escuela primaria durante veinte minutos.",
    "Las maestras dejaron a los alumnos dentro durante el recreo y escribieron a los padres en cuatro idiomas.",
    "El sindicato de los techadores piensa pedir una medida cautelar antes de que termine la semana.",
    "Su presidente recordó una redada parecida en 2019, tras la cual casi todos salieron libres bajo fianza.",
    "Economistas de la universidad estatal calculan que un quinto de los obreros locales nació en el extranjero.",
)

MENU = '<header><nav><a href="/">Home</a> <a href="/local">Local</a> <a href="/subscribe">Subscribe</a></nav></header>'
FOOTER = '<footer><p>© 2026 The Valley Ledger</p><a href="/privacy">Privacy policy</a></footer>'
BANNER = (
    '<div id="cookie-banner"><p>We value your privacy. We use cookies.</p><button>Accept all</button>'
    "<button>Manage preferences</button></div>"
)


def paragraphs(sentences: tuple[str, ...], count: int, per: int = 2) -> str:
    """The first `count` sentences as paragraphs of `per` sentences."""
    chosen = sentences[:count]
    return "".join(f"<p>{' '.join(chosen[at : at + per])}</p>" for at in range(0, len(chosen), per))


def json_ld(**node: object) -> str:
    """A JSON-LD block."""
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **node})}</script>'


def page(body: str, title: str = "Eleven roofers detained in valley raid", head: str = "", lang: str = "en") -> str:
    """A whole document around a body."""
    return f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'


def _article(inner: str, extra: str = "") -> str:
    return (
        f"{MENU}<main><article><h1>Eleven roofers detained in valley raid</h1>{inner}</article>{extra}</main>{FOOTER}"
    )


STATES: dict[str, tuple[str, str]] = {
    # name: (body state, markup)
    "plain article": ("full", page(_article(paragraphs(ENGLISH, 16)))),
    "article with banner, newsletter box and subscription appeal": (
        "full",
        page(
            BANNER
            + _article(
                paragraphs(ENGLISH, 8)
                + '<div class="promo"><p>Sign up for our newsletter to get the latest news in your inbox.</p></div>'
                + paragraphs(ENGLISH[8:], 8),
                "<aside><p>Subscribe to continue supporting local news.</p></aside>",
            )
        ),
    ),
    "free flag set wrongly on a whole article": (
        "full",
        page(
            _article(paragraphs(ENGLISH, 16, per=1)),
            head=json_ld(
                **{"@type": "NewsArticle", "isAccessibleForFree": False, "headline": "Eleven roofers detained"}
            ),
        ),
    ),
    "brief": ("full", page(_article(paragraphs(ENGLISH, 4)))),
    "spanish article in divs": (
        "full",
        page(
            f'{MENU}<div class="nota-cuerpo">{paragraphs(SPANISH, 12)}</div>',
            title="Once techadores detenidos",
            lang="es",
        ),
    ),
    "article with a captcha in its comment form": (
        "full",
        page(
            _article(
                paragraphs(ENGLISH, 10), '<form><div class="g-recaptcha"></div><button>Post comment</button></form>'
            )
        ),
    ),
    "article about bot checks": (
        "full",
        page(
            _article(
                paragraphs(ENGLISH, 10)
                + "<p>Applicants were asked to verify that you are human, the page said, before access was denied.</p>"
            )
        ),
    ),
    "press release without paragraphs": (
        "full",
        page(
            f'<div id="content"><h2>For immediate release</h2>{"<br><br>".join(ENGLISH[:12])}</div>',
            title="Press release",
        ),
    ),
    "article at a video address with a whole text": (
        "full",
        page(_article(paragraphs(ENGLISH, 14)), head='<meta property="og:type" content="video.other">'),
    ),
    "rss-like teaser with read more": (
        "teaser",
        page(f'{MENU}<div class="entry"><h2>Roofers detained</h2><p>{ENGLISH[0]} {ENGLISH[1]} […]</p></div>'),
    ),
    "aggregator": (
        "teaser",
        page(
            f'<div class="card"><h1>Roofers detained</h1><p>{ENGLISH[0]} {ENGLISH[2]}</p>'
            '<a href="https://elsewhere.example/story">Read the full story at The Valley Ledger</a></div>',
            head=f'<meta property="og:description" content="{ENGLISH[0]} {ENGLISH[2]}">',
        ),
    ),
    "spanish teaser": (
        "teaser",
        page(
            f'<main><h1>Techadores</h1><p>{SPANISH[0]} {SPANISH[1]}…</p><a href="/nota">Leer la nota '
            f"completa</a></main>",
            lang="es",
            title="Techadores detenidos",
        ),
    ),
    "a sixth of the declared words": (
        "teaser",
        page(
            _article(paragraphs(ENGLISH, 4)),
            head=json_ld(**{"@type": "NewsArticle", "headline": "Eleven roofers detained", "wordCount": 900}),
        ),
    ),
    "metered wall behind three paragraphs": (
        "paywalled",
        page(
            _article(
                paragraphs(ENGLISH, 6)
                + '<div class="gate"><h3>Subscribe to continue reading</h3><p>Already a subscriber? Log in.</p></div>'
            )
        ),
    ),
    "locked by its own declaration": (
        "paywalled",
        page(
            _article(paragraphs(ENGLISH, 3)),
            head=json_ld(
                **{"@type": "NewsArticle", "isAccessibleForFree": "False", "headline": "Eleven roofers detained"}
            ),
        ),
    ),
    "spanish wall": (
        "paywalled",
        page(
            f"{MENU}<article><h1>Techadores detenidos</h1>{paragraphs(SPANISH, 4)}"
            "<section><h2>Suscríbete para seguir leyendo</h2><p>¿Ya eres suscriptor? Inicia "
            "sesión</p></section></article>",
            lang="es",
            title="Techadores detenidos",
        ),
    ),
    "members only, long preview and a word count": (
        "paywalled",
        page(
            _article(
                paragraphs(ENGLISH, 14)
                + "<div><p>This story is only for members. Become a member to continue.</p></div>"
            ),
            head=json_ld(**{"@type": "ReportageNewsArticle", "headline": "Eleven roofers detained", "wordCount": 1400}),
        ),
    ),
    "content tier locked": (
        "paywalled",
        page(_article(paragraphs(ENGLISH, 2)), head='<meta property="article:content_tier" content="locked">'),
    ),
    "consent page of a portal": (
        "consent",
        page(
            "<div><h1>We value your privacy</h1><p>We and our 842 partners store and access information on a "
            "device, such "
            "as cookies, and process personal data for personalised ads and content.</p><p>Click accept all to "
            "consent to "
            "this or manage options to learn more. Your choices apply to this website.</p><button>Accept all</button>"
            "<button>Reject all</button></div>",
            title="The Valley Ledger - Privacy",
        ),
    ),
    "before you continue": (
        "consent",
        page(
            "<main><h1>Before you continue</h1><p>We use cookies and data to deliver and maintain services and track "
            "outages. If you choose to accept all, we will also use cookies to show personalized ads and content.</p>"
            "<form><button>Accept all</button><button>Reject all</button></form></main>",
            title="Before you continue",
        ),
    ),
    "spanish consent or pay": (
        "consent",
        page(
            "<div><h2>Antes de continuar</h2><p>Nosotros y nuestros 120 socios utilizamos cookies para almacenar "
            "y acceder a "
            "información personal. Puedes aceptar todas las cookies o suscribirte.</p><button>Aceptar todo</button>"
            "<button>Rechazar todo</button></div>",
            lang="es",
            title="Tu privacidad nos importa",
        ),
    ),
    "interstitial of a content network": (
        "challenge",
        page(
            "<h1>news.example</h1><h2>Verifying you are human. This may take a few "
            "seconds.</h2><div>news.example needs to "
            "review the security of your connection before proceeding.</div><script "
            'src="/cdn-cgi/challenge-platform/h/b"></script>'
            "<noscript>Enable JavaScript and cookies to continue</noscript><div>Ray ID: 8a1</div>",
            title="Just a moment...",
        ),
    ),
    "press and hold": (
        "challenge",
        page(
            '<div id="px-captcha"></div><h1>Before we continue...</h1><p>Press &amp; Hold to confirm you are a '
            "human (and "
            "not a bot).</p><p>Reference ID 1f2e</p>",
            title="Access to this page has been denied",
        ),
    ),
    "captcha delivered into an empty page": (
        "challenge",
        page('<script src="https://geo.captcha-delivery.com/captcha/x.js"></script>', title="valleyledger.example"),
    ),
    "access denied": (
        "challenge",
        page(
            "<h1>Access Denied</h1>You don't have permission to access this page on this server.<p>Reference #18.2f</p>"
            "<p>https://errors.edgesuite.net/18.2f</p>",
            title="Access Denied",
        ),
    ),
    "interrupted": (
        "challenge",
        page(
            "<h1>Pardon Our Interruption</h1><p>As you were browsing something about your browser made us think "
            "you were a "
            "bot. There are a few reasons this might happen: you are moving at super-human speed; you have disabled "
            "cookies. To regain access, complete the CAPTCHA.</p>",
            title="Pardon Our Interruption",
        ),
    ),
    "spanish bot check": (
        "challenge",
        page(
            "<h1>Un momento…</h1><p>Verificando que eres humano. Esto puede tardar unos segundos.</p><p>El sitio "
            "comprueba "
            'la conexión.</p><div class="cf-turnstile"></div>',
            lang="es",
            title="Un momento…",
        ),
    ),
    "live blog by declaration": (
        "live-blog",
        page(
            _article(
                "".join(
                    f"<section><h3>{at}:15 p.m.</h3><p>{text}</p></section>" for at, text in enumerate(ENGLISH[:9], 1)
                )
            ),
            head=json_ld(**{"@type": "LiveBlogPosting", "headline": "Eleven roofers detained in valley raid"}),
        ),
    ),
    "live updates by headline and stamps": (
        "live-blog",
        page(
            _article("".join(f"<p>{at}:30 p.m. ET</p><p>{text}</p>" for at, text in enumerate(ENGLISH[:9], 1))),
            title="Live updates: roofers detained in valley raid",
        ),
    ),
    "minute by minute": (
        "live-blog",
        page(
            "<main><article><h1>Redada en el valle, minuto a minuto</h1>"
            + "".join(f"<p>{at}:05 hs</p><p>{text}</p>" for at, text in enumerate(SPANISH[:8], 10))
            + "</article></main>",
            lang="es",
            title="Redada en el valle, minuto a minuto",
        ),
    ),
    "video with a caption": (
        "video-stub",
        page(
            f'{MENU}<main><h1>Raid seen from above</h1><video src="a.mp4"></video><p>{ENGLISH[7]}</p></main>',
            title="Raid seen from above",
            head=json_ld(**{"@type": "VideoObject", "name": "Raid seen from above", "uploadDate": "2026-03-02"}),
        ),
    ),
    "watch": (
        "video-stub",
        page(
            _article(f"<div class='player'></div><p>{ENGLISH[0]} {ENGLISH[3]}</p>"),
            title="WATCH: roofers detained in raid",
        ),
    ),
    "spanish video": (
        "video-stub",
        page(
            f"<article><h1>Video: la redada vista desde el aire</h1><p>{SPANISH[7]} {SPANISH[0]}</p></article>",
            lang="es",
            title="Video: la redada vista desde el aire",
        ),
    ),
    "application shell": (
        "empty",
        page(
            '<div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript>', title="Ledger"
        ),
    ),
    "menu only": ("empty", page(MENU + "<main></main>" + FOOTER, title="The Valley Ledger")),
    "nothing but a headline": ("empty", page("<h1>Eleven roofers detained</h1>")),
}
