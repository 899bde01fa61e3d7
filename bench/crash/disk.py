"""Disks that are really full, out of inodes, or read-only: a small tmpfs, mounted for each trial."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.crash.child import Outcome, draw, run_verb
from bench.crash.hook import Fault
from bench.crash.operations import Operation
from bench.crash.oracle import Folder, judge, judge_words, read_state
from bench.crash.tally import Tally

MORE_KB, MORE_INODES = 900, 200
"""So much more than what it starts from is enough for every verb, or nearly."""

ROOM = "64m"
"""What a tmpfs is made to be once the fault is over."""

FULL, NO_INODES, READ_ONLY = "a full disk", "no inodes left", "a read-only disk"


class NoMount(Exception):
    """Nothing can be mounted here; the message says why."""


def fill_disks(operations: Sequence[Operation], work: Path, trials: int, seed: int, tally: Tally) -> None:
    """Run each verb on disks of so many sizes, of so many inodes, and on a read-only one."""
    mountpoint = work / "disk"
    mountpoint.mkdir()
    try:
        for operation in operations:
            kb, inodes = _measure(operation, mountpoint)
            chance = draw(seed, operation.name, "disk")
            for _ in range(trials):
                _try_full(operation, mountpoint, f"size={kb + 4 + chance.randrange(MORE_KB)}k", FULL, tally)
                _try_full(
                    operation, mountpoint, f"nr_inodes={inodes + 2 + chance.randrange(MORE_INODES)}", NO_INODES, tally
                )
            _try_read_only(operation, mountpoint, tally)
    except NoMount as reason:
        tally.skip(f"{FULL}, {NO_INODES}, {READ_ONLY}", f"{reason}; run it as root")


def _measure(operation: Operation, mountpoint: Path) -> tuple[int, int]:
    """KiB and inodes that what the verb starts from takes."""
    with _mounted(mountpoint, f"size={ROOM}"):
        operation.copy_to(mountpoint / "data")
        told = os.statvfs(mountpoint)
        return (told.f_blocks - told.f_bfree) * told.f_frsize // 1024, told.f_files - told.f_ffree


def _try_full(operation: Operation, mountpoint: Path, limit: str, name: str, tally: Tally) -> None:
    with _mounted(mountpoint, limit):
        root = mountpoint / "data"
        operation.copy_to(root)
        argv = operation.argv(root)
        outcome = run_verb(argv, root)
        _mount("-o", f"remount,size={ROOM},nr_inodes=100k", str(mountpoint))
        fault = Fault(kind="ENOSPC") if outcome.status else None
        problems = judge(Folder(root, operation.shown), argv, operation.before, operation.after, outcome, fault)
        tally.add(name, operation.name, problems, at=f"{limit}: {_told(outcome)}", again="--only disk")


def _try_read_only(operation: Operation, mountpoint: Path, tally: Tally) -> None:
    with _mounted(mountpoint, f"size={ROOM}"):
        root = mountpoint / "data"
        operation.copy_to(root)
        argv = operation.argv(root)
        _mount("-o", "remount,ro", str(mountpoint))
        outcome = run_verb(argv, root)
        changes, is_done = operation.before != operation.after, read_state(root) == operation.after
        problems = list(judge_words(outcome, is_done=is_done, changes=changes))
        _mount("-o", "remount,rw", str(mountpoint))
        problems += judge(Folder(root, operation.shown), argv, operation.before, operation.after, outcome)
        tally.add(READ_ONLY, operation.name, problems, at=_told(outcome), again="--only disk")


def _told(outcome: Outcome) -> str:
    return f"status {outcome.status}, {outcome.last}"


@contextmanager
def _mounted(mountpoint: Path, limit: str) -> Iterator[None]:
    _mount("-t", "tmpfs", "-o", limit, "tmpfs", str(mountpoint))
    try:
        yield
    finally:
        subprocess.run(["umount", str(mountpoint)], check=True)


def _mount(*argv: str) -> None:
    try:
        subprocess.run(["mount", *argv], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise NoMount("there is no command mount") from None
    except subprocess.CalledProcessError as error:
        raise NoMount(error.stderr.strip()) from None
