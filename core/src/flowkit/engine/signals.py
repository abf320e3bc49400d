"""Signals that end a run early."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

from flowkit.engine.reactor import SelectorReactor

__all__ = ["REASONS", "Signals", "Terminated"]

#: What is recorded as the reason, by signal.
REASONS = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "its terminal was closed",
}


class Terminated(KeyboardInterrupt):
    """A signal ended the run outside of its loop. The text is the reason."""


class Signals:
    """While entered, SIGINT, SIGTERM and SIGHUP wait: what is recorded is recorded whole.

    In a thread other than the main one (a run started from a program), signals are left alone.

    Parameters
    ----------
    reactor
        Calls what :meth:`call` was given.
    """

    def __init__(self, reactor: SelectorReactor) -> None:
        self._reactor = reactor
        self._previous: dict[signal.Signals, Any] = {}
        self._waiting: signal.Signals | None = None
        self._act: Callable[[str], None] | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in REASONS:
                previous = signal.getsignal(number)
                # A signal that was ignored on purpose (nohup) stays ignored.
                if previous is not signal.SIG_IGN:
                    self._previous[number] = previous
                    signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def raise_them(self) -> None:
        """From now on they raise :class:`Terminated`; one that waited does at once."""
        self._take(_raise)

    def raise_new(self) -> None:
        """As :meth:`raise_them`, of those to come: one that waited has nothing more to end."""
        self._waiting = None
        self._act = _raise

    def call(self, interrupt: Callable[[str], None]) -> None:
        """From now on they call ``interrupt`` from the reactor, with a reason; one that waited does."""
        self._take(lambda reason: self._reactor.call_soon_threadsafe(lambda: interrupt(reason)))

    def hold(self) -> None:
        """From now on they wait."""
        self._act = None

    def release(self) -> None:
        """Let them do what they did before; one that waited does it at once."""
        previous, self._previous = self._previous, {}
        for number, handler in previous.items():
            signal.signal(number, handler)
        waited, self._waiting = self._waiting, None
        if waited is not None:
            signal.raise_signal(waited)

    def _take(self, act: Callable[[str], None]) -> None:
        self._act = act
        waited, self._waiting = self._waiting, None
        if waited is not None:
            act(REASONS[waited])

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self._act is None:
            self._waiting = signal.Signals(number)
        else:
            self._act(REASONS[signal.Signals(number)])


def _raise(reason: str) -> None:
    raise Terminated(reason)
