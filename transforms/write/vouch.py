"""Check the chain of manifests, and say which files those that can be read vouch for.

While a manifest is damaged or missing, nobody can say whether a file that no other names is its, or whether it replaced
one that is not there: such files are doubted, and told with the manifest.
"""

import re
from collections.abc import Sequence

import msgspec

from schemas.errors import UserError
from schemas.records import record
from transforms.write.finding import Finding, name_some
from transforms.write.manifest import (
    COMMITS,
    DataFile,
    Manifest,
    NewerFormat,
    decode_manifest,
    files_of,
    is_sealed,
    manifest_path,
    versions,
)
from transforms.write.store import Root, Store, open_store

_RUN = re.compile(rb'"run_id": *"([\w.-]{1,80})"')


@record
class Vouched:
    """What the manifests say is the data set, as far as they can be read."""

    version: int
    """The newest there is a trace of."""
    files: tuple[DataFile, ...]
    memory: tuple[DataFile, ...]
    doubted: frozenset[str]
    """Paths of those among them that a damaged manifest names: they are believed if their hash is right."""
    findings: tuple[Finding, ...]


def check_manifests(root: Root) -> Vouched:
    """Read the manifests from the newest to the one that lists all files, and check hash, version and chain of each.

    UserError if there is no data set, or if a newer icewire wrote it.
    """
    store = open_store(root)
    numbers = versions(root)
    if not numbers:
        left = [path for folder in ("data", "captures", COMMITS) for path in store.list(folder)]
        if not left:
            raise UserError(f"{root}: no data set here; make one with: icewire ingest --feeds FILE --data {root}")
        told = f"there is no manifest, so that no file can be vouched for: {name_some(left)}"
        lost = Finding(path=COMMITS, problem="missing", touches=told)
        return Vouched(version=0, files=(), memory=(), doubted=frozenset(), findings=(lost,))
    findings: list[Finding] = []
    read: dict[int, Manifest] = {}
    guessed: set[int] = set()
    chained: str | None = None
    for version in range(numbers[0], 0, -1):
        manifest, finding = _read(store, version)
        if finding:
            findings.append(finding)
            guessed.add(version)
        elif chained and manifest and manifest.sha256 != chained:
            told = f"its hash is {manifest.sha256}, and that of version {version + 1} says {chained}"
            findings.append(_finding(version, f"not the manifest that was there ({told})", manifest.run_id))
            guessed.add(version)
        chained = manifest.before_sha256 if manifest and version not in guessed else None
        if manifest:
            read[version] = manifest
            if manifest.kept is not None:
                break
        if guessed and version <= numbers[-1]:
            break  # a damaged one may have listed all files, so that those before it went
    sure = {file for version, each in read.items() if version not in guessed for file in _named(each)}
    manifests = list(read.values())
    files = files_of(manifests)
    memory = tuple(file for each in manifests[:1] for kept in each.memory.values() for file in kept)
    doubted = frozenset(file.path for file in (*files, *memory) if file not in sure)
    return Vouched(
        version=numbers[0], files=tuple(files), memory=memory, doubted=doubted, findings=tuple(reversed(findings))
    )


def lost_manifest(version: int, run_id: str) -> Finding:
    """The finding of a newest manifest that is gone."""
    return _finding(version, "missing", run_id)


def _read(store: Store, version: int) -> tuple[Manifest | None, Finding | None]:
    """The manifest of a version and what is wrong with it; one that is damaged may still be legible."""
    try:
        content = store.read(manifest_path(version))
    except FileNotFoundError:
        return None, _finding(version, "missing", None)
    except OSError as error:
        return None, _finding(version, f"cannot be read ({error.strerror or error})", None)
    try:
        return decode_manifest(content, version), None
    except ValueError as error:
        if isinstance(error, NewerFormat) and is_sealed(content):
            raise UserError(store.address(manifest_path(version)) + f": {error}") from None
        legible = _decode_anyway(content)
        run = _RUN.search(content)
        run_id = legible.run_id if legible else run[1].decode() if run else None
        problem = f"damaged ({error})" if content else "empty (0 bytes)"
        return legible, _finding(version, problem, run_id)


def _decode_anyway(content: bytes) -> Manifest | None:
    try:
        return msgspec.json.decode(content, type=Manifest)
    except ValueError:
        return None


def _named(manifest: Manifest) -> Sequence[DataFile]:
    return (*manifest.new_files, *(manifest.kept or ()))


def _finding(version: int, problem: str, run_id: str | None) -> Finding:
    told = f"the manifest of version {version}, run {run_id or 'unknown'}"
    return Finding(path=manifest_path(version), problem=problem, touches=told)
