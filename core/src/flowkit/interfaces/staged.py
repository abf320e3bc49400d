"""Objects whose key is known only when all of their content is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowkit.interfaces.datastore import Buffer

__all__ = ["SpooledObject", "StagedObject"]


class StagedObject(ABC):
    """An object on its way into a store: written in pieces, read by nobody, until it is given its key.

    End it with :meth:`commit` or :meth:`discard`. What a killed process leaves is no object and is swept up later
    (:meth:`flowkit.interfaces.datastore.Datastore.remove_leftovers`).
    """

    @abstractmethod
    def write(self, data: Buffer) -> None:
        """Add bytes at the end. Raises StorageFull, StorageReadOnly, DatastoreError."""

    @abstractmethod
    def commit(self, key: str) -> bool:
        """Make it the object ``key``, atomically, with the rules and errors of ``Datastore.put``."""

    @abstractmethod
    def discard(self) -> None:
        """Drop what was written. Does nothing after a commit."""


class SpooledObject(StagedObject):
    """Spools to a file of this machine, then puts it: for stores that can't rename.

    Parameters
    ----------
    put
        Stores the parts under a key; returns whether bytes were written.
    """

    def __init__(self, put: Callable[[str, Sequence[Buffer]], bool]) -> None:
        import tempfile

        self._put = put
        self._file = tempfile.TemporaryFile(prefix="flowkit-")  # noqa: SIM115 - it outlives this function
        self._size = 0

    def write(self, data: Buffer) -> None:
        """Add bytes at the end of the file."""
        self._size += self._call(lambda: self._file.write(data))

    def commit(self, key: str) -> bool:
        """Put the file's content, from a mapping of it."""
        import mmap

        try:
            self._call(self._file.flush)
            if not self._size:
                return self._put(key, [])
            content = mmap.mmap(self._file.fileno(), self._size, access=mmap.ACCESS_READ)
            # Not closed here: an SDK or a traceback may still hold a part of it, and closing would fail then.
            return self._put(key, [memoryview(content)])
        finally:
            self._file.close()

    def discard(self) -> None:
        """Close the file, which has no name."""
        self._file.close()

    def _call(self, action: Callable[[], int | None]) -> int:
        import errno
        import tempfile

        from flowkit.errors import DatastoreError, StorageFull

        try:
            return action() or 0
        except OSError as error:
            folder = tempfile.gettempdir()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(f"no space left in {folder}: free some, or set TMPDIR to another disk") from error
            raise DatastoreError(f"can't write a temporary file in {folder}: {error.strerror}") from error
