"""The progress of a run some of whose tasks have the terminal to themselves."""

from __future__ import annotations

from collections.abc import Mapping

from flowkit.cli.progress_lines import LineWriter
from flowkit.cli.progress_plain import PlainProgress
from flowkit.interfaces.compute_backend import IN_PROCESS
from flowkit.model.log import Stream
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["InProcessProgress"]


class InProcessProgress(PlainProgress):
    """Lines with the time, as :class:`PlainProgress`; those that come while a task has the terminal wait for its end.

    What that task writes it writes to the terminal itself.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self._held = self._writer = _HeldWriter()

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        """Say that an attempt runs; if it does in this process, nothing more is shown until it ends."""
        super().task_started(spec, info)
        if spec.backend == IN_PROCESS:
            self._held.hold()

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, line: bytes) -> None:
        """Show a line of a task's output, but for those that were shown as they were written."""
        if spec.backend != IN_PROCESS:
            super().task_output(spec, stream, time, line)

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome, will_retry: bool) -> None:
        """Say how an attempt ended; the terminal is the display's again."""
        if spec.backend == IN_PROCESS:
            self._held.release()
        super().task_ended(spec, outcome, will_retry)

    def run_finished(self, run: RunRecord, failure: str) -> None:
        """Tell what wasn't told yet."""
        self._held.release()
        super().run_finished(run, failure)

    def close(self) -> None:
        """Show what still waits."""
        self._held.release()
        super().close()


class _HeldWriter(LineWriter):
    """Keeps lines back while it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self._is_holding = False
        self._waiting: list[tuple[bool, str | bytes]] = []

    def hold(self) -> None:
        """Keep back what comes from now on."""
        self._is_holding = True

    def release(self) -> None:
        """Write what was kept back, and all that comes from now on."""
        self._is_holding = False
        waiting, self._waiting = self._waiting, []
        for is_result, text in waiting:
            (self.result if is_result else self.message)(text)

    def result(self, text: str | bytes) -> None:
        """Write to stdout, or keep it back."""
        if self._is_holding:
            self._waiting.append((True, text))
        else:
            super().result(text)

    def message(self, text: str | bytes) -> None:
        """Write to stderr, or keep it back."""
        if self._is_holding:
            self._waiting.append((False, text))
        else:
            super().message(text)
