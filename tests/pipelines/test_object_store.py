"""A whole pass, a merge and a takedown with the data set in an object store, served for real on loopback."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.balance import is_balanced
from pipelines.cli import main
from pipelines.clock import Clock
from pipelines.ingest import ingest
from pipelines.keep.compact import compact_data_set
from pipelines.keep.takedown import take_down
from pipelines.newsroom.server import RunningNewsroom
from pipelines.options import IngestOptions
from pipelines.progress import no_progress
from schemas.arrow import from_arrow
from schemas.records import Article
from seeds.newsroom.newsroom import clock_on
from transforms.write.manifest import live_files, newest_version
from transforms.write.parquet import read_arrow


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on an S3 server on loopback."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="newsroom")
    yield "s3://newsroom/corpus"
    server.stop()


def articles_of(root: str) -> list[Article]:
    files = live_files(root, newest_version(root))
    return [
        row for file in files if file.kind == "articles" for row in from_arrow(Article, read_arrow(root, file.path))
    ]


def test_passes_merges_and_takedowns_work_in_an_object_store(
    bucket: str, newsroom: RunningNewsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(newsroom.feeds_toml(), encoding="utf-8")
    began = clock_on(newsroom.day)
    options = IngestOptions(
        feeds=feeds, data=bucket, now=began, host_delay_s=0.0, allow_networks=("127.0.0.0/8",), run_id="first"
    )
    first = ingest(options, progress=no_progress)
    assert is_balanced(first.run)
    assert ingest(options, progress=no_progress).was_committed
    articles = articles_of(bucket)
    assert len(articles) == next(count.value for count in first.run.counts if count.counter == "write/out") > 20

    later = began + timedelta(minutes=30)
    with pytest.raises(SystemExit) as ended:
        main([
            *("ingest", "--feeds", str(feeds), "--data", bucket, "--now", later.isoformat(), "--all-feeds"),
            *("--host-delay", "0", "--allow-network", "127.0.0.0/8"),
        ])  # fmt: skip
    assert ended.value.code == 3, "the newsroom has a feed that is gone"
    assert "version 2" in capsys.readouterr().out
    assert articles_of(bucket) == articles

    assert compact_data_set(bucket, clock=Clock(fixed=began + timedelta(days=40))).rows
    assert sorted(row.article_id for row in articles_of(bucket)) == sorted(row.article_id for row in articles)
    gone = articles[0]
    stone = take_down(bucket, gone.url, reason=None, clock=Clock(fixed=began + timedelta(days=41))).tombstone
    assert gone.article_id in stone.article_ids
    assert {row.article_id for row in articles_of(bucket)} == {row.article_id for row in articles} - {
        *stone.article_ids
    }
