"""Merge the small files of passes, so that readers open few."""

from collections.abc import Callable
from datetime import UTC

from pipelines.clock import Clock
from pipelines.keep.upkeep import keep_up
from schemas.records import record
from transforms.write.compact import stage_compaction
from transforms.write.store import Root


@record
class Compacted:
    """How many files a compaction found and left; equal if there was nothing to merge."""

    before: int
    after: int
    rows: int
    version: int


def compact_data_set(
    data: Root, *, clock: Clock, wait_s: float = 0.0, tell: Callable[[int, int], None] | None = None
) -> Compacted:
    """Merge what is worth merging in one commit; writes nothing if nothing is. `tell` hears how far it is."""
    with keep_up(data, "compact", options={"data": str(data)}, clock=clock, wait_s=wait_s) as held:
        today = held.run.started_at.astimezone(UTC).date()
        compaction = stage_compaction(held.root, held.files, today=today, run_id=held.run.run_id, tell=tell)
        if not compaction.replaced:
            return Compacted(before=len(held.files), after=len(held.files), rows=0, version=held.newest.version)
        rows = sum(file.rows for file in compaction.added)
        counts = {"compact/in": rows, "compact/out": rows}
        run = held.finish(
            files=compaction.added, counts=counts, clock=clock, replaced=compaction.replaced, lists_all=True
        )
        after = len(held.files) - len(compaction.replaced) + len(compaction.added) + 1  # the run's own row
        return Compacted(before=len(held.files), after=after, rows=rows, version=run.data_version)
