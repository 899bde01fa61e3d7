"""N10, against a model: whatever a feed's server says, in whatever order, what is remembered of it stays right.

The suite plays a few hundred polls. For more: `run_state_machine_as_test(FeedLife, settings=settings(max_examples=420,
stateful_step_count=40))`, which is some 14,000 polls in two minutes.
"""

import asyncio
import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from schemas.arrow import conform, from_arrow, to_arrow
from schemas.memory import FeedMemory, FeedTurn
from schemas.records import DeadLetter, Dropped, Entry, Gap, Poll
from tests.builders import make_answer, make_feed
from tests.faults.feed_model import FEED, HTML, SHARED, FeedServer, Item, Move
from transforms.addresses import registrable_domain
from transforms.answer import WebError
from transforms.discover.poll import poll_feed

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHORTEST, LONGEST, START = 30 * MINUTE, 165 * MINUTE, 60 * MINUTE

WEIGHTS = {"http-410": 3.0, "http-400": 1.0, "dns": 0.25}
"""What failures weigh; all others weigh one half."""

KINDS = {
    "timeout": "slow", "http-403": "blocked", "http-429": "blocked", "http-404": "gone", "http-410": "gone",
    "empty": "unreadable", "not-a-feed": "unreadable",
}  # fmt: skip
"""The gaps that failures open; all others are an outage."""

SAME_SITE, OTHER_SITE = "https://www.ledger.example/rss", "https://courier.example/rss"
MOVES = [
    Move(SAME_SITE, (301,)),
    Move(OTHER_SITE, (308, 301)),
    Move(OTHER_SITE, (302,)),
    Move(SAME_SITE, (301, 307)),
    Move("http://ledger.example/feed", (301,)),
    Move(SAME_SITE, (301, 301), through="http://ledger.example/feed"),
    Move(SAME_SITE + "?token=abc", (301,)),
]

LATER = st.sampled_from([1, 7, 31, 60, 61, 179, 181, 720, 1441]).map(lambda minutes: minutes * MINUTE)
MUCH_LATER = st.integers(2, 40).map(lambda days: days * DAY)
Policy = tuple[str, str, bool, int | None]
POLICIES = st.tuples(
    st.sampled_from(["constant", "flapping", "gzip", "honest", "none", "not ascii", "unquoted", "weak"]),
    st.sampled_from(["constant", "future", "honest", "none", "odd", "touched"]),
    st.booleans(),
    st.sampled_from([None, 600, 9000, 10**6]),
)
WAITS = st.sampled_from([None, "0", "120", "7200", "900000", "-5", "soon", "Tue, 01 Dec 2026 00:00:00 GMT"])


@dataclass
class Moving:
    """A move told in so many polls since one instant, after the last that was not led there."""

    target: str
    since: datetime
    after: datetime
    polls: int = 1


@dataclass
class Believed:
    """What the poller must know by now, told from what the server said and nothing else."""

    etag: str | None = None
    last_modified: str | None = None
    whole_at: datetime | None = None
    whole_from: str | None = None
    not_modified_at: datetime | None = None
    distrusted_at: datetime | None = None
    repeats: int = 0
    body: bytes | None = None
    listed: set[str] = field(default_factory=set)
    emitted: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    listed_at: datetime | None = None
    is_emptied: bool = False
    succeeded_at: datetime | None = None
    failed: int = 0
    polled_at: datetime | None = None
    changed_at: datetime | None = None
    errors: float = 0.0
    gone: list[datetime] = field(default_factory=list)
    gap: tuple[str, datetime] | None = None
    move: Moving | None = None

    def sendable(self, etag: str | None, last_modified: str | None) -> dict[str, str]:
        """The validators that would be sent: both, but what is not ASCII and an ETag that never matched."""
        pair = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        sent = {name: value for name, value in pair.items() if value and value.isascii()}
        if self.repeats >= 5 and (self.last_modified or "").isascii() and self.last_modified:
            sent.pop("If-None-Match", None)
        return sent

    def conditions(self, now: datetime, usual_rate: float) -> dict[str, str]:
        if self.whole_at is None or now - self.whole_at > 7 * DAY:
            return {}
        if self.distrusted_at and now - self.distrusted_at < 30 * DAY:
            return {}
        if usual_rate * ((now - max(self.whole_at, self.changed_at or self.whole_at)) / HOUR) >= 12:
            return {}
        return self.sendable(self.etag, self.last_modified)


class FeedLife(RuleBasedStateMachine):
    """One feed, polled again and again, its memory stored and read in between, as passes do."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = make_feed(url=FEED)
        self.server = FeedServer()
        self.memory: FeedMemory | None = None
        self.known = Believed()
        self.told: dict[tuple[str, str, datetime], Gap] = {}
        self.is_sound = True

    # -------------------------------------------------------------------------------------------- what the server does

    @initialize(count=st.integers(0, 12), is_dated=st.booleans(), policy=POLICIES)
    def begin(self, count: int, is_dated: bool, policy: Policy) -> None:
        self.change_policy(policy)
        self.server.publish(count, is_dated=is_dated)

    @rule(count=st.integers(1, 14), is_dated=st.booleans())
    def publish(self, count: int, is_dated: bool) -> None:
        self.server.publish(count, is_dated=is_dated)

    @rule(count=st.integers(1, 12))
    def lose(self, count: int) -> None:
        self.server.lose(count)

    @rule(version=st.sampled_from([0, 1, 2, SHARED]))
    def change_ids(self, version: int) -> None:
        self.server.rename(guid=version)

    @rule(version=st.integers(0, 2))
    def change_links(self, version: int) -> None:
        self.server.rename(link=version)

    @rule(policy=POLICIES)
    def change_policy(self, policy: Policy) -> None:
        self.server.etags, self.server.dates, self.server.needs_both, self.server.max_age = policy

    @rule(move=st.none() | st.sampled_from(MOVES))
    def move(self, move: Move | None) -> None:
        self.server.move = move

    # -------------------------------------------------------------------------------------------- what the poller does

    @rule(later=LATER)
    def poll(self, later: timedelta) -> None:
        self._poll(later)

    @rule(later=LATER, times=st.integers(2, 7))
    def poll_in_vain(self, later: timedelta, times: int) -> None:
        for _ in range(times):
            self._poll(later)

    @rule(later=LATER)
    def poll_a_liar(self, later: timedelta) -> None:
        self.server.is_lying = True
        self._poll(later)
        self.server.is_lying = False

    @rule(later=LATER, count=st.integers(1, 5), days=st.integers(5, 9))
    def poll_a_liar_for_days(self, later: timedelta, count: int, days: int) -> None:
        self.server.is_lying = True
        for each in (later, DAY, days * DAY):
            self.server.publish(count, is_dated=True)
            self._poll(each)
        self.server.is_lying = False

    @rule(later=LATER, count=st.integers(1, 5))
    def poll_after_news(self, later: timedelta, count: int) -> None:
        self.server.at += later / 2
        self.server.publish(count, is_dated=True)
        self._poll(later / 2)

    @rule(later=MUCH_LATER)
    def poll_after_long(self, later: timedelta) -> None:
        self._poll(later)

    @rule(later=LATER, status=st.sampled_from([404, 410, 400, 403, 429, 500, 503]), wait=WAITS)
    def poll_refused(self, later: timedelta, status: int, wait: str | None) -> None:
        self._poll(later, make_answer(b"", status, **({"Retry-After": wait} if wait else {})))

    @rule(later=MUCH_LATER, times=st.integers(1, 4))
    def poll_gone(self, later: timedelta, times: int) -> None:
        for _ in range(times):
            self._poll(later / times, make_answer(b"", 410))

    @rule(later=LATER, kind=st.sampled_from(["timeout", "dns", "tls", "connect", "protocol"]))
    def poll_unheard(self, later: timedelta, kind: str) -> None:
        self._poll(later, WebError(kind, "no answer"))

    @rule(later=LATER, content=st.sampled_from([b"", HTML]))
    def poll_something_else(self, later: timedelta, content: bytes) -> None:
        self._poll(later, make_answer(content, ETag='"not of a feed"'))

    @rule(wait_s=st.integers(1, 86_400))
    def poll_silenced(self, wait_s: int) -> None:
        self.server.fault = WebError("host-blocked", "asked to wait", wait_s)
        before = self.memory or FeedMemory(feed_id="ledger", url=FEED)
        dropped, memory = self._ask(is_forced=True)
        assert isinstance(dropped, Dropped)
        until = self.server.at + timedelta(seconds=wait_s)
        assert replace(memory, gap=before.gap) == replace(before, next_due_at=until), "asked nothing, learnt nothing"
        assert memory.gap is not None
        if self.known.gap is None:
            self.known.gap = "blocked", self.known.succeeded_at or self.server.at
        assert (memory.gap.kind, memory.gap.began_at) == self.known.gap
        self.memory = memory

    @rule(share=st.floats(0.0, 0.99))
    def poll_early(self, share: float) -> None:
        """Before it is due a feed is not asked, unless it is due within a fifth of its interval."""
        if self.memory is None or self.memory.next_due_at is None:
            return
        slack = min((self.memory.interval_s or 0) * timedelta(seconds=0.2), 15 * MINUTE) if not self.known.errors else 0
        early = self.memory.next_due_at - (slack or timedelta()) - timedelta(seconds=1)
        if early <= self.server.at:
            return
        self.server.at += (early - self.server.at) * share
        asked = len(self.server.asked)
        (dropped,) = self._ask(is_forced=False)
        assert (dropped.reason, len(self.server.asked)) == ("not-due", asked)

    @rule()
    def poll_when_due(self) -> None:
        """At the time that was named, a feed is asked without force."""
        if self.memory is not None and self.memory.next_due_at is not None:
            self._poll(max(self.memory.next_due_at - self.server.at, MINUTE), is_forced=False)

    def teardown(self) -> None:
        if not self.is_sound:
            return
        self.server.move, self.server.is_lying = None, False
        if not self.server.items:
            self.server.publish(1, is_dated=True)
        self._poll(8 * DAY)
        if self.known.gap is not None:  # the adopted address was given up; the one in the feeds file answers
            self._poll(HOUR)
        assert [gap for gap in self.told.values() if gap.ended_at is None] == []
        assert self.known.emitted >= {item.number for item in self.server.items}

    # -------------------------------------------------------------------------------------------- what must hold

    def _ask(self, *, is_forced: bool) -> list[Any]:
        turn = FeedTurn(feed=self.feed, memory=self.memory, is_forced=is_forced)
        outputs = asyncio.run(poll_feed(self.server, turn, run_id="run-1"))
        if isinstance(outputs[-1], FeedMemory):
            stored = conform(FeedMemory, to_arrow(FeedMemory, [outputs[-1]]))
            assert from_arrow(FeedMemory, stored) == [outputs[-1]]
        return outputs

    def _poll(self, later: timedelta, fault: Any = None, *, is_forced: bool = True) -> None:
        self.is_sound = False
        self.server.at += later
        self.server.fault = fault
        before, usual_rate = self.memory, self.memory.usual_rate if self.memory else None
        url = (before and before.adopted_url) or FEED
        expected = self.known.conditions(self.server.at, usual_rate or 0.0)
        self.server.asked_with = []
        outputs = self._ask(is_forced=is_forced)
        (poll,) = (each for each in outputs if isinstance(each, Poll))
        (self.memory,) = (each for each in outputs if isinstance(each, FeedMemory))
        self.server.fault = None

        assert self.server.asked[-1] == url
        asked_with = self.server.asked_with
        assert asked_with[0] == expected
        if len(asked_with) > 1:  # "not modified" by somebody whom the validators are not from
            lives_at = self.server.move.target if self.server.move and url == FEED else url
            assert expected
            assert registrable_domain(lives_at) != self.known.whole_from
            assert asked_with[1:] == [{}]
        assert poll.polled_at == self.server.at
        gaps = list(poll.gaps)
        if self.server.said in ("whole", "304"):
            self._check_good(poll, [each for each in outputs if isinstance(each, Entry)], gaps, before)
        else:
            self._check_bad(poll, outputs, gaps, before)
        assert gaps == [], "told of a gap that there was not"
        assert (self.memory.next_due_at, self.memory.polled_at) == (poll.next_due_at, self.server.at)
        assert poll.next_due_at is not None
        assert poll.next_due_at > self.server.at
        self.known.polled_at = self.server.at
        self._note(poll.gaps)
        self.is_sound = True

    def _check_good(self, poll: Poll, entries: list[Entry], gaps: list[Gap], before: FeedMemory | None) -> None:
        known, now, memory = self.known, self.server.at, self.memory
        assert memory is not None
        assert (memory.errors, memory.failures, memory.last_error, memory.gap, memory.parked) == (
            0,
            0,
            None,
            None,
            None,
        )
        if known.gap is not None:
            gap = gaps.pop(0)
            assert (gap.kind, gap.began_at, gap.ended_at) == (*known.gap, now)
        listing = [] if self.server.said == "304" else self.server.items
        body = self.server.body()
        rolled_over = overlap = False
        if self.server.said == "304":
            self._check_not_modified(poll, entries, memory)
        elif body == known.body:
            assert (poll.outcome, entries) == ("unchanged", [])
            assert known.emitted >= {item.number for item in listing}, "taken for known, but never seen"
            known.repeats += "If-None-Match" in self.server.conditions
        else:
            assert poll.outcome == "entries"
            assert [(entry.entry_id, entry.url) for entry in entries] == [
                (item.entry_id(), item.url()) for item in listing
            ]
            news = {item.number for item in listing if known.listed.isdisjoint(item.marks(listing))}
            assert poll.entries_new == len(news)
            overlap = bool(known.listed) and len(news) < len(listing)
            rolled_over = bool(known.listed and listing) and not overlap
            listed_at = known.listed_at
            if self._check_lie(poll, gaps, news) and listed_at and known.whole_at:
                listed_at = min(listed_at, known.whole_at)  # what was taken on the liar's word
            if rolled_over:
                gap = gaps.pop(0)
                assert (gap.kind, gap.began_at, gap.ended_at) == ("rolled-over", listed_at, now)
            known.listed = set().union(*(item.marks(listing) for item in listing)) or known.listed
            known.emitted |= {item.number for item in listing}
            known.body, known.changed_at = body, now
        if self.server.said == "whole":
            known.etag, known.last_modified = self._told_validators()
            known.whole_at, known.not_modified_at, known.hidden = now, None, set()
            known.whole_from = registrable_domain(poll.final_url or "")
        self._check_emptied(gaps, listing if poll.outcome == "entries" else None)
        self._check_move(poll, gaps, memory, is_same_feed=poll.outcome != "entries" or overlap)
        self._check_pace(poll, before, rolled_over=rolled_over)
        known.errors, known.gap, known.gone, known.succeeded_at, known.failed = 0.0, None, [], now, 0

    def _check_emptied(self, gaps: list[Gap], listing: list[Item] | None) -> None:
        """A list that lost all of its entries is told until it has some again; None is a list that did not change."""
        known, now = self.known, self.server.at
        if listing:
            if known.is_emptied:
                gap = gaps.pop(0)
                assert (gap.kind, gap.began_at, gap.ended_at) == ("truncated", known.listed_at, now)
            known.is_emptied = False
        elif listing is not None:
            known.is_emptied = bool(known.listed)
        if known.is_emptied:
            gap = gaps.pop(0)
            assert (gap.kind, gap.began_at, gap.ended_at) == ("truncated", known.listed_at, None)
        else:
            known.listed_at = now

    def _check_not_modified(self, poll: Poll, entries: list[Entry], memory: FeedMemory) -> None:
        known, now = self.known, self.server.at
        assert (poll.outcome, entries) == ("not-modified", [])
        assert known.whole_at is not None
        assert now - known.whole_at <= 7 * DAY, "believed for too long"
        known.not_modified_at = now
        known.hidden |= {item.number for item in self.server.items} - known.emitted
        etag, last_modified = self._told_validators()
        known.etag, known.last_modified = etag or known.etag, last_modified or known.last_modified
        if known.repeats < 5:
            known.repeats = 0

    def _check_lie(self, poll: Poll, gaps: list[Gap], news: set[int]) -> bool:
        """A lie that hid entries is told if the validators are as before, and nobody is accused who said no 304."""
        known, now = self.known, self.server.at
        before = known.sendable(known.etag, known.last_modified)
        is_same = bool(before) and before == known.sendable(*self._told_validators())
        is_told = any(gap.kind == "lying-304" for gap in gaps)
        if known.hidden & news and is_same:
            assert is_told
        if is_told:
            assert known.not_modified_at is not None
            assert known.hidden or is_same, "an honest server is accused"
            gap = gaps.pop(0)
            assert (gap.kind, gap.began_at, gap.ended_at) == ("lying-304", known.whole_at, now)
            known.distrusted_at = now
        return is_told

    def _check_move(self, poll: Poll, gaps: list[Gap], memory: FeedMemory, *, is_same_feed: bool) -> None:
        known, now, move = self.known, self.server.at, self.server.move
        asked = self.server.asked[-1]
        target = None
        if move and asked == FEED and set(move.statuses) <= {301, 308} and "http://" not in move.target + move.through:
            target = move.target if "token" not in move.target else None
        assert poll.moved_to == target
        if target == OTHER_SITE and not is_same_feed:
            target = None
        before = known.move
        if target is None:
            known.move = None
        elif before is None or before.target != target:
            known.move = Moving(target, now, known.succeeded_at or now)
        else:
            before.polls += 1
        if before and before is not known.move:
            gap = gaps.pop(0)
            assert (gap.kind, gap.cause, gap.began_at, gap.ended_at) == ("moved", before.target, before.after, now)
        if known.move:
            gap = gaps.pop(0)
            is_adopted = known.move.polls >= 3 and now - known.move.since >= DAY
            assert (gap.kind, gap.cause, gap.began_at) == ("moved", target, known.move.after)
            assert gap.ended_at == (now if is_adopted else None)
            assert memory.adopted_url == (target if is_adopted else None)
            if is_adopted:
                known.move = None
        assert not (memory.adopted_url or "https:").startswith("http:")

    def _check_pace(self, poll: Poll, before: FeedMemory | None, *, rolled_over: bool) -> None:
        assert poll.interval_s is not None
        assert poll.next_due_at is not None
        interval, pause = timedelta(seconds=poll.interval_s), poll.next_due_at - self.server.at
        last = timedelta(seconds=before.interval_s) if before and before.interval_s else START
        assert SHORTEST <= interval <= LONGEST
        assert min(max(last / 2, SHORTEST), LONGEST) - MINUTE <= interval <= max(last * 1.5, SHORTEST) + MINUTE
        assert pause + MINUTE >= 0.9 * SHORTEST
        assert pause <= 1.1 * LONGEST
        if self.server.max_age and not rolled_over:
            assert pause >= 0.9 * min(timedelta(seconds=self.server.max_age), LONGEST)

    def _check_bad(self, poll: Poll, outputs: list[Any], gaps: list[Gap], before: FeedMemory | None) -> None:
        known, now, memory, kind = self.known, self.server.at, self.memory, self.server.said
        assert memory is not None
        (dead,) = (each for each in outputs if isinstance(each, DeadLetter))
        assert (dead.error, poll.outcome, poll.entries_listed) == (kind, "error", 0)
        known.errors += WEIGHTS.get(kind, 0.5)
        known.failed += 1
        if kind == "protocol" and self.server.conditions:  # perhaps a 304 with a body; without conditions all is well
            known.distrusted_at = now
        assert (memory.errors, memory.last_error) == (known.errors, kind)
        self._check_gap(gaps, KINDS.get(kind, "outage"))
        known.gone = [*known.gone, now] if kind == "http-410" else []
        is_gone = len(known.gone) >= 3 and now - known.gone[0] >= 7 * DAY
        parked = "gone" if is_gone else "errors" if known.errors >= 15 else None
        assert memory.parked == parked
        last = timedelta(seconds=before.interval_s) if before and before.interval_s else START
        pause = (poll.next_due_at or now) - now
        usual = min(last * 2 ** min(math.floor(known.errors), 10), DAY)
        usual = {"gone": 30 * DAY, "errors": 7 * DAY, None: usual}[parked]
        if dead.retry_after_s is None:
            assert 0.9 * usual <= pause <= 1.1 * usual
        else:
            asked = max(timedelta(seconds=dead.retry_after_s), 10 * MINUTE)
            assert 10 * MINUTE <= asked <= DAY
            assert asked <= pause
            assert pause <= max(asked + HOUR, 1.1 * usual if parked else HOUR)
        is_lost = kind in ("http-404", "http-410", "not-a-feed", "dns", "tls") or parked
        if before and before.adopted_url and (is_lost or (known.failed >= 3 and now - known.succeeded_at >= DAY)):
            assert memory.adopted_url is None
            known.etag = known.last_modified = known.whole_at = None
        else:
            assert memory.adopted_url == (before.adopted_url if before else None)

    def _check_gap(self, gaps: list[Gap], kind: str) -> None:
        known, now = self.known, self.server.at
        if known.gap is None:
            known.gap = kind, known.succeeded_at or now
        elif known.gap[0] != kind:
            ended = gaps.pop(0)
            assert (ended.kind, ended.began_at, ended.ended_at) == (*known.gap, now)
            known.gap = kind, known.polled_at or now
        gap = gaps.pop(0)
        assert (gap.kind, gap.began_at, gap.ended_at) == (*known.gap, None)

    def _told_validators(self) -> tuple[str | None, str | None]:
        return self.server.etag(), self.server.date()

    def _note(self, gaps: tuple[Gap, ...]) -> None:
        """A gap that lasts is told alike, ends once, and does not open again."""
        names = [(gap.kind, gap.cause, gap.began_at) for gap in gaps]
        assert len(set(names)) == len(names)
        for name, gap in zip(names, gaps, strict=True):
            assert gap.began_at <= (gap.ended_at or self.server.at) <= self.server.at
            known = self.told.setdefault(name, gap)
            assert known is gap or known.ended_at is None, "ended before"
            self.told[name] = gap


TestFeedLife = FeedLife.TestCase
TestFeedLife.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
