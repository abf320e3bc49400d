"""A program in a pseudo-terminal, as a user sees it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Terminal"]


class Terminal:
    """Runs a command in a terminal of its own; what it writes is collected in :attr:`output`.

    Parameters
    ----------
    stdout
        A file for stdout, where only stderr and stdin are to be the terminal.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        columns: int = 100,
        lines: int = 30,
        stdout: Path | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.output = ""
        target = os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o600) if stdout is not None else slave

        def own_terminal() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env={"TERM": "xterm-256color", **env},
            stdin=slave,
            stdout=target,
            stderr=slave,
            preexec_fn=own_terminal,
        )
        os.close(slave)
        if stdout is not None:
            os.close(target)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def type(self, keys: str) -> None:
        """Press keys; ``\\x03`` is Ctrl-C."""
        os.write(self._master, keys.encode())

    def read_until(self, wanted: str | Callable[[str], bool], timeout: float = 60) -> str:
        """Read until ``wanted`` is in the output (or holds of it); fails if that doesn't come."""
        holds = wanted if callable(wanted) else lambda output: wanted in output
        deadline = time.monotonic() + timeout
        while not holds(self.output):
            if time.monotonic() > deadline:
                raise AssertionError(f"{wanted!r} didn't come; this did:\n{self.output}")
            if not self._read(0.1) and self.process.poll() is not None and not holds(self.output):
                raise AssertionError(f"the program ended before {wanted!r} came:\n{self.output}")
        return self.output

    def wait(self, timeout: float = 60) -> int:
        """Read to the end; the exit status."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            self._read(0.05)
            if time.monotonic() > deadline:
                raise AssertionError(f"the program didn't end:\n{self.output}")
        while self._read(0):
            continue
        return self.process.returncode

    def _read(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # nobody has the other side open any more
            return False
        self.output += data.decode("utf-8", "replace")
        return bool(data)
