"""The launching process's event loop: files that can be read, timers, and calls from other threads."""

from __future__ import annotations

import heapq
import os
import selectors
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import attrs

__all__ = ["SelectorReactor"]


@attrs.define(order=False, eq=False)
class _Timer:
    at: float
    sequence: int
    callback: Callable[[], None] | None

    def __lt__(self, other: _Timer) -> bool:
        return (self.at, self.sequence) < (other.at, other.sequence)

    def cancel(self) -> None:
        self.callback = None


class SelectorReactor:
    """A :class:`flowkit.interfaces.compute_backend.Reactor` over the system's best selector.

    ``asyncio`` does the same and costs 35 ms to import, a fifth of a small run.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[_Timer] = []
        self._sequence = 0
        self._calls: deque[Callable[[], None]] = deque()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._drain_wake)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def wake_fd(self) -> int:
        """A file descriptor that wakes the loop when a byte is written to it (for ``signal.set_wakeup_fd``)."""
        return self._wake_write

    def add_reader(self, fd: int, callback: Callable[[], object]) -> None:
        """Call ``callback`` whenever ``fd`` can be read."""
        self._selector.register(fd, selectors.EVENT_READ, callback)

    def remove_reader(self, fd: int) -> None:
        """Stop watching ``fd``."""
        self._selector.unregister(fd)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> _Timer:
        """Call ``callback`` once, after ``seconds``."""
        self._sequence += 1
        timer = _Timer(time.monotonic() + seconds, self._sequence, callback)
        heapq.heappush(self._timers, timer)
        return timer

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` from the loop's thread."""
        self._calls.append(callback)
        self.wake()

    def wake(self) -> None:
        """Make a waiting :meth:`run_once` return."""
        try:
            os.write(self._wake_write, b"\0")
        except BlockingIOError:
            return  # the pipe is full of wake-ups already

    def run_once(self, timeout: float | None = None) -> bool:
        """Wait for something to happen, at most ``timeout`` seconds, and do it. Returns whether anything was done."""
        if self._calls:
            timeout = 0.0
        elif (due := self._next_due()) is not None:
            timeout = due if timeout is None else min(timeout, due)
        ready = self._selector.select(timeout)
        for key, _ in ready:
            # A callback before this one may have stopped watching the file.
            if key.fd in self._selector.get_map():
                key.data()
        done = bool(ready)
        while self._calls:
            self._calls.popleft()()
            done = True
        return self._run_timers() or done

    def close(self) -> None:
        """Forget all files and timers."""
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _next_due(self) -> float | None:
        while self._timers and self._timers[0].callback is None:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0].at - time.monotonic()) if self._timers else None

    def _run_timers(self) -> bool:
        ran = False
        now = time.monotonic()
        while self._timers and self._timers[0].at <= now:
            callback = heapq.heappop(self._timers).callback
            if callback is not None:
                callback()
                ran = True
        return ran

    def _drain_wake(self) -> None:
        try:
            while os.read(self._wake_read, 4096):
                continue
        except BlockingIOError:
            return
