"""A run that was started from a program."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from flowkit.errors import FlowkitError
from flowkit.runner.process import INTERVAL, CommandProcess

if TYPE_CHECKING:
    from flowkit.client import Run, Step, Task

__all__ = ["ExecutingRun", "ExecutingTask", "not_started", "said_last"]


class ExecutingRun:
    """One run: its process, its output, and what the client knows of it. Leaving it as a context manager ends it.

    Parameters
    ----------
    runner
        What started it; kept, for its folder holds the logs.
    attributes
        ``flow_name``, ``run_id`` and ``metadata``.
    """

    def __init__(self, runner: Any, process: CommandProcess, attributes: Mapping[str, str]) -> None:
        self.runner = runner
        #: The process; its ``log_files`` are the paths of what it writes.
        self.command_obj = process
        self._attributes = attributes
        self._timed_out = False

    @property
    def run(self) -> Run:
        """The run, as the client reads it."""
        from flowkit.client import Run
        from flowkit.client.run_context import View

        # Where this very run is recorded, whatever this process's own configuration and namespace are.
        view = View(self._attributes["metadata"], None)
        return Run._at(view, (self._attributes["flow_name"], self._attributes["run_id"]))

    @property
    def returncode(self) -> int | None:
        """The exit status of the command; None while it runs."""
        return self.command_obj.returncode

    @property
    def status(self) -> str:
        """``running``, ``successful``, ``failed``, or ``timeout`` where :meth:`wait` ended it."""
        if self._timed_out:
            return "timeout"
        if self.returncode is None:
            return "running"
        return "successful" if self.returncode == 0 else "failed"

    @property
    def stdout(self) -> str:
        """What it has written so far to its standard output."""
        return self.command_obj.log("stdout")

    @property
    def stderr(self) -> str:
        """What it has written so far to its standard error."""
        return self.command_obj.log("stderr")

    async def wait(self, timeout: float | None = None, stream: str | None = None) -> ExecutingRun:
        """Wait for its end. Cancelling this ends the run.

        Parameters
        ----------
        timeout
            Seconds after which the run is ended; its status is ``timeout`` then.
        stream
            ``stdout`` or ``stderr``: printed meanwhile.
        """
        try:
            async with asyncio.timeout(timeout):
                if stream is None:
                    while self.returncode is None:
                        await asyncio.sleep(INTERVAL)
                else:
                    async for _, line in self.stream_log(stream):
                        sys.stdout.write(f"{line}\n")
        except TimeoutError:
            self._timed_out = True
            await self.command_obj.async_kill()
        except asyncio.CancelledError:
            await self.command_obj.async_kill()
            raise
        return self

    async def stream_log(self, stream: str, position: int | None = None) -> AsyncIterator[tuple[int, str]]:
        """Lines as they are written, until the run has ended.

        Parameters
        ----------
        stream
            ``stdout`` or ``stderr``.
        position
            Where to begin, as an earlier line said; else at the beginning.

        Yields
        ------
        tuple[int, str]
            The position after the line, in bytes, and the line without its end.
        """
        at = position or 0
        while True:
            # Asked before reading, so that what was written last is read.
            has_ended = self.returncode is not None
            data = self.command_obj.read(stream, at)
            lines = data.splitlines(keepends=True) if has_ended else data[: data.rfind(b"\n") + 1].splitlines(True)
            for line in lines:
                at += len(line)
                yield at, line.rstrip(b"\r\n").decode(errors="replace")
            if has_ended:
                return
            await asyncio.sleep(INTERVAL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.command_obj.kill()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.command_obj.async_kill()

    def __repr__(self) -> str:
        name = f"{self._attributes['flow_name']}/{self._attributes['run_id']}"
        return f"ExecutingRun({name!r}, {self.status})"


class ExecutingTask(ExecutingRun):
    """One task that was run by itself, as by ``spin``."""

    @property
    def task(self) -> Task:
        """The task, as the client reads it."""
        step: Step = self.run[self._attributes["step_name"]]
        return step[self._attributes["task_id"]]

    def __repr__(self) -> str:
        name = "/".join(self._attributes[part] for part in ("flow_name", "run_id", "step_name", "task_id"))
        return f"ExecutingTask({name!r}, {self.status})"


def not_started(process: CommandProcess) -> FlowkitError:
    """The error for a command that ended before there was a run."""
    said = said_last(process)
    return FlowkitError(f"the command ended with status {process.returncode} before there was a run: {said}")


def said_last(process: CommandProcess) -> str:
    """The last line of its standard error that says something."""
    lines = [line for line in process.log("stderr").splitlines() if line.strip() and not line.startswith("Try:")]
    return lines[-1].strip() if lines else "it wrote nothing"
