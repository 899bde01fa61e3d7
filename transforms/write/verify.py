"""Verify a data set: every byte against the hashes of its manifests, every row against what it points to.

Nothing is written and nobody is kept waiting: a pass may go on meanwhile, and what it replaces is left out.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import duckdb
import pyarrow as pa

from schemas.errors import UserError
from schemas.records import record
from schemas.tables import TABLES
from transforms.write.check_files import Fault, check_file, find_strays
from transforms.write.check_rows import check_captures, check_evidence, check_links
from transforms.write.check_warc import check_answers, survey_warc
from transforms.write.damage import read_anyway
from transforms.write.finding import Finding, name_some
from transforms.write.manifest import DataFile, live_files, newest_version, read_manifest
from transforms.write.row_index import RowIndex
from transforms.write.store import Root, open_store
from transforms.write.touched import Touched
from transforms.write.vouch import Vouched, check_manifests, lost_manifest

STRAY = "move it out of the data set"
FOLDERS = ("data", "captures", "memory")

Tell = Callable[[str, int, int], None]
"""Is given the file that is read, and how many of how many bytes are done."""


@record
class Verdict:
    """What a verification came to; the numbers count what was found in order."""

    version: int
    files: int
    bytes: int
    rows: int
    records: int
    findings: tuple[Finding, ...]


def verify(root: Root, tell: Tell = lambda path, done, of: None) -> Verdict:
    """Check everything from the newest manifest on.

    UserError if there is no data set, if a newer icewire wrote it, or if it was merged while it was read.
    """
    vouched = check_manifests(root)
    try:
        return _left_out(root, _Verification(root, vouched, tell).verdict())
    except (OSError, UserError, pa.ArrowException, duckdb.Error) as error:
        if newest_version(root) != vouched.version:
            raise UserError(f"{root}: files were replaced while they were read; run it again") from None
        told = str(error).partition("\n")[0]
        raise error if isinstance(error, UserError) else UserError(f"{root}: cannot be verified: {told}") from None


class _Verification:
    """A data set as it stood when its manifests were read. Call `verdict` once."""

    def __init__(self, root: Root, vouched: Vouched, tell: Tell) -> None:
        self._root, self._vouched, self._tell = root, vouched, tell
        self._store = open_store(root)
        self._files = [*vouched.files, *vouched.memory]
        self._strays = find_strays(self._store, (file.path for file in self._files))
        self._manifests = list(vouched.findings)
        """What is wrong with manifests: if anything, what the others say is not all that may be there, or gone."""
        warc_bytes = sum(file.bytes for file in self._files if file.kind == "warc")
        self._done, self._total = 0, sum(file.bytes for file in self._files) + warc_bytes

    def verdict(self) -> Verdict:
        faults = {file.path: fault for file in self._files if (fault := self._check(file))}
        sound = [file for file in self._files if file.path not in faults]
        rows = [file for file in sound if file.kind in TABLES]
        records = 0
        self._manifests = self._manifests or list(self._lost_manifests())
        with closing(RowIndex(self._root, rows)) as index:
            findings, doubts = self._tell_faults(faults, Touched(self._root, index))
            broken = {file.kind for file in self._files if file.path in faults}
            whole = set() if self._manifests else set(TABLES) - broken
            for file in sound:
                if file.kind == "warc":
                    number, wrong = self._check_records(file, index, compares="captures" in whole)
                    records += number
                    findings += wrong
            findings += self._check_rows(rows, {file.path for file in sound}, index, whole)
        findings = [*self._account(doubts), *self._still(findings, faults)]
        return Verdict(
            version=self._vouched.version,
            files=len(sound),
            bytes=sum(file.bytes for file in sound),
            rows=sum(file.rows for file in rows),
            records=records,
            findings=tuple(findings),
        )

    def _check(self, file: DataFile) -> Fault | None:
        return check_file(self._store, file, lambda size: self._passed(file.path, size))

    def _passed(self, path: str, size: int) -> None:
        self._done += size
        self._tell(path, min(self._done, self._total), self._total)

    def _lost_manifests(self) -> Iterator[Finding]:
        """Manifests newer than the newest there is, told by the rows that their runs left of themselves."""
        runs = [path for path in self._strays if path.startswith("data/runs/")]
        told = {
            (row["data_version"], row["run_id"])
            for path in runs
            for row in read_anyway(self._root, path, ("data_version", "run_id"))
            if row["data_version"] > self._vouched.version
        }
        return (lost_manifest(version, run_id) for version, run_id in sorted(told))

    def _tell_faults(self, faults: dict[str, Fault], touched: Touched) -> tuple[list[Finding], list[str]]:
        """The findings of broken files, and those files that may be in order, but not by a manifest to be believed."""
        findings, doubts = [], []
        for file in self._files:
            fault = faults.get(file.path)
            if fault and self._manifests and (fault.kind == "missing" or file.path in self._vouched.doubted):
                doubts.append(file.path)
            elif fault:
                findings.append(touched.finding(file, fault))
        return findings, doubts

    def _check_records(self, file: DataFile, index: RowIndex, *, compares: bool) -> tuple[int, list[Finding]]:
        """How many records a WARC file holds, and what is wrong with them though the file is what was written."""
        with self._store.open(file.path) as source:
            survey = survey_warc(source)
        findings = [
            Finding(path=file.path, problem=f"the record at {each.offset} {each.problem}") for each in survey.damaged
        ]
        findings += check_answers(file.path, survey, index.places(file.path)) if compares else []
        self._passed(file.path, file.bytes)
        return len(survey.record_ids), findings

    def _check_rows(self, rows: list[DataFile], sound: set[str], index: RowIndex, whole: set[str]) -> Iterator[Finding]:
        warcs = {file.path: file.path in sound for file in self._files if file.kind == "warc"}
        for file in rows:
            if file.kind == "captures":
                yield from check_captures(self._root, file, warcs, is_all=not self._manifests)
        yield from check_links(index, whole)
        yield from check_evidence(index)

    def _account(self, doubts: list[str]) -> Iterator[Finding]:
        """The findings of manifests, with the files that they leave in doubt, or else of files that none names."""
        if not self._manifests:
            yield from (Finding(path=path, problem="no manifest names it", remedy=STRAY) for path in self._strays)
            return
        unclear = sorted({*doubts, *self._strays})
        told = f"; until it is restored, nobody can vouch for {name_some(unclear)}" if unclear else ""
        *others, last = self._manifests
        yield from others
        yield replace(last, touches=last.touches + told)

    def _still(self, findings: list[Finding], faults: dict[str, Fault]) -> list[Finding]:
        """Without findings of files that have been put in their place since."""
        staged = [file for file in self._files if file.path in faults and faults[file.path].kind == "staged"]
        there = {file.path for file in staged if self._store.exists(file.path) and not self._check(file)}
        return [finding for finding in findings if finding.path not in there]


def _left_out(root: Root, verdict: Verdict) -> Verdict:
    """The verdict without what a run has replaced, or added, meanwhile."""
    version = newest_version(root)
    if version == verdict.version:
        return verdict
    live = {file.path for file in (*live_files(root, version), *read_manifest(root, version).new_files)}
    findings = [
        finding
        for finding in verdict.findings
        if not finding.path.startswith(FOLDERS)
        or "." not in finding.path
        or (finding.path in live) != (finding.remedy == STRAY)
    ]
    return replace(verdict, findings=tuple(findings))
