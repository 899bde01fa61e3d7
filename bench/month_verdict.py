"""Judge the month: is every fault told with its cause and interval, nothing else alarmed, and no loss silent?"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bench.month_account import Account
from bench.month_faults import PlannedFault
from bench.month_rows import Month, first_after, good_polls, last_before, whole_polls
from bench.month_server import MOVED_TO, RunningMonth
from schemas.records import Gap, Poll, record
from transforms.addresses import url_key

DRIFT = timedelta(minutes=15)
"""A pass may begin so much after its time."""


@record
class Pass:
    """One pass of the run: when it began, how long it took, how many pages it read, and its report."""

    now: datetime
    seconds: float
    pages: int
    report: str


@record
class Verdict:
    """What became of one fault: the gap told of it, what its feed lost and had back, and all that is wrong."""

    fault: PlannedFault
    ended_at: datetime
    """When it had no effect any more; a lie that was seen through ends early."""
    gap: Gap | None
    before: str
    after: str
    lost: int
    recovered: int
    problems: tuple[str, ...]


def judge_fault(
    fault: PlannedFault, month: Month, account: Account, running: RunningMonth, passes: Sequence[Pass]
) -> Verdict:
    """Compare one fault with what was told of it."""
    polls = month.polls[fault.slug]
    # Only whole documents tell how much a lying server held back; of all other faults every good poll tells.
    sound = whole_polls(polls) if fault.kind.gap == "lying-304" else good_polls(polls)
    ended_at = _effect_ends(fault, polls)
    gap = next((gap for gap in month.gaps[fault.slug] if gap.kind == fault.kind.gap and _touches(gap, fault)), None)
    missed = [
        piece
        for piece in account.missed[fault.slug]
        if gap and gap.began_at <= piece.published_at <= (gap.ended_at or passes[-1].now)
    ]
    recovered = sum(url_key(running.page_of(fault.slug, piece)) in month.told for piece in missed)
    step = (passes[-1].now - passes[0].now) / (len(passes) - 1)
    problems: list[str] = []
    before = after = ""
    if gap is None:
        problems.append("not told")
    else:
        before, after, problems = _judge_interval(fault, ended_at, gap, sound, polls, step)
        problems += _judge_words(fault, gap, running)
        problems += _judge_reports(fault, gap, polls, passes)
        problems += _judge_days(fault, gap, month)
        if gap.recovered != recovered:
            problems.append(f"{gap.recovered} told as recovered")
    return Verdict(
        fault=fault,
        ended_at=ended_at,
        gap=gap,
        before=before,
        after=after,
        lost=len(missed) - recovered,
        recovered=recovered,
        problems=tuple(problems),
    )


def false_alarms(month: Month, faults: Sequence[PlannedFault]) -> list[str]:
    """Gaps that no fault explains: of another feed, outside of the fault's gap, or of a kind that it cannot have.

    Entries that rolled out of a list while its feed could not be read belong to the fault that kept us from it.
    """
    by_slug = {fault.slug: fault for fault in faults}
    alarms = []
    for slug, gaps in month.gaps.items():
        fault = by_slug.get(slug)
        own = [gap for gap in gaps if fault and gap.kind == fault.kind.gap and _touches(gap, fault)]
        for gap in gaps:
            follows = gap.kind == "rolled-over" and any(_within(gap, each) for each in own)
            if gap not in own[:1] and not follows:
                alarms.append(f"{slug}: {gap.kind} ({gap.cause}), {gap.began_at:%d %H:%M} to {_say(gap.ended_at)}")
    return alarms


def _effect_ends(fault: PlannedFault, polls: Sequence[Poll]) -> datetime:
    """When the fault had no effect any more: a lie ends with the next whole answer, a move when it is believed."""
    if fault.kind.gap == "lying-304":
        seen = first_after(whole_polls(polls), fault.began_at)
        return min(fault.ended_at, seen.polled_at) if seen else fault.ended_at
    if fault.kind.gap == "moved":
        asked = first_after([poll for poll in polls if poll.url.endswith(MOVED_TO)], fault.began_at)
        led = last_before(polls, asked.polled_at - timedelta(microseconds=1)) if asked else None
        return led.polled_at if led else fault.ended_at
    return fault.ended_at


def _judge_interval(
    fault: PlannedFault,
    ended_at: datetime,
    gap: Gap,
    sound: Sequence[Poll],
    polls: Sequence[Poll],
    step: timedelta,
) -> tuple[str, str, list[str]]:
    """Both ends of a gap against those of its fault, in words, and what is wrong with them.

    A gap can begin no later than the last sound poll before the fault and end no sooner than the first one after it;
    and the schedule must have asked again as soon as it wanted to.
    """
    problems = []
    first, last = last_before(sound, fault.began_at), first_after(sound, ended_at)
    if gap.began_at > fault.began_at:
        problems.append("begins too late")
    if gap.ended_at is None or last is None:
        return "", "", [*problems, "has not ended"]
    if gap.ended_at < ended_at:
        problems.append("ends too early")
    if first is None or gap.began_at != first.polled_at:
        problems.append(f"began {_say(gap.began_at)}, not with the last sound poll")
    if gap.ended_at != last.polled_at:
        problems.append("did not end with the first sound poll")
    asked = [poll for poll in polls if gap.began_at <= poll.polled_at <= gap.ended_at]
    read = [poll.polled_at for poll in (sound if fault.kind.gap == "lying-304" else polls)]
    pauses = [later - earlier for earlier, later in pairwise(read) if gap.began_at <= earlier < gap.ended_at]
    for poll, later in pairwise(asked):
        if poll.next_due_at and later.polled_at > poll.next_due_at + step + DRIFT:
            problems.append(f"asked {_say(later.polled_at)}, though due {_say(poll.next_due_at)}")
    return (_slack(fault.began_at - gap.began_at, pauses[:1]), _slack(gap.ended_at - ended_at, pauses[-1:]), problems)


def _judge_words(fault: PlannedFault, gap: Gap, running: RunningMonth) -> list[str]:
    cause = fault.kind.cause or running.base_of(fault.slug) + MOVED_TO
    return [] if gap.cause == cause else [f"cause {gap.cause}, not {cause}"]


def _judge_reports(fault: PlannedFault, gap: Gap, polls: Sequence[Poll], passes: Sequence[Pass]) -> Iterator[str]:
    """Every pass from the first that could know of the gap to the one that ended it must name it."""
    known_at = next(
        poll.polled_at
        for poll in polls
        if any((each.kind, each.began_at) == (gap.kind, gap.began_at) for each in poll.gaps)
    )
    words = f"{fault.slug}: {gap.kind} ("
    lasted = [each for each in passes if known_at <= each.now <= (gap.ended_at or each.now)]
    mute = [each for each in lasted if words not in each.report]
    if mute:
        yield f"{len(mute)} of {len(lasted)} reports do not name it, the first {_say(mute[0].now)}"


def _judge_days(fault: PlannedFault, gap: Gap, month: Month) -> Iterator[str]:
    """The row of every day that a gap touches must carry it, and end it as it ended."""
    day = gap.began_at.date()
    while day <= (gap.ended_at or gap.began_at).date():
        row = month.days[fault.slug].get(day)
        if row is None or gap not in row.gaps:
            yield f"the row of {day} does not carry it"
        day += timedelta(days=1)


def _touches(gap: Gap, fault: PlannedFault) -> bool:
    return gap.began_at <= fault.ended_at and (gap.ended_at is None or gap.ended_at >= fault.began_at)


def _within(gap: Gap, other: Gap) -> bool:
    return gap.began_at >= other.began_at and (
        other.ended_at is None or (gap.ended_at is not None and gap.ended_at <= other.ended_at)
    )


def _slack(slack: timedelta, pauses: Sequence[timedelta]) -> str:
    """How much longer the gap is than its fault on one side, of the time between two sound polls there."""
    return " of ".join(f"{time / timedelta(hours=1):.1f} h" for time in (slack, *pauses))


def _say(instant: datetime | None) -> str:
    return f"{instant:%m-%d %H:%M}" if instant else "now"
