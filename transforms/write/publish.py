"""Put the files of a committed manifest in place; idempotent, since every start does it again for the newest.

New files are moved to their names. Where files replace others, whoever lists a folder must find the old ones or the new
ones: the folder is built anew beside and changes places with the old one in one step. A store that cannot do that shows
both for a moment; there, readers take the names from the manifests.
"""

from pathlib import PurePosixPath

from schemas.errors import UserError
from transforms.write.manifest import STAGING, DataFile, Manifest, live_files, manifest_path, versions
from transforms.write.store import Root, Store, open_store


def publish(root: Root, manifest: Manifest) -> None:
    """Put the files of a committed manifest in place; those already there are left alone.

    Captures go before the tables that point to them, and what they replace goes last, so that no row points nowhere.
    """
    store = open_store(root)
    folders = _folders_replaced(manifest)
    new = {file.path: file for file in manifest.new_files}
    for path in new:
        if _folder(path) not in folders:
            _put(store, root, path, new, manifest)
    live = [file.path for file in live_files(root, manifest.version)] if folders else []
    for folder in sorted(folders):
        _replace_folder(store, root, folder, [path for path in live if _folder(path) == folder], new, manifest)
    for path in manifest.replaced:
        store.remove(path)
    if manifest.kept is not None:
        _forget_versions_before(store, root, manifest.version)


def _folders_replaced(manifest: Manifest) -> set[str]:
    """The tables' folders of which files are replaced; WARC files are found by name only."""
    return {_folder(path) for path in manifest.replaced if path.startswith("data/")}


def _replace_folder(
    store: Store, root: Root, folder: str, paths: list[str], new: dict[str, DataFile], manifest: Manifest
) -> None:
    """Let a table's folder hold these files, and none that the manifest replaces."""
    gone = {path for path in manifest.replaced if _folder(path) == folder}
    there = set(store.list(folder))
    if there & gone and paths and _exchange(store, folder, paths, new, there, manifest.run_id):
        return
    for path in paths:
        _put(store, root, path, new, manifest)
    for path in gone:
        store.remove(path)


def _exchange(
    store: Store, folder: str, paths: list[str], new: dict[str, DataFile], there: set[str], run_id: str
) -> bool:
    beside = f"{STAGING}/{run_id}/beside/{folder}"
    for path in paths:
        source = path if path in there or path not in new else new[path].staged
        if not store.link(source, f"{beside}/{PurePosixPath(path).name}"):
            return False
    return store.exchange(folder, beside)


def _put(store: Store, root: Root, path: str, new: dict[str, DataFile], manifest: Manifest) -> None:
    if path in new and store.exists(new[path].staged):
        store.move(new[path].staged, path)
    elif not store.exists(path):
        raise UserError(f"{root}: {path} of version {manifest.version} is missing; restore it from a copy")


def _forget_versions_before(store: Store, root: Root, version: int) -> None:
    """Remove the manifests that the one of `version` makes needless, the oldest first: what is left always adds up."""
    for number in sorted(versions(root)):
        if number < version:
            store.remove(manifest_path(number))


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)
