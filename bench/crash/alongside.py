"""Readers that run alongside passes and compactions: none may see a row twice, or miss one that was there before."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb

from bench.crash.child import CONTEXT, run_well
from bench.crash.operations import GROWN, LATER, Operation
from bench.crash.oracle import Problem
from bench.crash.passes import PAGES, Pass
from bench.crash.tally import Tally
from bench.crash.verbs import write_argv
from schemas.errors import UserError
from schemas.records import record
from transforms.write.dataset import open_dataset

TABLES = {"articles": "article_id", "captures": "capture_id", "topic_tags": "article_id", "stories": "article_id"}
"""Tables of which a pass writes PAGES rows each, and the column that names a row."""

PASSES, TRIES = 8, 4
"""Passes of one round, each followed by a compaction, and how often a reader asks in all when told honestly that a file
has gone."""


@record
class Seen:
    """What one reading saw of a table: when it began and ended (monotonic seconds), its rows, and how many differ."""

    began: float
    ended: float
    table: str
    rows: int
    distinct: int
    tries: int
    failed: str | None = None
    version: int | None = None
    """Where it went by the manifest."""


def read_alongside(begin: Operation, root: Path, reads: int, seed: int, tally: Tally) -> None:
    """Write and compact in rounds until so many readings were made alongside, and judge each reading."""
    made = 0
    while made < reads:
        begin.copy_to(root)
        with _reading(root) as readings:
            written = _write_round(root, seed)
        committed = _versions_of_passes(root)
        for name, path in readings.items():
            for line in path.read_text().splitlines():
                seen = Seen(**json.loads(line))
                problems = list(judge_reading(seen, written, committed))
                tally.add("reading alongside", name, problems, at=str(seen), again="--only readers")
                made += 1
            path.unlink()


def judge_reading(seen: Seen, written: Sequence[tuple[float, float]], committed: Sequence[int]) -> Iterator[Problem]:
    """What is wrong with a reading, given from when to when each further pass was written, and the version of each."""
    if seen.failed:
        yield Problem(kind="else", told=f"{seen.table} cannot be read at {seen.tries} tries: {seen.failed}")
        return
    if seen.rows != seen.distinct:
        yield Problem(kind="doubled", told=f"{seen.rows} rows of {seen.table}, {seen.distinct} of them differ")
    least = PAGES * (GROWN + sum(ended <= seen.began for _, ended in written))
    most = PAGES * (GROWN + sum(began <= seen.ended for began, _ in written))
    if seen.version is not None:
        exactly = PAGES * sum(version <= seen.version for version in committed)
        least, most = max(least, exactly), min(most, exactly)
    if seen.distinct < least:
        yield Problem(kind="lost", told=f"{seen.distinct} rows of {seen.table}, not {least} or more")
    if seen.distinct > most:
        yield Problem(kind="else", told=f"{seen.distinct} rows of {seen.table}, not {most} or fewer")
    if seen.distinct % PAGES:
        yield Problem(kind="torn", told=f"{seen.distinct} rows of {seen.table} are not whole passes")


def _write_round(root: Path, seed: int) -> list[tuple[float, float]]:
    written = []
    for number in range(GROWN + 1, GROWN + 1 + PASSES):
        began = time.monotonic()
        run_well(write_argv(root, Pass(seed=seed, number=number)), root)
        written.append((began, time.monotonic()))
        run_well(["compact", "--data", str(root), "--now", LATER, "--wait", "0"], root)
    return written


def _versions_of_passes(root: Path) -> list[int]:
    query = f"SELECT data_version FROM '{root}/data/runs/**/*.parquet' WHERE verb = 'ingest'"
    with duckdb.connect() as database:
        return [version for (version,) in database.execute(query).fetchall()]


@contextmanager
def _reading(root: Path) -> Iterator[dict[str, Path]]:
    """Let two readers run until the block ends; by their names the files in which each wrote what it saw."""
    readers: dict[str, Read] = {"by the manifest": read_by_manifest, "by the glob": read_by_glob}
    paths = {name: root.with_name(f"seen {name}") for name in readers}
    stop = CONTEXT.Event()
    running = [CONTEXT.Process(target=_read_on, args=(read, root, paths[name], stop)) for name, read in readers.items()]
    for process in running:
        process.start()
    try:
        yield paths
    finally:
        stop.set()
        for process in running:
            process.join()


def read_by_manifest(root: Path, table: str) -> tuple[str, int | None]:
    """What DuckDB is asked for a table, by the newest version."""
    corpus = open_dataset(root)
    return f"read_parquet({list(corpus.tables[table])}, hive_partitioning = true)", corpus.version


def read_by_glob(root: Path, table: str) -> tuple[str, int | None]:
    """What DuckDB is asked for a table by whoever knows nothing of manifests."""
    return f"read_parquet('{root}/data/{table}/**/*.parquet', hive_partitioning = true)", None


Read = Callable[[Path, str], tuple[str, int | None]]


def _read_on(read: Read, root: Path, path: Path, stop: Event) -> None:
    with path.open("w") as told, duckdb.connect(config={"threads": 1, "enable_external_file_cache": False}) as database:
        while not stop.is_set():
            for table, name in TABLES.items():
                told.write(json.dumps(asdict(_read_once(read, root, database, table, name))) + "\n")


def _read_once(read: Read, root: Path, database: duckdb.DuckDBPyConnection, table: str, name: str) -> Seen:
    failed = ""
    for tries in range(1, TRIES + 1):
        began = time.monotonic()
        try:
            place, version = read(root, table)
            found = database.execute(f"SELECT count(*), count(DISTINCT {name}) FROM {place}").fetchall()
        except (duckdb.IOException, UserError) as error:  # a file that has gone, or a version that was merged
            failed = str(error).partition("\n")[0]
            continue
        ((rows, distinct),) = found
        ended = time.monotonic()
        return Seen(began=began, ended=ended, table=table, rows=rows, distinct=distinct, tries=tries, version=version)
    return Seen(began=began, ended=time.monotonic(), table=table, rows=0, distinct=0, tries=TRIES, failed=failed)
