"""Signals that end a run early."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from flowkit.engine.reactor import SelectorReactor

__all__ = ["REASONS", "interrupts"]

#: What is recorded as the reason, by signal.
REASONS = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "its terminal was closed",
}


@contextmanager
def interrupts(reactor: SelectorReactor, interrupt: Callable[[str], None]) -> Iterator[None]:
    """While entered, SIGINT, SIGTERM and SIGHUP call ``interrupt`` from the reactor, with a reason.

    In a thread other than the main one (a run started from a program), signals are left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _: FrameType | None) -> None:
        reactor.call_soon_threadsafe(lambda: interrupt(REASONS[signal.Signals(number)]))

    previous = {number: signal.getsignal(number) for number in REASONS}
    for number in REASONS:
        # A signal that was ignored on purpose (nohup) stays ignored.
        if previous[number] is not signal.SIG_IGN:
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
