"""A command in a session of its own, its output in files."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
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
    """One started command.

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

    @property
    def returncode(self) -> int | None:
        """The exit status; None while it runs, negative for a signal."""
        return self.process.poll()

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
        """Ask the command to end, and after 10 s make it; then end all that is left in its session."""
        self._send(first)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_PATIENCE)
        self._kill_rest()

    async def async_kill(self) -> None:
        """As :meth:`kill`, without blocking other tasks of the event loop."""
        self._send(signal.SIGTERM)
        until = time.monotonic() + _PATIENCE
        try:
            while self.returncode is None and time.monotonic() < until:
                await asyncio.sleep(INTERVAL)
        finally:
            self._kill_rest()

    def _send(self, signum: signal.Signals) -> None:
        # To the command alone: it ends its tasks, and records that it did.
        if self.process.poll() is None:
            self.process.send_signal(signum)

    def _kill_rest(self) -> None:
        """Kill what is left of the session; its number can't be taken by another while one of it lives."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
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
