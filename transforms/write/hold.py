"""Hold the data set for one writer, and put it in order before anything is written."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event

from schemas.errors import UserError
from transforms.write.manifest import STAGING, newest_version, read_manifest
from transforms.write.memory import MEMORY
from transforms.write.publish import publish
from transforms.write.store import Held, Root, open_store

PAUSE_S = 1.0
"""Between two tries to get hold of a data set."""


@contextmanager
def hold_data_set(root: Root, run_id: str, *, wait_s: float = 0.0) -> Iterator[int]:
    """Hold the data set, finish what a killed run had committed, sweep what it had not, and give the newest version.

    Raises UserError if the place cannot be written, is held by another run for longer than `wait_s`, or was made by a
    newer icewire.
    """
    with ExitStack() as stack:
        _hold(root, run_id, wait_s, stack)
        version = newest_version(root)
        if version:
            publish(root, read_manifest(root, version))
        sweep(root)
        yield version


def sweep(root: Root) -> None:
    """Remove what no manifest names: staging of runs that ended, and memory that a newer version replaced."""
    store = open_store(root)
    store.sweep(STAGING)
    there = store.list(MEMORY)
    version = newest_version(root)  # read after the list, so that it names what a run put there that lost its lease
    named = {file.path for file in read_manifest(root, version).new_files} if version else set()
    for path in there:
        if path not in named:
            store.remove(path)


def _hold(root: Root, run_id: str, wait_s: float, stack: ExitStack) -> None:
    while True:
        try:
            stack.enter_context(open_store(root).hold(f"run {run_id}"))
            return
        except Held as held:
            if wait_s <= 0:
                raise UserError(f"{root}: the data set is held by {held}; wait for it to end, then run again") from None
        except OSError as error:
            raise UserError(
                f"{root}: cannot write the data folder ({error.strerror or error}); choose another --data"
            ) from None
        Event().wait(PAUSE_S)
        wait_s -= PAUSE_S
