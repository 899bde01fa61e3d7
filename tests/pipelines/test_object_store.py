"""A whole pass, a merge and a takedown with the data set in an object store, served for real on loopback."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.balance import is_balanced
from pipelines.cli import icewire, main
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


def articles_of(root: str) -> list[Article]:
    files = live_files(root, newest_version(root))
    return [
        row for file in files if file.kind == "articles" for row in from_arrow(Article, read_arrow(root, file.path))
    ]


def assert_proved_and_replayed(root: str, article: Article, folder: Path) -> None:
    """The verbs that read every byte find all well, by the command line."""

    def printed(*arguments: object) -> str:
        result = CliRunner().invoke(icewire, [*map(str, arguments), "--data", root])
        assert result.exit_code == 0, result.output
        return result.output

    assert printed("verify").startswith(f"all is well: version 1 of {root}, ")
    assert "the row is what its bytes give" in printed("verify", "--row", article.article_id)
    assert f"capture {article.capture_id}" in printed("explain", article.url)
    sheet = folder / "exhibit.txt"
    assert "every check passed" in printed("explain", article.article_id, "--certificate", sheet)
    assert article.text_sha256 in sheet.read_text(encoding="utf-8")
    assert printed("replay") == "nothing changed\n"


def test_passes_merges_and_takedowns_work_in_an_object_store(
    s3_root: str, newsroom: RunningNewsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(newsroom.feeds_toml(), encoding="utf-8")
    began = clock_on(newsroom.day)
    options = IngestOptions(
        feeds=feeds, data=s3_root, now=began, host_delay_s=0.0, allow_networks=("127.0.0.0/8",), run_id="first"
    )
    first = ingest(options, progress=no_progress)
    assert is_balanced(first.run)
    assert ingest(options, progress=no_progress).was_committed
    articles = articles_of(s3_root)
    assert len(articles) == next(count.value for count in first.run.counts if count.counter == "write/out") > 20

    assert_proved_and_replayed(s3_root, articles[0], tmp_path)
    later = began + timedelta(minutes=30)
    with pytest.raises(SystemExit) as ended:
        main([
            *("ingest", "--feeds", str(feeds), "--data", s3_root, "--now", later.isoformat(), "--all-feeds"),
            *("--host-delay", "0", "--allow-network", "127.0.0.0/8"),
        ])  # fmt: skip
    assert ended.value.code == 3, "the newsroom has a feed that is gone"
    assert "version 2" in capsys.readouterr().out
    assert articles_of(s3_root) == articles

    assert compact_data_set(s3_root, clock=Clock(fixed=began + timedelta(days=40))).rows
    assert sorted(row.article_id for row in articles_of(s3_root)) == sorted(row.article_id for row in articles)
    gone = articles[0]
    stone = take_down(s3_root, gone.url, reason=None, clock=Clock(fixed=began + timedelta(days=41))).tombstone
    assert gone.article_id in stone.article_ids
    assert {row.article_id for row in articles_of(s3_root)} == {row.article_id for row in articles} - {
        *stone.article_ids
    }
