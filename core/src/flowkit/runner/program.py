"""A flow's file as a program: its command line, and the processes that run it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flowkit.errors import FlowkitError
from flowkit.runner.commands import FlowCommands
from flowkit.runner.process import INTERVAL, CommandProcess

__all__ = ["FlowProgram", "clean", "follow"]


class FlowProgram:
    """What Runner and Deployer start, and a temporary folder for what it writes.

    Parameters
    ----------
    where
        Who starts it, for messages.
    flow_file
        Relative to the working folder or to ``cwd``.
    top_level
        Options that stand before the command, as keywords.
    profile, env, cwd
        As Runner takes them.

    Raises
    ------
    CommandError
        If the file isn't there, can't be imported, or has no flow.
    UnknownKeyword
        If there is no such option.
    """

    def __init__(
        self,
        where: str,
        flow_file: str | os.PathLike[str],
        top_level: Mapping[str, Any],
        *,
        profile: str | None,
        env: Mapping[str, str] | None,
        cwd: str | os.PathLike[str] | None,
    ) -> None:
        self.cwd = os.path.abspath(cwd or os.getcwd())
        given = os.fspath(flow_file)
        self.flow_file = os.path.abspath(given if os.path.exists(given) else os.path.join(self.cwd, given))
        chosen = {} if profile is None else {"FLOWKIT_PROFILE": profile}
        self.env = {**os.environ, **chosen, **(env or {})}
        self.commands = FlowCommands(self.flow_file, top_level, self.env, self.cwd)
        self._where = where
        self._top_level = self.commands.top_level(where).arguments(top_level)
        self.folder = Path(tempfile.mkdtemp(prefix="flowkit-runner-"))
        self.processes: list[CommandProcess] = []
        # Acts at the end of the program too.
        self.cleanup = weakref.finalize(self, clean, self.folder, self.processes, os.getpid())

    def start(
        self, command: Sequence[str], attribute_option: str, arguments: Sequence[str]
    ) -> tuple[CommandProcess, Path]:
        """Start a command, which writes what came of it to a file.

        Parameters
        ----------
        command
            What stands before that option.
        attribute_option
            The option that takes the file.

        Raises
        ------
        FlowkitError
            After :attr:`cleanup`.
        """
        if not self.cleanup.alive:
            raise FlowkitError(
                f"this {self._where} of {os.path.basename(self.flow_file)} was cleaned up, and starts nothing any "
                f"more: make a new one"
            )
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        file = folder / "attributes.json"
        whole = [sys.executable, self.flow_file, *self._top_level, *command, f"{attribute_option}={file}", *arguments]
        process = CommandProcess(whole, self.env, self.cwd, folder)
        self.processes.append(process)
        return process, file


def follow(process: CommandProcess, *, show_output: bool, timeout: float | None = None) -> None:
    """Wait for its end, and show meanwhile what it writes. Interrupted, or when the time is over, it is ended.

    Raises
    ------
    TimeoutError
        If it hasn't ended after ``timeout`` seconds.
    """
    until = None if timeout is None else time.monotonic() + timeout
    positions = {"stdout": 0, "stderr": 0}
    try:
        has_ended = False
        while not has_ended:
            has_ended = process.returncode is not None
            if show_output:
                _show(process, positions)
            if not has_ended:
                if until is not None and time.monotonic() > until:
                    raise TimeoutError(f"{' '.join(process.command[:2])} hasn't ended after {timeout} s")
                time.sleep(INTERVAL)
    except BaseException as error:
        process.kill(signal.SIGINT if isinstance(error, KeyboardInterrupt) else signal.SIGTERM)
        raise


def _show(process: CommandProcess, positions: dict[str, int]) -> None:
    for stream, target in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        data = process.read(stream, positions[stream])
        # Whole lines while more may come, so that no character is cut in two.
        whole = data if process.returncode is not None else data[: data.rfind(b"\n") + 1]
        if whole:
            positions[stream] += len(whole)
            target.write(whole.decode(errors="replace"))
            target.flush()


def clean(folder: Path, processes: Sequence[CommandProcess], owner: int) -> None:
    """End the processes that this process started; remove the folder if it is ``owner``, and not one that it forked."""
    for process in processes:
        process.kill()
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
