"""How far a transfer is, shown in a terminal."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, Self

__all__ = ["Meter"]

#: Seconds after which a transfer that goes on is worth a bar.
_SHOW_AFTER = 0.5


class Meter:
    """Counts objects and bytes, from several threads; shows a bar on stderr if that is a terminal.

    Parameters
    ----------
    verb
        What is done: ``get``.
    objects
        How many there are; None if that isn't known.
    quiet
        Show nothing, whatever stderr is.
    """

    def __init__(self, verb: str, objects: int | None, *, quiet: bool = False) -> None:
        self._verb = verb
        self._objects = objects
        self._done_objects = 0
        self._bytes = 0
        self._expected_bytes = 0
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._shown: Any = None
        self._task: Any = None
        self._is_wanted = not quiet and _is_terminal()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._draw()
            self._shown.stop()

    def expect(self, size: int) -> None:
        """So many bytes more will come."""
        with self._lock:
            self._expected_bytes += size

    def advance(self, size: int) -> None:
        """So many bytes were moved."""
        with self._lock:
            self._bytes += size
        if self._is_wanted:
            self._show()

    def finish_one(self) -> None:
        """An object is done."""
        with self._lock:
            self._done_objects += 1
        if self._is_wanted:
            self._show()

    def _show(self) -> None:
        if time.monotonic() - self._started < _SHOW_AFTER:
            return
        with self._lock:
            if self._shown is None:
                self._shown, self._task = _start(self._verb)
        self._draw()

    def _draw(self) -> None:
        # One object is measured in bytes, several in objects, of which each may be of any size.
        alone = self._objects == 1
        self._shown.update(
            self._task,
            completed=self._bytes if alone else self._done_objects,
            total=(self._expected_bytes or None) if alone else self._objects,
            count=str(self._done_objects) if self._objects is None else f"{self._done_objects} of {self._objects}",
            size=_text(self._bytes),
            speed=f"{_text(int(self._bytes / (time.monotonic() - self._started)))}/s",
        )


def _start(verb: str) -> tuple[Any, Any]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        *(TextColumn(f"{{task.fields[{name}]}}") for name in ("count", "size", "speed")),
    )
    progress = Progress(*columns, TimeRemainingColumn(), console=Console(file=sys.stderr), transient=True)
    task = progress.add_task(verb, total=None, count="", size="", speed="")
    progress.start()
    return progress, task


def _is_terminal() -> bool:
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it was closed
        return False


def _text(size: int) -> str:
    number = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
