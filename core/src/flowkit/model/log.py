"""The stored form of a task's output.

One object holds both streams, interleaved as they arrived. Each record is a header line, ``o`` or ``e`` (which
stream), the time in seconds since the epoch and the number of bytes, and then exactly that many bytes::

    o1700000000.123456 12
    hello world

so that the bytes of one stream can be given back exactly, line ends or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import attrs

__all__ = ["LogRecord", "Stream", "encode", "parse"]

Stream = Literal["stdout", "stderr"]

_HEADER = re.compile(rb"[oe](\d+\.\d+) (\d+)")


@attrs.frozen
class LogRecord:
    """One line of output (without a line end if the output had none)."""

    stream: Stream
    #: Seconds since the epoch.
    time: float
    data: bytes


def encode(stream: Stream, time: float, data: bytes) -> bytes:
    """The stored form of one record."""
    return b"%b%.6f %d\n%b" % (b"o" if stream == "stdout" else b"e", time, len(data), data)


def parse(content: bytes) -> Iterator[LogRecord]:
    """Records of a stored log. An unfinished record at the end (its writer was killed) is given as far as it goes.

    What is no record is not skipped in silence: a line in its place, as of stderr, says where the damage begins.
    """
    position, time = 0, 0.0
    while position < len(content):
        end = content.find(b"\n", position)
        if end < 0:
            return
        header = _HEADER.fullmatch(content, position, end)
        if header is None:
            yield LogRecord(
                "stderr", time, b"(this log is damaged from byte %d on: the rest can't be shown)\n" % position
            )
            return
        time, length = float(header[1]), int(header[2])
        data = content[end + 1 : end + 1 + length]
        yield LogRecord("stdout" if content[position : position + 1] == b"o" else "stderr", time, data)
        position = end + 1 + length
