"""The progress of a run as lines with the time, for files, pipes and plain terminals."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TextIO

from flowkit.cli.console import is_terminal
from flowkit.cli.progress_lines import LineWriter, StepColours, clean_line, ended_text, started_text, timestamp
from flowkit.engine.observer import RunObserver
from flowkit.model.graph import Graph
from flowkit.model.log import Stream
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["PlainProgress"]


class PlainProgress(RunObserver):
    """Tasks' output goes to stdout, what FlowKit says of them to stderr.

    Parameters
    ----------
    quiet
        Whether only the tasks' output is shown.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._writer = LineWriter()
        self._colours = StepColours(())
        self._prefixes: dict[str, str] = {}
        #: Output that arrived before the news that its task had started.
        self._early: dict[str, list[tuple[float, bytes]]] = {}
        self._cloned: dict[str, int] = {}
        self._origin = ""
        self._second = 0
        self._second_text = ""

    def run_started(self, run: RunRecord, graph: Graph) -> None:
        """Say which run it is."""
        self._colours = StepColours(graph.nodes)
        self._origin = run.origin_run_id or ""
        self._say(started_text(run))

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        """Say that an attempt runs."""
        self._say_cloned()
        where = ", ".join(f"{name} {value}" for name, value in info.items() if name in ("pid", "job-id"))
        self._prefixes[spec.task_id] = f"[{_pathspec(spec)}{f' ({where})' if where else ''}]"
        self._say(f"started{f' (attempt {spec.attempt})' if spec.attempt else ''}", spec)
        self._show_early(spec)

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, line: bytes) -> None:
        """Show a line of a task's output, whichever of its streams it comes from."""
        if spec.task_id in self._prefixes:
            self._show(spec, time, line)
        else:
            self._early.setdefault(spec.task_id, []).append((time, line))

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome, will_retry: bool) -> None:
        """Say how an attempt ended."""
        self._show_early(spec)
        bad = outcome.status not in ("succeeded", "cancelled")
        self._say(ended_text(spec, outcome, will_retry), spec, bad=bad)
        self._prefixes.pop(spec.task_id, None)

    def task_cloned(self, step: str, count: int) -> None:
        """Count tasks that were taken from the origin run; they are told together."""
        self._cloned[step] = self._cloned.get(step, 0) + count

    def message(self, text: str) -> None:
        """Say something."""
        self._say(text)

    def run_finished(self, run: RunRecord, failure: str) -> None:
        """Tell what wasn't told yet."""
        self._say_cloned()

    def close(self) -> None:
        """End the display."""
        self._prefixes.clear()

    def _show(self, spec: TaskSpec, time: float, line: bytes) -> None:
        head = f"{self._stamp(time)} {self._prefix(spec, sys.stdout)} "
        self._writer.result(b"%b%b\n" % (head.encode(), clean_line(line, for_terminal=is_terminal(sys.stdout))))

    def _show_early(self, spec: TaskSpec) -> None:
        for at, line in self._early.pop(spec.task_id, ()):
            self._show(spec, at, line)

    def _say_cloned(self) -> None:
        for step, count in self._cloned.items():
            self._say(f"{step}: {count} task{'s' if count > 1 else ''} taken from run {self._origin}")
        self._cloned.clear()

    def _say(self, text: str, spec: TaskSpec | None = None, *, bad: bool = False) -> None:
        if self._quiet:
            return
        stream = sys.stderr
        head = f"{self._prefix(spec, stream)} " if spec is not None else ""
        shown = self._colours.style(text, stream, fg="red") if bad else text
        self._writer.message(f"{self._stamp(time.time())} {head}{shown}\n")

    def _prefix(self, spec: TaskSpec, stream: TextIO) -> str:
        return self._colours.paint(self._prefixes.get(spec.task_id) or f"[{_pathspec(spec)}]", spec.step, stream)

    def _stamp(self, at: float) -> str:
        # Thousands of lines fall into one second, whose text costs more than all the rest of a line.
        second = int(at)
        if second != self._second:
            self._second, self._second_text = second, timestamp(second)[:-4]
        return f"{self._second_text}.{int(at * 1000) % 1000:03d}"


def _pathspec(spec: TaskSpec) -> str:
    return f"{spec.run.run_id}/{spec.step}/{spec.task_id}"
