"""A way to start processes that know nothing of this one: no fork of its threads, no second run of its main module.

`multiprocessing` spawns a child that first imports the parent's `__main__`. In a worker of Beam that is Beam itself:
seconds and hundreds of megabytes for a child that needs neither.
"""

import fcntl
import io
import os
import signal
import sys
from multiprocessing import popen_spawn_posix, reduction, spawn, util
from multiprocessing.context import SpawnContext, SpawnProcess, set_spawning_popen
from typing import Any

PIPE_BYTES = 65_536
"""What a pipe holds on Linux unless told otherwise, pipe(7); some thousand bytes are needed."""


class _FreshPopen(popen_spawn_posix.Popen):
    """Tells the child everything that spawning tells it, except which main module to load and who tracks semaphores."""

    _fds: list[int]

    def _launch(self, process: Any) -> None:
        told = io.BytesIO()
        set_spawning_popen(self)
        try:
            everything = spawn.get_preparation_data(process.name)
            reduction.dump({key: everything[key] for key in everything if not key.startswith("init_main")}, told)
            reduction.dump(process, told)
        finally:
            set_spawning_popen(None)
        self.sentinel, child_writes = os.pipe()
        child_reads, parent_writes = os.pipe()
        # The child takes the end of this pipe as the end of its parent, so it stays open as long as this object lives.
        self.finalizer = util.Finalize(self, _close, (self.sentinel, parent_writes))
        # Told before it starts: a child whose parent is killed meanwhile would complain that it was told nothing.
        fcntl.fcntl(parent_writes, fcntl.F_SETPIPE_SZ, max(PIPE_BYTES, len(told.getbuffer())))
        with open(parent_writes, "wb", closefd=False) as pipe:
            pipe.write(told.getbuffer())
        command = spawn.get_command_line(pipe_handle=child_reads)
        # Ctrl-C goes to every process of the terminal; a child that is just starting would answer with a traceback.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.pid = util.spawnv_passfds(
                os.fsencode(sys.executable), command, [*self._fds, child_reads, child_writes]
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            _close(child_reads, child_writes)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class _FreshProcess(SpawnProcess):
    def start(self) -> None:
        self.daemon = True  # ended with this process, even where that is itself a child of multiprocessing
        super().start()

    @staticmethod
    def _Popen(process: Any) -> _FreshPopen:
        return _FreshPopen(process)


class FreshContext(SpawnContext):
    """A context of `multiprocessing` whose processes are daemons that start from their own interpreter."""

    Process = _FreshProcess
