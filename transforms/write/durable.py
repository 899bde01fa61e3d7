"""Files that survive a crash: written whole, synced, and made visible by one rename or link."""

import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Write a whole file and sync it and its folder; the folder is made if absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that names made or moved in it survive."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_durably(source: Path, target: Path) -> None:
    """Rename a file to its final place, replacing what is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    sync_folder(target.parent)


def link_if_absent(source: Path, target: Path) -> bool:
    """Give a whole file its final name only if no other has it: the one atomic step of a commit."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    sync_folder(target.parent)
    return True
