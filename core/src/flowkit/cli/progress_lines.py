"""Lines about a run: how they look, and how they are written to the two streams without ever ending the run."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TextIO

import click

from flowkit.cli.console import duration, give_up, may_colour
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec
from flowkit.settings import Settings

__all__ = ["LineWriter", "StepColours", "clean_line", "ended_text", "reason", "started_text", "timestamp"]

_PALETTE = ("cyan", "magenta", "blue", "yellow", "bright_cyan", "bright_magenta", "bright_blue", "green")


class LineWriter:
    """Writes whole lines at once, so that those of two streams stay in order where both go to one place.

    A stream that nobody reads any more is passed over from then on: a run doesn't end with its display.
    """

    def __init__(self) -> None:
        self._broken: set[str] = set()

    def result(self, text: str | bytes) -> None:
        """Write to stdout; the text ends its last line itself."""
        self._write(sys.stdout, text)

    def message(self, text: str | bytes) -> None:
        """Write to stderr; the text ends its last line itself."""
        self._write(sys.stderr, text)

    def _write(self, stream: TextIO, text: str | bytes) -> None:
        if stream.name in self._broken:
            return
        data = text.encode("utf-8", "replace") if isinstance(text, str) else text
        try:
            stream.flush()
            stream.buffer.write(data)
            stream.buffer.flush()
        except OSError:
            self._broken.add(stream.name)
            give_up(stream)


class StepColours:
    """One colour for each step, and text in it where the stream may have colours."""

    def __init__(self, steps: Iterable[str]) -> None:
        self._colours = {step: _PALETTE[number % len(_PALETTE)] for number, step in enumerate(steps)}
        self._allowed: dict[int, bool] = {}

    def of(self, step: str) -> str:
        """The step's colour, as click names it."""
        return self._colours.get(step, _PALETTE[0])

    def paint(self, text: str, step: str, stream: TextIO) -> str:
        """``text`` in the step's colour, for ``stream``."""
        return self.style(text, stream, fg=self.of(step))

    def style(self, text: str, stream: TextIO, *, fg: str | None = None, bold: bool = False, dim: bool = False) -> str:
        """``text`` in a style, for ``stream``."""
        allowed = self._allowed.get(id(stream))
        if allowed is None:
            allowed = self._allowed[id(stream)] = may_colour(stream)
        return click.style(text, fg=fg, bold=bold or None, dim=dim or None) if allowed else text


def started_text(run: RunRecord) -> str:
    """Which run has started, of what it goes on, and where its page is."""
    text = f"Run {run.flow}/{run.run_id} started"
    if (repeated := run.info.get("spin")) is not None:
        return f"{text}, running {repeated} again"
    if run.origin_run_id:
        text = f"{text}, resuming {run.origin_run_id}"
    pages = Settings.load().get("UI_URL")
    return f"{text}: {pages.rstrip('/')}/{run.flow}/{run.run_id}" if pages else text


def timestamp(at: float) -> str:
    """Local time to the millisecond: ``2026-11-21 03:00:00.123``."""
    milliseconds = int(at * 1000)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(seconds))}.{rest:03d}"


def clean_line(line: bytes, *, for_terminal: bool) -> bytes:
    """A task's line without its end, as it would stand at last where it was overwritten (progress bars).

    For a terminal, sequences that would move the cursor or clear the screen are taken out; colours stay.
    """
    text = line.rstrip(b"\r\n")
    if b"\r" in text:
        text = text.rpartition(b"\r")[2]
    if for_terminal and b"\x1b" in text:
        import re

        text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-ln-z]|\x1b[^\[]", b"", text) + b"\x1b[0m"
    return text


def reason(outcome: TaskOutcome) -> str:
    """Why an attempt didn't succeed, in one line."""
    failure = outcome.failure
    if failure is not None:
        message = failure.message.strip()
        first = message.splitlines()[0] if message else ""
        if first and failure.type.startswith("flowkit.errors."):
            return first  # FlowKit's own messages say it all
        return f"{failure.type}: {first}" if first else failure.type
    if outcome.exit_code is not None and outcome.exit_code < 0:
        return f"{outcome.status.replace('_', ' ')} by signal {-outcome.exit_code}"
    if outcome.exit_code:
        return f"{outcome.status.replace('_', ' ')} with exit status {outcome.exit_code}"
    return outcome.status.replace("_", " ")


def ended_text(spec: TaskSpec, outcome: TaskOutcome, will_retry: bool) -> str:
    """How an attempt ended, in a few words."""
    took = f" in {duration(outcome.finished_at - outcome.started_at)}" if outcome.started_at else ""
    if outcome.status == "succeeded":
        return f"finished{took}, its exception handled" if outcome.caught else f"finished{took}"
    if outcome.status == "cancelled":
        return "ended, as the run is ending"
    number = f" (attempt {spec.attempt})" if spec.attempt or will_retry else ""
    after = "; it is tried again" if will_retry else ""
    return f"failed{took}{number}: {reason(outcome)}{after}"
