"""How much a cache holds, over all processes, and what is removed when that is too much."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

__all__ = ["Total"]

_FILE = "total"
#: Seconds after which a file that no process has finished was left behind by one that was killed.
_LEFT_BEHIND = 3600.0
#: Seconds after which the files are counted anew: processes that were killed, and users who remove files, tell nobody.
_TRUSTED = 3600.0
#: Once there is too much, as much is removed as leaves some room, so that not every copy counts all files.
_ROOM = 0.9


@attrs.frozen(order=True)
class _Kept:
    used_at: float
    path: str
    size: int


class Total:
    """The size of all copies, in a file that is locked while it is changed.

    Parameters
    ----------
    folder, max_bytes, quarantine, clock
        As those of :class:`flowkit.artifacts.cache.folder.CacheFolder`; ``quarantine`` is in seconds.
    """

    def __init__(self, folder: Path, max_bytes: int, quarantine: float, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._quarantine = quarantine
        self._clock = clock
        self._counted_at = 0.0

    def added(self, size: int) -> None:
        """A copy was made, of ``size`` bytes with all that belongs to it."""
        with suppress(OSError), self._locked() as fd:
            total = self._read(fd)
            # What isn't known is counted.
            total = total + size if total is not None else self._count()
            if total > self._max_bytes:
                total = self._make_room()
            self._write(fd, total)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        import fcntl

        fd = os.open(self._folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Closing gives it back; a process that is killed gives it back, too.
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)

    def _read(self, fd: int) -> int | None:
        text = os.pread(fd, 64, 0).split()
        try:
            total, counted_at = int(text[0]), float(text[1])
        except (IndexError, ValueError):
            return None
        self._counted_at = counted_at
        return total if 0 <= self._clock() - counted_at < _TRUSTED else None

    def _write(self, fd: int, total: int) -> None:
        text = f"{total} {self._counted_at}".encode()
        os.pwrite(fd, text, 0)
        os.ftruncate(fd, len(text))

    def _count(self) -> int:
        self._counted_at = self._clock()
        return sum(kept.size for kept in self._files())

    def _make_room(self) -> int:
        """Remove what was used longest ago; how much is left."""
        self._counted_at = now = self._clock()
        kept = sorted(self._files())
        total = sum(one.size for one in kept)
        if total <= self._max_bytes:
            return total
        for one in kept:
            if total <= _ROOM * self._max_bytes or now - one.used_at < self._quarantine:
                break
            with suppress(OSError):
                os.unlink(one.path)
                total -= one.size
        return total

    def _files(self) -> Iterator[_Kept]:
        for folder in self._subfolders():
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    with suppress(OSError):
                        status = entry.stat(follow_symlinks=False)
                        age = self._clock() - status.st_mtime
                        if not entry.name.endswith(".tmp"):
                            # A time to come is of a clock that was ahead: it would be the newest until it has come.
                            used_at = status.st_mtime if age >= -self._quarantine else 0.0
                            yield _Kept(used_at, entry.path, status.st_size)
                        elif age > _LEFT_BEHIND:
                            os.unlink(entry.path)

    def _subfolders(self) -> Iterator[str]:
        with os.scandir(self._folder) as entries:
            yield from sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
