"""A limit for code that isn't ours and should be quick."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["time_limit"]


class _TooLong(BaseException):
    """Raised in the code whose time is over: not an Exception, which that code may handle."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End the block after ``seconds`` by a TimeoutError, where the system can, and this is the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise _TooLong

    previous = signal.signal(signal.SIGALRM, stop)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TooLong:
        raise TimeoutError(f"it took longer than {seconds} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, interval)
        signal.signal(signal.SIGALRM, previous)
