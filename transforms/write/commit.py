"""The commit: one hard link makes all tables and the memory of a run part of the data set, or none of them.

Order (each step may be the last before a crash): stage and sync files, link the manifest (the commit), rename the files
into place. Every start rolls the newest manifest forward and removes what no manifest names, so a crash at any point
leaves a data set that is whole after the next start, and a manifest reader never sees anything else.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import UserError
from transforms.write.durable import link_if_absent, move_durably, write_durably
from transforms.write.manifest import (
    STAGING,
    Manifest,
    encode_manifest,
    manifest_path,
    newest_version,
    read_manifest,
    versions,
)
from transforms.write.memory import MEMORY


class CommitConflict(UserError):
    """Another run committed since this one read the data set; nothing of this run was written."""


@contextmanager
def hold_data_set(root: Path, run_id: str) -> Iterator[int]:
    """Hold the data set for one writer, put it in order, and give its newest version.

    The hold is an advisory lock that the kernel drops with the process, so a killed run never locks anybody out.
    Raises UserError if the folder cannot be written, is held by another run, or was made by a newer icewire.
    """
    lock_path = root / "_lock"
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = lock_path.open("a+")
    except OSError as error:
        raise UserError(f"{root}: cannot write the data folder ({error.strerror}); choose another --data") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another run"
            raise UserError(f"{root}: the data set is held by {holder}; wait for it to end, then run again") from None
        version = newest_version(root)
        newest = read_manifest(root, version) if version else None
        lock.truncate(0)
        lock.write(f"run {run_id}")
        lock.flush()
        if newest:
            publish(root, newest)
        sweep(root, newest)
        yield version


def commit(root: Path, manifest: Manifest) -> Manifest:
    """Make a manifest the data set's next version and publish its files; a repeated call changes nothing.

    Raises CommitConflict if another run has taken the version.
    """
    staged = root / STAGING / manifest.run_id / f"manifest-{manifest.version:08d}.json"
    write_durably(staged, encode_manifest(manifest))
    if not link_if_absent(staged, manifest_path(root, manifest.version)):
        winner = read_manifest(root, manifest.version)
        if winner.run_id != manifest.run_id:
            raise CommitConflict(
                f"{root}: run {winner.run_id} took version {manifest.version} first; nothing was written, run again"
            )
        manifest = winner  # our own commit, whose success we did not live to see
    try:
        publish(root, manifest)
    except OSError as error:
        raise UserError(
            f"{root}: version {manifest.version} is committed, but not all of its files could be put in place"
            f" ({error.strerror or error}); mend that, and the next run does it"
        ) from None
    shutil.rmtree(root / STAGING / manifest.run_id, ignore_errors=True)
    return manifest


def publish(root: Path, manifest: Manifest) -> None:
    """Rename the files of a committed manifest into place; those already there are left alone."""
    for file in manifest.new_files:
        staged, final = root / file.staged, root / file.path
        if staged.exists():
            move_durably(staged, final)
        elif not final.exists():
            raise UserError(f"{root}: {file.path} of version {manifest.version} is missing; restore it from a copy")


def sweep(root: Path, newest: Manifest | None) -> None:
    """Remove what no manifest names: staging of runs that ended, and memory that a newer version replaced."""
    shutil.rmtree(root / STAGING, ignore_errors=True)
    named = {root / file.path for file in newest.new_files} if newest else set()
    for path in (root / MEMORY).rglob("*.parquet"):
        if path not in named:
            path.unlink()


def committed_version(root: Path, run_id: str) -> int | None:
    """The version that a run committed, or None."""
    return next((version for version in versions(root) if read_manifest(root, version).run_id == run_id), None)
