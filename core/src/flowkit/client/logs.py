"""One stream of a task's stored output."""

from __future__ import annotations

from collections.abc import Iterator

from flowkit.model.log import LogRecord, Stream, parse

__all__ = ["lines_of", "size_of", "text_of"]


def text_of(content: bytes | None, stream: Stream) -> str:
    """All that was written to the stream; bytes that aren't UTF-8 are shown as replacement characters."""
    return b"".join(record.data for record in _records(content, stream)).decode("utf-8", "replace")


def size_of(content: bytes | None, stream: Stream) -> int:
    """Bytes that were written to the stream."""
    return sum(len(record.data) for record in _records(content, stream))


def lines_of(content: bytes | None, stream: Stream) -> Iterator[tuple[float, bytes]]:
    """When each line was written (seconds since the epoch), and the line without its end."""
    for record in _records(content, stream):
        for line in record.data.removesuffix(b"\n").split(b"\n"):
            yield record.time, line


def _records(content: bytes | None, stream: Stream) -> Iterator[LogRecord]:
    return (record for record in parse(content or b"") if record.stream == stream)
