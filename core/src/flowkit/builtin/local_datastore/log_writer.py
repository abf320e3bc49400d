"""Logs: real files that grow, so that anybody can follow them."""

from __future__ import annotations

import os
from contextlib import suppress

from flowkit.builtin.local_datastore.files import failure, in_folder
from flowkit.errors import DatastoreError
from flowkit.interfaces.datastore import LogWriter

__all__ = ["LocalLogWriter"]


#: Bytes that wait for a disk which takes none.
_MOST_WAITING = 16 << 20


class LocalLogWriter(LogWriter):
    """Appends to a file, which is made by the first append.

    What the disk doesn't take waits for the next append, or the end: a part that was written is never followed by
    anything but its rest. Of what comes while 16 MB wait, nothing is kept.
    """

    def __init__(self, path: str, *, fsync: bool) -> None:
        self._path = path
        self._fsync = fsync
        self._fd = -1
        self._waiting = b""
        #: Why something wasn't kept.
        self._lost: DatastoreError | None = None

    def append(self, data: bytes) -> None:
        """Write bytes at the end of the file; any process reads them from then on."""
        if not self._waiting:
            self._waiting = data
        elif len(self._waiting) < _MOST_WAITING:
            self._waiting += data
        try:
            self._write()
        except OSError as error:
            raised = failure(error, self._path)
            if len(self._waiting) >= _MOST_WAITING:
                self._lost = raised
            raise raised from error

    def close(self) -> None:
        """Write what waits and close the file. A later append would begin it anew."""
        lost, self._lost = self._lost, None
        try:
            if self._waiting:
                self._write()
            if self._fsync and self._fd >= 0:
                os.fsync(self._fd)
        except OSError as error:
            raise failure(error, self._path) from error
        finally:
            fd, self._fd, self._waiting = self._fd, -1, b""
            if fd >= 0:
                os.close(fd)
        if lost is not None:
            raise lost

    def _write(self) -> None:
        if self._fd < 0:
            self._fd = in_folder(os.path.dirname(self._path), self._create)
        while self._waiting:
            self._waiting = self._waiting[os.write(self._fd, self._waiting) :]

    def _create(self) -> int:
        # Never cut short what a reader may have mapped: it keeps the old file.
        with suppress(FileNotFoundError):
            os.unlink(self._path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return os.open(self._path, flags, 0o666)
