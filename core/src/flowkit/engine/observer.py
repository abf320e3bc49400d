"""Who is told what happens in a run, on the launching side."""

from __future__ import annotations

from collections.abc import Mapping

from flowkit.model.graph import Graph
from flowkit.model.log import Stream
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["RunObserver"]


class RunObserver:
    """Does nothing; subclasses take what they need. Called from the launching process's loop: must be quick."""

    def run_started(self, run: RunRecord, graph: Graph) -> None:
        """The run is recorded; nothing has run yet."""
        return

    def task_queued(self, step: str, count: int) -> None:
        """``count`` more tasks of ``step`` are known."""
        return

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        """An attempt's process is there; ``info`` says where (``pid``)."""
        return

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, line: bytes) -> None:
        """One line of an attempt's output, with its line end, if it has one."""
        return

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome, will_retry: bool) -> None:
        """An attempt is over."""
        return

    def task_cloned(self, step: str, count: int) -> None:
        """``count`` tasks of ``step`` were taken from the origin run."""
        return

    def message(self, text: str) -> None:
        """Something that the user should know: one line."""
        return

    def run_finished(self, run: RunRecord, failure: str) -> None:
        """The run is over and recorded. ``failure`` says why, in one line; empty if it succeeded."""
        return
