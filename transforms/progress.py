"""How far this process has come: counts that a progress display may read while a pipeline runs.

They are for people watching, not for the record: retried bundles count twice and other processes are not seen. The run
report counts records instead.
"""

from collections import Counter

from schemas.records import Itinerary

seen: Counter[tuple[str, str]] = Counter()
"""(stage, record type) -> records that came out so far; reset at the start of a run."""


def note(stage: str, output: object) -> None:
    """Count one output of a stage; an itinerary counts as the visits it plans."""
    if isinstance(output, Itinerary):
        seen[stage, "Visit"] += len(output.visits)
    else:
        seen[stage, type(output).__name__] += 1
