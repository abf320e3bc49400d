"""A child of the parent of tasks that reads from a remote store what the tasks of a split have in common.

The parent itself makes no connection: its children would share it.
"""

from __future__ import annotations

import os
import signal
import struct
from collections.abc import Callable
from typing import NoReturn

from flowkit.task.process import Libc
from flowkit.task.shared_inputs import Contents

__all__ = ["SharedReader"]

_PIECE = 1 << 16
#: Seconds after which nobody waits for it any more.
_LONGEST = 120
_SIZES = struct.Struct("<qq")


class SharedReader:
    """The child, as the parent sees it.

    Parameters
    ----------
    read
        What the child does. If it fails, the result is that nothing was read.
    """

    def __init__(self, read: Callable[[], Contents], libc: Libc) -> None:
        self._fd, theirs = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._fd, False)
        self._received = bytearray()
        parent = os.getpid()
        try:
            if os.fork() == 0:
                os.close(self._fd)
                _become_reader(read, libc, parent, theirs)
        finally:
            os.close(theirs)

    def receive(self) -> Contents | None:
        """Take what has come; all of it once the child has ended."""
        try:
            while piece := os.read(self._fd, _PIECE):
                self._received += piece
        except BlockingIOError:
            return None
        return self._contents()

    def close(self) -> None:
        """Take no more; a child that still reads ends when it comes to write."""
        os.close(self._fd)

    def _contents(self) -> Contents:
        if len(self._received) < _SIZES.size:
            return None, None
        sizes = _SIZES.unpack_from(self._received)
        middle = _SIZES.size + max(sizes[0], 0)
        if len(self._received) != middle + max(sizes[1], 0):
            return None, None
        parts = bytes(self._received[_SIZES.size : middle]), bytes(self._received[middle:])
        return parts[0] if sizes[0] >= 0 else None, parts[1] if sizes[1] >= 0 else None


def _become_reader(read: Callable[[], Contents], libc: Libc, parent: int, target: int) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        for signum in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM):
            signal.signal(signum, signal.SIG_DFL)
        libc.die_with_parent(parent, signal.SIGKILL)
        signal.alarm(_LONGEST)
        contents = read()
        with os.fdopen(target, "wb") as pipe:
            pipe.write(_SIZES.pack(*(-1 if content is None else len(content) for content in contents)))
            for content in contents:
                pipe.write(content or b"")
    finally:
        # What fails here fails in the tasks too, which can say so.
        os._exit(0)
