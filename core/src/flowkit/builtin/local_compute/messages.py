"""Messages between the launching process and the parent of tasks, over one SOCK_SEQPACKET socket pair.

Both ends run the same code, one being a fork of the other. The two kinds that every task needs are a few packed
numbers, since whatever Python object the parent of tasks touches is a page that the system copies for it after each
fork: ``started`` and ``ended``. A task itself arrives as bytes, which only its own process makes an object of. Every
other message is a pickled tuple: its kind, the number of the task, and the rest. One that is too long for a packet
travels as an open memory file. The children write to the same end as their parent, so that a child's report always
arrives before its end.
"""

from __future__ import annotations

import os
import pickle
import socket
import struct
from collections.abc import Sequence
from typing import Any

__all__ = ["Connection", "socket_pair"]

_LONGEST_PACKET = 32 * 1024
_MOST_FDS = 4
_FD_SPACE = socket.CMSG_SPACE(_MOST_FDS * 4)
_RIGHTS = int(socket.SCM_RIGHTS)
_SOCKET_LEVEL = int(socket.SOL_SOCKET)
_CLOEXEC = int(getattr(socket, "MSG_CMSG_CLOEXEC", 0))

_IN_FILE = b"F"
_IN_PACKET = b"P"
_TASK = b"T"
_LATER = b"L"
_STARTED = b"S"
_ENDED = b"E"
#: Number of the task, and of the group of siblings that it belongs to.
_TASK_HEADER = struct.Struct("=qq")
#: Number of the task, process id.
_START = struct.Struct("=qq")
#: Number of the task, exit status, peak memory in bytes.
_END = struct.Struct("=qqq")
_FDS = tuple(struct.Struct(f"={count}i") for count in range(_MOST_FDS + 1))


class Connection:
    """One end."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    def fileno(self) -> int:
        """The socket."""
        return self._socket.fileno()

    def set_blocking(self, flag: bool) -> None:
        """Whether sending waits (else it raises BlockingIOError), and :meth:`receive`."""
        self._socket.setblocking(flag)

    # --- sending; each raises BlockingIOError, BrokenPipeError, ConnectionError ------------------------------------

    def send(self, message: tuple[Any, ...], fds: Sequence[int] = ()) -> None:
        """Send a message, and open files with it."""
        self._send(_IN_PACKET, pickle.dumps(message, protocol=5), fds)

    def send_task(self, number: int, group: int, spec: bytes, fds: Sequence[int], *, later: bool = False) -> None:
        """Send a task; it is received as ``("task", number, group, spec)``, or ``later`` in place of ``task``."""
        self._send(_LATER if later else _TASK, _TASK_HEADER.pack(number, group) + spec, fds)

    def send_started(self, number: int, pid: int) -> None:
        """Say that a task's process is there; received as ``("started", number, pid)``."""
        self._socket.send(_STARTED + _START.pack(number, pid))

    def send_ended(self, number: int, code: int, peak_memory: int) -> None:
        """Say that a task's process is over; received as ``("ended", number, code, peak_memory)``."""
        self._socket.send(_ENDED + _END.pack(number, code, peak_memory))

    def _send(self, kind: bytes, data: bytes, fds: Sequence[int]) -> None:
        if len(data) < _LONGEST_PACKET:
            self._send_packet(kind + data, fds)
            return
        file = os.memfd_create("flowkit-message", os.MFD_CLOEXEC)
        try:
            with open(file, "wb", closefd=False) as writer:
                writer.write(kind + data)
            self._send_packet(_IN_FILE, (file, *fds))
        finally:
            os.close(file)

    def _send_packet(self, data: bytes, fds: Sequence[int]) -> None:
        if fds:
            rights = _FDS[len(fds)].pack(*fds)
            self._socket.sendmsg((data,), ((_SOCKET_LEVEL, _RIGHTS, rights),))
        else:
            self._socket.send(data)

    # --- receiving -------------------------------------------------------------------------------------------------

    def receive(self) -> tuple[tuple[Any, ...], Sequence[int]] | None:
        """The next message and the files that came with it; None if the other end is closed.

        Raises BlockingIOError if there is none yet.
        """
        try:
            data, ancillary, _, _ = self._socket.recvmsg(_LONGEST_PACKET + 64, _FD_SPACE, _CLOEXEC)
        except ConnectionError:
            return None
        if not data:
            return None
        fds: tuple[int, ...] = ()
        for _, _, rights in ancillary:
            fds = _FDS[len(rights) // 4].unpack(rights)
        if data[:1] == _IN_FILE:
            with open(fds[0], "rb") as file:
                file.seek(0)
                data = file.read()
            fds = fds[1:]
        return _read(data[:1], data), fds

    def close(self) -> None:
        """Close this end."""
        self._socket.close()


def _read(kind: bytes, data: bytes) -> tuple[Any, ...]:
    if kind in (_TASK, _LATER):
        number, group = _TASK_HEADER.unpack_from(data, 1)
        return "task" if kind == _TASK else "later", number, group, data[1 + _TASK_HEADER.size :]
    if kind == _STARTED:
        return ("started", *_START.unpack_from(data, 1))
    if kind == _ENDED:
        return ("ended", *_END.unpack_from(data, 1))
    message: tuple[Any, ...] = pickle.loads(memoryview(data)[1:])  # noqa: S301 - from this process's own fork
    return message


def socket_pair() -> tuple[Connection, Connection]:
    """Two ends of one connection."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Connection(one), Connection(other)
