"""What verbs that keep a data set in order share: they hold it, change it in one commit, and leave a row in `runs`."""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pipelines.clock import Clock
from pipelines.options import VERSION, check_data
from schemas.errors import UserError
from schemas.records import Run, record
from transforms.write.finish import finish_run
from transforms.write.hold import hold_data_set
from transforms.write.manifest import DataFile, Manifest, files_of, newest_version, read_manifests
from transforms.write.store import Root, absolute


@record
class Upkeep:
    """A data set held for one change: as it stands, and what its files are."""

    root: Root
    run: Run
    newest: Manifest
    files: tuple[DataFile, ...]

    @property
    def day(self) -> str:
        """The UTC day on which the run began."""
        return f"{self.run.started_at:%Y-%m-%d}"

    def finish(
        self,
        *,
        files: Iterable[DataFile],
        counts: Mapping[str, int],
        clock: Callable[[], datetime],
        replaced: Iterable[str] = (),
        lists_all: bool = False,
        memory: Mapping[str, tuple[DataFile, ...]] | None = None,
        memory_rows: Mapping[str, Any] | None = None,
    ) -> Run:
        """Commit the change; `lists_all` lets the manifest list all files, so that those before it can go."""
        gone = set(replaced)
        return finish_run(
            self.root,
            self.run,
            day=self.day,
            files=files,
            counts=counts.items(),
            memory_before=self.newest.memory if memory is None else memory,
            memory_rows=memory_rows or {},
            finished_at=clock(),
            replaced=gone,
            kept=[file for file in self.files if file.path not in gone] if lists_all else None,
        )


@contextmanager
def keep_up(data: Root, verb: str, *, options: Mapping[str, Any], clock: Clock, wait_s: float) -> Iterator[Upkeep]:
    """Hold a data set for one change; UserError if there is none, or if another holds it for longer than `wait_s`."""
    check_data(data)
    root = absolute(data)
    now = clock()
    run_id = f"{now:%Y%m%dT%H%M%SZ}-{verb}-{secrets.token_hex(3)}"
    if not newest_version(root):
        raise UserError(f"{data}: no data set here; make one with: icewire ingest --feeds FILE --data {data}")
    with hold_data_set(root, run_id, wait_s=wait_s) as version:
        manifests = list(read_manifests(root, version))
        run = Run(
            run_id=run_id,
            verb=verb,
            started_at=now,
            finished_at=now,
            runner="none",
            options=json.dumps(dict(options), sort_keys=True),
            versions=json.dumps({"icewire": VERSION}),
            data_version=version + 1,
            counts=(),
            data_missing=False,
        )
        yield Upkeep(root=root, run=run, newest=manifests[0], files=tuple(files_of(manifests)))
