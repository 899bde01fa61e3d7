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
from transforms.write.damage import DamageTeller
from transforms.write.finding import Finding, name_some
from transforms.write.manifest import DataFile, live_files, newest_version, read_manifest
from transforms.write.row_index import RowIndex
from transforms.write.store import Root, open_store
from transforms.write.touched import tell_touched
from transforms.write.vouch import Vouched, check_manifests, lost_manifest

Tell = Callable[[str, int, int], None]
"""Is given the file that is read, and how many of how many bytes are done."""

STAGED = "the next run puts it there"
STRAY = "move it out of the data set"


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
        return _verify(root, vouched, tell)
    except (OSError, pa.ArrowException, duckdb.Error):
        if newest_version(root) == vouched.version:
            raise
        raise UserError(f"{root}: files were replaced while they were read; run it again") from None


def _verify(root: Root, vouched: Vouched, tell: Tell) -> Verdict:
    store = open_store(root)
    files = [*vouched.files, *vouched.memory]
    warc_bytes = sum(file.bytes for file in files if file.kind == "warc")
    progress = _Progress(tell, sum(file.bytes for file in files) + 2 * warc_bytes)
    faults: dict[str, Fault] = {}
    for file in files:
        progress.path = file.path
        if fault := check_file(store, file, progress.passed):
            faults[file.path] = fault
    sound = [file for file in files if file.path not in faults and (file.kind in TABLES or file.kind == "warc")]
    records = 0
    found: list[Finding] = []
    with closing(RowIndex(root, sound)) as index, closing(DamageTeller(root)) as teller:
        whole = set(TABLES) - {file.kind for file in files if file.path in faults}
        whole -= set(TABLES) if vouched.findings else set()
        doubts = []
        for file in files:
            if fault := faults.get(file.path):
                if vouched.findings and (fault.kind == "missing" or file.path in vouched.doubted):
                    doubts.append(file.path)
                else:
                    found.append(_touched(tell_touched(root, file, fault, index, teller), fault))
        for file in sound:
            progress.path = file.path
            if file.kind == "warc":
                with store.open(file.path) as source:
                    survey = survey_warc(source)
                records += len(survey.record_ids)
                places = index.places(file.path)
                found += [Finding(path=file.path, problem=f"the record {each.problem}") for each in survey.damaged]
                found += check_answers(file.path, survey, places) if "captures" in whole else []
                progress.passed(file.bytes)
        readable = {file.path for file in sound if file.kind == "warc"}
        named = {file.path for file in files} if not vouched.findings else set(store.list("captures")) | set(doubts)
        for file in sound:
            if file.kind == "captures":
                found += check_captures(root, file, readable, named)
        found += check_links(index, whole)
        found += check_evidence(index)
        strays = find_strays(store, (file.path for file in files))
        manifests = list(vouched.findings)
        if not manifests:
            manifests, strays = _lost_manifests(teller, strays, vouched.version)
            found += [Finding(path=path, problem="no manifest names it", remedy=STRAY) for path in strays]
    ...
