"""The table of a run's steps, drawn with rich. Only imported where it is shown."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from flowkit.cli.console import duration
from flowkit.cli.progress_lines import StepColours
from flowkit.cli.progress_state import RunProgress, StepProgress

__all__ = ["Display", "table_of"]

_BAR_WIDTH = 20
#: Lines of the terminal that the table leaves to the output above it.
_ROOM_FOR_OUTPUT = 8


class Display:
    """The table at the bottom of the terminal; a context manager that takes it away at its end."""

    def __init__(self, progress: RunProgress, title: str, began: float, colours: StepColours) -> None:
        self._progress = progress
        self._title = title
        self._colours = colours
        self._began = began
        self._console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._drawn: tuple[object, ...] = ()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def refresh(self, lines: bytes) -> None:
        """Show lines above the table, and the table as it is now, if anything has changed (the clock counts)."""
        now = time.time()
        state = (int(now), self._progress.tasks_done, self._progress.tasks_known, self._console.size)
        running = tuple((step.running, step.failed) for step in self._progress.steps.values() if step.known)
        if not lines and (*state, running) == self._drawn:
            return
        self._drawn = (*state, running)
        table = table_of(self._progress, self._title, now - self._began, now, self._console, self._colours)
        with self._console:  # one write
            if lines:
                self._console.print(_Raw(lines.decode("utf-8", "replace")), soft_wrap=True, end="")
            self._live.update(table, refresh=True)


class _Raw:
    """Text that goes to the terminal as it is; printing it draws the table again below it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self._text)


def table_of(
    progress: RunProgress, title: str, elapsed: float, now: float, console: Console, colours: StepColours
) -> Group:
    """The table: a line for each step that there is room for, and one for the run."""
    steps = progress.visible(max(console.size.height - _ROOM_FOR_OUTPUT, 3))
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis")
    drawable = console.encoding.lower().startswith("utf")
    for step in steps:
        spent = step.elapsed(now)
        style = colours.of(step.name) if step.known else "dim"
        table.add_row(
            Text(step.name, style=style),
            _bar(step, drawable),
            Text(f"{step.done}/{step.known}" if step.known else "-", style="" if step.known else "dim"),
            Text(duration(spent) if spent is not None else "", style="dim"),
            _state(step),
        )
    hidden = len(progress.steps) - len(steps)
    total = Text(f"{title}  {progress.tasks_done} of {progress.tasks_known} tasks done  {duration(elapsed)}", "bold")
    if hidden:
        total.append(f"  ({hidden} more steps)", "dim")
    return Group(table, total)


def _bar(step: StepProgress, drawable: bool) -> Text:
    full, empty = ("━", "─") if drawable else ("#", "-")
    known = max(step.known, 1)
    done = _BAR_WIDTH * step.done // known
    failed = min(-(-_BAR_WIDTH * step.failed // known), _BAR_WIDTH - done)
    running = min(-(-_BAR_WIDTH * step.running // known), _BAR_WIDTH - done - failed)
    text = Text(full * done, style="green")
    text.append(full * failed, "red")
    text.append(full * running, "yellow")
    text.append(empty * (_BAR_WIDTH - done - failed - running), "dim")
    return text


def _state(step: StepProgress) -> Text:
    parts = [
        (step.running, "running", "yellow"),
        (step.failed, "failed", "red"),
        (step.retried, "tried again", "yellow"),
        (step.cloned, "from the origin run", "dim"),
    ]
    text = Text()
    for count, word, style in parts:
        if count:
            text.append(", " if text else "").append(f"{count} {word}", style)
    if not text and step.known and step.done == step.known:
        text.append("done", "green")
    return text
