"""The manifests: what is the data set, version by version. A file that no manifest names is not part of it.

A manifest tells what its run added, and what it replaced. Now and then one lists all files (`kept`), so that those
before it need not be read any more, and may go.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import msgspec

from schemas.errors import UserError
from schemas.records import record
from transforms.write.store import Root, open_store

FORMAT = 2
"""Layout version of the data set; a higher one was written by a newer icewire. Since 2 manifests replace files."""

COMMITS = "_commits"
STAGING = "_staging"

_BLANK = "0" * 64


@record
class DataFile:
    """One committed file: where it is, what it holds, and where it was staged (all relative to the data set)."""

    path: str
    staged: str
    kind: str
    """A table's name, "warc", or "memory/<name>"."""
    rows: int
    bytes: int
    sha256: str
    schema_sha256: str | None = None


@record
class Manifest:
    """One version of the data set: what its run added and replaced, and the memory as it stood then."""

    sha256: str = _BLANK
    """Hash of the manifest itself, with zeros in this place: a changed bit is found without another file."""
    format: int = FORMAT
    version: int
    run_id: str
    committed_at: datetime
    before_sha256: str | None = None
    """The hash of the manifest before, so that the newest one vouches for all."""
    added: tuple[DataFile, ...]
    replaced: tuple[str, ...] = ()
    """Paths of files that are no longer part of the data set: others among `added` hold what is left of them."""
    kept: tuple[DataFile, ...] | None = None
    """All files of earlier versions that are still part of the data set, where this manifest lists them."""
    memory: dict[str, tuple[DataFile, ...]]
    """Memory files by name, oldest first; of rows with equal keys the newest counts."""

    @property
    def new_files(self) -> tuple[DataFile, ...]:
        """Every file that publishing this manifest must put in place."""
        return self.added + tuple(file for files in self.memory.values() for file in files)


def manifest_path(version: int) -> str:
    """Where the manifest of a version is, relative to the data set."""
    return f"{COMMITS}/{version:08d}.json"


def versions(root: Root) -> list[int]:
    """Numbers of the manifests there are, newest first; other files in their folder are none of ours."""
    names = (path.rpartition("/")[2] for path in open_store(root).list(COMMITS) if path.endswith(".json"))
    return sorted((int(name[:-5]) for name in names if name[:-5].isdecimal()), reverse=True)


def newest_version(root: Root) -> int:
    """Number of the newest manifest, 0 for a data set that has none yet."""
    return next(iter(versions(root)), 0)


def read_manifest(root: Root, version: int) -> Manifest:
    """The manifest of a version; UserError if it is missing, damaged or of a newer format."""
    path = manifest_path(version)
    try:
        content = open_store(root).read(path)
    except FileNotFoundError:
        raise UserError(_no_version(root, version)) from None
    try:
        return decode_manifest(content, version)
    except NewerFormat as newer:
        raise UserError(f"{root}: {newer}") from None
    except ValueError as error:
        address = open_store(root).address(path)
        raise UserError(
            f"{address}: damaged manifest ({error}); restore this file from a copy of the data set"
        ) from None


def read_manifests(root: Root, version: int) -> Iterator[Manifest]:
    """The manifests that together say what a version is, newest first, back to one that lists all files."""
    while True:
        manifest = read_manifest(root, version)
        yield manifest
        if manifest.kept is not None or version == 1:
            return
        version -= 1


def files_of(manifests: list[Manifest]) -> list[DataFile]:
    """The files that are the data set after these manifests (`read_manifests`), oldest first, without memory."""
    live: dict[str, DataFile] = {}
    for manifest in reversed(manifests):
        for path in manifest.replaced:
            live.pop(path, None)
        live |= {file.path: file for file in (*(manifest.kept or ()), *manifest.added)}
    return list(live.values())


def live_files(root: Root, version: int) -> list[DataFile]:
    """The files that are the data set at a version, oldest first, without memory."""
    return files_of(list(read_manifests(root, version)))


def seal(manifest: Manifest) -> Manifest:
    """The manifest with its own hash."""
    return replace(manifest, sha256=hashlib.sha256(_written(replace(manifest, sha256=_BLANK))).hexdigest())


def encode_manifest(manifest: Manifest) -> bytes:
    """The content of a sealed manifest's file: readable JSON."""
    return _written(manifest)


def decode_manifest(content: bytes, version: int) -> Manifest:
    """The manifest of a version from its file; ValueError if it is not what was written."""
    told = msgspec.json.decode(content, type=_Told)  # its errors are ValueErrors
    if told.format > FORMAT:
        raise NewerFormat(f"the data set has format {told.format}, this icewire knows up to {FORMAT}; upgrade icewire")
    manifest = msgspec.json.decode(content, type=Manifest)
    if manifest.version != version:
        raise ValueError(f"it is that of version {manifest.version}")
    if manifest.format != 1 and not is_sealed(content):  # manifests of format 1 had no hash
        raise ValueError("its hash is not that of its content")
    return manifest


def is_sealed(content: bytes) -> bool:
    """Whether a manifest's file holds what its own hash says, in this format or a later one."""
    try:
        told = msgspec.json.decode(content, type=_Told)
    except ValueError:
        return False
    unsealed = content.replace(told.sha256.encode(), _BLANK.encode(), 1)
    return hashlib.sha256(unsealed).hexdigest() == told.sha256


def _written(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def _no_version(root: Root, version: int) -> str:
    numbers = versions(root)
    newest = numbers[0] if numbers else 0
    if numbers and 0 < version < numbers[-1]:
        return (
            f"{root}: version {version} was merged into version {numbers[-1]}; select its rows by the runs"
            f" with data_version <= {version}"
        )
    return f"{root}: the data set has no version {version}; its newest is {newest}"


class NewerFormat(ValueError):
    """A newer icewire wrote the manifest; the message says what to do."""


class _Told(msgspec.Struct):
    format: int
    sha256: str = _BLANK
