"""Decide which pages to ask for: of all entries listed and all pages due, each page once, for one stated reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from schemas.memory import PageLookup, PageMemory
from schemas.records import Dropped, Entry, Feed, Itinerary, PageTurn, Silence, Visit
from transforms.addresses import redact, refusal, registrable_domain, url_key
from transforms.missing import TAKEN_DOWN

Candidate = Entry | PageMemory | Silence

FIRST = ("new", "updated", "retry", "revisit")
"""The order of visits: where a domain's time does not suffice for all, what can wait is put off."""

MAX_HOPS = 4
"""Addresses that led to other addresses are followed so far in memory; each hop was a redirect met in another pass."""


def plan_domain(
    domain_and_candidates: tuple[str, Iterable[Candidate]],
    *,
    feeds: Mapping[str, Feed],
    lookup: PageLookup,
    run_id: str,
    now: datetime,
) -> list[Any]:
    """The Itinerary of one domain, a Dropped for every candidate that is not visited, and a PageTurn if it was new.

    Candidates are entries that feeds list now and pages whose time to be fetched again has come. An entry is dropped as
    `duplicate` if another entry leads to the same page, as `known` if the page was fetched before and not announced as
    changed since (it may be due on its own), as `taken-down` if it was removed, and as `no-link`, `bad-link`, … if its
    link cannot be asked. The outcome does not depend on the order of the candidates. A Silence that the domain asked
    for goes along with its visits, which are then remembered and retried later, but not made; and on to those that
    other domains lead there.
    """
    domain, candidates = domain_and_candidates
    due: dict[str, PageMemory] = {}
    keyed: dict[str, list[Entry]] = {}
    dropped: list[Dropped] = []
    silences: list[Silence] = []
    uncounted: list[tuple[Entry, str]] = []
    for candidate in candidates:
        if isinstance(candidate, Silence):
            silences.append(candidate)
        elif isinstance(candidate, PageMemory):
            due[candidate.url_key] = candidate
        elif reason := refusal(candidate.url):
            dropped.append(_dropped(candidate, None, reason, run_id, now))
            uncounted.append((candidate, "failed"))
        else:
            keyed.setdefault(url_key(candidate.url or ""), []).append(candidate)

    def rank(entry: Entry) -> tuple[bool, str, str, str]:
        # Feeds devoted to the subject keep everything, so theirs is the entry that counts.
        return feeds[entry.feed_id].needs_topic_filter, entry.feed_id, entry.entry_id, entry.url or ""

    known = follow_pages(lookup, sorted(keyed))
    listed: dict[str, list[Entry]] = {}
    for key, entries in keyed.items():
        page = known.get(key)
        listed.setdefault(page.url_key if page else key, []).extend(entries)
    known = {page.url_key: page for page in known.values()}
    visits = [_revisit(page) for key, page in sorted(due.items())]
    for key, entries in sorted(listed.items()):
        first, *others = sorted(entries, key=rank)
        dropped += [_dropped(entry, key, "duplicate", run_id, now) for entry in others]
        page = known.get(key)
        uncounted += [(entry, "duplicate") for entry in (entries if page or key in due else others)]
        if key in due or (page and not any(_is_worth_a_visit(entry, page, feeds, now) for entry in entries)):
            reason = TAKEN_DOWN if page and page.outcome == TAKEN_DOWN else "known"
            dropped.append(_dropped(first, key, reason, run_id, now))
        else:
            visits.append(_visit(first, key, feeds[first.feed_id], page))
    visits.sort(key=lambda visit: FIRST.index(visit.reason))
    planned = [Itinerary(domain=domain, visits=tuple(visits), silences=tuple(silences))] if visits else []
    turns = [
        PageTurn(feed_id=entry.feed_id, day=now.astimezone(UTC).date(), before=None, after=outcome)
        for entry, outcome in uncounted
        if entry.is_new
    ]
    return [*dropped, *turns, *silences, *planned]


def follow_pages(lookup: PageLookup, keys: Sequence[str]) -> dict[str, PageMemory]:
    """What is remembered of pages, by the key asked for: where an address led to another page, that page."""
    found = dict(lookup(keys))
    for _ in range(MAX_HOPS):
        led = {page.same_as for page in found.values() if page.same_as}
        if not led:
            break
        targets = lookup(sorted(led))
        found = {key: targets.get(page.same_as or "", replace(page, same_as=None)) for key, page in found.items()} | {
            key: page for key, page in found.items() if not page.same_as
        }
    return found


def domain_of(candidate: Candidate) -> str:
    """The registrable domain whose turn a candidate takes; entries without a usable link share the empty one."""
    if isinstance(candidate, Silence):
        return candidate.domain
    entry = candidate.entry if isinstance(candidate, PageMemory) else candidate
    return "" if refusal(entry.url) else registrable_domain(entry.url or "")


def _is_worth_a_visit(entry: Entry, page: PageMemory, feeds: Mapping[str, Feed], now: datetime) -> bool:
    """Whether an entry is a reason to visit a known page: it announces a change, or wants a page that was turned away.

    A change announced for the future counts when its time has come; else the page would be fetched in every run. Pages
    that were given up stay known. A page that a broad feed led to and that was off-domain is wanted by feeds devoted to
    the subject, which keep everything.
    """
    if page.outcome == "off-domain":
        return page.needs_topic_filter and not feeds[entry.feed_id].needs_topic_filter
    is_open = page.fetch_at is not None or page.outcome in ("fetched", "paywalled")
    if not is_open or entry.updated_at is None or page.fetched_at is None:
        return False
    return page.fetched_at < entry.updated_at <= now


def _visit(entry: Entry, key: str, feed: Feed, page: PageMemory | None) -> Visit:
    return Visit(
        entry=entry,
        url_key=key,
        publisher=feed.publisher,
        language=feed.language,
        needs_topic_filter=feed.needs_topic_filter,
        reason="updated" if page else "new",
        known=page,
    )


def _revisit(page: PageMemory) -> Visit:
    return Visit(
        entry=page.entry,
        url_key=page.url_key,
        publisher=page.publisher,
        language=page.language,
        needs_topic_filter=page.needs_topic_filter,
        reason="retry" if page.failures else "revisit" if page.fetched_at else "new",
        known=page,
    )


def _dropped(entry: Entry, key: str | None, reason: str, run_id: str, now: datetime) -> Dropped:
    return Dropped(
        run_id=run_id,
        stage="download",
        reason=reason,
        at=now,
        feed_id=entry.feed_id,
        url=redact(entry.url) if entry.url else None,
        url_key=key,
        entry_id=entry.entry_id,
    )
