"""Finish a run: its own row, its memory, and the one manifest that makes everything it wrote part of the data set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.records import Count, Run
from schemas.tables import TABLES
from transforms.write.commit import commit
from transforms.write.manifest import DataFile, Manifest
from transforms.write.memory import write_memory
from transforms.write.parquet import write_table
from transforms.write.store import Root

GAP = "discover/gap:"
"""Begins the counters of gaps in which entries were missed though the poll itself went well."""

_MISSING = ("/dead", "/dropped:postponed")
"""End the counters of what was listed and not had."""


def finish_run(
    root: Root,
    run: Run,
    *,
    day: str,
    files: Iterable[DataFile],
    counts: Iterable[tuple[str, int]],
    memory_before: Mapping[str, tuple[DataFile, ...]],
    memory_rows: Mapping[str, Sequence[Any]],
    finished_at: datetime,
    replaced: Iterable[str] = (),
    kept: Iterable[DataFile] | None = None,
) -> Run:
    """Commit a run as version `run.data_version`: its counts, files and memory in one step. Gives the finished Run.

    `replaced` and `kept` are as in Manifest.
    """
    values = dict(counts)
    finished = replace(
        run,
        finished_at=finished_at,
        counts=tuple(Count(counter=name, value=value) for name, value in sorted(values.items())),
        data_missing=any(value for name, value in values.items() if name.endswith(_MISSING) or name.startswith(GAP)),
    )
    run_file = write_table(root, TABLES["runs"], [finished], day=day, run_id=run.run_id)
    memory = write_memory(root, memory_before, memory_rows, run_id=run.run_id, now=run.started_at)
    manifest = Manifest(
        version=run.data_version,
        run_id=run.run_id,
        committed_at=finished_at,
        added=(*sorted(files, key=lambda file: file.path), run_file),
        replaced=tuple(sorted(replaced)),
        kept=None if kept is None else tuple(kept),
        memory=memory,
    )
    commit(root, manifest)
    return finished
