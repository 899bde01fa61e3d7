"""The command line as the nemesis attacks it: the real one, and two verbs that lead to the writer by a short way."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

import pipelines.keep.compact
import pipelines.keep.takedown
import pipelines.replay.run  # noqa: F401  # loaded before children start, as all that the verbs need
from bench.crash.passes import Pass, write_rows
from pipelines.cli import icewire
from pipelines.cli import main as icewire_main
from pipelines.command import DataRoot
from schemas.records import Run
from schemas.tables import TABLES
from transforms.write.commit import committed_run
from transforms.write.finish import finish_run
from transforms.write.hold import hold_data_set
from transforms.write.manifest import read_manifest
from transforms.write.parquet import write_table
from transforms.write.store import Root
from transforms.write.warc import write_warc

WARC_FILES = 2
"""A pass writes so many, so that one kind of file is published in more than one step."""


@click.command()
@click.option("--data", required=True, type=DataRoot())
@click.option("--seed", required=True, type=int)
@click.option("--number", required=True, type=int)
@click.option("--as-run")
@click.option("--wait", type=float, default=0.0)
def write(data: Root, seed: int, number: int, as_run: str | None, wait: float) -> None:
    """Write a made-up pass as `icewire ingest` writes what it fetched."""
    write_pass(data, Pass(seed=seed, number=number, as_run=as_run), wait_s=wait)


@click.command()
@click.option("--data", required=True, type=DataRoot())
def start(data: Root) -> None:
    """Put a data set in order, as every start does, and do no more."""
    with hold_data_set(data, "start"):
        pass


def main(argv: Sequence[str]) -> None:
    """Run a verb as the command `icewire` does; ends with SystemExit."""
    icewire.add_command(write)  # in this process only
    icewire.add_command(start)
    icewire_main(argv)


def write_pass(root: Root, this: Pass, *, wait_s: float = 0.0) -> None:
    """Hold the data set, stage what the pass wrote, and commit it; nothing if it was committed before."""
    rows = write_rows(this)
    day, run_id = this.day, this.run_id
    with hold_data_set(root, run_id, wait_s=wait_s) as base:
        if committed_run(root, run_id):
            return
        files, placed = [], []
        for shard in range(WARC_FILES):
            captures, warc = write_warc(root, rows.captures[shard::WARC_FILES], day=day, run_id=run_id, shard=shard)
            files.append(warc)
            placed += captures
        for table, those in {"captures": placed, **rows.tables}.items():
            files.append(write_table(root, TABLES[table], those, day=day, run_id=run_id))
        finish_run(
            root,
            _run(this, base + 1),
            day=day,
            files=files,
            counts=[("download/in", len(placed)), ("download/out", len(placed))],
            memory_before=read_manifest(root, base).memory if base else {},
            memory_rows=rows.memory,
            finished_at=this.at,
        )


def write_argv(root: Path | str, this: Pass) -> list[str]:
    """The command line that writes a pass."""
    named = ["--as-run", this.as_run] if this.as_run else []
    return ["write", "--data", str(root), "--seed", str(this.seed), "--number", str(this.number), *named]


def start_argv(root: Path | str) -> list[str]:
    """The command line of a start that does no more."""
    return ["start", "--data", str(root)]


def _run(this: Pass, version: int) -> Run:
    return Run(
        run_id=this.run_id, verb="ingest", started_at=this.at, finished_at=this.at, runner="none",
        options=json.dumps({"seed": this.seed}), versions="{}", data_version=version, counts=(), data_missing=False,
    )  # fmt: skip
