"""Pages are read in a guarded process: a hostile one costs itself, and often not even its text."""

from collections.abc import Mapping, Sequence
from typing import Any

from transforms.extract.capture import read_body
from transforms.extract.language import load_languages
from transforms.guarded_process import GuardedProcess
from transforms.limits import LimitError, Limits, Outcome

PAGE_LIMITS = Limits(cpu_s=3, idle_s=2, memory_bytes=700_000_000)
"""What a page may cost: six times what the dearest of 1,373 real pages took on the machine of docs/decisions."""

LAST_LIMITS = Limits(cpu_s=1, idle_s=1, memory_bytes=500_000_000)
"""What the second try may cost, so that both and a new process in between fit into five seconds."""

GROUP_PAGES, GROUP_BYTES = 8, 1_000_000
"""Pages that are best read at once, and the bytes of bodies after which no more are waited for."""

_process = GuardedProcess(prepare=load_languages)


def read_guarded(pages: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """The Extraction of each page, or what `read_body` raises or LimitError, in this worker's guarded process.

    `pages` are arguments of `read_body`. One that meets its limits is read once more, without a tree, within tighter
    ones. Raises UserError if no process can be started.
    """
    outcomes = _process.call_each(PAGE_LIMITS, read_body, [((), page) for page in pages])
    return [
        _read_last(page, error) if isinstance(error, LimitError) else (extraction, error)
        for page, (extraction, error) in zip(pages, outcomes, strict=True)
    ]


def _read_last(page: Mapping[str, Any], met: LimitError) -> Outcome:
    arguments = {**page, "met_limit": met.kind}
    ((extraction, error),) = _process.call_each(LAST_LIMITS, read_body, [((), arguments)])
    return (None, met) if isinstance(error, LimitError) else (extraction, error)
