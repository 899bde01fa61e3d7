"""Replays of the newsroom's three days: nothing changes unless code or rules did, and then exactly what they change."""

import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipelines.balance import is_balanced, stage_balance
from pipelines.cli import icewire
from pipelines.clock import Clock
from pipelines.ingest import read_run
from pipelines.newsroom.server import RunningNewsroom
from pipelines.replay.run import Outcome, ReplayOptions, replay
from schemas.errors import UserError
from seeds.newsroom.newsroom import clock_on
from seeds.topics import TOPICS_FILE
from tests.pipelines.conftest import run_pass
from tests.pipelines.other_extractors import (
    _no_socket,
    extract_offline,
    extract_or_die,
    extract_section,
    extract_shouting,
    extract_shouting_anew,
)
from transforms.write.dataset import open_dataset
from transforms.write.hold import hold_data_set
from transforms.write.manifest import newest_version, read_manifest
from transforms.write.memory import Memory

pytestmark = pytest.mark.slow

LATER = clock_on(3) + timedelta(days=1)
OF_THE_RUN = "EXCLUDE (run_id, as_of, captured_on)"
REPLAYED = ("articles", "stories", "topic_tags")


@pytest.fixture
def data(corpus: Path, tmp_path: Path) -> Path:
    """A data set of its own, of three newsroom days."""
    return Path(shutil.copytree(corpus, tmp_path / "data"))


def run_replay(data: Path, extract: Callable[..., Any] | None = None, **given: Any) -> Outcome:
    more = {"extract": extract} if extract else {}
    return replay(ReplayOptions(data=data, shows_all=True, **given), clock=Clock(fixed=LATER), **more)


def current(data: Path, table: str, without: str = OF_THE_RUN) -> list[tuple[Any, ...]]:
    """The rows that count, without what tells of runs."""
    return duckdb.sql(f"SELECT * {without} FROM {open_dataset(data).current(table)} ORDER BY ALL").fetchall()


def everything(data: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {table: current(data, table) for table in REPLAYED}


def contents(data: Path) -> dict[str, bytes]:
    """Every file that is part of the data set."""
    folders = (data / name for name in ("data", "captures", "_commits"))
    return {str(path): path.read_bytes() for each in folders for path in sorted(each.rglob("*")) if path.is_file()}


def rows_of(data: Path, article_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of one article that count."""
    query = "SELECT * FROM {} WHERE article_id = ? ORDER BY ALL"
    with duckdb.connect() as database:
        return {
            table: database.execute(query.format(open_dataset(data).current(table)), [article_id]).fetchall()
            for table in REPLAYED
        }


def other_rules(folder: Path) -> Path:
    """The bundled topics without one rule, with another (detention for morale), and with one that weighs less."""
    written = TOPICS_FILE.read_text(encoding="utf-8")
    begin = written.index('[[topics.rules]]\nid = "morale-word"')
    end = written.index("[[topics.rules]]", begin + 1)
    added = (
        '[[topics.rules]]\nid = "morale-detention"\nreason = "For a test."\nweight = 0.9\nsay = ["detention"]\n'
        'matches = "The detention went on."\nrefuses = "Nothing of it."\n\n'
    )
    changed = written[:begin] + added + written[end:]
    at = changed.index("weight = 0.8", changed.index('id = "quota-word"'))
    path = folder / "topics.toml"
    path.write_text(changed[:at] + "weight = 0.75" + changed[at + len("weight = 0.8") :], encoding="utf-8")
    return path


def narrow_rules(folder: Path) -> Path:
    """The bundled topics with a domain that hardly any article is in."""
    written = TOPICS_FILE.read_text(encoding="utf-8")
    path = folder / "narrow.toml"
    line = next(line for line in written.splitlines() if line.startswith("domain_threshold"))
    path.write_text(written.replace(line, "domain_threshold = 9.0"), encoding="utf-8")
    return path


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("start", ["extract", "link", "tag"])
def test_nothing_changes_where_neither_code_nor_rules_did(data: Path, start: Any, jobs: int) -> None:
    before = contents(data)
    outcome = run_replay(data, start=start, jobs=jobs)
    assert (outcome.rows_changed, outcome.problems, outcome.not_replayed) == (0, [], 0), outcome.lines
    assert outcome.run is None
    assert contents(data) == before


def test_a_replay_that_finds_nothing_says_so(data: Path) -> None:
    answer = CliRunner().invoke(icewire, ["replay", "--data", str(data), "--from", "tag"])
    assert (answer.exit_code, answer.stdout) == (0, "nothing changed\n")


def test_other_rules_change_exactly_the_tags_they_give(data: Path, tmp_path: Path) -> None:
    rules = other_rules(tmp_path)
    articles, stories = current(data, "articles"), current(data, "stories")
    untouched = ("captures", "dropped", "dead_letters", "coverage", "polls")
    others = {table: current(data, table, "") for table in untouched}

    def tags() -> dict[tuple[str, str], tuple[Any, ...]]:
        rows = duckdb.sql(
            f"SELECT article_id, topic, rule_id, score, evidence FROM {open_dataset(data).current('topic_tags')}"
        ).fetchall()
        return {row[:2]: row[2:] for row in rows}

    before = tags()
    dry = run_replay(data, rules=rules, is_dry=True)
    assert tags() == before
    outcome = run_replay(data, rules=rules)
    after = tags()
    assert outcome.lines == dry.lines
    assert outcome.run is not None
    told = {
        "+": {key for key in after if key not in before},
        "-": {key for key in before if key not in after},
        "~": {key for key in after if key in before and after[key] != before[key]},
    }
    assert all(told.values())
    for sign, keys in told.items():
        lines = [line.split() for line in outcome.lines if line.startswith(f"{sign} topic_tags")]
        assert {(line[2], line[3]) for line in lines} == {(article_id[:12], topic) for article_id, topic in keys}
    assert {topic for _, topic in told["+"]} == {"workforce-morale"}
    changed = {
        f"topic_tags:{name}": len(told[sign]) for name, sign in (("added", "+"), ("removed", "-"), ("altered", "~"))
    }
    counters = {count.counter: count.value for count in outcome.run.counts}
    assert {name: counters[f"replay/{name}"] for name in changed} == changed
    assert (current(data, "articles"), current(data, "stories")) == (articles, stories)
    assert {table: current(data, table, "") for table in untouched} == others
    assert run_replay(data, rules=rules).rows_changed == 0


@pytest.mark.parametrize("start", ["extract", "link", "tag"])
def test_other_rules_and_back_give_the_rows_of_the_start(data: Path, tmp_path: Path, start: Any) -> None:
    before, memory = everything(data), remembered(data)
    assert run_replay(data, start=start, rules=narrow_rules(tmp_path)).rows_changed > 100
    there = everything(data)
    assert all(len(there[table]) < len(before[table]) for table in REPLAYED)
    kept = {row[0] for row in there["articles"]}
    assert {row[1] for row in there["stories"]} == kept
    assert remembered(data) != memory
    assert run_replay(data, start=start).rows_changed > 100
    assert everything(data) == before
    assert remembered(data) == memory
    assert run_replay(data, start="extract").rows_changed == 0


def remembered(data: Path) -> tuple[Any, ...]:
    """What memory holds of pages' articles and of stories that can be found by their words."""
    memory = Memory.of(data, read_manifest(data, newest_version(data)))
    pages = memory.pages(
        [row[0] for row in duckdb.sql(f"SELECT url_key FROM {open_dataset(data).current('captures')}").fetchall()]
    )
    return (
        {key: (page.article_ids, page.latest_id) for key, page in pages.items()},
        [story for story in memory.stories(LATER) if story.sketch],
    )


def test_another_extractor_gives_new_rows_of_the_same_captures(data: Path) -> None:
    def captured() -> set[tuple[Any, ...]]:
        return set(
            duckdb.sql(f"SELECT capture_id, article_id FROM {open_dataset(data).current('articles')}").fetchall()
        )

    before = captured()
    outcome = run_replay(data, extract_shouting, jobs=2)
    after = captured()
    assert outcome.run is not None
    assert {capture for capture, _ in after} == {capture for capture, _ in before}
    old, new = ({article_id for _, article_id in pairs} for pairs in (before, after))
    assert not old & new
    for table in ("stories", "topic_tags"):
        named = duckdb.sql(f"SELECT article_id FROM {open_dataset(data).current(table)}").fetchall()
        assert {article_id for (article_id,) in named} <= new
    withdrawn = duckdb.sql(
        f"SELECT article_id FROM read_parquet('{data}/data/topic_tags/**/*.parquet') WHERE withdrawn"
    ).fetchall()
    assert withdrawn
    assert {article_id for (article_id,) in withdrawn} <= old
    chains = duckdb.sql(
        f"WITH a AS {open_dataset(data).current('articles')} SELECT later.revision - earlier.revision FROM a later"
        " JOIN a earlier ON later.previous_article_id = earlier.article_id"
    ).fetchall()
    assert set(chains) == {(1,)}
    balance = stage_balance(outcome.run, "replay")
    assert balance.adds_up
    assert (balance.entered, balance.passed) == (len(current(data, "captures", "")), len(after))
    assert run_replay(data, extract_shouting).rows_changed == 0


def test_what_differs_in_a_column_is_told_as_old_and_new(data: Path) -> None:
    outcome = run_replay(data, extract_section)
    altered = [line for line in outcome.lines if line.startswith("~ articles")]
    assert len(altered) == len(current(data, "articles"))
    assert all(line.endswith("-> Elsewhere") and "  section: " in line for line in altered)
    assert outcome.rows_changed == len(altered)


def test_a_pass_after_a_replay_takes_unchanged_pages_for_known(
    newsroom: RunningNewsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    run_pass(newsroom, data)
    replay(ReplayOptions(data=data), clock=Clock(fixed=clock_on(1) + timedelta(minutes=30)), extract=extract_shouting)
    monkeypatch.setattr("transforms.extract.beam.extract_capture", extract_shouting_anew)
    known = {row[0] for row in current(data, "articles")}
    run = run_pass(newsroom, data, now=clock_on(1) + timedelta(hours=2))
    assert is_balanced(run)
    assert stage_balance(run, "link").dropped["unchanged"] > 20
    pages = duckdb.sql(
        f"SELECT url_key, count(*) FROM {open_dataset(data).current('articles')} GROUP BY ALL HAVING count(*) > 1"
    ).fetchall()
    assert pages == []
    assert known <= {row[0] for row in current(data, "articles")}
    late = Clock(fixed=clock_on(1) + timedelta(hours=3))
    assert replay(ReplayOptions(data=data), clock=late, extract=extract_shouting).rows_changed == 0


def test_a_replay_opens_no_socket(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", _no_socket)
    assert run_replay(data, extract_offline).rows_changed == 0


def test_a_page_that_ends_its_process_is_named_and_left_as_it_is(data: Path) -> None:
    before = everything(data)
    outcome = run_replay(data, extract_or_die)
    assert outcome.problems
    assert all("it ended the process" in problem for problem in outcome.problems)
    assert everything(data) == before
    assert outcome.rows_changed == 0


@pytest.mark.parametrize("is_changed", [False, True], ids=["same code", "other code"])
def test_damaged_bytes_are_named_and_their_rows_left_alone(data: Path, is_changed: bool) -> None:
    file, offset, capture_id, article_id = duckdb.sql(
        f"SELECT warc_file, warc_offset, capture_id, article_id FROM {open_dataset(data).current('captures')}"
        f" JOIN {open_dataset(data).current('articles')} USING (capture_id)"
        f" WHERE article_id IN (SELECT article_id FROM {open_dataset(data).current('topic_tags')}) ORDER BY ALL LIMIT 1"
    ).fetchall()[0]
    content = bytearray((data / file).read_bytes())
    content[offset + 300] ^= 1
    (data / file).write_bytes(content)
    before = rows_of(data, article_id)
    outcome = run_replay(data, extract_shouting if is_changed else None)
    assert len(outcome.problems) == 1
    assert all(word in outcome.problems[0] for word in (file, str(offset), capture_id))
    assert bool(outcome.rows_changed) == is_changed
    assert rows_of(data, article_id) == before
    if outcome.run:
        assert outcome.run.data_missing
        assert stage_balance(outcome.run, "replay").dead == 1
        assert stage_balance(outcome.run, "replay").adds_up


def test_damage_is_status_3(data: Path) -> None:
    file = min((data / "captures").rglob("*.warc.gz"))  # of the first version; the newest one's would be missed at once
    file.unlink()
    answer = CliRunner().invoke(icewire, ["replay", "--data", str(data)])
    assert answer.exit_code == 3
    assert "nothing changed" in answer.stdout
    assert "cannot be read: No such file or directory" in answer.stderr
    assert newest_version(data) == 3


def test_the_order_of_rows_does_not_matter(data: Path) -> None:
    for table in ("captures", "articles", "dropped", "dead_letters", "runs"):
        for path in (data / "data" / table).rglob("*.parquet"):
            rows = pq.ParquetFile(path).read()
            pq.write_table(rows.take(list(reversed(range(rows.num_rows)))), path)
    for start in ("extract", "link", "tag"):
        outcome = run_replay(data, start=start)
        assert outcome.rows_changed == 0, outcome.lines


KILLED = """
import os, signal, sys
import pipelines.keep.upkeep as upkeep
upkeep.finish_run = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
from pipelines.cli import main
main(["replay", "--data", sys.argv[1], "--rules", sys.argv[2]])
"""


def test_a_killed_replay_leaves_nothing(data: Path, tmp_path: Path) -> None:
    before = everything(data)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(data), str(other_rules(tmp_path))], capture_output=True, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL
    assert list((data / "_staging").rglob("*.parquet"))
    assert newest_version(data) == 3
    assert everything(data) == before
    assert run_replay(data).rows_changed == 0
    assert not list((data / "_staging").rglob("*.parquet"))


def test_a_replay_beside_a_pass_waits_or_says_who_holds_the_data_set(data: Path) -> None:
    with hold_data_set(data, "the-pass"):
        with pytest.raises(UserError, match="held by run the-pass"):
            run_replay(data)
        assert run_replay(data, is_dry=True).rows_changed == 0


def test_rows_are_later_than_those_they_replace_even_if_a_clock_was_ahead(data: Path, tmp_path: Path) -> None:
    rules = other_rules(tmp_path)
    early = Clock(fixed=clock_on(1) - timedelta(days=3))
    assert replay(ReplayOptions(data=data, rules=rules), clock=early).rows_changed > 0
    assert replay(ReplayOptions(data=data, rules=rules), clock=early).rows_changed == 0
    assert read_run(data, 4).started_at > clock_on(3)


def test_the_snippet_that_reads_what_counts_runs(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    (snippet,) = (each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if ".current(" in each)
    run_replay(data, rules=narrow_rules(tmp_path))
    monkeypatch.chdir(data.parent)
    data.rename("corpus")
    exec(snippet, {})
    assert "0 rows" in capsys.readouterr().out


def test_a_mistake_is_told_in_one_line(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no data set here"):
        run_replay(tmp_path / "none")
    with pytest.raises(UserError, match="name an existing topics file"):
        run_replay(data, rules=tmp_path / "none.toml")
    with pytest.raises(UserError, match="has no rows in a table 'takedowns'"):
        open_dataset(data).current("takedowns")
