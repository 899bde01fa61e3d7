"""How far this process has come: counts that a progress display may read while a pipeline runs.

They are for people watching, not for the record: retried bundles count twice and other processes are not seen. The run
report counts records instead.
"""

from collections import Counter

seen: Counter[tuple[str, str]] = Counter()
"""(stage, record type) -> records that came out so far; reset at the start of a run."""


def note(stage: str, output: object) -> None:
    """Count one output of a stage."""
    seen[stage, type(output).__name__] += 1
