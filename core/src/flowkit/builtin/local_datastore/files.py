"""Raw file operations, with the system's errors said in FlowKit's words."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from flowkit.builtin.local_datastore.paths import TEMPORARY
from flowkit.errors import DatastoreError, StorageFull, StorageReadOnly

__all__ = ["TemporaryFile", "failure", "in_folder", "make_folder", "write_all"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
#: Buffers in one call of writev: the least that systems promise is 16, and Linux takes 1,024.
_MAX_VECTOR = min(1024, os.sysconf("SC_IOV_MAX") if "SC_IOV_MAX" in os.sysconf_names else 16)

T = TypeVar("T")


def failure(error: OSError, path: str, doing: str = "written") -> DatastoreError:
    """The error to raise for what the system said about ``path``."""
    if error.errno in _FULL:
        return StorageFull(
            f"no space left for {path}: free some on its disk, or let FLOWKIT_DATASTORE_SYSROOT_LOCAL name a folder on "
            "another"
        )
    if error.errno in _FORBIDDEN and doing != "read":
        return StorageReadOnly(
            f"{path} can't be {doing} ({error.strerror}): get the right to write its folder, or let "
            "FLOWKIT_DATASTORE_SYSROOT_LOCAL name one that you may write"
        )
    return DatastoreError(f"{path} can't be {doing}: {error.strerror or error}")


def write_all(fd: int, views: Sequence[memoryview]) -> None:
    """Write buffers in a row from where they lie, however little the system takes at a time. Raises OSError."""
    waiting = [view for view in views if view.nbytes]
    first = 0
    while first < len(waiting):
        batch = waiting[first : first + _MAX_VECTOR]
        written = os.writev(fd, batch) if len(batch) > 1 else os.write(fd, batch[0])
        for view in batch:
            if written < view.nbytes:
                break
            written -= view.nbytes
            first += 1
        if written:
            waiting[first] = waiting[first][written:]


def make_folder(path: str) -> None:
    """Make a folder and those above it; it may be there already. Raises OSError.

    Another process may remove it again, as long as it is empty; one above it, and this raises FileNotFoundError.
    """
    try:
        _make_one(path)
    except FileNotFoundError:
        parent = os.path.dirname(path)
        if parent in ("", path):
            raise
        make_folder(parent)
        _make_one(path)


def _make_one(path: str) -> None:
    try:
        os.mkdir(path)
    except FileExistsError:
        with suppress(FileNotFoundError):
            if not stat.S_ISDIR(os.stat(path).st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "a file of that name is in the way", path) from None


def in_folder(folder: str, action: Callable[[], T]) -> T:
    """Do what needs ``folder``, and make that if it is missing.

    Trying first is what costs least; once more, since another process may remove an empty folder in between.
    """
    for _ in range(20):
        try:
            return action()
        except FileNotFoundError:
            with suppress(FileNotFoundError):
                make_folder(folder)
    return action()


class TemporaryFile:
    """A file beside its target (so, in its file system), that gets its name when it is whole.

    Its own name says that it is no object; what a killed process leaves is told from a live one by its age.
    """

    __slots__ = ("_fd", "_fsync", "_path")

    def __init__(self, folder: str, *, fsync: bool) -> None:
        """Create the file, and the folder if it is missing. Raises OSError."""
        self._path = f"{folder}/{TEMPORARY}{os.getpid()}-{os.urandom(8).hex()}"
        self._fsync = fsync
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._fd = in_folder(folder, lambda: os.open(self._path, flags, 0o666))

    def write(self, views: Sequence[memoryview]) -> None:
        """Add bytes. Raises OSError."""
        write_all(self._fd, views)

    def publish(self, path: str) -> None:
        """Close the file and give it its name, in place of what had that. Raises OSError."""
        if self._fsync:
            os.fsync(self._fd)
        fd, self._fd = self._fd, -1
        os.close(fd)
        folder = os.path.dirname(path)
        if folder == os.path.dirname(self._path):
            os.rename(self._path, path)
        else:
            # The file is there, so it is the target's folder that may be missing.
            in_folder(folder, lambda: os.rename(self._path, path))
        self._path = ""
        if self._fsync:
            _sync_folder(folder)

    def discard(self) -> None:
        """Remove the file, unless it was published. Raises nothing."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)
        if self._path:
            try:
                os.unlink(self._path)
            except OSError:
                return  # it is swept up later
            self._path = ""


def _sync_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
