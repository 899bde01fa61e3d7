"""A data set that is whole verifies; one flipped bit, or a file more, less or shorter, is found and named."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.made_run import commit_made_run
from pipelines.clock import Clock
from pipelines.keep.compact import compact_data_set
from pipelines.keep.takedown import take_down
from schemas.errors import UserError
from schemas.records import Capture, Evidence, Redirect
from schemas.tables import TABLES
from tests.builders import NOON, PAGE, make_article, make_capture, make_kept_payload, make_run
from tests.write.archive import write_days, write_pass
from transforms.write.finding import Finding
from transforms.write.finish import finish_run
from transforms.write.hold import hold_data_set
from transforms.write.manifest import live_files, read_manifest
from transforms.write.parquet import ROW_GROUP_ROWS, write_table
from transforms.write.store import open_store
from transforms.write.verify import Verdict, verify
from transforms.write.vouch import check_manifests
from transforms.write.warc import write_warc

SECOND = timedelta(seconds=1)


def write_rows(root: Path, run_id: str, captures: list[Capture], **tables: list[object]) -> list[Capture]:
    """One run with these captures and rows; gives the rows of the captures."""
    return commit_made_run(root, run_id, NOON, tables, captures=captures)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of five versions: tables, memory, redirects, a revisit record, and files that others replaced."""
    root = tmp_path_factory.mktemp("whole") / "corpus"
    for number in range(3):
        write_pass(root, number)
    hop = Redirect(url="https://ledger.example/old", status=301, asked_at=NOON, body=b"moved")
    first = make_capture(PAGE, b"<p>The same again</p>", redirects=(hop,))
    again = make_capture(PAGE, b"<p>The same again</p>", capture_id="again", fetched_at=NOON + SECOND)
    again = replace(again, kept_payload=make_kept_payload(first))
    write_rows(root, "fourth", [first, again])
    write_pass(root, 4)
    return root


@pytest.fixture
def corpus(whole: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(whole, tmp_path / "corpus"))


@contextmanager
def changed(path: Path, content: bytes | None) -> Iterator[None]:
    """A file with other content, or gone, until the block ends."""
    before = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    yield
    path.write_bytes(before)


def flipped(content: bytes, bit: int) -> bytes:
    byte, at = divmod(bit, 8)
    return content[:byte] + bytes([content[byte] ^ 1 << at]) + content[byte + 1 :]


def committed(root: Path) -> list[Path]:
    """Every file that a version is made of, its manifests among them."""
    version = 5
    paths = {file.path for file in live_files(root, version)}
    paths |= {file.path for file in read_manifest(root, version).new_files}
    return [*sorted(root / path for path in paths), *sorted(root.glob("_commits/*"))]


def only(verdict: Verdict) -> Finding:
    (finding,) = verdict.findings
    return finding


def test_a_data_set_that_is_whole_has_no_findings(whole: Path) -> None:
    told: list[tuple[str, int, int]] = []
    verdict = verify(whole, lambda *how_far: told.append(how_far))
    assert verdict.findings == ()
    assert (verdict.version, verdict.files) == (5, len(committed(whole)) - 5)
    assert verdict.records == 5 + 14 * 3 + 2  # a warcinfo a file, three records a capture, two of a redirect
    done = [each[1] for each in told]
    assert (done, done[-1]) == (sorted(done), told[-1][2])


@pytest.mark.parametrize("seed", range(8))
def test_one_flipped_bit_anywhere_is_found_and_names_its_file(corpus: Path, seed: int) -> None:
    chance = random.Random(seed)
    paths = committed(corpus)
    for path in chance.choices(paths, k=40):
        content = path.read_bytes()
        bit = chance.randrange(8 * len(content))
        with changed(path, flipped(content, bit)):
            names = {finding.path for finding in verify(corpus).findings}
        assert names == {path.relative_to(corpus).as_posix()}, f"{path} bit {bit} (seed {seed})"


def test_every_byte_of_a_manifests_first_lines_counts(corpus: Path) -> None:
    """Its own hash, its format and its version are what the check itself goes by."""
    path = corpus / "_commits/00000005.json"
    content = path.read_bytes()
    assert check_manifests(corpus).findings == ()
    for byte in range(content.index(b'"added"')):
        with changed(path, flipped(content, 8 * byte + byte % 8)):
            (finding,) = check_manifests(corpus).findings
        assert finding.path == "_commits/00000005.json", byte


@pytest.mark.parametrize("left", [0.0, 0.3, 0.99], ids=["empty", "torn", "short"])
def test_a_torn_file_is_found(corpus: Path, left: float) -> None:
    for path in committed(corpus)[::3]:
        content = path.read_bytes()
        with changed(path, content[: int(left * len(content))]):
            assert only(verify(corpus)).path == path.relative_to(corpus).as_posix()


def test_a_missing_file_is_found_also_the_newest_manifest(corpus: Path) -> None:
    for path in committed(corpus):
        with changed(path, None):
            assert only(verify(corpus)).path == path.relative_to(corpus).as_posix()


def test_a_file_that_no_manifest_names_is_found(corpus: Path) -> None:
    day = corpus / "data/articles/captured_on=2026-11-02"
    shutil.copy(next(day.iterdir()), day / "part-copy.parquet")
    finding = only(verify(corpus))
    assert finding.line() == "data/articles/captured_on=2026-11-02/part-copy.parquet: no manifest names it"
    assert "move it out" in finding.remedy


def test_a_damaged_record_names_its_capture_and_article(corpus: Path) -> None:
    warc = next(corpus.glob("captures/*/pass-0001*"))
    content = warc.read_bytes()
    with changed(warc, flipped(content, 8 * (len(content) // 2))):
        finding = only(verify(corpus))
    assert finding.capture_ids == ("c0000000000000010000000000000001",)
    assert finding.article_ids == ("a0000000000000010000000000000001",)
    assert "the record is damaged" in finding.touches


def test_a_missing_warc_file_names_all_its_captures_and_those_with_the_same_bytes(corpus: Path) -> None:
    next(corpus.glob("captures/*/fourth*")).unlink()
    finding = only(verify(corpus))
    assert (finding.problem, finding.touches) == ("missing", "all 2 captures in it")
    assert "again" in finding.capture_ids
    assert len(finding.capture_ids) == 2


def test_damaged_pages_name_the_row_groups_and_the_ids_that_can_be_read(tmp_path: Path) -> None:
    articles = [make_article(f"a{n:07}", f"Agents came. {n}", capture_id=f"c{n:07}") for n in range(2 * ROW_GROUP_ROWS)]
    captures = [make_capture(f"https://ledger.example/{n}", capture_id=f"c{n:07}") for n in range(3)]
    write_rows(tmp_path, "large", captures, articles=articles)  # most captures are not there, as is told, too
    path = next(tmp_path.glob("data/articles/*/*"))
    content = path.read_bytes()
    import pyarrow.parquet as pq

    group = pq.ParquetFile(path).metadata.row_group(1)
    text = next(group.column(n) for n in range(group.num_columns) if group.column(n).path_in_schema == "text")
    path.write_bytes(flipped(content, 8 * (text.data_page_offset + text.total_compressed_size // 2)))
    finding = next(each for each in verify(tmp_path).findings if each.path.endswith(".parquet"))
    told = f"row group 2 of 2, rows {ROW_GROUP_ROWS + 1} to {2 * ROW_GROUP_ROWS} of {2 * ROW_GROUP_ROWS}"
    assert finding.touches == f"{told} (cannot be read: text)"
    assert len(finding.article_ids) == ROW_GROUP_ROWS
    assert "and 16376 more" in finding.line()


def test_a_damaged_footer_touches_all_rows_and_their_ids_are_told_by_others(corpus: Path) -> None:
    path = next(corpus.glob("data/captures/*/*pass-0002*"))
    path.write_bytes(path.read_bytes()[:-4] + b"PARX")
    finding = only(verify(corpus))
    assert finding.touches.startswith("all 3 rows: its footer cannot be read")
    assert finding.capture_ids == tuple(f"c000000000000002{page:016d}" for page in range(3))
    assert finding.article_ids == tuple(f"a000000000000002{page:016d}" for page in range(3))


def test_a_damaged_manifest_tells_version_run_and_what_it_leaves_in_doubt(corpus: Path) -> None:
    path = corpus / "_commits/00000002.json"
    path.write_bytes(path.read_bytes()[:900])
    finding = only(verify(corpus))
    assert "the manifest of version 2, run pass-0001" in finding.touches
    assert "nobody can vouch for" in finding.touches
    assert "captures/2026-11-02/pass-0001-00000.warc.gz" in finding.touches


def test_a_manifest_put_in_place_of_another_breaks_the_chain(corpus: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_pass(other, 0)
    write_pass(other, 7)
    shutil.copy(other / "_commits/00000002.json", corpus / "_commits/00000002.json")
    assert "not the manifest that was there" in verify(corpus).findings[0].problem


def test_memory_says_what_it_holds(corpus: Path) -> None:
    path = max(corpus.glob("memory/pages/*"))
    path.write_bytes(b"")
    assert "what the next pass must know of pages, " in only(verify(corpus)).touches


def test_rows_that_do_not_say_what_is_there_are_found(tmp_path: Path) -> None:
    capture = make_capture(PAGE, capture_id="c1")
    article = make_article("a1", "Zwölf 👨‍👩‍👧 Agents came.", capture_id="c1", title="Réforme")
    quote = Evidence(field="text", start=12, end=18, quote="Agents")
    right = tag("right", article.article_id, quote, replace(quote, field="title", start=0, end=7, quote="Réforme"))
    write_rows(tmp_path, "run-1", [capture], articles=[article], topic_tags=[right])
    assert verify(tmp_path).findings == ()
    wrong = tag("wrong", "a1", replace(quote, start=11, end=17))
    lone = tag("lone", "a2", quote)
    write_rows(tmp_path, "run-2", [], topic_tags=[wrong, lone], articles=[make_article("a3", capture_id="c3")])
    told = [finding.line() for finding in verify(tmp_path).findings]
    assert told == [
        "data/articles: capture c3 of an article is not in captures; articles a3",
        "data/topic_tags: a row's article is not in articles; articles a2",
        "data/topic_tags: the evidence 'Agents' is not what stands in the text at 11 to 17; wrong; articles a1",
    ]


def tag(topic: str, article_id: str, *spans: Evidence) -> object:
    from schemas.records import TopicTag

    return TopicTag(
        article_id=article_id, run_id="run-1", as_of=NOON, topic=topic, rule_id="r", ruleset_version="1", score=0.5,
        evidence=spans,
    )  # fmt: skip


def test_a_tag_that_was_withdrawn_need_not_hold(tmp_path: Path) -> None:
    write_pass(tmp_path, 1)
    span = Evidence(field="text", start=0, end=3, quote="not")
    write_rows(tmp_path, "run-2", [], topic_tags=[tag("false", "a0000000000000010000000000000001", span)])
    assert len(verify(tmp_path).findings) == 1
    gone = replace(tag("false", "a0000000000000010000000000000001", span), withdrawn=True, as_of=NOON + SECOND)  # type: ignore[type-var]
    write_rows(tmp_path, "run-3", [], topic_tags=[gone])
    assert verify(tmp_path).findings == ()


@pytest.mark.parametrize(
    "change", [{"status": 404}, {"payload_sha256": "0" * 64}, {"warc_offset": 7}, {"url": "https://x.example/"}]
)
def test_a_row_that_is_not_what_its_record_says_is_found(tmp_path: Path, change: dict[str, object]) -> None:
    with hold_data_set(tmp_path, "run-1"):
        (row,), warc = write_warc(tmp_path, [make_capture(PAGE)], day="2026-11-02", run_id="run-1")
        file = write_table(tmp_path, TABLES["captures"], [replace(row, **change)], day="2026-11-02", run_id="run-1")
        finish_run(
            tmp_path, make_run(), day="2026-11-02", files=[warc, file], counts=[], memory_before={}, memory_rows={},
            finished_at=NOON,
        )  # fmt: skip
    finding = only(verify(tmp_path))
    assert finding.path == file.path
    assert f"the record of capture {row.capture_id}" in finding.problem


def test_a_merged_data_set_and_one_with_a_tombstone_verify(tmp_path: Path) -> None:
    write_days(tmp_path, days=2, passes=5)
    compact_data_set(tmp_path, clock=Clock(fixed=NOON + timedelta(days=40)))
    assert verify(tmp_path).findings == ()
    take_down(tmp_path, "https://ledger.example/pass-0003/1", reason=None, clock=Clock(fixed=NOON + timedelta(days=41)))
    verdict = verify(tmp_path)
    assert verdict.findings == ()
    assert verdict.rows > 0


def test_a_compaction_meanwhile_is_no_finding(tmp_path: Path) -> None:
    write_days(tmp_path, days=2, passes=5)
    done: list[bool] = []

    def compact_once(*how_far: object) -> None:
        if not done:
            done.append(True)
            compact_data_set(tmp_path, clock=Clock(fixed=NOON + timedelta(days=40)))

    with suppress_replaced():
        assert verify(tmp_path, compact_once).findings == ()
    assert done
    assert verify(tmp_path).findings == ()


@contextmanager
def suppress_replaced() -> Iterator[None]:
    """Lets pass that files were replaced while they were read, and no other error."""
    try:
        yield
    except UserError as error:
        if "were replaced while they were read; run it again" not in str(error):
            raise


def test_files_that_a_killed_run_left_in_staging_are_told_with_what_mends_it(corpus: Path) -> None:
    (file,) = (
        file for file in live_files(corpus, 5) if file.path.startswith("data/polls/") and "pass-0004" in file.path
    )
    (corpus / file.staged).parent.mkdir(parents=True)
    (corpus / file.path).rename(corpus / file.staged)
    finding = only(verify(corpus))
    assert (finding.path, finding.problem) == (file.path, "committed, but not in its place yet")
    assert finding.remedy == "the next run puts it there"
    with hold_data_set(corpus, "next"):
        assert verify(corpus).findings == ()


def test_no_data_set_and_a_newer_one_are_the_users_to_mend(tmp_path: Path, corpus: Path) -> None:
    with pytest.raises(UserError, match="no data set here"):
        verify(tmp_path / "nowhere")
    from transforms.write.manifest import encode_manifest, seal

    newer = seal(replace(read_manifest(corpus, 5), format=99))
    (corpus / "_commits/00000005.json").write_bytes(encode_manifest(newer))
    with pytest.raises(UserError, match=r"has format 99, .*upgrade icewire"):
        verify(corpus)


def test_a_data_set_in_an_object_store_is_verified_too(s3_root: str) -> None:
    for number in range(2):
        write_pass(s3_root, number)
    assert verify(s3_root).findings == ()
    store = open_store(s3_root)
    files = live_files(s3_root, 2)
    warc = next(file.path for file in files if file.kind == "warc")
    content = store.read(warc)
    store.remove(warc)
    assert only(verify(s3_root)).line().startswith(f"{warc}: missing; all 3 captures in it; captures c")
    assert store.create(warc, flipped(content, 8 * 700), staged="_staging/x")
    assert only(verify(s3_root)).path == warc
