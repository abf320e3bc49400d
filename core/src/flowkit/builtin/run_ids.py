"""Ids of runs: microseconds since the epoch."""

from __future__ import annotations

import threading
import time

__all__ = ["new_run_id"]


class _Clock:
    """Gives each caller another number, even if the clock stands still or is set back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest = 0

    def next(self) -> int:
        with self._lock:
            self._latest = max(self._latest + 1, time.time_ns() // 1000)
            return self._latest


_clock = _Clock()


def new_run_id() -> str:
    """An id that is greater than all that this process gave before."""
    return str(_clock.next())
