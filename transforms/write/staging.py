"""Stage files: written whole and durable where nobody takes them for part of the data set."""

import hashlib
import os
from collections.abc import Callable
from typing import Any, BinaryIO, cast
from uuid import uuid4

from transforms.write.manifest import STAGING, DataFile
from transforms.write.store import Root, open_store


def stage_file(root: Root, write: Callable[[BinaryIO], int], *, path: str, kind: str, run_id: str) -> DataFile:
    """Stage the file that `write` fills, giving its rows (or records), to be published at `path`."""
    staged = staging_path(run_id, path)
    with open_store(root).writing(staged) as file:
        rows = write(file)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        digest = hashlib.file_digest(cast(Any, file), "sha256")  # of what was written, not of what was meant
    return DataFile(path=path, staged=staged, kind=kind, rows=rows, bytes=size, sha256=digest.hexdigest())


def staging_path(run_id: str, path: str) -> str:
    """A staging place of its own for one attempt at a file: a retried bundle never touches another attempt's bytes."""
    return f"{STAGING}/{run_id}/{uuid4().hex}/{path}"
