"""A folder of files that any number of processes fill, read and keep below a size.

A file is a copy, followed by the BLAKE3 of its bytes. It gets its name when it is whole, is never written to again, and
may be removed at any moment, except within ten seconds after it was made or used. Its time is that of its last use.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flowkit.artifacts.cache.total import Total
from flowkit.artifacts.file_memory import private_memory
from flowkit.artifacts.hashing import digest

__all__ = ["QUARANTINE_SECONDS", "CacheFolder"]

#: A file that was made or used so recently isn't removed: another process may be about to read it.
QUARANTINE_SECONDS = 10.0
_DIGEST = 32


class CacheFolder:
    """Copies by name.

    Parameters
    ----------
    path
        The folder; it is made, for this user alone, by the first copy.
    max_bytes
        What all copies may take; 0 for none at all.
    clock
        Seconds since the epoch.
    """

    def __init__(self, path: Path, max_bytes: int, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._clock = clock
        self._total = Total(path, max_bytes, QUARANTINE_SECONDS, clock)

    def find(self, name: str, size: int | None = None) -> memoryview | None:
        """A copy, as writable memory of the caller's own (a private mapping, if it is large).

        None if there is none, or it isn't whole, or isn't ``size`` bytes long; such a one is removed.
        """
        file = self._file(name)
        try:
            fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            length = os.fstat(fd).st_size - _DIGEST
            if length < 0 or size not in (None, length):
                raise EOFError
            view = private_memory(fd, length)
            if bytes.fromhex(digest([view])) != os.pread(fd, _DIGEST, length):
                raise EOFError
            with suppress(OSError):
                os.utime(fd, (self._clock(), self._clock()))
        except (OSError, EOFError):
            self._remove(file)
            return None
        finally:
            os.close(fd)
        return view

    def add(self, name: str, content: memoryview) -> bool:
        """Keep a copy, and remove what was used longest ago if there is too much now; False if that wasn't possible."""
        needed = content.nbytes + _DIGEST
        if needed > self.max_bytes:
            return False
        file = self._file(name)
        temporary = file.with_name(f".{os.getpid()}-{os.urandom(8).hex()}.tmp")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.parent.mkdir(mode=0o700, exist_ok=True)
            with temporary.open("xb", buffering=0) as target:
                _write_all(target.fileno(), content)
                _write_all(target.fileno(), memoryview(bytes.fromhex(digest([content]))))
                os.utime(target.fileno(), (self._clock(), self._clock()))
            temporary.rename(file)
        except OSError:  # no space, no right to write: the content was read all the same
            with suppress(OSError):
                temporary.unlink()
            return False
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        self._total.added(needed)
        return True

    def _file(self, name: str) -> Path:
        return self.path / name[:2] / name

    def _remove(self, file: Path) -> None:
        with suppress(OSError):
            file.unlink()


def _write_all(fd: int, view: memoryview) -> None:
    while view.nbytes:
        view = view[os.write(fd, view) :]
