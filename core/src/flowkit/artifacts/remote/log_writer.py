"""Logs in stores whose objects can't grow: the whole object is put again, at growing intervals and at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from flowkit.errors import DatastoreError
from flowkit.interfaces.datastore import LogWriter

__all__ = ["RemoteLogWriter"]

#: Seconds from an append to the first put, and the longest that it may become by doubling.
_FIRST_INTERVAL = 2.0
_LONGEST_INTERVAL = 60.0


class RemoteLogWriter(LogWriter):
    """Keeps the log in memory, and puts all of it from a thread of its own a while after something was appended.

    A log that is short and soon ended costs one request; one of an hour about 65.

    Parameters
    ----------
    put
        Stores the content, in place of what is there.
    """

    def __init__(self, put: Callable[[bytes], object], *, first_interval: float = _FIRST_INTERVAL) -> None:
        self._put = put
        self._interval = first_interval
        self._pieces: list[bytes] = []
        self._is_stored = True
        self._is_closed = False
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        #: Held while a put is on its way, so that an older state never follows a newer.
        self._putting = threading.Lock()

    def append(self, data: bytes) -> None:
        """Add bytes at the end; they are readable within the present interval."""
        with self._lock:
            self._pieces.append(bytes(data))
            self._is_stored = False
            if self._timer is None:
                self._start_timer()

    def close(self) -> None:
        """Put what wasn't put yet. Raises DatastoreError."""
        with self._lock:
            timer, self._timer = self._timer, None
            self._is_closed = True
        if timer is not None:
            timer.cancel()
        self._store()

    def _start_timer(self) -> None:
        self._is_closed = False
        self._timer = threading.Timer(self._interval, self._put_in_thread)
        self._timer.daemon = True
        self._timer.start()

    def _put_in_thread(self) -> None:
        # A failure leaves the rest to the next put; the last one raises.
        with suppress(DatastoreError):
            self._store()
        with self._lock:
            self._interval = min(2 * self._interval, _LONGEST_INTERVAL)
            self._timer = None
            if not (self._is_stored or self._is_closed):
                self._start_timer()

    def _store(self) -> None:
        with self._putting:
            with self._lock:
                if self._is_stored:
                    return
                content = b"".join(self._pieces)
                self._pieces = [content]
                self._is_stored = True
            try:
                self._put(content)
            except BaseException:
                with self._lock:
                    self._is_stored = False
                raise
