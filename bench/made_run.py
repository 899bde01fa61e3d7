"""Commit a run of made-up rows through the code that passes write with, for benches and tests that need a data set."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.records import Capture, Run
from schemas.tables import TABLES
from transforms.write.finish import finish_run
from transforms.write.hold import hold_data_set
from transforms.write.manifest import read_manifest
from transforms.write.parquet import write_table
from transforms.write.store import Root
from transforms.write.warc import write_warc


def commit_made_run(
    root: Root,
    run_id: str,
    at: datetime,
    rows: Mapping[str, Sequence[Any]],
    *,
    memory: Mapping[str, Sequence[Any]] | None = None,
    captures: Sequence[Capture] = (),
) -> list[Capture]:
    """Commit rows by table, and captures with their bytes, which are given back with their places."""
    where = {"day": f"{at:%Y-%m-%d}", "run_id": run_id}
    with hold_data_set(root, run_id) as base:
        placed, files = [], []
        if captures:
            placed, warc = write_warc(root, captures, **where)
            files.append(warc)
        tables = {**rows, **({"captures": placed} if placed else {})}
        files += [write_table(root, TABLES[name], each, **where) for name, each in tables.items() if each]
        finish_run(
            root,
            Run(
                run_id=run_id,
                verb="ingest",
                started_at=at,
                finished_at=at,
                runner="none",
                options="{}",
                versions="{}",
                data_version=base + 1,
                counts=(),
                data_missing=False,
            ),
            day=where["day"],
            files=files,
            counts=[("download/in", len(placed)), ("download/out", len(placed))],
            memory_before=read_manifest(root, base).memory if base else {},
            memory_rows=memory or {},
            finished_at=at,
        )
    return placed
