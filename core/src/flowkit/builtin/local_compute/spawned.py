"""Starts tasks in fresh interpreters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs

from flowkit.builtin.local_compute.running import RunningTask
from flowkit.interfaces.compute_backend import Reactor
from flowkit.model.task import TaskOutcome, TaskSpec
from flowkit.task.channel import VARIABLE, read_message
from flowkit.task.codec import spec_to_json

__all__ = ["SpawnedTasks"]

_READ_SIZE = 64 * 1024


@attrs.define(eq=False)
class _Process:
    task: RunningTask
    popen: subprocess.Popen[bytes]
    reports: int
    #: Watches for the process's end; -1 where a thread does.
    pidfd: int = -1
    rest: bytes = b""


class SpawnedTasks:
    """Fresh interpreters, each a child of the launching process.

    Parameters
    ----------
    limit
        Gives the time limit of a task that has started.
    """

    def __init__(
        self,
        reactor: Reactor,
        *,
        limit: Callable[[RunningTask], tuple[float, Callable[[RunningTask], None]]],
    ) -> None:
        self._reactor = reactor
        self._limit = limit
        self._processes: dict[RunningTask, _Process] = {}

    def begin(self, task: RunningTask, interpreter: str | None = None) -> None:
        """Start an interpreter for the task: ``interpreter``, or the one that runs this process."""
        ends = task.open_pipes()
        reports, reports_end = os.pipe()
        os.set_blocking(reports, False)
        spec_file = _spec_file(task.spec)
        try:
            popen = subprocess.Popen(
                _command(task.spec, interpreter),
                stdin=subprocess.DEVNULL,
                stdout=ends[0],
                stderr=ends[1],
                pass_fds=(spec_file, reports_end, ends[2]),
                process_group=0,
                env={
                    **os.environ,
                    **task.spec.variables,
                    VARIABLE: f"fd:{spec_file}:{reports_end}:{os.getpid()}:{ends[2]}",
                },
            )
        except OSError as error:
            os.close(reports)
            reason = f"the task's process couldn't be started: {error.strerror}"
            self._reactor.call_soon_threadsafe(lambda: task.ended(None, reason=reason))
            return
        finally:
            for fd in (*ends, reports_end, spec_file):
                os.close(fd)
        process = self._processes[task] = _Process(task, popen, reports)
        self._reactor.add_reader(reports, lambda: self._read(process))
        task.before_output = partial(self._read, process)
        self._watch(process)
        task.started(popen.pid, {"start": "spawn"}, self._limit(task))

    def signal(self, task: RunningTask, signum: int) -> None:
        """Send a signal to the task's process group."""
        process = self._processes.get(task)
        if process is not None:
            _signal_group(process.popen.pid, signum)

    def close(self) -> None:
        """Kill all that still runs."""
        for process in list(self._processes.values()):
            _signal_group(process.popen.pid, signal.SIGKILL)
            self._ended(process)

    # --- the end of a process --------------------------------------------------------------------------------------

    def _watch(self, process: _Process) -> None:
        if hasattr(os, "pidfd_open"):
            process.pidfd = os.pidfd_open(process.popen.pid)
            self._reactor.add_reader(process.pidfd, lambda: self._ended(process))
            return
        import threading

        def wait() -> None:
            os.waitid(os.P_PID, process.popen.pid, os.WEXITED | os.WNOWAIT)
            self._reactor.call_soon_threadsafe(lambda: self._ended(process))

        threading.Thread(target=wait, name=f"task {process.popen.pid}", daemon=True).start()

    def _ended(self, process: _Process) -> None:
        if self._processes.pop(process.task, None) is None:
            return
        if process.pidfd >= 0:
            self._reactor.remove_reader(process.pidfd)
            os.close(process.pidfd)
        # Nothing has waited for it yet, so that its group can't be another's.
        _signal_group(process.popen.pid, signal.SIGKILL)
        peak = _wait(process.popen)
        while self._read(process):
            continue
        self._reactor.remove_reader(process.reports) if process.reports >= 0 else None
        if process.reports >= 0:
            os.close(process.reports)
        process.task.ended(process.popen.returncode, peak_memory=peak)

    def _read(self, process: _Process) -> int:
        """Read reports. Returns the number of bytes; 0 where there is nothing, for now or for ever."""
        if process.reports < 0:
            return 0
        try:
            data = os.read(process.reports, _READ_SIZE)
        except BlockingIOError:
            return 0
        if not data:
            self._reactor.remove_reader(process.reports)
            os.close(process.reports)
            process.reports = -1
            return 0
        *lines, process.rest = (process.rest + data).split(b"\n")
        for line in lines:
            message = read_message(line)
            if isinstance(message, TaskOutcome):
                process.task.reported(message)
            else:
                process.task.secrets(message)
        return len(data)


def _command(spec: TaskSpec, interpreter: str | None) -> list[str]:
    flags: list[str] = []
    if interpreter is None:
        from_flags: Any = getattr(subprocess, "_args_from_interpreter_flags", None)
        flags = from_flags() if from_flags is not None else []
    return [interpreter or sys.executable, *flags, "-m", "flowkit.task", spec.run.flow_file]


def _spec_file(spec: TaskSpec) -> int:
    """An open file with the specification, that has no name and needs no reader for being written."""
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(spec_to_json(spec))
        file.seek(0)
        file.flush()
        return os.dup(file.fileno())


def _wait(popen: subprocess.Popen[bytes]) -> int | None:
    """Take the process's status. Returns its peak resident memory in bytes."""
    try:
        _, status, usage = os.wait4(popen.pid, 0)
    except ChildProcessError:
        popen.wait()
        return None
    popen.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _signal_group(pid: int, signum: int) -> None:
    try:
        os.killpg(pid, signum)
    except (ProcessLookupError, PermissionError):
        return
