"""A process in which one extractor reads pages without a network, timed, and ended when a page costs too much."""

import logging
import os
import resource
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.extract.offline import Offline
from bench.extract.pages import newsroom_pages
from bench.extract.readers import Answer, Reader
from schemas.errors import UserError
from schemas.records import record
from transforms.fresh_process import FreshContext
from transforms.limits import prepare_process

MEMORY_BYTES = 8_000_000_000
"""Address space that an extractor's process may have."""

LOOK_S = 0.25
"""How often it is looked what a page under way has cost. No timer in the process: while one on CPU time is set, Linux
advances the process's CPU clock only with its ticks, some milliseconds apart."""

START_S = 120.0
"""Seconds in which an extractor's process must be ready."""

MET_THE_LIMIT = "took too long, and was ended"
"""The failure of an extractor that met its limit."""

PATIENCE = 10
"""Seconds to wait for an answer, for each CPU second a page may cost: one that sleeps must not end the run."""


@record
class Reading:
    """One page read by one extractor: its answer, its CPU seconds, and in a line what went wrong.

    One that was ended, or died, is charged what it had spent by then; `attempts` to use a network were refused;
    the first reading counts those of loading, too.
    """

    answer: Answer
    cpu_s: float
    failure: str | None = None
    attempts: int = 0


class ReaderProcess:
    """Reads pages in a process of its own, which starts with the first page, and anew after one it did not survive.

    `open_reader` stands at the top of a module. A process reads the newsroom first, so that what is loaded once, as
    models and the names of months in many languages are, does not count; then a page may cost `cpu_s` CPU seconds.
    """

    def __init__(self, open_reader: Callable[[], Reader], cpu_s: float) -> None:
        self._open_reader = open_reader
        self._cpu_s = cpu_s
        self._process: Any = None

    def read(self, content: bytes, url: str) -> Reading:
        """The reading of a page. Raises UserError if the extractor cannot be loaded."""
        if self._process is None:
            self._start()
        return self._ask(content, url)

    def end(self) -> int | None:
        """End the process; its exit status, negative for a signal."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        process.join()
        self._pages.close()
        self._readings.close()
        status: int | None = process.exitcode
        return status

    def _start(self) -> None:
        context = FreshContext()
        pages, self._pages = context.Pipe(duplex=False)
        self._readings, readings = context.Pipe(duplex=False)
        self._process = context.Process(target=_serve, args=(self._open_reader, pages, readings))
        self._process.start()
        pages.close()
        readings.close()
        try:
            failure = self._readings.recv() if self._readings.poll(START_S) else "it does not start"
        except EOFError:
            failure = "it ended at once"
        if failure:
            self.end()
            remedy = "install its library anew, or leave it out (--only)"
            raise UserError(f"{self._open_reader.__name__}: {failure}; {remedy}")

    def _ask(self, content: bytes, url: str) -> Reading:
        before = spent = self._cpu_spent()
        looks = 0
        try:
            self._pages.send((content, url))
            while not self._readings.poll(LOOK_S):
                spent = self._cpu_spent()
                looks += 1
                if spent - before > self._cpu_s or looks * LOOK_S > self._cpu_s * PATIENCE:
                    self.end()
                    return Reading(answer={}, cpu_s=spent - before, failure=MET_THE_LIMIT)
            reading: Reading = self._readings.recv()
        except (EOFError, OSError):
            self._process.join(1.0)  # it hung up: its status says why
            return Reading(answer={}, cpu_s=spent - before, failure=f"died with status {self.end()}")
        return reading

    def _cpu_spent(self) -> float:
        """The CPU seconds of the process so far, as proc(5) tells them: to a hundredth."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii", errors="replace")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _serve(open_reader: Callable[[], Reader], pages: Connection, readings: Connection) -> None:
    prepare_process()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    offline = Offline()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        reader = open_reader()
    except Exception as error:
        readings.send(_tell(error))
        return
    for page in newsroom_pages():
        _read_timed(reader, page.read(), page.url)
    readings.send(None)
    while True:
        try:
            content, url = pages.recv()
        except EOFError:
            return
        answer, cpu_s, failure = _read_timed(reader, content, url)
        readings.send(Reading(answer=answer, cpu_s=cpu_s, failure=failure, attempts=offline.forget_attempts()))


def _read_timed(reader: Reader, content: bytes, url: str) -> tuple[Answer, float, str | None]:
    started = time.process_time()
    try:
        answer, failure = reader(content, url), None
    except Exception as error:
        answer, failure = {}, _tell(error)
    return answer, time.process_time() - started, failure


def _tell(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
