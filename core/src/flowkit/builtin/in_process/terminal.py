"""Output that goes to the terminal at once, and to the attempt's log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flowkit.engine.redaction import Redactor
from flowkit.model.log import Stream

__all__ = ["Output", "shown_and_reported"]

Report = Callable[[Stream, float, bytes], None]


class Output:
    """Both streams of one attempt."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._redactor: Redactor | None = None

    def redact(self, values: Sequence[str]) -> None:
        """Take these values out of what is shown from now on; the log's own redaction is the log's."""
        if self._redactor is None:
            self._redactor = Redactor()
        self._redactor.add(values)

    def write(self, stream: Stream, target: Any, text: str) -> int:
        """Show and report a piece of text."""
        shown = text if self._redactor is None else self._redactor.redact_text(text)
        target.write(shown)
        target.flush()
        if text:
            self._report(stream, time.time(), text.encode("utf-8", "backslashreplace"))
        return len(text)


class _Tee:
    """A stream in place of ``sys.stdout`` or ``sys.stderr``.

    In all but ``write`` it is the stream itself: its ``fileno`` and ``isatty`` let ``input()`` edit lines.
    """

    def __init__(self, stream: Stream, target: Any, output: Output) -> None:
        self._stream = stream
        self._target = target
        self._output = output

    def write(self, text: str) -> int:
        """Write text."""
        return self._output.write(self._stream, self._target, text)

    def writelines(self, lines: Sequence[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """Takes bytes."""
        return _Bytes(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


class _Bytes:
    """The binary side of a stream."""

    def __init__(self, tee: _Tee) -> None:
        self._tee = tee

    def write(self, data: Any) -> int:
        """Write bytes."""
        raw = bytes(data)
        self._tee.write(raw.decode("utf-8", "backslashreplace"))
        return len(raw)

    def flush(self) -> None:
        """Every write is flushed."""
        return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tee._target.buffer, name)


@contextmanager
def shown_and_reported(report: Report) -> Iterator[Output]:
    """While entered, what Python code writes is shown at once and handed to ``report``.

    What C code and subprocesses write goes to the terminal alone.
    """
    output = Output(report)
    before = sys.stdout, sys.stderr
    module: Any = sys
    module.stdout, module.stderr = _Tee("stdout", before[0], output), _Tee("stderr", before[1], output)
    try:
        yield output
    finally:
        module.stdout, module.stderr = before
