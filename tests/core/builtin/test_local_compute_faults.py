"""What happens to tasks when processes die, hang on to pipes, or leave children behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from flowkit.testing.compute_launcher import Launcher
from support.processes import is_gone

FLOW = """
import os, subprocess, sys, time
from flowkit import FlowSpec, step

class ContractFlow(FlowSpec):
    @step
    def start(self):
        print(os.getpid(), os.getppid())
        time.sleep(600)
        self.next(self.grandchild)

    @step
    def grandchild(self):
        # Holds the task's pipes open, in the task's process group.
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(child.pid)
        self.next(self.escaped)

    @step
    def escaped(self):
        # Holds the task's pipes open, in a session of its own, and goes on writing while somebody reads.
        writes = "while True: os.write(1, b'.'); time.sleep(0.02)"
        code = f"import os, time\\ntry:\\n  {writes}\\nexcept OSError: time.sleep(60)"
        child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        print(child.pid)
        self.next(self.closes)

    @step
    def closes(self):
        print("before")
        os.close(1)
        os.close(2)
        self.next(self.binary)

    @step
    def binary(self):
        sys.stdout.buffer.write(bytes(range(256)) * 10)
        self.next(self.from_c)

    @step
    def from_c(self):
        import ctypes
        libc = ctypes.CDLL(None)
        print("one")
        libc.printf(b"two\\n")
        print("three")
        libc.printf(b"four, and no end")
        self.next(self.at_exit)

    @step
    def at_exit(self):
        import atexit, threading, weakref
        atexit.register(print, "registered by the step")
        weakref.finalize(threading.main_thread(), print, "finalized by the step")
        def work():
            time.sleep(0.2)
            print("thread is done")
        threading.Thread(target=work).start()
        self.next(self.reads)

    @step
    def reads(self):
        print(repr(sys.stdin.read()), os.readlink("/proc/self/fd/0"))
        self.next(self.exits_early)

    @step
    def exits_early(self):
        sys.exit(0)
        self.next(self.dies_after)

    @step
    def dies_after(self):
        import atexit
        atexit.register(os.kill, os.getpid(), 9)
        self.next(self.with_mp)

    @step
    def with_mp(self):
        import multiprocessing
        with multiprocessing.get_context("fork").Pool(2) as pool:
            self.squares = pool.map(abs, [-1, -2])
        self.next(self.end)

    @step
    def end(self):
        print(self.squares if hasattr(self, "squares") else None)
"""
REGISTERS = """
import atexit, weakref

class Thing: pass
thing = Thing()
atexit.register(lambda: print("registered by the launcher"))
weakref.finalize(thing, print, "finalized by the launcher")
"""

BOTH = pytest.mark.parametrize("task_start", ["fork", "spawn"])


def pids(text: bytes) -> list[int]:
    return [int(word) for word in text.split()]


@BOTH
def test_no_task_survives_a_launching_process_that_is_killed(tmp_path: Path, task_start: str) -> None:
    with Launcher(tmp_path, FLOW, task_start=task_start) as launcher:
        found = []
        for number in range(2):
            spec = launcher.submit("start", str(number))
            found += pids(launcher.wait_for_output(spec, b"\n"))
        assert not any(is_gone(pid, 0) for pid in found)
        launcher.kill(signal.SIGKILL)
        assert all(map(is_gone, found))


def test_subprocesses_of_forked_tasks_die_with_the_launching_process(tmp_path: Path) -> None:
    flow = FLOW.replace(
        "        print(child.pid)\n        self.next(self.escaped)",
        "        print(child.pid)\n        time.sleep(600)\n        self.next(self.escaped)",
    )
    with Launcher(tmp_path, flow, task_start="fork") as launcher:
        (child,) = pids(launcher.wait_for_output(launcher.submit("grandchild"), b"\n"))
        launcher.kill(signal.SIGKILL)
        assert is_gone(child)


def test_a_lost_parent_of_tasks_is_replaced(tmp_path: Path) -> None:
    with Launcher(tmp_path, FLOW) as launcher:
        spec = launcher.submit("start")
        child, parent = pids(launcher.wait_for_output(spec, b"\n"))
        assert parent != launcher.pid
        os.kill(parent, signal.SIGKILL)
        outcome = launcher.outcome(spec)
        assert outcome.status == "crashed"
        assert outcome.failure is not None
        assert "the parent of tasks was lost" in outcome.failure.message
        assert is_gone(child)
        second = launcher.submit("binary", "2")
        assert launcher.info(second)["start"] == "spawn"
        assert launcher.outcome(second).status == "succeeded"
        assert len(launcher.ended(spec)) == 1
        assert "the parent of tasks was lost" in launcher.explanations[-1]


@BOTH
def test_what_a_task_leaves_in_its_group_is_killed(tmp_path: Path, task_start: str) -> None:
    with Launcher(tmp_path, FLOW, task_start=task_start) as launcher:
        spec = launcher.submit("grandchild")
        assert launcher.outcome(spec).status == "succeeded"
        (child,) = pids(launcher.output(spec))
        assert is_gone(child)


@BOTH
def test_a_task_ends_with_its_process_though_its_pipe_is_held(tmp_path: Path, task_start: str) -> None:
    with Launcher(tmp_path, FLOW, task_start=task_start) as launcher:
        spec = launcher.submit("escaped")
        assert launcher.outcome(spec).status == "succeeded"
        child = int(launcher.output(spec).split(b"\n")[0].strip(b"."))
        try:
            assert not is_gone(child, 0)
        finally:
            os.kill(child, signal.SIGKILL)


@BOTH
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("closes", b"before\n"),
        ("binary", bytes(range(256)) * 10),
        ("from_c", b"one\ntwo\nthree\nfour, and no end"),
        ("reads", b"'' /dev/null\n"),
    ],
)
def test_output_is_exact(tmp_path: Path, task_start: str, step: str, expected: bytes) -> None:
    with Launcher(tmp_path, FLOW, task_start=task_start) as launcher:
        spec = launcher.submit(step)
        assert launcher.outcome(spec).status == "succeeded"
        assert launcher.output(spec) == expected


def test_a_forked_task_runs_what_it_registered_itself_and_joins_its_threads(tmp_path: Path) -> None:
    with Launcher(tmp_path, FLOW + REGISTERS, task_start="fork") as launcher:
        spec = launcher.submit("at_exit")
        assert launcher.outcome(spec).status == "succeeded"
        assert launcher.output(spec) == b"thread is done\nfinalized by the step\nregistered by the step\n"


def test_leaving_before_self_next_is_a_failure(tmp_path: Path) -> None:
    with Launcher(tmp_path, FLOW, task_start="fork") as launcher:
        outcome = launcher.run("exits_early")
    assert outcome.status == "failed"
    assert outcome.failure is not None
    assert "sys.exit(0)" in outcome.failure.message


@BOTH
def test_a_task_that_is_done_stays_done_however_its_process_ends(tmp_path: Path, task_start: str) -> None:
    with Launcher(tmp_path, FLOW, task_start=task_start) as launcher:
        outcome = launcher.run("dies_after")
    assert outcome.status == "succeeded"
    assert outcome.exit_code == -signal.SIGKILL


@BOTH
def test_a_task_may_use_multiprocessing(tmp_path: Path, task_start: str) -> None:
    with Launcher(tmp_path, FLOW, task_start=task_start) as launcher:
        assert launcher.run("with_mp").status == "succeeded"


def test_a_message_longer_than_a_packet_arrives(tmp_path: Path) -> None:
    with Launcher(tmp_path, FLOW, task_start="fork") as launcher:
        outcome = launcher.run("binary", extra={"large": "x" * 1_000_000})
    assert outcome.status == "succeeded"
