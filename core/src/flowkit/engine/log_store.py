"""Where the output of a run's attempts goes, without the loop waiting for a network."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import attrs

from flowkit.errors import DatastoreError
from flowkit.interfaces.compute_backend import Reactor
from flowkit.interfaces.datastore import Datastore, LogWriter

__all__ = ["LogStore"]

#: Logs that are put at the same time.
_WORKERS = 8
#: At the end of a run, after so many failures with no success between them, the rest isn't tried any more.
_MOST_FAILURES = 3
#: Seconds after which a user is told what a run that has ended waits for.
_PATIENCE_SECONDS = 5.0


@attrs.frozen
class _Ended:
    key: str
    writer: LogWriter


class LogStore:
    """Opens logs in a datastore. Those of a remote one are finished by threads, while the run goes on.

    A log that couldn't be stored is tried again at the end of the run. A run is none the worse without it.

    Parameters
    ----------
    datastore
        Where logs are kept.
    reactor
        Is woken when a log is done.
    warn
        Told in a line if logs couldn't be stored: once, at the end. Also if storing them takes long then.
    """

    def __init__(self, datastore: Datastore, reactor: Reactor, warn: Callable[[str], None]) -> None:
        self._datastore = datastore
        self._reactor = reactor
        self._warn = warn
        self._is_remote = not datastore.is_mappable()
        self._lock = threading.Condition()
        self._waiting: deque[_Ended] = deque()
        self._threads = 0
        self._idle = 0
        self._failed: list[_Ended] = []
        self._failures_in_a_row = 0
        self._is_ending = False
        self._given_up = False
        #: The reactor may be closed from then on.
        self._is_over = False
        self._error = ""

    def open(self, key: str) -> LogWriter:
        """A writer for the log of one attempt; closing it doesn't wait, if the store is remote."""
        writer = self._datastore.open_log(key)
        if self._is_remote:
            return _Background(writer, lambda: self._put(_Ended(key, writer)))
        return _Direct(writer, lambda error: self._note(_Ended(key, writer), error, False))

    def finish(self, wait: Callable[[], object]) -> None:
        """Return when all logs are stored, or can't be, or :meth:`give_up` is called.

        Parameters
        ----------
        wait
            Waits until something happens: the reactor is woken after each log.
        """
        if not self._threads:
            self._tell_lost(len(self._failed))
            return
        with self._lock:
            self._is_ending = True
            self._failures_in_a_row = 0
            again, self._failed = self._failed, []
        for ended in again:
            self._put(ended)
        patience = self._reactor.call_later(_PATIENCE_SECONDS, self._explain)
        self._drain(wait)
        patience.cancel()
        with self._lock:
            lost = len(self._failed) + len(self._waiting) + self._threads - self._idle
            self._waiting.clear()
            self._is_over = True
        self._tell_lost(lost)

    def give_up(self) -> None:
        """Let :meth:`finish`, if it waits, return at once."""
        self._given_up = self._is_ending

    def _tell_lost(self, lost: int) -> None:
        if lost:
            why = self._error or "it was interrupted"
            self._warn(f"The output of {_tasks(lost)} could not be stored in full: {why}")

    def _explain(self) -> None:
        with self._lock:
            left = len(self._waiting) + self._threads - self._idle
        self._warn(f"Still storing the output of {_tasks(left)}; an interrupt (Ctrl-C) gives it up")

    def _drain(self, wait: Callable[[], object]) -> None:
        while not self._given_up:
            with self._lock:
                if not self._waiting and self._idle == self._threads:
                    return
            wait()

    def _put(self, ended: _Ended) -> None:
        with self._lock:
            self._waiting.append(ended)
            if self._idle < len(self._waiting) and self._threads < _WORKERS:
                self._threads += 1
                # A thread that hangs in a request must not keep the process from ending.
                threading.Thread(target=self._work, name="flowkit-log", daemon=True).start()
            else:
                self._lock.notify()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._idle += 1
                    if not self._is_over:
                        self._reactor.call_soon_threadsafe(_nothing)
                    self._lock.wait_for(lambda: bool(self._waiting))
                    self._idle -= 1
                ended = self._waiting.popleft()
                is_hopeless = self._is_ending and self._failures_in_a_row >= _MOST_FAILURES
            error = None
            if not is_hopeless:
                try:
                    ended.writer.close()
                except (Exception, SystemExit) as caught:  # whatever it is: the run goes on
                    error = caught
            with self._lock:
                self._note(ended, error, is_hopeless)

    def _note(self, ended: _Ended, error: BaseException | None, is_hopeless: bool) -> None:
        if error is None and not is_hopeless:
            self._failures_in_a_row = 0
            return
        if error is not None:
            self._failures_in_a_row += 1
            self._error = str(error) or type(error).__name__
        self._failed.append(ended)


class _Direct(LogWriter):
    """A writer whose failures are noted, and end nothing."""

    def __init__(self, writer: LogWriter, note: Callable[[DatastoreError], None]) -> None:
        self._writer = writer
        self._note = note

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        with suppress(DatastoreError):  # closing tells whether they came to be stored
            self._writer.append(data)

    def close(self) -> None:
        """Close it."""
        try:
            self._writer.close()
        except DatastoreError as error:
            self._note(error)


class _Background(LogWriter):
    """A writer that is closed by somebody else."""

    def __init__(self, writer: LogWriter, end: Callable[[], None]) -> None:
        self._writer = writer
        self._end = end

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._writer.append(data)

    def close(self) -> None:
        """Have it closed."""
        self._end()


def _tasks(count: int) -> str:
    return f"{count} task{'s' * (count != 1)}"


def _nothing() -> None:
    """What the reactor is woken for is in what it returns to."""
