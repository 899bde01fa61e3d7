"""Reading mutated feeds in worker processes, each document's CPU time and memory measured against the limits.

Which documents are read, and what becomes of them, depends on the seed alone, not on how many processes share them.
"""

import multiprocessing
import random
import re
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from bench.mutations import mutate
from bench.progress import show_progress
from schemas.records import record
from transforms.discover.listing import FeedError
from transforms.discover.parse import parse_feed

CPU_LIMIT_S = 20
MEMORY_LIMIT = 1_000_000_000
"""Bytes of memory a document may take beyond what the idle worker holds."""

HARD_MEMORY_LIMIT = 3_000_000_000
"""Address space after which the kernel refuses more: the machine survives, the document has failed long before."""

Row = dict[str, Any]
Groups = dict[str, list[Row]]
"""The corpus' documents by what they are: real, synthetic or adversarial."""


@record
class Survival:
    """What became of one mutated document: CPU seconds, and bytes at the peak beyond the idle worker's."""

    index: int
    file: str
    size: int
    outcome: str
    cpu_s: float = 0.0
    memory: int = 0

    @property
    def failed(self) -> bool:
        """Whether the reader broke its promise."""
        return self.outcome.startswith(("uncaught", "hang", "killed", "over"))


class Hang(BaseException):
    """One document took more than CPU_LIMIT_S; no Exception, so that no reader catches it."""


@contextmanager
def cpu_limit() -> Iterator[None]:
    """Raise Hang in the block after CPU_LIMIT_S of CPU time; a block that never returns to Python ends the process."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(spent.ru_utime + spent.ru_stime) + CPU_LIMIT_S + 10
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    signal.signal(signal.SIGPROF, _raise_hang)
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def survive(corpus: Path, groups: Groups, count: int, seed: int, jobs: int, first: int = 0) -> bool:
    """Read so many mutated documents and print what became of them; whether the reader kept every promise."""
    found: list[Survival] = []
    with show_progress(count) as advance:
        for survival in survivals(corpus, groups, count, seed, jobs, first):
            found.append(survival)
            advance()
            if survival.failed:
                print(_describe(survival, seed), flush=True)
    _report(found, seed)
    return not any(survival.failed for survival in found)


def draw(corpus: Path, groups: Groups, seed: int, index: int) -> tuple[Row, bytes]:
    """The index-th mutated document: from each group as often, and any document of one alike."""
    chance = random.Random(f"{seed}/{index}")
    row = chance.choice(groups[chance.choice(sorted(groups))])
    return row, mutate(chance, (corpus / row["file"]).read_bytes())


def survivals(corpus: Path, groups: Groups, count: int, seed: int, jobs: int, first: int = 0) -> Iterator[Survival]:
    """Every document's survival, in the order they end; a worker that dies is replaced behind what killed it."""
    context = multiprocessing.get_context("spawn")
    last = first + count
    waiting: dict[Connection, int] = {}
    workers = {}

    def employ(index: int) -> None:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(
            target=_work, args=(theirs, corpus, groups, seed, range(index, last, jobs)), daemon=True
        )
        worker.start()
        theirs.close()
        waiting[ours], workers[ours] = index, worker

    for number in range(min(jobs, count)):
        employ(first + number)
    while waiting:
        for ours in wait(list(waiting)):
            assert isinstance(ours, Connection)
            try:
                survival: Survival = ours.recv()
            except EOFError:
                index = waiting.pop(ours)
                workers[ours].join()
                if index < last:
                    row, body = draw(corpus, groups, seed, index)
                    outcome = f"killed: the worker ended with {workers[ours].exitcode}"
                    yield Survival(index=index, file=row["file"], size=len(body), outcome=outcome)
                    if index + jobs < last:
                        employ(index + jobs)
                continue
            waiting[ours] = survival.index + jobs
            yield survival


def _work(results: Connection, corpus: Path, groups: Groups, seed: int, indices: range) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started the worker ends it
    resource.setrlimit(resource.RLIMIT_AS, (HARD_MEMORY_LIMIT, resource.getrlimit(resource.RLIMIT_AS)[1]))
    parse_feed(b"<rss><channel><item><title>warm</title></item></channel></rss>", feed_id="bench", url="")
    idle = _peak_memory()
    for index in indices:
        row, body = draw(corpus, groups, seed, index)
        results.send(_read(index, row, body, idle))


def _read(index: int, row: Row, body: bytes, idle: int) -> Survival:
    _forget_peak()
    before = time.process_time()
    try:
        with cpu_limit():
            listing = parse_feed(body, feed_id="bench", url=row.get("captured_from") or "")
        outcome = "entries" if listing.entries else "documents" if listing.documents else "no entries"
    except FeedError as error:
        outcome = f"uncaught: {error.__cause__!r}"[:200] if error.__cause__ else error.kind
    except Hang:
        outcome = "hang"
    except Exception as error:
        outcome = f"uncaught: {error!r}"[:200]
    cpu_s, memory = time.process_time() - before, max(_peak_memory() - idle, 0)
    if not outcome.startswith(("uncaught", "hang")):
        if cpu_s > CPU_LIMIT_S:
            outcome = f"over the limit of {CPU_LIMIT_S} CPU s, {outcome}"
        elif memory > MEMORY_LIMIT:
            outcome = f"over the limit of {MEMORY_LIMIT / 1e6:,.0f} MB, {outcome}"
    return Survival(index=index, file=row["file"], size=len(body), outcome=outcome, cpu_s=cpu_s, memory=memory)


def _forget_peak() -> None:
    """Let the kernel's high-water mark of this process start afresh (Linux only: proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_memory() -> int:
    """Bytes resident at the most since the mark was forgotten."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match, "/proc/self/status tells no VmHWM"
    return int(match[1]) * 1024


def _report(found: list[Survival], seed: int) -> None:
    sizes = sorted(survival.size for survival in found)
    share = sum(size > 1_000_000 for size in sizes)
    print(
        f"{len(found):,} mutated documents, seed {seed}, {sum(sizes) / 1e6:,.0f} MB: the largest {sizes[-1]:,} bytes, "
        f"{share:,} over 1 MB; {sum(survival.cpu_s for survival in found):,.0f} CPU s in the reader"
    )
    for outcome, times in Counter(survival.outcome.split(":")[0] for survival in found).most_common():
        print(f"{times:9,} {outcome}")
    for name, rank in (("slowest", "cpu_s"), ("most memory", "memory")):
        for survival in sorted(found, key=lambda each: getattr(each, rank), reverse=True)[:3]:
            print(f"{name:11} {_describe(survival, seed)}")
    failures = sum(survival.failed for survival in found)
    print(f"{failures} broke a promise (uncaught exception, {CPU_LIMIT_S} CPU s, {MEMORY_LIMIT / 1e6:,.0f} MB)")


def _describe(survival: Survival, seed: int) -> str:
    return (
        f"{survival.cpu_s:6.2f} CPU s, {survival.memory / 1e6:5.0f} MB: {survival.outcome}; "
        f"--seed {seed} --only {survival.index}, {survival.size:,} bytes from {survival.file}"
    )


def _raise_hang(*_: object) -> None:
    raise Hang
