"""Gather what a sheet for a filing says of one captured page, and check every part of it while doing so."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow.dataset as ds

from pipelines.prove.find import Shelf
from pipelines.prove.row import Check, compare, extract_again, read_bytes
from pipelines.prove.trail import Revision, Trail
from schemas.errors import UserError
from schemas.records import Article, Capture, Header, Run, record
from transforms.write.check_files import check_file
from transforms.write.manifest import DataFile, manifest_path, read_manifests
from transforms.write.read_warc import DamagedRecord
from transforms.write.store import open_store
from transforms.write.vouch import check_manifests
from transforms.write.warc_form import payload_digest, record_id


@record
class Holding:
    """A committed file as its manifest has it, and the manifest that says so."""

    file: DataFile
    version: int
    manifest_path: str
    manifest_sha256: str
    hash_line: int
    """The line of the manifest's file that holds its own hash."""


@record
class Sheet:
    """All that a sheet says. Texts are as stored, so whoever prints them must make them harmless."""

    capture: Capture
    """As its row has it, with the bytes."""
    article: Article
    revision_of: int
    """How many texts of the page there are."""
    run: Run | None
    user_agent: str | None
    clock_fixed_at: str | None
    """The instant to which the run's clock was set by hand, if it was: then no time is that of a real clock."""
    record_id: str
    original: Capture
    """The capture whose record holds the bytes: this one, or an earlier one that had the same."""
    warc: Holding
    table: Holding
    """The file of table `articles` that holds the row."""
    text_sha256: str
    """Hash of the text alone."""
    checks: tuple[Check, ...]
    written_at: datetime
    icewire: str
    """Version of icewire that wrote the sheet."""

    @property
    def commands(self) -> tuple[tuple[str, str, str], ...]:
        """(what it shows, command, what it prints), for anyone with a copy of the files and common tools."""
        return tuple(_commands(self))


def choose_revision(trail: Trail, number: int | None) -> Revision:
    """The revision of that number, the current one if None; UserError if the page has none."""
    if not trail.revisions:
        raise UserError(f"{trail.url_keys[0]}: no article was made of this page, so there is no text to certify")
    for revision in trail.revisions:
        if revision.is_current if number is None else revision.article.revision == number:
            return revision
    there = ", ".join(str(revision.article.revision) for revision in trail.revisions)
    raise UserError(f"--revision {number}: the page has none of that number; its revisions: {there}")


def make_sheet(shelf: Shelf, article: Article, *, revision_of: int, now: datetime, icewire: str) -> Sheet:
    """The sheet of an article; UserError, naming what does not match, if any of its checks fails."""
    row = shelf.capture(article.capture_id)
    if row is None:
        raise _refused(article, f"its capture {article.capture_id} is not in the data set")
    original = shelf.capture(row.payload_in) if row.payload_in else row
    if original is None:
        raise _refused(article, f"capture {row.payload_in}, which holds its bytes, is not in the data set")
    capture = read_bytes(shelf, row)
    if isinstance(capture, DamagedRecord):
        raise _refused(article, f"{capture}; restore that file from a copy")
    table = _holding(shelf, _table_file(shelf, article))
    warc = _holding(shelf, original.warc_file or "")
    holdings = dict.fromkeys((warc.file, _holding(shelf, row.warc_file or "").file, table.file))
    checks = tuple(_check(shelf, capture, article, list(holdings)))
    if wrong := [f"{check.what}: {check.told}" for check in checks if check.ok is False]:
        raise _refused(article, "; ".join(wrong))
    run = shelf.run(capture.run_id)
    return Sheet(
        capture=capture,
        article=article,
        revision_of=revision_of,
        run=run,
        user_agent=_value(capture.request_headers, "user-agent"),
        clock_fixed_at=json.loads(run.options).get("now") if run else None,
        record_id=record_id(capture.capture_id),
        original=original,
        warc=warc,
        table=table,
        text_sha256=hashlib.sha256(article.text.encode()).hexdigest(),
        checks=checks,
        written_at=now,
        icewire=icewire,
    )


def _refused(article: Article, problem: str) -> UserError:
    return UserError(f"no certificate of article {article.article_id}: {problem}")


def _check(shelf: Shelf, capture: Capture, article: Article, files: Sequence[DataFile]) -> Iterator[Check]:
    store = open_store(shelf.history.root)
    broken = [finding.line() for finding in check_manifests(shelf.history.root).findings]
    told = f"from version {shelf.version} on, each one's hash is that of its content, and what the one after it says"
    yield Check(what="manifests", ok=not broken, told="; ".join(broken) or told)
    for file in files:
        fault = check_file(store, file, lambda size: None)
        said = f"{file.bytes} bytes, sha256 as its manifest says" if fault is None else fault.problem
        yield Check(what=file.path, ok=fault is None, told=said)
    digest = hashlib.sha256(capture.body).hexdigest()
    told = f"read from the WARC file, {len(capture.body)} bytes, sha256 {digest}"
    yield Check(what="payload", ok=digest == capture.payload_sha256, told=told)
    words = f"{article.title or ''}\n\n{article.text}"
    digest = hashlib.sha256(words.encode()).hexdigest()
    yield Check(what="title and text", ok=digest == article.text_sha256, told=f"as stored, sha256 {digest}")
    outcome = extract_again(shelf, capture, article.url_key, article)
    if isinstance(outcome, Article):
        yield from compare(article, outcome)
    else:
        yield Check(what="extraction", ok=False, told="the bytes give no article now")


def _table_file(shelf: Shelf, article: Article) -> str:
    """Path of the file that holds the very row."""
    this = (ds.field("article_id") == article.article_id) & (ds.field("as_of") == article.as_of)
    columns = ["article_id", "as_of"]
    for file in shelf.history.files:
        if file.kind == "articles" and shelf.holds(file, this, columns):
            return file.path
    raise _refused(article, "its row is in no file of the data set")


def _holding(shelf: Shelf, path: str) -> Holding:
    for manifest in read_manifests(shelf.history.root, shelf.version):
        for file in (*manifest.added, *(manifest.kept or ())):
            if file.path == path:
                place = manifest_path(manifest.version)
                lines = open_store(shelf.history.root).read(place).decode().splitlines()
                number = next((at for at, line in enumerate(lines, 1) if manifest.sha256 in line), 0)
                return Holding(
                    file=file,
                    version=manifest.version,
                    manifest_path=place,
                    manifest_sha256=manifest.sha256,
                    hash_line=number,
                )
    raise UserError(f"no certificate: {path or 'no WARC file'} is named by no manifest")


def _value(headers: Sequence[Header], name: str) -> str | None:
    return next((header.value for header in headers if header.name.lower() == name), None)


def _commands(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    held, warc = sheet.original, sheet.warc
    offset, size = held.warc_offset or 0, held.payload_bytes
    yield "the WARC file is what was written", f"sha256sum {warc.file.path}", f"{warc.file.sha256}  {warc.file.path}"
    yield (
        "the manifest is what was written: its hash, with zeros in the place of the hash itself",
        f"sed '{warc.hash_line}s/{warc.manifest_sha256}/{'0' * 64}/' {warc.manifest_path} | sha256sum",
        f"{warc.manifest_sha256}  -",
    )
    yield (
        "the manifest names the WARC file with that hash",
        f"grep -c {warc.file.sha256} {warc.manifest_path}",
        "1",
    )
    record_bytes = _record_bytes(held)
    yield (
        "the record with that id is there (without grep and tr the command shows it whole)",
        f"{record_bytes} | grep -a -m 1 WARC-Record-ID | tr -d '\\r'",
        f"WARC-Record-ID: {record_id(held.capture_id)}",
    )
    if held.capture_id != sheet.capture.capture_id:
        yield (
            "the record of this capture says that its payload was the same",
            f"{_record_bytes(sheet.capture)} | grep -a -m 1 WARC-Payload-Digest | tr -d '\\r'",
            f"WARC-Payload-Digest: {payload_digest(sheet.capture.payload_sha256)}",
        )
    yield (
        "the payload: what follows the record's and the answer's header fields",
        f"{record_bytes} | LC_ALL=C sed '1,/^\\r$/d' | LC_ALL=C sed '1,/^\\r$/d' | head -c {size} | sha256sum",
        f"{sheet.capture.payload_sha256}  -",
    )
    yield (
        "the same with warcio (pip install warcio)",
        'python3 -c "import hashlib; from warcio.archiveiterator import ArchiveIterator;'
        f" file = open('{warc.file.path}', 'rb'); file.seek({offset}); record = next(iter(ArchiveIterator(file)));"
        ' print(hashlib.sha256(record.raw_stream.read()).hexdigest())"',
        sheet.capture.payload_sha256,
    )
    of_row = f"FROM '{sheet.table.file.path}' WHERE capture_id = '{sheet.article.capture_id}'"
    words = "sha256(coalesce(title, '') || chr(10) || chr(10) || text)"
    yield (
        "the row of the extracted text, with DuckDB (pip install duckdb): the hash of title and text",
        f'python3 -c "import duckdb; print(duckdb.sql(\\"SELECT {words} {of_row}\\").fetchall()[0][0])"',
        sheet.article.text_sha256,
    )


def _record_bytes(row: Capture) -> str:
    """The command that prints a row's record."""
    return f"tail -c +{(row.warc_offset or 0) + 1} {row.warc_file} | head -c {row.warc_length} | gunzip"
