"""A month of the newsroom with seven faults, pass by pass: is each told with its cause and interval, no loss silent?

    python -m bench.month [--data DIR] [--days 30] [--passes-per-day 8] [--seed 1]

The outlets publish at their own pace; an outage, a 403, a bot check by 202, a roll-over (one to be filled from a
sitemap, one not), a slow feed, a 304 that lies and a feed that moves befall one feed each, drawn by the seed. A shorter
run shortens the faults alike. The status is 1 if any fault is not told as it was, anything else is told, an entry is
lost without a gap, or an entry listed is not accounted for.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bench.month_account import Account, account_for
from bench.month_faults import PlannedFault, burst_instants, plan_faults
from bench.month_news import START, list_outlets, write_month
from bench.month_rows import Month, memory_size, read_month
from bench.month_server import RunningMonth, serve_month
from bench.month_verdict import Pass, Verdict, false_alarms, judge_fault
from bench.progress import show_progress
from pipelines.balance import is_balanced, stage_balance
from pipelines.ingest import ingest
from pipelines.options import IngestOptions
from pipelines.progress import no_progress
from pipelines.report import report
from schemas.records import record
from seeds.newsroom.newsroom import load_newsroom
from transforms import client

DEADLINE_S = 1.5
"""What an answer may take here, so that the slow feed does not make the bench slow."""

DRIFT_S = 240
"""A scheduler starts a pass up to so much late."""


@record
class Replay:
    """The run and what is to be said of it."""

    faults: tuple[PlannedFault, ...]
    passes: tuple[Pass, ...]
    running: RunningMonth
    month: Month
    verdicts: tuple[Verdict, ...]
    alarms: tuple[str, ...]
    account: Account

    @property
    def is_good(self) -> bool:
        """Whether all was told, and nothing else."""
        wrong = any(verdict.problems for verdict in self.verdicts)
        return not (wrong or self.alarms or self.account.silent or self.account.untold)


def main() -> None:
    """Replay the month and print what was told of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="where the data set is written (default: a temporary folder)")
    parser.add_argument("--days", type=int, default=30, help="length of the month (default 30, at least 3)")
    parser.add_argument("--passes-per-day", type=int, default=8, help="passes a day (default 8, at least 4)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the news and the faults (default 1)")
    options = parser.parse_args()
    if options.days < 3 or options.passes_per_day < 4:
        parser.error("the faults need at least 3 days of 4 passes")
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder) / "data"
        if data.exists() and any(data.iterdir()):
            parser.error(f"--data {data}: holds something; name a new folder")
        replay = run_month(data, options.days, options.passes_per_day, options.seed)
        show(replay, data)
    sys.exit(0 if replay.is_good else 1)


def run_month(data: Path, days: int, passes_per_day: int, seed: int) -> Replay:
    """Serve the month, ingest it pass by pass into `data`, and judge what was told."""
    chance = random.Random(seed)
    houses = list_outlets(load_newsroom())
    instants = _pass_instants(days, passes_per_day, chance)
    faults = plan_faults(houses, days, instants, chance)
    bursts = {fault.slug: burst_instants(fault, chance) for fault in faults if fault.kind.gap == "rolled-over"}
    outlets = write_month(houses, days, bursts, chance)
    data.mkdir(parents=True, exist_ok=True)
    feeds = data / "_month.toml"
    with serve_month(houses, outlets, faults) as running, deadline(DEADLINE_S), show_progress(len(instants)) as advance:
        feeds.write_text(running.feeds_toml(), encoding="utf-8")
        passes = []
        for now in instants:
            passes.append(_run_pass(running, feeds, data, now))
            advance()
        month = read_month(data)
        account = account_for(month, running)
        return Replay(
            faults=faults,
            passes=tuple(passes),
            running=running,
            month=month,
            verdicts=tuple(judge_fault(fault, month, account, running, passes) for fault in faults),
            alarms=tuple(false_alarms(month, faults)),
            account=account,
        )


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let every answer take at most so long, until the block ends."""
    usual = client.TOTAL_TIMEOUT_S
    client.TOTAL_TIMEOUT_S = seconds
    try:
        yield
    finally:
        client.TOTAL_TIMEOUT_S = usual


def show(replay: Replay, data: Path) -> None:
    """Print the faults as they were told, what went missing, and how the run fared."""
    print(f"{'fault':18} {'feed':28} {'injected':27} {'told as':11} {'cause':26} {'interval':27} lost back verdict")
    for verdict in replay.verdicts:
        fault, gap = verdict.fault, verdict.gap
        told = ("-", "-", "-") if gap is None else (gap.kind, gap.cause, _span(gap.began_at, gap.ended_at))
        print(
            f"{fault.kind.name:18} {fault.slug:28} {_span(fault.began_at, verdict.ended_at):27} {told[0]:11} "
            f"{told[1][-26:]:26} {told[2]:27} {verdict.lost:4} {verdict.recovered:4} "
            f"{'; '.join(verdict.problems) or 'good'}"
        )
        print(f"{'':47} longer by, of the interval in force: before {verdict.before}, after {verdict.after}")
    account = replay.account
    print(f"\nfalse alarms: {len(replay.alarms)}", *replay.alarms, sep="\n  ")
    missed = sum(len(pieces) for pieces in account.missed.values())
    print(f"never shown to us: {missed}; silent losses: {len(account.silent)}", *account.silent[:20], sep="\n  ")
    print(
        f"listed: {account.listed}; of them not accounted for: {len(account.untold)}", *account.untold[:20], sep="\n  "
    )
    _show_figures(replay, data)
    print("\ngood" if replay.is_good else "\nBAD")


def _show_figures(replay: Replay, data: Path) -> None:
    month, passes = replay.month, replay.passes
    print("\npolls a day, by feed: mean (least to most), failed; days by state")
    for slug, polls in sorted(month.polls.items()):
        a_day = Counter(poll.polled_at.date() for poll in polls)
        states = Counter(row.state for row in month.days[slug].values())
        failed = sum(poll.outcome == "error" for poll in polls)
        told = ", ".join(f"{state} {count}" for state, count in states.most_common())
        span = f"{statistics.mean(a_day.values()):4.1f} ({min(a_day.values())} to {max(a_day.values())})"
        print(f"  {slug:28} {span:16} {failed:3} failed; {told}")
    size = max(len(passes) // 5, 1)
    for name, part in (("first", passes[:size]), ("last", passes[-size:])):
        seconds = [each.seconds for each in part]
        pages = statistics.mean(each.pages for each in part)
        print(
            f"{name} fifth of the passes: median {statistics.median(seconds):.1f} s, longest {max(seconds):.1f} s, "
            f"{pages:.0f} pages a pass"
        )
    print(f"{len(passes)} passes, {sum(each.seconds for each in passes):.0f} s; memory: {memory_size(data)}")


def _run_pass(running: RunningMonth, feeds: Path, data: Path, now: datetime) -> Pass:
    running.now = now
    options = IngestOptions(
        feeds=feeds, data=data, now=now, host_delay_s=0.0, allow_networks=("127.0.0.0/8",), contact="the month"
    )
    started = time.monotonic()
    run = ingest(options, progress=no_progress).run
    seconds = time.monotonic() - started
    assert is_balanced(run), f"the counts of {run.run_id} do not add up"
    pages = stage_balance(run, "extract").entered
    print(f"{now:%m-%d %H:%M} {seconds:5.1f} s, {pages} pages", file=sys.stderr, flush=True)
    return Pass(now=now, seconds=seconds, pages=pages, report=report(data, run))


def _pass_instants(days: int, passes_per_day: int, chance: random.Random) -> tuple[datetime, ...]:
    step = timedelta(days=1) / passes_per_day
    return tuple(
        START + number * step + timedelta(seconds=chance.randrange(DRIFT_S)) for number in range(days * passes_per_day)
    )


def _span(began_at: datetime, ended_at: datetime | None) -> str:
    return f"{began_at:%m-%d %H:%M} to {f'{ended_at:%m-%d %H:%M}' if ended_at else 'now'}"


if __name__ == "__main__":
    main()
