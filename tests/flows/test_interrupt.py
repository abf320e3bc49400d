"""Ctrl-C in a terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys

import pytest

from support.processes import is_gone
from support.project import Project
from support.records import latest_run, tasks_of

FLOW = """
    import os
    import sys
    import time

    from flowkit import FlowSpec, step


    class SlowFlow(FlowSpec):
        @step
        def start(self):
            self.items = [0, 1, 2]
            self.next(self.work, foreach="items")

        @step
        def work(self):
            if self.input:
                print("working", os.getpid(), flush=True)
                time.sleep(600)
            self.next(self.join)

        @step
        def join(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            return


    if __name__ == "__main__":
        SlowFlow()
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_an_interrupt_ends_the_run_cleanly(project: Project, start: str) -> None:
    project.write("flow.py", FLOW)
    controller, terminal = pty.openpty()
    launcher = subprocess.Popen(
        # Two workers: the third task starts when the first has finished.
        [sys.executable, "flow.py", "run", "--task-start", start, "--max-workers", "2"],
        cwd=project.path,
        env=project.variables(),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(terminal)
    shown = b""
    while shown.count(b"working") < 2:
        shown += os.read(controller, 65536)
    pids = [int(part.split()[0]) for part in shown.split(b"working ")[1:]]
    os.write(controller, b"\x03")
    while True:
        try:
            shown += os.read(controller, 65536)
        except OSError:
            break  # the terminal is gone: the launcher has ended
    assert launcher.wait(30) == 1, shown.decode()
    text = shown.decode()
    assert "Traceback" not in text
    assert text.count("interrupted at ") == 2, "each task says where it was"
    assert "failed" in text.splitlines()[-2]
    assert "resume" in text.splitlines()[-1]
    assert all(map(is_gone, pids))
    run = latest_run(project, "SlowFlow")
    assert run is not None
    assert run.status == "failed"
    states = {task.key: task.status for task in tasks_of(project, run)}
    assert states["start"] == "succeeded"
    assert states["start[0]/work"] == "succeeded", "what finished stays"
    assert states["start[1]/work"] == states["start[2]/work"] == "cancelled"


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_terminated_launcher_ends_its_tasks(project: Project) -> None:
    project.write("flow.py", FLOW)
    with project.popen("run") as launcher:
        assert launcher.stdout is not None
        pids: list[int] = []
        while len(pids) < 2:
            line = launcher.stdout.readline()
            if "working" in line:
                pids.append(int(line.split("working ")[1].split()[0]))
        launcher.send_signal(signal.SIGTERM)
        launcher.communicate(timeout=30)
    assert launcher.returncode == 1
    assert all(map(is_gone, pids))
    run = latest_run(project, "SlowFlow")
    assert run is not None
    assert (run.status, run.info["failure"]) == ("failed", "terminated")
