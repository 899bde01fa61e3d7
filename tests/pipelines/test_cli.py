"""The command line as a user meets it: one clear line for each mistake, filters that answer every line."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import icewire, main
from schemas.errors import UserError
from seeds.feeds import FEEDS_FILE
from transforms.write.manifest import Manifest, encode_manifest, manifest_path

FEEDS = '[[feeds]]\nfeed_id = "a"\nurl = "http://127.0.0.1:9/feed"\npublisher = "A"\n'


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit status and standard error of a command."""
    with pytest.raises(SystemExit) as exit_info:
        main([str(argument) for argument in arguments])
    return int(exit_info.value.code or 0), capsys.readouterr().err


def filter_lines(verb: str, *requests: Any, options: tuple[str, ...] = ()) -> list[Any]:
    """The answers of a filter to requests, as JSON."""
    lines = "".join((request if isinstance(request, str) else json.dumps(request)) + "\n" for request in requests)
    result: Result = CliRunner().invoke(icewire, [verb, *options], input=lines)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.toml"
    path.write_text(FEEDS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "feeds.toml"),
        ("not toml at all [", "feeds.toml"),
        ("", "feeds"),
        (FEEDS.replace('"a"', '"A bad id!"'), "feed_id"),
        (FEEDS.replace("http://127.0.0.1:9/feed", "ftp://a/feed"), "url"),
        (FEEDS + "colour = 3\n", "colour"),
        (FEEDS + FEEDS, "feed_id"),
    ],
    ids=["missing", "no toml", "no feeds", "bad id", "bad url", "unknown field", "twice"],
)
def test_a_mistake_in_the_feeds_file_names_file_and_field(
    content: str | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "feeds.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    status, error = run(capsys, "ingest", "--feeds", path, "--data", tmp_path / "data")
    assert status == 1
    assert error.startswith("icewire: ")
    assert "feeds.toml" in error
    assert told in error
    assert "Traceback" not in error
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--now", "tomorrow"), "--now"),
        (("--now", "2026-11-02T10:00:00"), "time zone"),
        (("--allow-network", "10.0.0.0/99"), "--allow-network"),
        (("--now", "0001-01-01T00:00:00+14:00"), "--now"),
        (("--now", "9999-12-31T23:59:00Z"), "1990 to 2199"),
        (("--host-delay", "-1"), "--host-delay"),
        (("--host-delay", "nan"), "--host-delay"),
        (("--host-delay", "inf"), "--host-delay"),
        (("--contact", "me\nCookie: a"), "--contact"),
        (("--user-agent", "me\x1b[31m"), "--user-agent"),
        (("--run-id", "../escape"), "--run-id"),
        (("--feed", "x"), "--feed"),
        (("--topics", "none.toml"), "none.toml"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_wrong_option_is_told_before_anything_is_written(
    options: tuple[str, ...], told: str, feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, error = run(capsys, "ingest", "--feeds", feeds, "--data", tmp_path / "data", *options)
    assert status == 1
    assert told in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_an_unknown_topic_in_the_topics_file_is_told(
    feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topics = tmp_path / "topics.toml"
    topics.write_text('[[topics]]\nslug = "x"\nunheard_of = 1\n', encoding="utf-8")
    status, error = run(capsys, "ingest", "--feeds", feeds, "--data", tmp_path / "data", "--topics", topics)
    assert (status, "topics.toml" in error, "Traceback" in error) == (1, True, False)


def test_a_data_folder_that_cannot_be_written_is_told(
    feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-file").write_text("")
    for data in (tmp_path / "a-file", tmp_path / "a-file" / "below"):
        status, error = run(capsys, "ingest", "--feeds", feeds, "--data", data)
        assert (status, "--data" in error, len(error.strip().splitlines())) == (1, True, 1)


def test_a_data_set_of_a_newer_version_is_refused(
    feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from datetime import UTC, datetime

    newer = Manifest(
        format=99, version=1, run_id="r", committed_at=datetime(2026, 11, 2, tzinfo=UTC), added=(), memory={}
    )
    path = tmp_path / "data" / manifest_path(1)
    path.parent.mkdir(parents=True)
    path.write_bytes(encode_manifest(newer))
    status, error = run(capsys, "ingest", "--feeds", feeds, "--data", tmp_path / "data")
    assert (status, "upgrade icewire" in error) == (1, True)


@pytest.mark.slow
def test_without_any_network_one_line_says_so(feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--host-delay", "0", "--allow-network", "127.0.0.0/8")
    status, error = run(capsys, "ingest", "--feeds", feeds, "--data", tmp_path / "data", *options)
    assert status == 3
    assert "icewire: none of the 1 feeds could be reached (connect 1)" in error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (OSError(28, "No space left on device"), "No space left on device; nothing was committed"),
        (UserError("run other took version 1 first"), "icewire: run other took version 1 first\n"),
        (KeyboardInterrupt(), "icewire: interrupted"),
    ],
    ids=["full disk", "conflict", "Ctrl-C"],
)
def test_a_pass_that_breaks_off_within_beam_is_told_in_one_line(
    cause: BaseException,
    told: str,
    feeds: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_off(*_: Any, **__: Any) -> None:
        raise cause

    monkeypatch.setattr("transforms.write.beam.write_table", break_off)
    status, error = run(capsys, "ingest", "--feeds", feeds, "--data", tmp_path / "data", "--host-delay", "0")
    assert (status, told in error, "Traceback" in error, error.count("icewire: ")) == (1, True, False, 1)


def test_private_addresses_are_refused_without_the_flag(
    feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, error = run(capsys, "ingest", "--feeds", feeds, "--data", tmp_path / "data", "--host-delay", "0")
    assert status == 3
    assert "egress 1" in error


def test_the_bundled_feeds_file_loads() -> None:
    assert FEEDS_FILE.exists()


def test_parse_reads_feeds_from_paths_and_base64(tmp_path: Path) -> None:
    feed = b'<rss version="2.0"><channel><item><guid>1</guid><title>A</title><link>/a</link></item></channel></rss>'
    (tmp_path / "feed.xml").write_bytes(feed)
    by_path, inline, missing = filter_lines(
        "parse",
        {"id": "p", "path": str(tmp_path / "feed.xml"), "url": "https://x.example/feed"},
        {"id": "b", "body_base64": base64.b64encode(feed).decode(), "url": "https://x.example/feed"},
        {"id": "m", "path": str(tmp_path / "none.xml")},
    )
    assert by_path["kind"] == "rss20"
    assert by_path["entries"][0]["url"] == "https://x.example/a"
    assert inline["entries"] == by_path["entries"]
    assert (missing["id"], "none.xml" in missing["error"]) == ("m", True)


def test_extract_reads_gzip_pages(tmp_path: Path) -> None:
    import gzip

    paragraphs = "".join(
        f"<p>Paragraph {n} tells of the raid at the plant and of the families outside.</p>" for n in range(9)
    )
    page = f"<html><head><title>Raid</title></head><body><article><h1>Raid</h1>{paragraphs}</article></body></html>"
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(page.encode()))
    (answer,) = filter_lines(
        "extract", {"id": "1", "path": str(tmp_path / "page.html.gz"), "url": "https://x.example/a"}
    )
    assert (answer["title"], answer["body_state"], answer["language"]) == ("Raid", "full", "en")
    assert "Paragraph 8" in answer["text"]


def test_tag_answers_in_order_with_any_number_of_jobs() -> None:
    requests = [
        {
            "id": str(n),
            "title": "ICE agents quit",
            "text": f"ICE officers in office {n} were told to make 3,000 arrests a day.",
        }
        for n in range(20)
    ]
    one, two = (filter_lines("tag", *requests, options=("--jobs", jobs)) for jobs in ("1", "2"))
    assert one == two
    assert [answer["id"] for answer in one] == [request["id"] for request in requests]
    for request, answer in zip(requests, one, strict=True):
        assert answer["on_domain"] is True
        assert "arrest-quotas" in answer["topics"]
        for tag in answer["tags"]:
            for span in tag["evidence"]:
                assert request[span["field"]][span["start"] : span["end"]] == span["quote"]


@pytest.mark.parametrize("verb", ["parse", "extract", "tag"])
def test_a_line_that_makes_no_sense_is_answered_with_an_error(verb: str) -> None:
    answers = filter_lines(verb, "not json", "[1, 2]", {"no": "id"}, {"id": 7, "title": 3, "path": 4})
    assert [answer["id"] for answer in answers] == [None, None, None, 7]
    assert all(answer["error"] for answer in answers)


def test_a_filter_starts_without_beam() -> None:
    code = "import sys, pipelines.cli, pipelines.filters, transforms.tag.filter, transforms.discover.filter; "
    code += "sys.exit('apache_beam' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
