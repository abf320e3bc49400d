"""One attempt's output: cut into lines, redacted, stored and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flowkit.engine.redaction import Redactor
from flowkit.interfaces.datastore import LogWriter
from flowkit.model.log import Stream, encode

__all__ = ["TaskLog"]

#: A longer line is cut: a program may never write a line end.
_LONGEST_LINE = 256 * 1024


class TaskLog:
    """Takes pieces of output as they arrive.

    Parameters
    ----------
    open_writer
        Opens the stored log; called when there is something to store. None where it is only shown.
    show
        Called with each whole line, as it is stored.
    longest
        Bytes of each stream that are stored, whole lines; what follows is only shown. None for all.
    """

    def __init__(
        self,
        open_writer: Callable[[], LogWriter] | None,
        show: Callable[[Stream, float, bytes], None],
        *,
        longest: int | None = None,
    ) -> None:
        self._open_writer = open_writer
        self._writer: LogWriter | None = None
        self._show = show
        self._partial: dict[Stream, tuple[float, bytes]] = {}
        self._redactor: Redactor | None = None
        self._longest = longest
        #: Bytes that there were so far.
        self._written: dict[Stream, int] = {"stdout": 0, "stderr": 0}

    def add_secrets(self, values: Iterable[str]) -> None:
        """Redact these from now on."""
        if self._redactor is None:
            self._redactor = Redactor()
        self._redactor.add(values)

    def append(self, stream: Stream, time: float, data: bytes) -> None:
        """Take a piece of output that arrived at ``time``."""
        began, rest = self._partial.pop(stream, (time, b""))
        lines = [(began if number == 0 else time, line) for number, line in enumerate(_lines(rest + data))]
        if lines and not lines[-1][1].endswith(b"\n") and len(lines[-1][1]) < _LONGEST_LINE:
            self._partial[stream] = lines.pop()
        if lines:
            self._store(stream, lines)

    def close(self) -> None:
        """Store what is left of lines without an end."""
        for stream, (time, rest) in self._partial.items():
            self._store(stream, [(time, rest)])
        self._partial.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _store(self, stream: Stream, lines: list[tuple[float, bytes]]) -> None:
        if self._redactor is not None:
            lines = [(time, self._redactor.redact(line)) for time, line in lines]
        stored = shown = lines
        if self._longest is not None:
            stored, shown = self._within(stream, lines, self._longest)
        if self._open_writer is not None and stored:
            if self._writer is None:
                self._writer = self._open_writer()
            self._writer.append(b"".join(encode(stream, time, line) for time, line in stored))
        for time, line in shown:
            self._show(stream, time, line)

    def _within(
        self, stream: Stream, lines: list[tuple[float, bytes]], longest: int
    ) -> tuple[list[tuple[float, bytes]], list[tuple[float, bytes]]]:
        """The lines to store, and those to show. Where there is no more room, a line that says so is in both."""
        before = self._written[stream]
        if before > longest:
            return [], lines
        self._written[stream] = size = before + sum(len(line) for _, line in lines)
        if size <= longest:
            return lines, lines
        room, fitting = longest - before, 0
        for _, line in lines:
            room -= len(line)
            if room < 0:
                break
            fitting += 1
        time = lines[fitting][0]
        limit = f"{longest >> 20} MB" if longest >= 1 << 20 else f"{longest} bytes"
        note = f"({stream} is longer than {limit}: what follows isn't stored; --max-log-size MB stores more)\n"
        stored = [*lines[:fitting], (time, note.encode())]
        return stored, [*stored, *lines[fitting:]]


def _lines(data: bytes) -> list[bytes]:
    """Lines by ``\\n`` alone: a progress bar's ``\\r`` stays within its line."""
    parts = data.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines
