"""Takes secrets out of this process's output, where the launching process can't be told what they are.

A process of its own does it, forked from the task: it passes on what is in the pipes also when the task crashes, and
sees what subprocesses and C code write.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import NoReturn

from flowkit.engine.task_log import TaskLog

__all__ = ["OutputMask"]

#: More than a pipe holds: one read takes all that was written before it.
_READ_SIZE = 1 << 20


class OutputMask:
    """Leads stdout and stderr, the descriptors 1 and 2, through a process that replaces secrets by ``***``.

    It ends when nobody has the pipes open for writing any more, and ignores signals that are for the task.

    Parameters
    ----------
    flush
        Writes what C's streams hold.

    Raises
    ------
    OSError
        If the process can't be started.
    """

    def __init__(self, flush: Callable[[], None]) -> None:
        # What was printed before there was a secret comes before, too.
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):  # replaced or closed by the flow
                stream.flush()
        flush()
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        # Streams that are one file stay one, or the order between them would be lost.
        targets = ((1, 2),) if os.path.sameopenfile(1, 2) else ((1,), (2,))
        pipes = [os.pipe() for _ in targets]
        ends = {pipe[0]: target[0] for pipe, target in zip(pipes, targets, strict=True)}
        _start(orders, answers, ends)
        for (read_end, write_end), target in zip(pipes, targets, strict=True):
            for fd in target:
                os.dup2(write_end, fd)
            os.close(read_end)
            os.close(write_end)
        os.close(orders)
        os.close(answers)

    def add(self, values: Sequence[str]) -> None:
        """Mask these in all that is written from now on.

        Raises
        ------
        BrokenPipeError
            If the process was killed. Then nothing can be written to stdout and stderr either.
        """
        self._order(json.dumps(list(values)).encode())

    def drain(self) -> None:
        """Return when all that was written until now is passed on, lines without an end too.

        For before the task ends: whoever started it may then end whatever it left.
        """
        with suppress(OSError):  # it was killed: there is nobody who would pass anything on
            self._order(b"")
            os.read(self._answers, 1)

    def _order(self, line: bytes) -> None:
        view = memoryview(line + b"\n")
        while view:
            view = view[os.write(self._orders, view) :]


def _start(orders: int, answers: int, ends: Mapping[int, int]) -> None:
    """Fork the process, twice: it must not be a child that the step's code might wait for."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        with warnings.catch_warnings():
            # Of a fork beside threads: what is forked takes no lock that one of them may hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            _become_mask(orders, answers, ends)
        with suppress(ChildProcessError):  # the flow has the system forget children that end
            os.waitpid(child, 0)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _become_mask(orders: int, answers: int, ends: Mapping[int, int]) -> NoReturn:
    """Signals stay blocked: those for the task's group aren't for this process, and handlers are the flow's."""
    try:
        if os.fork():
            os._exit(0)
        gc.disable()  # the flow's objects aren't to be finalized here
        _close_others({orders, answers, 1, 2, *ends})
        _Masking(orders, answers, ends).run()
    except BaseException as error:
        # Not its message, which may be of what was to be masked.
        os.write(2, f"the output can't be masked any more: {type(error).__name__}\n".encode())
    finally:
        os._exit(0)


def _close_others(kept: Collection[int]) -> None:
    """Close files that the task had open, the other ends of its pipes among them."""
    with suppress(FileNotFoundError):  # a system without such a folder
        for fd in map(int, os.listdir("/dev/fd")):
            if fd not in kept:
                with suppress(OSError):  # that of the list itself
                    os.close(fd)


class _Masking:
    """What the process does. ``ends``: where what comes out of each pipe goes to."""

    def __init__(self, orders: int, answers: int, ends: Mapping[int, int]) -> None:
        self._orders = orders
        self._answers = answers
        self._rest = b""
        self._asked = 0
        self._selector = DefaultSelector()
        self._streams = {fd: _Stream(target) for fd, target in ends.items()}
        for fd in (orders, *ends):
            os.set_blocking(fd, False)
            self._selector.register(fd, EVENT_READ)

    def run(self) -> None:
        """Until all streams have ended."""
        while self._streams:
            self._selector.select()
            self._pass_on()
            if self._asked:
                self._pass_on()
                for fd in list(self._streams):
                    self._write(fd, b"", is_end=True)
                with suppress(OSError):  # the task has ended meanwhile
                    os.write(self._answers, b"." * self._asked)
                self._asked = 0

    def _pass_on(self) -> None:
        pieces = {fd: data for fd in self._streams if (data := _read(fd)) is not None}
        # Secrets that were sent before this was written can be read by now.
        self._obey()
        for fd, data in pieces.items():
            self._write(fd, data, is_end=not data)
            if not data:
                self._end(fd)

    def _write(self, fd: int, data: bytes, *, is_end: bool) -> None:
        stream = self._streams.get(fd)
        try:
            if stream is not None:
                stream.write(data, is_end=is_end)
        except OSError:
            # Nobody reads it, or there is no room: the task is to see that when it writes.
            self._end(fd)

    def _end(self, fd: int) -> None:
        if (stream := self._streams.pop(fd, None)) is not None:
            self._selector.unregister(fd)
            os.close(fd)
            os.close(stream.target)

    def _obey(self) -> None:
        data = _read(self._orders)
        if data is None:
            return
        if not data:
            self._selector.unregister(self._orders)
            os.close(self._orders)
            self._orders = -1
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._asked += lines.count(b"")
        for values in map(json.loads, filter(None, lines)):
            for stream in self._streams.values():
                stream.log.add_secrets(values)
        if len(data) == _READ_SIZE:
            self._obey()


class _Stream:
    """Masks whole lines, as the launching process does, and writes them to ``target``."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._lines: list[bytes] = []
        self.log = TaskLog(None, lambda _stream, _time, line: self._lines.append(line))

    def write(self, data: bytes, *, is_end: bool) -> None:
        """Write the lines that ``data`` ends; at the end, also the one that it doesn't."""
        self.log.append("stdout", 0.0, data)
        if is_end:
            self.log.close()
        view = memoryview(b"".join(self._lines))
        self._lines.clear()
        while view:
            try:
                view = view[os.write(self.target, view) :]
            except BlockingIOError:  # whoever shares the file wants it so
                select.select([], [self.target], [])


def _read(fd: int) -> bytes | None:
    """What there is; empty at the end, None where there is nothing for now."""
    if fd < 0:
        return None
    try:
        return os.read(fd, _READ_SIZE)
    except BlockingIOError:
        return None
