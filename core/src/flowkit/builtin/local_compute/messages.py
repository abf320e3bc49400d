"""Messages between the launching process and the parent of tasks, over one SOCK_SEQPACKET socket pair.

Both ends run the same code, one being a fork of the other, so a message is a pickled tuple: its kind, the number of
the task, and the rest. A message that is too long for a packet travels as an open memory file. The children write to
the same end as their parent, so that a child's report always arrives before its end.
"""

from __future__ import annotations

import os
import pickle
import socket
from collections.abc import Sequence
from typing import Any

__all__ = ["Connection", "socket_pair"]

_LONGEST_PACKET = 96 * 1024
_MOST_FDS = 4
_IN_FILE = b"F"
_IN_PACKET = b"P"


class Connection:
    """One end."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    def fileno(self) -> int:
        """The socket."""
        return self._socket.fileno()

    def set_blocking(self, flag: bool) -> None:
        """Whether :meth:`send` waits (else it raises BlockingIOError), and :meth:`receive`."""
        self._socket.setblocking(flag)

    def send(self, message: tuple[Any, ...], fds: Sequence[int] = ()) -> None:
        """Send a message, and open files with it. Raises BlockingIOError, BrokenPipeError, ConnectionError."""
        data = pickle.dumps(message, protocol=5)
        if len(data) < _LONGEST_PACKET:
            self._send(_IN_PACKET + data, fds)
            return
        file = os.memfd_create("flowkit-message", os.MFD_CLOEXEC)
        try:
            with open(file, "wb", closefd=False) as writer:
                writer.write(data)
            self._send(_IN_FILE, (file, *fds))
        finally:
            os.close(file)

    def _send(self, data: bytes, fds: Sequence[int]) -> None:
        if fds:
            socket.send_fds(self._socket, [data], list(fds))
        else:
            self._socket.send(data)

    def receive(self) -> tuple[tuple[Any, ...], list[int]] | None:
        """The next message and the files that came with it; None if the other end is closed.

        Raises BlockingIOError if there is none yet.
        """
        try:
            data, fds, _, _ = socket.recv_fds(self._socket, _LONGEST_PACKET + 1, _MOST_FDS)
        except ConnectionError:
            return None
        if not data:
            return None
        if data[:1] == _IN_PACKET:
            return pickle.loads(memoryview(data)[1:]), fds  # noqa: S301 - from this process's own fork
        with open(fds[0], "rb") as file:
            file.seek(0)
            return pickle.loads(file.read()), fds[1:]  # noqa: S301

    def close(self) -> None:
        """Close this end."""
        self._socket.close()


def socket_pair() -> tuple[Connection, Connection]:
    """Two ends of one connection."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Connection(one), Connection(other)
