"""Logs: real files that grow, so that anybody can follow them."""

from __future__ import annotations

import os
from contextlib import suppress

from flowkit.builtin.local_datastore.files import failure, in_folder, write_all
from flowkit.interfaces.datastore import LogWriter

__all__ = ["LocalLogWriter"]


class LocalLogWriter(LogWriter):
    """Appends to a file, which is made by the first append."""

    def __init__(self, path: str, *, fsync: bool) -> None:
        self._path = path
        self._fsync = fsync
        self._fd = -1

    def append(self, data: bytes) -> None:
        """Write bytes at the end of the file; any process reads them from then on."""
        try:
            if self._fd < 0:
                self._fd = in_folder(os.path.dirname(self._path), self._create)
            write_all(self._fd, [memoryview(data)])
        except OSError as error:
            raise failure(error, self._path) from error

    def close(self) -> None:
        """Close the file. A later append would begin it anew."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        try:
            if self._fsync:
                os.fsync(fd)
        except OSError as error:
            raise failure(error, self._path) from error
        finally:
            os.close(fd)

    def _create(self) -> int:
        # Never cut short what a reader may have mapped: it keeps the old file.
        with suppress(FileNotFoundError):
            os.unlink(self._path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return os.open(self._path, flags, 0o666)
