"""A sheet for a filing: it says what can be checked, is checked by its own commands, and is inert."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from lxml import html

from pipelines.cli import icewire
from pipelines.prove.certificate import Sheet, choose_revision, make_sheet
from pipelines.prove.find import Shelf, find_row
from pipelines.prove.sheet import print_html, print_text
from pipelines.prove.trail import follow_trail
from schemas.errors import UserError
from schemas.records import Article, Header, Redirect
from tests.builders import NOON, PAGE, make_capture, make_kept_payload
from tests.write.test_verify import write_rows
from transforms.extract.capture import extract_capture

WRITTEN = datetime(2026, 11, 10, 9, tzinfo=UTC)
CHROMIUM = shutil.which("chromium")
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[2J\u202e{{ 7 * 7 }}\nSIGNATURE"


def run(*arguments: object) -> Result:
    return CliRunner(catch_exceptions=True).invoke(icewire, [str(each) for each in arguments])


def sheet_of(data: Path, article_id: str) -> Sheet:
    shelf = Shelf.at(data)
    _, article = find_row(shelf, article_id)
    assert article is not None
    return make_sheet(shelf, article, revision_of=2, now=WRITTEN, icewire="0.1.0")


@pytest.fixture
def article_id(corpus: Path) -> str:
    """The corrected text of a retelling, captured on the second day."""
    rows = f"'{corpus}/data/articles/**/*.parquet' WHERE revision = 2 AND title LIKE 'They signed up%'"
    ((found,),) = duckdb.sql(f"SELECT article_id FROM {rows}").fetchall()
    return str(found)


@pytest.fixture
def sheet(corpus: Path, article_id: str) -> Sheet:
    return sheet_of(corpus, article_id)


def check_commands(sheet: Sheet, data: Path) -> None:
    for what, command, prints in sheet.commands:
        line = command.replace("python3 ", f"{sys.executable} ")
        done = subprocess.run(["bash", "-c", line], cwd=data, capture_output=True, text=True, check=False)
        assert done.stdout.strip() == prints, (what, command, done)


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_a_certificate_says_what_when_who_where_and_how(
    corpus: Path, article_id: str, sheet: Sheet, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"sheet.{ending}"
    result = run("explain", article_id, "--data", corpus, "--certificate", path, "--now", "2026-11-10T09:00:00Z")
    assert result.exit_code == 0, result.output
    assert result.output == f"{path}: revision 2 of 2, the current text; every check passed\n"
    told = path.read_text(encoding="utf-8")
    told = html.document_fromstring(told).text_content() if ending == "html" else told
    assert sheet.run is not None
    for part in (
        sheet.article.title,
        sheet.capture.requested_url,
        "2026-11-04T08:00:00.000000Z",
        "icewire/0.1.0 (+the demo)",
        "The run's clock was set by hand",
        sheet.run.run_id,
        "trafilatura 2.3.1",
        "Content-Type",
        sheet.capture.payload_sha256,
        sheet.article.text_sha256,
        sheet.text_sha256,
        sheet.warc.file.sha256,
        sheet.record_id,
        f"at byte {sheet.capture.warc_offset}, {sheet.capture.warc_length} bytes",
        sheet.warc.manifest_sha256,
        "version 2 of the data set",
        "scripts did not run",
        sheet.article.text.split("\n")[-1],
        "28 U.S.C. § 1746",
        "Fed. R. Evid. 902(13) and 902(14)",
        "no legal advice",
        "2026-11-10T09:00:00.000000Z",
    ):
        assert part is not None
        assert part in told, part
    assert "FAILED" not in told


def test_its_commands_print_what_it_says(corpus: Path, sheet: Sheet) -> None:
    assert len(sheet.commands) == 7
    check_commands(sheet, corpus)


def test_bytes_that_an_earlier_record_holds_are_proved_there(tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>Paragraph {n} tells of the raid at the plant and the families outside.</p>" for n in range(9)
    )
    body = f"<html><head><title>Raid</title></head><body><article>{paragraphs}</article></body></html>".encode()
    hop = Redirect(url="https://ledger.example/old", status=301, asked_at=NOON, body=b"moved")
    headers = (Header(name="Content-Type", value="text/html"), Header(name="X-Author", value="Nu\xf1ez"))
    first = make_capture(PAGE, body, headers=headers)
    write_rows(tmp_path, "run-1", [first])
    later = replace(
        first, capture_id="later", run_id="run-2", fetched_at=NOON + timedelta(days=1), redirects=(hop,),
        kept_payload=make_kept_payload(first),
    )  # fmt: skip
    (article,) = extract_capture(later, run_id="run-2", now=NOON)
    assert isinstance(article, Article)
    write_rows(tmp_path, "run-2", [later], articles=[article])
    sheet = sheet_of(tmp_path, article.article_id)
    assert (sheet.capture.payload_in, sheet.original.capture_id) == (first.capture_id, first.capture_id)
    assert len(sheet.commands) == 8
    check_commands(sheet, tmp_path)
    assert f"capture {first.capture_id}" in print_text(sheet)


@pytest.fixture
def hostile(sheet: Sheet) -> Sheet:
    """The sheet of an article whose every field was written to attack its reader."""
    return replace(
        sheet,
        article=replace(sheet.article, title=ATTACK, text=ATTACK, authors=(ATTACK,), publisher=ATTACK),
        capture=replace(
            sheet.capture,
            url="javascript:alert(1)",
            requested_url="https://ledger.example/\"onmouseover='alert(1)'",
            redirects=(Redirect(url="data:text/html,<script>alert(1)</script>", status=302),),
            headers=(Header(name="X-<b>", value=ATTACK),),
        ),
    )


def test_hostile_words_are_inert(hostile: Sheet) -> None:
    text = print_html(hostile)
    page = html.document_fromstring(text)
    assert page.xpath("//script | //img | //iframe | //link | //object | //form | //b | //@src | //@style") == []
    assert page.xpath("//@*[starts-with(name(), 'on')]") == []
    assert page.xpath("//@href") == ["https://ledger.example/\"onmouseover='alert(1)'"]
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "{{ 7 * 7 }}" in page.text_content()
    for printed in (text, print_text(hostile)):
        assert not set(printed) & {"\x1b", "\u202e"}
    signed = [line for line in print_text(hostile).splitlines() if line.lstrip().startswith("SIGNATURE")]
    assert signed == [], "the page's own words stand behind a bar"


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH; on Debian: apt-get install chromium")
def test_a_browser_shows_hostile_words_and_runs_none(hostile: Sheet, tmp_path: Path) -> None:
    path = tmp_path / "sheet.html"
    path.write_text(print_html(hostile), encoding="utf-8")
    control = tmp_path / "control.html"
    control.write_text(ATTACK.replace("alert(1)", "document.title = 1"), encoding="utf-8")
    assert html.document_fromstring(browse(control, "--dump-dom")).xpath("string(//title)"), "it would run what it can"

    page = html.document_fromstring(browse(path, "--dump-dom"))
    assert page.xpath("//script | //img") == []
    assert page.xpath("string(//title)") == html.document_fromstring(print_html(hostile)).xpath("string(//title)")
    assert "<script>alert(1)</script><img src=x onerror=alert(1)>" in page.text_content()
    browse(path, f"--print-to-pdf={tmp_path / 'sheet.pdf'}")
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")


def browse(path: Path, *asked: str) -> str:
    """What a real browser prints of a page."""
    profile = path.with_suffix(".profile")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", *asked]
    done = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def test_there_is_none_for_bytes_that_changed(corpus: Path, article_id: str, sheet: Sheet, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(corpus, tmp_path / "broken"))
    path = broken / sheet.warc.file.path
    content = bytearray(path.read_bytes())
    for at, problem in (
        ((sheet.capture.warc_offset or 0) + 200, "is damaged"),
        (5, "changed (its sha256 is"),  # within the file, and not within the record
    ):
        content[at] ^= 4
        path.write_bytes(content)
        result = run("explain", article_id, "--data", broken, "--certificate", tmp_path / "c.html")
        assert isinstance(result.exception, UserError)
        assert problem in str(result.exception)
        assert not (tmp_path / "c.html").exists()
        content[at] ^= 4


def test_there_is_none_for_a_text_that_the_bytes_do_not_give(tmp_path: Path) -> None:
    """A row forged together with all hashes of its file and manifest."""
    capture = make_capture(PAGE, b"<p>" + b"The agents left the plant at noon. " * 40 + b"</p>")
    (article,) = extract_capture(capture, run_id="run-1", now=NOON)
    assert isinstance(article, Article)
    write_rows(tmp_path, "run-1", [capture], articles=[replace(article, title="Another headline")])
    with pytest.raises(UserError, match=r"no certificate of article .*: title and text: .*; title: Another headline"):
        sheet_of(tmp_path, article.article_id)


def test_a_revision_is_chosen_by_its_number(corpus: Path, sheet: Sheet) -> None:
    trail = follow_trail(Shelf.at(corpus), [sheet.article.url_key])
    assert choose_revision(trail, None).article.revision == 2
    assert choose_revision(trail, 1).article.revision == 1
    with pytest.raises(UserError, match=r"--revision 7: the page has none of that number; its revisions: 1, 2"):
        choose_revision(trail, 7)


def test_nothing_is_overwritten_unless_told_to(corpus: Path, article_id: str, tmp_path: Path) -> None:
    (tmp_path / "sheet.txt").write_text("signed already")
    asked = ("explain", article_id, "--data", corpus, "--certificate")
    for path, problem in (
        (tmp_path / "sheet.txt", "is there already; name another file, or add --force"),
        (tmp_path / "sheet.pdf", "end the name in .html or .txt"),
        (tmp_path / "no" / "sheet.txt", "its folder is not there"),
    ):
        assert problem in str(run(*asked, path).exception)
    assert (tmp_path / "sheet.txt").read_text() == "signed already"
    assert run(*asked, tmp_path / "sheet.txt", "--force", "--revision", 1).exit_code == 0
    assert "revision 1; 2 texts" in (tmp_path / "sheet.txt").read_text()
    alone = run("explain", article_id, "--data", corpus, "--revision", 1)
    assert "give --certificate FILE, too" in str(alone.exception)


def test_the_page_on_operating_proves_a_row_by_hand(corpus: Path, sheet: Sheet) -> None:
    page = (Path(__file__).parents[2] / "docs/operating.md").read_text(encoding="utf-8")
    section = page.partition("### Proving a row")[2].partition("\n### ")[0]
    script = section.partition("```sh\n")[2].partition("```")[0].replace("python3 ", f"{sys.executable} ")
    environment = {"PATH": os.environ["PATH"], "capture": sheet.capture.capture_id}
    done = subprocess.run(
        ["bash", "-c", script], cwd=corpus, env=environment, capture_output=True, text=True, check=True
    )
    said, hashed = (line.split()[0] for line in done.stdout.splitlines())
    assert said == hashed == sheet.capture.payload_sha256
