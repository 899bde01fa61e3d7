"""Whole runs against the bundled newsroom, served for real on loopback."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.demo import run_demo
from pipelines.ingest import ingest
from pipelines.newsroom.server import RunningNewsroom, serve
from pipelines.options import IngestOptions
from pipelines.progress import no_progress
from schemas.records import Run
from seeds.newsroom.newsroom import clock_on, load_newsroom


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of three newsroom days, made by the demo."""
    data = tmp_path_factory.mktemp("corpus") / "demo"
    assert run_demo(data) == 0
    return data


@pytest.fixture
def database(corpus: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The corpus as DuckDB views, one a table, read by the plain glob."""
    with duckdb.connect() as connection:
        for folder in sorted((corpus / "data").iterdir()):
            connection.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=True).create_view(folder.name)
        yield connection


@pytest.fixture
def newsroom() -> Iterator[RunningNewsroom]:
    """The bundled newsroom on its first day."""
    with serve(load_newsroom()) as running:
        yield running


def run_pass(running: RunningNewsroom, data: Path, **more: object) -> Run:
    """One pass over a running newsroom, at its clock's instant unless `now` says otherwise."""
    feeds = data.parent / "feeds.toml"
    feeds.write_text(running.feeds_toml(), encoding="utf-8")
    facts: dict = {"now": clock_on(running.day), "host_delay_s": 0.0, "allow_networks": ("127.0.0.0/8",)} | more
    return ingest(IngestOptions(feeds=feeds, data=data, **facts), progress=no_progress).run
