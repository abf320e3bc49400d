"""A command in a session of its own, its output in files."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from flowkit.errors import FlowkitError

__all__ = ["INTERVAL", "CommandProcess"]

#: Seconds between two looks at the process and its files.
INTERVAL = 0.03
#: Seconds from asking to end to killing: a run gives its own tasks 5 s.
_PATIENCE = 10.0
#: Names one task; a flow that is started with it runs that instead of its command line.
_TASK = "FLOWKIT_TASK"


class CommandProcess:
    """One started command. What it leaves in its session is killed once its end is seen.

    Parameters
    ----------
    folder
        Gets the files ``stdout`` and ``stderr``, whose paths are ``log_files``.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], cwd: str, folder: Path) -> None:
        self.command = list(arguments)
        self.log_files = {stream: str(folder / stream) for stream in ("stdout", "stderr")}
        variables = {name: value for name, value in environment.items() if name != _TASK}
        with open(self.log_files["stdout"], "wb") as out, open(self.log_files["stderr"], "wb") as err:
            try:
                self.process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=variables,
                    cwd=cwd,
                    start_new_session=True,
                )
            except OSError as error:
                raise FlowkitError(f"{' '.join(self.command[:2])} can't be started: {error.strerror}") from error
        self._owner = os.getpid()
        # Two threads may ask at once; and so may a signal's handler, in the midst of its own thread's asking.
        self._asking = threading.RLock()

    @property
    def returncode(self) -> int | None:
        """The exit status; None while it runs, negative for a signal.

        Raises
        ------
        FlowkitError
            In a process that was forked since: the command isn't its child.
        """
        if not self._is_own():
            raise FlowkitError(
                f"{' '.join(self.command[:2])} was started by process {self._owner}: ask there how it is"
            )
        with self._asking:
            if self.process.returncode is None:
                with suppress(ChildProcessError):  # the program itself has waited for it
                    if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                        return None
                    # Before it is waited for: its number, which is the session's, may be another's from then on.
                    self._kill_session()
                self.process.wait()
            return self.process.returncode

    def log(self, stream: str) -> str:
        """All that was written so far. Bytes that aren't UTF-8 are replaced."""
        with self._open(stream) as file:
            return file.read().decode(errors="replace")

    def read(self, stream: str, position: int) -> bytes:
        """What was written after ``position`` bytes."""
        with self._open(stream) as file:
            file.seek(position)
            return file.read()

    def kill(self, first: signal.Signals = signal.SIGTERM) -> None:
        """Ask the command to end, and after 10 s make it; then end all that is left in its session.

        Does nothing if it has ended, or in a process that was forked since.
        """
        if self._is_own() and self._send(first):
            until = time.monotonic() + _PATIENCE
            while self.returncode is None and time.monotonic() < until:
                time.sleep(INTERVAL)
            self._make_end()

    async def async_kill(self) -> None:
        """As :meth:`kill`, without blocking other tasks of the event loop."""
        if not (self._is_own() and self._send(signal.SIGTERM)):
            return
        until = time.monotonic() + _PATIENCE
        try:
            while self.returncode is None and time.monotonic() < until:
                await asyncio.sleep(INTERVAL)
        finally:
            self._make_end()

    def _is_own(self) -> bool:
        return os.getpid() == self._owner

    def _send(self, signum: signal.Signals) -> bool:
        """Whether it hadn't ended."""
        with self._asking:
            if self.returncode is not None:
                return False
            # To the command alone: it ends its tasks, and records that it did. Not by Popen, which would wait for it.
            os.kill(self.process.pid, signum)
            return True

    def _make_end(self) -> None:
        if self._send(signal.SIGKILL):
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
            _ = self.returncode

    def _kill_session(self) -> None:
        for pid in _session(self.process.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def _open(self, stream: str) -> BinaryIO:
        if stream not in self.log_files:
            raise FlowkitError(f"there is no stream {stream!r}: it is 'stdout' or 'stderr'")
        try:
            return open(self.log_files[stream], "rb")
        except FileNotFoundError:
            raise FlowkitError("the logs went away with the runner: read them before it is closed") from None


def _session(leader: int) -> list[int]:
    found = []
    with suppress(OSError):
        for name in os.listdir("/proc"):
            if name.isdigit():
                with suppress(OSError):
                    if os.getsid(int(name)) == leader:
                        found.append(int(name))
    return found
