"""Extractors by turns on the very same bytes, each timed by the clock of its own process.

Each extractor has a process of its own, so that neither crashes nor hangs, memory nor caches of one touch another; one
works at a time. Its clock is the CPU time of that process (time.process_time) from the bytes to the answer, so a busy
machine and the way to the process and back do not count.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

from bench.extract.child import ReaderProcess, Reading
from bench.extract.pages import LabelledPage
from bench.extract.readers import Extractor

BLOCK_PAGES = 10
"""Pages that one extractor reads before it is the next one's turn; the order of turns changes from block to block."""


def time_extractors(
    extractors: Sequence[Extractor], pages: Sequence[LabelledPage], cpu_s: float, advance: Callable[[], None]
) -> dict[str, list[Reading]]:
    """By extractor's name, its readings of the pages, in their order; `advance` is called after each page.

    `cpu_s` is what one page may cost, in CPU seconds.
    """
    processes = {extractor.name: ReaderProcess(extractor.open, cpu_s) for extractor in extractors}
    readings: dict[str, list[Reading]] = defaultdict(list)
    try:
        for turn, start in enumerate(range(0, len(pages), BLOCK_PAGES)):
            block = [(page.read(), page.url) for page in pages[start : start + BLOCK_PAGES]]
            first = turn % len(extractors)
            for extractor in (*extractors[first:], *extractors[:first]):
                process = processes[extractor.name]
                readings[extractor.name] += [process.read(*page) for page in block]
            for _ in block:
                advance()
    finally:
        for process in processes.values():
            process.end()
    return readings
