"""What is odd or goes wrong on purpose, as data with a reason each: the houses' habits and the rules for faults.

Victims are chosen by rule from the content, so that any newsroom has the same kinds of faults: a rule takes the n-th
*plain* piece (full, there from day 1, never revised, neither a wire copy nor copied) of the house it names.
"""

from typing import Literal

from schemas.records import record
from seeds.newsroom.newsroom import DAYS


@record
class Habits:
    """How a house serves its pages and writes its feed, whatever the article."""

    dates: Literal["offset", "zone-name", "two-digit-year", "no-zone", "spanish"] = "offset"
    titles: Literal["plain", "entities", "markup"] = "plain"
    links: Literal["absolute", "relative", "tracked"] = "absolute"
    robots: Literal["open", "none", "slow"] = "open"
    validators: bool = True
    gzip: bool = False


HABITS = {
    "courier": Habits(dates="zone-name", titles="entities", links="tracked", gzip=True),
    "ledger": Habits(),
    "wire": Habits(gzip=True),
    "tv": Habits(dates="no-zone", links="tracked", gzip=True),
    "advocacy": Habits(titles="markup", links="relative"),
    "government": Habits(dates="two-digit-year", links="relative", robots="slow"),
    "voz": Habits(dates="spanish", titles="entities"),
    "blog": Habits(robots="none", validators=False),
}


@record
class Fault:
    """One thing that goes wrong: where, on which days, why we do it, and what a careful reader makes of it.

    With a `status` the server answers so instead of the page or feed; without, the fault lies in what is served.
    """

    kind: str
    path: str
    expect: str
    reason: str
    days: tuple[int, ...] = DAYS
    status: int | None = None
    target: str | None = None  # where a redirect leads
    retry_after: int | None = None  # seconds
    first_only: bool = False  # only the first request of each such day meets it
    linked: bool = False  # feeds (or the feeds file) give this address instead of the real one
    ghost: str | None = None  # title of an entry that the feed lists, though there is no such piece
    extra_feed: str | None = None  # the feeds file lists it as a further feed of the outlet, with this suffix


@record
class FaultRule(Fault):
    """A fault to be planned; `{page}`, `{stem}` (page without its ending), `{slug}` and `{feed}` stand in its paths."""

    layout: str
    nth: int | None = None


# One rule a paragraph reads better than one argument a line.
# fmt: off
RULES = (
    FaultRule(layout="courier", kind="feed-moved", path="/moved-feed.xml", status=301, target="{feed}", linked=True,
              reason="outlets move their feeds and leave a redirect", expect="the real feed is read"),
    FaultRule(layout="courier", kind="feed-html", path="/news.rss",
              reason="a discontinued feed often answers with the front page and 200", expect="dead letter: not a feed"),
    FaultRule(layout="courier", kind="feed-missing", path="/podcast.xml", status=404,
              reason="a feed may vanish by mistake and return", expect="dead letter, asked again later"),
    FaultRule(layout="ledger", kind="feed-gone", path="/old-feed.xml", status=410, extra_feed="archive",
              reason="an outlet says that a feed is gone for good", expect="dead letter, hardly asked again"),
    FaultRule(layout="tv", kind="feed-throttled", path="/weather.xml", status=429, retry_after=120, days=(1,),
              extra_feed="weather", reason="a feed asks to be left alone; later it repeats entries of the main feed",
              expect="not asked again within the wait; the repeated entries give no second visit"),

    FaultRule(layout="courier", nth=1, kind="redirect-slash", path="{stem}", status=301, target="{page}", linked=True,
              reason="feeds leave out the final slash", expect="one capture with one hop"),
    FaultRule(layout="ledger", nth=1, kind="redirect-renamed", path="{stem}-early-edition.html", status=301,
              target="{page}", linked=True, reason="an editor renamed the page", expect="one capture with one hop"),
    FaultRule(layout="tv", nth=1, kind="redirect-chain", path="/go/{slug}", status=302, target="/r/{slug}", linked=True,
              reason="feeds count clicks through two temporary addresses", expect="one capture with two hops"),
    FaultRule(layout="tv", nth=1, kind="redirect-chain", path="/r/{slug}", status=302, target="{page}",
              reason="the second address of the chain", expect="one capture with two hops"),
    FaultRule(layout="tv", kind="page-missing", path="/news/traffic/live-map", status=404, ghost="Live traffic map",
              reason="feeds list pages that were never published", expect="dead letter http-404"),
    FaultRule(layout="voz", kind="page-gone", path="/avisos/2026/11/fe-de-erratas.html", status=410,
              ghost="Fe de erratas", reason="an outlet withdrew a page", expect="dead letter http-410"),
    FaultRule(layout="government", nth=2, kind="page-unavailable", path="{page}", status=503, days=(1,),
              reason="a server breaks down for a day; its feed does not announce the page anew",
              expect="dead letter http-503 on day 1, captured by a retry from day 2"),
    FaultRule(layout="courier", nth=3, kind="page-throttled", path="{page}", status=429, retry_after=1, days=(1,),
              first_only=True, reason="a server asks for a short wait", expect="captured when asked again"),

    FaultRule(layout="courier", nth=2, kind="entry-twice", path="{page}",
              reason="feeds list an entry twice", expect="one visit"),
    FaultRule(layout="ledger", nth=2, kind="entry-undated", path="{page}",
              reason="entries lack a date", expect="the date comes from the page"),
    FaultRule(layout="government", nth=1, kind="entry-far-future", path="{page}",
              reason="a typing mistake dates an entry 2099", expect="the feed's date is not believed"),
    FaultRule(layout="advocacy", kind="entry-without-link", path="", ghost="Our office is closed on Wednesday",
              reason="entries are announcements without a page", expect="dropped: nothing to visit"),
)
# fmt: on
