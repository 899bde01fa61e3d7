"""Guarded processes: whatever a call does to its process, its caller hears of it, and the next call works."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest

from tests import hostile_calls
from transforms.guarded import GuardedCaller
from transforms.guarded_process import GuardedProcess
from transforms.limits import LimitError, Limits

ROOT = Path(__file__).parent.parent
SMALL = Limits(cpu_s=1, idle_s=20, memory_bytes=200_000_000)
HASTY = Limits(cpu_s=10, idle_s=0.8, memory_bytes=200_000_000)
LARGE = Limits(cpu_s=5, idle_s=20, memory_bytes=1_000_000_000)


@pytest.fixture
def guard() -> Iterator[GuardedCaller]:
    caller = GuardedCaller()
    yield caller
    caller.close()


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that ended and waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends_soon(pid: int) -> bool:
    """Whether a process ends within 10 s."""
    script = f"while kill -0 {pid} 2>/dev/null && ! grep -q '^State:.Z' /proc/{pid}/status; do sleep 0.05; done"
    return subprocess.run(["timeout", "10", "sh", "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("function", "arguments", "limits", "kind", "detail"),
    [
        (hostile_calls.burn, (), SMALL, "cpu", "it took more than 1 s of CPU time"),
        (hostile_calls.allocate, (), SMALL, "memory", "it took more than 200,000,000 bytes of memory"),
        (hostile_calls.hoard, (), SMALL, "memory", "it took more than 200,000,000 bytes of memory"),
        (hostile_calls.sleep, (60,), HASTY, "time", "it did nothing for 0.8 s"),
        (hostile_calls.leave, (3,), SMALL, "died", "it ended the process with exit status 3"),
        (hostile_calls.leave, (0,), SMALL, "died", "it ended the process with exit status 0"),
        (hostile_calls.segfault, (), SMALL, "died", "it ended the process with signal 11"),
        (hostile_calls.quit_interpreter, (), SMALL, "died", "it ended the process with exit status 1"),
    ],
)
def test_a_call_that_costs_its_process_is_told_and_the_next_one_works(
    guard: GuardedCaller, function: Any, arguments: tuple[Any, ...], limits: Limits, kind: str, detail: str
) -> None:
    before = guard.submit(SMALL, os.getpid).result()
    waiting_behind = [guard.submit(limits, function, *arguments), guard.submit(SMALL, os.getpid)]
    with pytest.raises(LimitError) as met:
        waiting_behind[0].result()
    assert (met.value.kind, met.value.detail) == (kind, detail)
    assert waiting_behind[1].result() != before
    assert not is_alive(before)


@pytest.mark.parametrize(
    ("function", "arguments", "error"),
    [
        (hostile_calls.complain, ("no such entry",), LookupError),
        (hostile_calls.unpicklable, (), TypeError),
        (len, (1,), TypeError),
    ],
)
def test_what_a_function_raises_is_raised_here_and_its_process_stays(
    guard: GuardedCaller, function: Any, arguments: tuple[Any, ...], error: type[BaseException]
) -> None:
    before = guard.submit(SMALL, os.getpid).result()
    with pytest.raises(error):
        guard.submit(SMALL, function, *arguments).result()
    assert guard.submit(SMALL, os.getpid).result() == before


def test_arguments_that_cannot_be_sent_are_told(guard: GuardedCaller) -> None:
    with pytest.raises((AttributeError, TypeError)):
        guard.submit(SMALL, len, lambda: None).result()  # type: ignore[arg-type]
    assert guard.submit(SMALL, len, "abc").result() == 3


def test_a_process_that_was_killed_while_idle_costs_no_call(guard: GuardedCaller) -> None:
    for _ in range(5):
        os.kill(guard.submit(SMALL, os.getpid).result(), signal.SIGKILL)
        assert guard.submit(SMALL, len, "abc").result() == 3


def test_neighbours_in_flight_are_not_affected() -> None:
    guard = GuardedCaller(processes=2)
    try:
        harm = [hostile_calls.segfault, hostile_calls.allocate, hostile_calls.burn]
        sound = [guard.submit(SMALL, hostile_calls.sleep, 0.5)]
        ends = [guard.submit(SMALL, each) for each in harm]
        sound += [guard.submit(SMALL, hostile_calls.sleep, 0.01) for _ in range(3)]
        assert [one.result() for one in sound] == [0.5, 0.01, 0.01, 0.01]
        assert [type(one.exception()) for one in ends] == [LimitError] * 3
    finally:
        guard.close()


def test_cpu_is_counted_for_each_call_alone(guard: GuardedCaller) -> None:
    pids = {guard.submit(SMALL, hostile_calls.spend, 0.4).result() for _ in range(6)}
    assert len(pids) == 1


def test_the_event_loop_goes_on_meanwhile(guard: GuardedCaller) -> None:
    async def tick(ticks: list[int]) -> None:
        for number in range(20):
            await asyncio.sleep(0)
            ticks.append(number)

    async def both() -> list[int]:
        ticks: list[int] = []
        call = asyncio.create_task(guard.call_guarded(SMALL, hostile_calls.sleep, 0.5))
        await tick(ticks)
        assert not call.done()
        assert await call == 0.5
        return ticks

    assert len(asyncio.run(both())) == 20


def test_closing_ends_the_process_and_cancels_what_was_under_way(guard: GuardedCaller) -> None:
    pid = guard.submit(SMALL, os.getpid).result()
    calls = [guard.submit(SMALL, hostile_calls.sleep, 60) for _ in range(2)]
    while not calls[0].running():
        pass
    guard.close()
    assert not is_alive(pid)
    for call in calls:
        with pytest.raises(CancelledError):
            call.result()
    guard.close()
    assert guard.submit(SMALL, os.getpid).result() != pid


def script(tmp_path: Path, body: str) -> list[str]:
    """The command that runs a main module without a guard of its own, as people write them."""
    path = tmp_path / "launcher.py"
    path.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "print('main runs', flush=True)\n"
        "import glob, os, resource, wave\n"
        "from tests import hostile_calls\n"
        "from transforms.guarded import GuardedCaller\n"
        "from transforms.limits import Limits\n"
        "guard, limits = GuardedCaller(), Limits(cpu_s=5, idle_s=60, memory_bytes=200_000_000)\n" + body
    )
    return [sys.executable, str(path)]


def test_a_guarded_process_does_not_load_this_ones_main_module(tmp_path: Path) -> None:
    body = "print(guard.submit(limits, hostile_calls.loaded).result())"
    ran = subprocess.run(script(tmp_path, body), capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    first, loaded = ran.stdout.splitlines()
    assert first == "main runs"
    assert "'main: None'" in loaded
    assert "'transforms'" in loaded
    assert "'wave'" not in loaded
    assert "'apache_beam'" not in loaded


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("when", ["starting", "calling"])
def test_no_orphan_and_no_traceback_however_this_process_ends(tmp_path: Path, end: signal.Signals, when: str) -> None:
    body = (
        "try:\n"
        f"    if {when == 'calling'}: guard.submit(limits, os.getpid).result()\n"
        "    call, children = guard.submit(limits, hostile_calls.burn), ''\n"
        "    while not children: children = ''.join(open(f).read() for f in glob.glob('/proc/self/task/*/children'))\n"
        "    print(children, flush=True)\n"
        "    call.result()\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    started = subprocess.Popen(
        script(tmp_path, body), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "main runs\n"
    child = int(started.stdout.readline())
    os.killpg(started.pid, end) if end == signal.SIGINT else started.send_signal(end)
    _, said = started.communicate(timeout=30)
    assert started.returncode == (130 if end == signal.SIGINT else -end)
    assert said == ""
    assert ends_soon(child)


def test_a_machine_that_starts_no_process_is_told_in_one_line(tmp_path: Path) -> None:
    body = (
        "resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))\n"
        "try: guard.submit(limits, os.getpid).result()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    ran = subprocess.run(script(tmp_path, body), capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    (told,) = ran.stdout.splitlines()[1:]
    assert told.startswith("UserError no process can be started to read documents in ([Errno 24] Too many open files")


@pytest.fixture
def process() -> Iterator[GuardedProcess]:
    guarded = GuardedProcess()
    yield guarded
    guarded.close()


def test_a_group_is_answered_in_order_and_each_call_has_the_limits_for_itself(process: GuardedProcess) -> None:
    calls = [((harm,), {}) for harm in ("", "burn", "", "segfault", "complain", "allocate", "")]
    outcomes = process.call_each(SMALL, hostile_calls.do, calls)
    told = [result if error is None else getattr(error, "kind", type(error).__name__) for result, error in outcomes]
    assert told == ["", "cpu", "", "died", "LookupError", "memory", ""]


def test_many_calls_of_half_their_limit_are_no_call_of_more(process: GuardedProcess) -> None:
    outcomes = process.call_each(SMALL, hostile_calls.spend, [((0.4,), {})] * 5)
    assert len({pid for pid, _ in outcomes}) == 1


def test_a_process_that_took_much_memory_is_replaced_after_the_call(process: GuardedProcess) -> None:
    """What it may have kept must not count against the next call, nor count for it."""
    first = process.call(LARGE, os.getpid)
    assert process.call(LARGE, hostile_calls.take, 100_000_000) == first
    assert process.call(LARGE, hostile_calls.take, 500_000_000) == first
    assert process.call(LARGE, os.getpid) != first
    outcomes = process.call_each(LARGE, hostile_calls.take, [((500_000_000,), {})] * 3)
    assert len({pid for pid, _ in outcomes}) == 3


def test_a_limit_on_memory_holds_although_the_function_takes_refusal_for_an_answer(process: GuardedProcess) -> None:
    with pytest.raises(LimitError, match="memory: "):
        process.call(SMALL, hostile_calls.take_or_leave, 300_000_000)


def test_what_waits_for_the_cpu_does_not_hang(process: GuardedProcess) -> None:
    """Time goes on while a call computes, however long; only time in which it does nothing is limited."""
    assert process.call(Limits(cpu_s=10, idle_s=0.3, memory_bytes=200_000_000), hostile_calls.spend, 1.0)
    with pytest.raises(LimitError, match="time: "):
        process.call(Limits(cpu_s=10, idle_s=0.3, memory_bytes=200_000_000), hostile_calls.sleep, 5)
