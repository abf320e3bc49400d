"""The progress of a run in a terminal: lines of the tasks' output, and below them a table of the steps."""

from __future__ import annotations

import sys
import threading
import time

from flowkit.cli.console import is_terminal
from flowkit.cli.progress_lines import LineWriter, StepColours, clean_line, ended_text, started_text, timestamp
from flowkit.cli.progress_state import RunProgress
from flowkit.engine.observer import RunObserver
from flowkit.model.graph import Graph
from flowkit.model.log import Stream
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["LiveProgress"]

#: A run shorter than this shows lines only, and doesn't pay for the display.
PATIENCE_SECONDS = 0.4
REFRESH_SECONDS = 0.1


class LiveProgress(RunObserver):
    """The observer's methods only count and collect; a thread draws, ten times a second.

    So a run waits neither for the display to be imported nor for the terminal. Where stdout isn't a terminal, the
    tasks' output goes there, in plain lines with the time.
    """

    def __init__(self) -> None:
        self._writer = LineWriter()
        self._shares_terminal = is_terminal(sys.stdout)
        self._colours = StepColours(())
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._collected: list[bytes] = []
        self._collecting = False

    def run_started(self, run: RunRecord, graph: Graph) -> None:
        """Say which run it is, and begin to draw."""
        self._colours = StepColours(graph.nodes)
        progress = self._progress = RunProgress(graph.nodes)
        self.message(started_text(run))
        self._thread = threading.Thread(
            target=self._draw,
            args=(progress, f"{run.flow}/{run.run_id}", run.created_at),
            name="flowkit-progress",
            daemon=True,
        )
        self._thread.start()

    def task_queued(self, step: str, count: int) -> None:
        """Count tasks that are known."""
        self._progress.queued(step, count)

    def task_cloned(self, step: str, count: int) -> None:
        """Count tasks taken from the origin run."""
        self._progress.cloned(step, count)

    def task_started(self, spec: TaskSpec, info: object) -> None:
        """Count an attempt that runs."""
        self._progress.started(spec.step, time.time())

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, line: bytes) -> None:
        """Show a line of a task's output, whichever of its streams it comes from."""
        prefix = self._colours.paint(_prefix(spec), spec.step, sys.stdout).encode()
        text = clean_line(line, for_terminal=self._shares_terminal)
        if self._shares_terminal:
            self._show(b"%b %b\n" % (prefix, text))
        else:
            self._writer.result(b"%b %b %b\n" % (timestamp(time).encode(), prefix, text))

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome, will_retry: bool) -> None:
        """Count an attempt that is over; a failure is said in a line, too."""
        self._progress.ended(spec.step, outcome, will_retry, time.time())
        if outcome.status not in ("succeeded", "cancelled") or outcome.caught:
            prefix = self._colours.paint(_prefix(spec), spec.step, sys.stderr)
            text = self._colours.style(ended_text(spec, outcome, will_retry), sys.stderr, fg="red")
            self._show(f"{prefix} {text}\n".encode())

    def message(self, text: str) -> None:
        """Show a line."""
        self._show(f"{text}\n".encode())

    def run_finished(self, run: RunRecord, failure: str) -> None:
        """Take the display away, show all lines that came, and tell what was taken from an earlier run."""
        self.close()
        if cloned := self._progress.tasks_cloned:
            self.message(f"{cloned} task{'s' if cloned > 1 else ''} taken from run {run.origin_run_id}")

    def close(self) -> None:
        """End the display; lines that come later are written at once."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None
        self._write_collected()

    def _show(self, line: bytes) -> None:
        with self._lock:
            if self._collecting:
                self._collected.append(line)
                return
        self._writer.message(line)

    def _write_collected(self) -> None:
        with self._lock:
            self._collecting = False
            lines = b"".join(self._collected)
            self._collected.clear()
        if lines:
            self._writer.message(lines)

    def _draw(self, progress: RunProgress, title: str, began: float) -> None:
        if self._stop.wait(PATIENCE_SECONDS):
            return
        from flowkit.cli.progress_display import Display

        if self._stop.is_set():
            return
        with self._lock:
            self._collecting = True
        try:
            with Display(progress, title, began, self._colours) as display:
                while not self._stop.wait(REFRESH_SECONDS):
                    with self._lock:
                        lines, self._collected = self._collected, []
                    display.refresh(b"".join(lines))
        except OSError:  # the terminal was closed: the run goes on
            self._stop.set()
        finally:
            self._write_collected()


def _prefix(spec: TaskSpec) -> str:
    return f"[{spec.run.run_id}/{spec.step}/{spec.task_id}]"
