"""The manifests: what is the data set, version by version. A file that no manifest names is not part of it."""

from datetime import datetime
from pathlib import Path

import msgspec

from schemas.errors import UserError
from schemas.records import record

FORMAT = 1
"""Layout version of the data set; a higher one was written by a newer icewire."""

COMMITS = "_commits"
STAGING = "_staging"


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
    """One version of the data set: what its run added, and the memory as it stood then."""

    format: int = FORMAT
    version: int
    run_id: str
    committed_at: datetime
    added: tuple[DataFile, ...]
    memory: dict[str, tuple[DataFile, ...]]
    """Memory files by name, oldest first; of rows with equal keys the newest counts."""

    @property
    def new_files(self) -> tuple[DataFile, ...]:
        """Every file that publishing this manifest must put in place."""
        return self.added + tuple(file for files in self.memory.values() for file in files)


def manifest_path(root: Path, version: int) -> Path:
    """Where the manifest of a version is."""
    return root / COMMITS / f"{version:08d}.json"


def versions(root: Path) -> list[int]:
    """Numbers of the manifests there are, newest first; other files in their folder are none of ours."""
    paths = (root / COMMITS).glob("*.json")
    return sorted((int(path.stem) for path in paths if path.stem.isdecimal()), reverse=True)


def newest_version(root: Path) -> int:
    """Number of the newest manifest, 0 for a data set that has none yet."""
    return next(iter(versions(root)), 0)


def read_manifest(root: Path, version: int) -> Manifest:
    """The manifest of a version; UserError if it is missing, damaged or of a newer format."""
    path = manifest_path(root, version)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"{root}: the data set has no version {version}; its newest is {newest_version(root)}"
        ) from None
    try:
        format_number = msgspec.json.decode(content, type=_FormatOnly).format
    except msgspec.DecodeError as error:
        raise UserError(f"{path}: damaged manifest ({error}); restore this file from a copy of the data set") from None
    if format_number > FORMAT:
        raise UserError(
            f"{root}: the data set has format {format_number}, this icewire knows up to {FORMAT}; upgrade icewire"
        )
    try:
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise UserError(f"{path}: damaged manifest ({error}); restore this file from a copy of the data set") from None


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest's file content: readable JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


class _FormatOnly(msgspec.Struct):
    format: int
