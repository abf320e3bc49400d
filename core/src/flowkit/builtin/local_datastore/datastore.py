"""Objects as files below one folder.

A new object is written beside its place and renamed: a reader finds the whole of it or nothing, whenever the writer
dies. A file that has its name is never opened for writing again, so a mapping of it never changes.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import ClassVar, Self

from flowkit.artifacts.file_memory import private_memory
from flowkit.builtin.local_datastore.aside import bring_back, files_aside, move_aside
from flowkit.builtin.local_datastore.files import TemporaryFile, failure
from flowkit.builtin.local_datastore.log_writer import LocalLogWriter
from flowkit.builtin.local_datastore.paths import TEMPORARY, relative_path
from flowkit.builtin.local_datastore.staging import LocalStagedObject
from flowkit.builtin.local_datastore.walk import leftovers, walk
from flowkit.errors import CorruptedBlobError, DatastoreError, KeyNotFound
from flowkit.interfaces.datastore import Buffer, Datastore, LogWriter, ObjectAside, ObjectInfo, as_bytes_view
from flowkit.interfaces.staged import StagedObject

__all__ = ["LocalDatastore"]

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})


class LocalDatastore(Datastore):
    """A folder of this machine. A key that is the beginning of another key can't be an object here.

    Parameters
    ----------
    fsync
        Wait for the disk at each write; the setting FSYNC if it isn't given.
    """

    name: ClassVar[str] = "local"

    def __init__(self, root: str, *, fsync: bool | None = None) -> None:
        self.root = os.path.abspath(os.path.expanduser(root))
        self._base = self.root.rstrip("/") + "/"
        self._fsync = _fsync_setting() if fsync is None else fsync

    @classmethod
    def open(cls, root: str) -> Self:
        """Open the store below the folder ``root``, which is made by the first write."""
        return cls(root)

    # --- writing ---------------------------------------------------------------------------------------------------

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        """Write one object atomically, from where its parts lie; see the base class."""
        path = self._path(key)
        views = [as_bytes_view(part) for part in parts]
        try:
            if not overwrite and _is_there(path, sum(view.nbytes for view in views)):
                return False
            temporary = TemporaryFile(os.path.dirname(path), fsync=self._fsync)
            try:
                temporary.write(views)
                temporary.publish(path)
            finally:
                temporary.discard()
        except OSError as error:
            raise failure(error, path) from error
        return True

    def stage(self, prefix: str = "") -> StagedObject:
        """A file beside where the object will be, renamed when its key is known."""
        folder = self._path(prefix) if prefix else self.root
        return LocalStagedObject(folder, self._path, _is_there, fsync=self._fsync)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files, and the folders that become empty."""
        for key in keys:
            self._unlink(self._path(key))

    def renew(self, key: str) -> bool:
        """Set the file's time to now."""
        path = self._path(key)
        try:
            os.utime(path)
        except OSError as error:
            if error.errno in _ABSENT:
                return False
            raise failure(error, path, "renewed") from error
        return True

    def open_log(self, key: str) -> LogWriter:
        """A file that grows with each append."""
        return LocalLogWriter(self._path(key), fsync=self._fsync)

    def remove_leftovers(self, older_than_seconds: float) -> int:
        """Remove temporary files that were last written to that long ago."""
        removed = 0
        before = time.time() - older_than_seconds
        for path in leftovers(self.root, before):
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise failure(error, path, "removed") from error
            removed += 1
            self._remove_empty_folders(os.path.dirname(path))
        return removed

    def scratch(self) -> Datastore:
        """A folder below the root that no listing shows."""
        return _Scratch(f"{self.root}/{TEMPORARY}{os.getpid()}-{os.urandom(8).hex()}", fsync=False)

    # --- garbage collection ----------------------------------------------------------------------------------------

    def set_aside(self, objects: Iterable[ObjectInfo]) -> Iterator[ObjectInfo]:
        """Rename files; one whose time isn't what was listed gets its name back."""
        for info in objects:
            path = self._path(info.key)
            try:
                if move_aside(path, info.modified_at):
                    yield info
            except OSError as error:
                raise failure(error, path, "set aside") from error

    def list_aside(self, prefix: str = "") -> Iterator[ObjectAside]:
        """Walk the folder of ``prefix``. The times are the objects' own."""
        prefix = prefix.rstrip("/")
        path = self._path(prefix) if prefix else self.root
        try:
            yield from files_aside(path, f"{prefix}/" if prefix else "")
        except OSError as error:
            raise failure(error, path, "read") from error

    def restore(self, key: str) -> bool:
        """Give the file its name again."""
        path = self._path(key)
        try:
            return bring_back(path)
        except OSError as error:
            raise failure(error, path, "restored") from error

    def drop_aside(self, objects: Iterable[ObjectAside]) -> None:
        """Remove files that were renamed, and the folders that become empty."""
        for one in objects:
            self._unlink(one.place)

    # --- reading ---------------------------------------------------------------------------------------------------

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read an object, or a range of it."""
        fd = self._open(key)
        try:
            if length is None:
                length = max(0, os.fstat(fd).st_size - start)
            content = os.pread(fd, length, start)
            if len(content) == length or not content:
                return content
            pieces, position = [content], start + len(content)
            while position < start + length and (piece := os.pread(fd, start + length - position, position)):
                pieces.append(piece)
                position += len(piece)
            return b"".join(pieces)
        except OSError as error:
            raise self._read_failure(error, key) from error
        finally:
            os.close(fd)

    def get_buffer(self, key: str, size: int) -> memoryview:
        """Map an object privately; a small one is read."""
        fd = self._open(key)
        try:
            status = os.fstat(fd)
            if stat.S_ISDIR(status.st_mode):
                raise KeyNotFound(key, self.root)
            if status.st_size != size:
                raise CorruptedBlobError(f"{self._path(key)} has {status.st_size} bytes; {size} were written")
            return private_memory(fd, size)
        except EOFError as error:
            raise CorruptedBlobError(f"{self._path(key)} was cut short while it was read: {error}") from error
        except OSError as error:
            raise self._read_failure(error, key) from error
        finally:
            os.close(fd)

    def info(self, key: str) -> ObjectInfo | None:
        """Size and time of a file."""
        path = self._path(key)
        try:
            status = os.stat(path)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise failure(error, path, "read") from error
        return ObjectInfo(key, status.st_size, status.st_mtime) if stat.S_ISREG(status.st_mode) else None

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[ObjectInfo]:
        """Walk the folder of ``prefix``."""
        prefix = prefix.rstrip("/")
        path = self._path(prefix) if prefix else self.root
        if prefix and (found := self.info(prefix)) is not None:
            yield found
            return
        try:
            yield from walk(path, f"{prefix}/" if prefix else "", recursive=recursive)
        except OSError as error:
            raise failure(error, path, "read") from error

    def local_path(self, key: str) -> Path | None:
        """The object's file, if it is there."""
        path = self._path(key)
        return Path(path) if os.path.isfile(path) else None

    def is_mappable(self) -> bool:
        """Yes."""
        return True

    # --- parts -----------------------------------------------------------------------------------------------------

    def _path(self, key: str) -> str:
        return self._base + relative_path(key)

    def _open(self, key: str) -> int:
        try:
            return os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise self._read_failure(error, key) from error

    def _read_failure(self, error: OSError, key: str) -> DatastoreError:
        if error.errno in _ABSENT:
            return KeyNotFound(key, self.root)
        return failure(error, self._path(key), "read")

    def _unlink(self, path: str) -> None:
        try:
            os.unlink(path)
        except OSError as error:
            if error.errno in _ABSENT:
                return
            raise failure(error, path, "removed") from error
        self._remove_empty_folders(os.path.dirname(path))

    def _remove_empty_folders(self, folder: str) -> None:
        while len(folder) > len(self.root):
            try:
                os.rmdir(folder)
            except OSError:
                return  # it isn't empty, or another process was quicker
            folder = os.path.dirname(folder)


class _Scratch(LocalDatastore):
    def close(self) -> None:
        """Remove the folder."""
        self.delete([one.key for one in self.list()])
        with suppress(OSError):
            os.rmdir(self.root)


def _is_there(path: str, size: int) -> bool:
    """Whether the object is there with that size; then its time is renewed. Raises OSError."""
    try:
        status = os.stat(path)
        if status.st_size != size or not stat.S_ISREG(status.st_mode):
            return False
        os.utime(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        return False  # another user's file: a new one in its place has a new time, if the folder may be written
    return True


@cache
def _fsync_setting() -> bool:
    from flowkit.settings import Settings

    return Settings.load().fsync
