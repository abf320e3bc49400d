"""Objects written before their key is known."""

from __future__ import annotations

from collections.abc import Callable

from flowkit.builtin.local_datastore.files import TemporaryFile, failure
from flowkit.interfaces.datastore import Buffer, as_bytes_view
from flowkit.interfaces.staged import StagedObject

__all__ = ["LocalStagedObject"]


class LocalStagedObject(StagedObject):
    """A temporary file in ``folder``, renamed to its key.

    Parameters
    ----------
    path_of
        The path of a key's file.
    is_there
        Whether a whole object of that path and size is there; renews it.
    """

    def __init__(
        self, folder: str, path_of: Callable[[str], str], is_there: Callable[[str, int], bool], *, fsync: bool
    ) -> None:
        self._folder = folder
        self._path_of = path_of
        self._is_there = is_there
        self._size = 0
        try:
            self._file = TemporaryFile(folder, fsync=fsync)
        except OSError as error:
            raise failure(error, folder) from error

    def write(self, data: Buffer) -> None:
        """Add bytes at the end of the file."""
        view = as_bytes_view(data)
        try:
            self._file.write([view])
        except OSError as error:
            raise failure(error, self._folder) from error
        self._size += view.nbytes

    def commit(self, key: str) -> bool:
        """Rename the file, unless the object is there."""
        path = self._path_of(key)
        try:
            if self._is_there(path, self._size):
                return False
            self._file.publish(path)
        except OSError as error:
            raise failure(error, path) from error
        finally:
            self._file.discard()
        return True

    def discard(self) -> None:
        """Remove the file, unless it was renamed."""
        self._file.discard()
