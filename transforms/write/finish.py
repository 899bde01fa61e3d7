"""Finish a run: its own row, its memory, and the one manifest that makes everything it wrote part of the data set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.records import Count, Run
from schemas.tables import TABLES
from transforms.write.commit import commit
from transforms.write.manifest import DataFile, Manifest
from transforms.write.memory import write_memory
from transforms.write.parquet import write_table

GAP = "discover/gap:"
"""Begins the counters of gaps in which entries were missed though the poll itself went well."""

_MISSING = ("/dead", "/dropped:postponed")
"""End the counters of what was listed and not had."""


def finish_run(
    root: Path,
    run: Run,
    *,
    day: str,
    files: Iterable[DataFile],
    counts: Iterable[tuple[str, int]],
    memory_before: Mapping[str, tuple[DataFile, ...]],
    memory_rows: Mapping[str, Sequence[Any]],
    finished_at: datetime,
) -> Run:
    """Commit a run as version `run.data_version`: its counts, files and memory in one step. Gives the finished Run."""
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
        memory=memory,
    )
    commit(root, manifest)
    return finished
