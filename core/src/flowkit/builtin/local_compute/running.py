"""One attempt, as the launching process follows it: its output, its reports, its end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from flowkit.builtin.local_compute.crash_report import open_crash_file, read_crash
from flowkit.builtin.local_compute.outcomes import EndedFor, outcome_of
from flowkit.interfaces.compute_backend import Reactor, TaskListener, Timer
from flowkit.model.log import Stream
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["RunningTask"]

_READ_SIZE = 256 * 1024
#: What is still read after the process has ended: more than any pipe holds, so that what a surviving subprocess writes
#: without end isn't waited for.
_LAST_BYTES = 2 * 1024 * 1024


class RunningTask:
    """Reads the attempt's two pipes and reports to the listener; reports the end exactly once.

    Parameters
    ----------
    on_end
        Called after the listener was told of the end.
    """

    def __init__(
        self, spec: TaskSpec, reactor: Reactor, listener: TaskListener, on_end: Callable[[RunningTask], None]
    ) -> None:
        self.spec = spec
        self.pid: int | None = None
        #: Why this side ended it; None while it hasn't.
        self.ended_for: EndedFor | None = None
        #: How often it was asked to end.
        self.requests = 0
        self.has_ended = False
        #: Called after output was read and before it is reported: takes reports that the process sent before it wrote.
        self.before_output: Callable[[], object] = _nothing
        self._reactor = reactor
        self._listener = listener
        self._on_end = on_end
        self._reported: TaskOutcome | None = None
        self._pipes: dict[int, Stream] = {}
        #: Where the process's interpreter reports a crash; -1 where there is none.
        self._crash_file = -1
        self._started_at = 0.0
        self._at_line_start = True
        self._timer: Timer | None = None
        #: Output that came before the word that the process is there.
        self._early: list[tuple[Stream, float, bytes]] = []

    # --- output ----------------------------------------------------------------------------------------------------

    def open_pipes(self) -> tuple[int, int, int]:
        """The writing ends for stdout and stderr, and the file for the report of a crash.

        The caller closes them when the process has them.
        """
        ends: list[int] = []
        self._crash_file = open_crash_file()
        streams: tuple[Stream, Stream] = ("stdout", "stderr")
        for stream in streams:
            read_end, write_end = os.pipe()
            os.set_blocking(read_end, False)
            self._pipes[read_end] = stream
            self._reactor.add_reader(read_end, partial(self._read, read_end, stream))
            ends.append(write_end)
        return ends[0], ends[1], os.dup(self._crash_file)

    def _read(self, fd: int, stream: Stream) -> int:
        """Read once. Returns the number of bytes; 0 where there is nothing, for now or for ever."""
        try:
            data = os.read(fd, _READ_SIZE)
        except BlockingIOError:
            return 0
        if not data:
            self._close(fd)
            return 0
        if stream == "stderr":
            self._at_line_start = data.endswith(b"\n")
        now = time.time()
        self.before_output()
        if self.pid is None:
            self._early.append((stream, now, data))
        else:
            self._listener.task_output(self.spec, stream, now, data)
        return len(data)

    def _close(self, fd: int) -> None:
        del self._pipes[fd]
        self._reactor.remove_reader(fd)
        os.close(fd)

    def close_pipes(self) -> None:
        """Give the pipes back: no process got them."""
        for fd in list(self._pipes):
            self._close(fd)
        self._close_crash_file()

    def _close_crash_file(self) -> None:
        if self._crash_file >= 0:
            os.close(self._crash_file)
            self._crash_file = -1

    def _say_crash(self) -> None:
        if self._crash_file >= 0 and (report := read_crash(self._crash_file)):
            self.say(report.rstrip("\n"))
        self._close_crash_file()

    def _drain(self) -> None:
        """Take what is in the pipes, without waiting: a subprocess may still hold them open."""
        for fd, stream in list(self._pipes.items()):
            left = _LAST_BYTES
            while left > 0 and fd in self._pipes and (count := self._read(fd, stream)):
                left -= count
            if fd in self._pipes:
                self._close(fd)

    def say(self, message: str) -> None:
        """Add a line of FlowKit's own to the attempt's stderr."""
        line = message.encode(errors="backslashreplace") + b"\n"
        self._listener.task_output(self.spec, "stderr", time.time(), line if self._at_line_start else b"\n" + line)
        self._at_line_start = True

    # --- reports ---------------------------------------------------------------------------------------------------

    def started(self, pid: int, info: Mapping[str, str], limit: tuple[float, Callable[[RunningTask], None]]) -> None:
        """The process is there. ``limit``: after how many seconds (0: never) what is to be called."""
        self.pid = pid
        self._started_at = time.time()
        seconds, on_timeout = limit
        if seconds > 0:
            self._timer = self._reactor.call_later(seconds, lambda: on_timeout(self))
        self._listener.task_started(self.spec, {"pid": str(pid), **info})
        self._tell_early()

    def _tell_early(self) -> None:
        for stream, at, data in self._early:
            self._listener.task_output(self.spec, stream, at, data)
        self._early.clear()

    def reported(self, outcome: TaskOutcome) -> None:
        """The process says how its attempt ended."""
        self._reported = outcome

    def secrets(self, values: Sequence[str]) -> None:
        """The process names values to redact."""
        self._listener.task_secrets(self.spec, values)

    def ended(self, exit_code: int | None, *, peak_memory: int | None = None, reason: str = "") -> None:
        """The process is over: take the last output, and tell."""
        if self.has_ended:
            return
        self.has_ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._drain()
        self._tell_early()
        self._say_crash()
        outcome = outcome_of(
            self._reported,
            exit_code,
            ended_for=self.ended_for,
            reason=reason,
            started_at=self._started_at,
            finished_at=time.time(),
            peak_memory=peak_memory,
        )
        if self._reported is None and outcome.failure is not None:
            self.say(outcome.failure.message)
        elif exit_code is not None and exit_code < 0 and outcome.status == "succeeded":
            self.say(f"the task was done; its process then ended by signal {-exit_code}")
        self._listener.task_ended(self.spec, outcome)
        self._on_end(self)


def _nothing() -> None:
    return None
