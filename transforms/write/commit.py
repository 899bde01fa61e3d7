"""The commit: one file made only if absent makes all tables and the memory of a run part of the data set, or none.

Order (each step may be the last before a crash): stage and sync files, make the manifest (the commit), put the files in
place. Every start does the last step again and removes what no manifest names, so a crash at any point leaves a data
set that is whole after the next start, and a manifest reader never sees anything else.
"""

from dataclasses import replace

from schemas.arrow import from_arrow
from schemas.errors import UserError
from schemas.records import Run
from transforms.write.manifest import (
    STAGING,
    Manifest,
    encode_manifest,
    live_files,
    manifest_path,
    newest_version,
    read_manifest,
    seal,
)
from transforms.write.parquet import read_arrow
from transforms.write.publish import publish
from transforms.write.staging import staging_path
from transforms.write.store import Root, open_store


class CommitConflict(UserError):
    """Another run committed since this one read the data set; nothing of this run was written."""


def commit(root: Root, manifest: Manifest) -> Manifest:
    """Make a manifest the data set's next version and put its files in place; a repeated call changes nothing.

    Raises CommitConflict if another run has taken the version.
    """
    store = open_store(root)
    before = read_manifest(root, manifest.version - 1).sha256 if manifest.version > 1 else None
    manifest = seal(replace(manifest, before_sha256=before))
    path = manifest_path(manifest.version)
    try:
        is_made = store.create(path, encode_manifest(manifest), staged=staging_path(manifest.run_id, path))
    except OSError as error:
        if _is_ours(root, manifest):  # it has its name, and only what comes after failed
            raise _not_in_place(root, manifest, error) from None
        raise
    if not is_made:
        winner = read_manifest(root, manifest.version)
        if winner.run_id != manifest.run_id:
            raise CommitConflict(
                f"{root}: run {winner.run_id} took version {manifest.version} first; nothing was written, run again"
            )
        manifest = winner  # our own commit, whose success we did not live to see
    try:
        publish(root, manifest)
    except OSError as error:
        raise _not_in_place(root, manifest, error) from None
    store.remove_folder(f"{STAGING}/{manifest.run_id}")
    return manifest


def _is_ours(root: Root, manifest: Manifest) -> bool:
    try:
        return read_manifest(root, manifest.version).run_id == manifest.run_id
    except (UserError, OSError):
        return False


def _not_in_place(root: Root, manifest: Manifest, error: OSError) -> UserError:
    return UserError(
        f"{root}: version {manifest.version} is committed, but not all of its files could be put in place"
        f" ({error.strerror or error}); mend that, and the next run does it"
    )


def committed_run(root: Root, run_id: str) -> Run | None:
    """The run of that id, if it is part of the data set; None if it is not."""
    import pyarrow.dataset as ds

    version = newest_version(root)
    for file in live_files(root, version) if version else ():
        if file.kind == "runs":
            for run in from_arrow(Run, read_arrow(root, file.path, where=ds.field("run_id") == run_id)):
                return run
    return None
