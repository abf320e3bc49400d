"""A compute backend that knows no more than the documentation says: an interpreter for each task, told by files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import attrs

from flowkit.interfaces.compute_backend import ComputeBackend, Reactor, TaskListener
from flowkit.model.log import Stream
from flowkit.model.task import OutcomeStatus, TaskOutcome, TaskSpec
from flowkit.task.codec import outcome_from_json, spec_to_json

__all__ = ["FileBackend"]


@attrs.define(eq=False)
class _Task:
    spec: TaskSpec
    folder: Path
    process: subprocess.Popen[bytes]
    open_streams: dict[int, Stream]
    started_at: float = attrs.field(factory=time.time)
    ended_for: OutcomeStatus | None = None


class FileBackend(ComputeBackend):
    """Reads the output of each task to its end, and then the outcome."""

    name = "files"
    waits_before_retry = False

    def __init__(self) -> None:
        self._reactor: Reactor
        self._listener: TaskListener
        self._tasks: dict[tuple[str, int], _Task] = {}

    def start(self, reactor: Reactor, listener: TaskListener) -> None:
        """Begin."""
        self._reactor, self._listener = reactor, listener

    def submit(self, spec: TaskSpec) -> None:
        """Start an interpreter."""
        folder = Path(tempfile.mkdtemp())
        (folder / "spec").write_bytes(spec_to_json(spec))
        process = subprocess.Popen(
            [sys.executable, "-m", "flowkit.task", spec.run.flow_file],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
            env={**os.environ, **spec.variables, "FLOWKIT_TASK": f"file:{folder / 'spec'}:{folder / 'outcome'}"},
        )
        assert process.stdout is not None
        assert process.stderr is not None
        fds: dict[int, Stream] = {process.stdout.fileno(): "stdout", process.stderr.fileno(): "stderr"}
        task = self._tasks[spec.task_id, spec.attempt] = _Task(spec, folder, process, fds)
        self._listener.task_started(spec, {"pid": str(process.pid)})
        for fd in fds:
            self._reactor.add_reader(fd, partial(self._read, task, fd))
        if spec.timeout_seconds:
            self._reactor.call_later(spec.timeout_seconds, partial(self._end, task, "timed_out", signal.SIGKILL))

    def _read(self, task: _Task, fd: int) -> None:
        data = os.read(fd, 1 << 16)
        if data:
            self._listener.task_output(task.spec, task.open_streams[fd], time.time(), data)
            return
        self._reactor.remove_reader(fd)
        del task.open_streams[fd]
        if not task.open_streams:
            self._ended(task)

    def _ended(self, task: _Task) -> None:
        code = task.process.wait()
        for stream in (task.process.stdout, task.process.stderr):
            assert stream is not None
            stream.close()
        del self._tasks[task.spec.task_id, task.spec.attempt]
        if code == -signal.SIGSEGV:
            self._listener.task_output(task.spec, "stderr", time.time(), b"ended by a segmentation fault\n")
        file = task.folder / "outcome"
        if file.exists():
            outcome = outcome_from_json(file.read_bytes())
        else:
            outcome = TaskOutcome("crashed", exit_code=code, started_at=task.started_at, finished_at=time.time())
        shutil.rmtree(task.folder)
        if task.ended_for is not None and outcome.status != "succeeded":
            outcome = attrs.evolve(outcome, status=task.ended_for)
        self._listener.task_ended(task.spec, outcome)

    def _end(self, task: _Task, why: OutcomeStatus, signum: int) -> None:
        if (task.spec.task_id, task.spec.attempt) in self._tasks:
            task.ended_for = task.ended_for or why
            os.killpg(task.process.pid, signum)

    def cancel(self, spec: TaskSpec, *, force: bool = False) -> None:
        """Terminate the task's processes."""
        task = self._tasks.get((spec.task_id, spec.attempt))
        if task is not None:
            self._end(task, "cancelled", signal.SIGKILL if force else signal.SIGTERM)

    def close(self) -> None:
        """Kill what still runs."""
        for task in list(self._tasks.values()):
            self._end(task, "cancelled", signal.SIGKILL)
            while task.open_streams:
                self._read(task, next(iter(task.open_streams)))
