"""A datastore in memory: nothing touches a disk, and all of it is gone with the object."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from flowkit.errors import CorruptedBlobError, DatastoreError, KeyNotFound
from flowkit.interfaces.datastore import Buffer, Datastore, LogWriter, ObjectInfo, as_bytes_view
from flowkit.interfaces.staged import StagedObject

__all__ = ["MemoryDatastore"]


class MemoryDatastore(Datastore):
    """Objects in a dict. Two that are opened with the same root are two stores."""

    name = "memory"

    def __init__(self, root: str = "memory") -> None:
        self.root = root
        self._objects: dict[str, tuple[bytes, float]] = {}

    @classmethod
    def open(cls, root: str) -> Self:
        """A new store, with nothing in it."""
        return cls(root)

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        """Keep a copy of the parts."""
        _check(key)
        content = b"".join(as_bytes_view(part) for part in parts)
        known = self._objects.get(key)
        is_there = known is not None and len(known[0]) == len(content) and not overwrite
        self._objects[key] = (known[0] if known is not None and is_there else content, time.time())
        return not is_there

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """A range of the content."""
        content = self._content(key)
        return content[start : None if length is None else start + length]

    def get_buffer(self, key: str, size: int) -> memoryview:
        """A copy of the content."""
        content = self._content(key)
        if len(content) != size:
            raise CorruptedBlobError(f"{self.root}/{key} has {len(content)} bytes, and should have {size}")
        return memoryview(bytearray(content))

    def info(self, key: str) -> ObjectInfo | None:
        """Size and time."""
        found = self._objects.get(_check(key))
        return None if found is None else ObjectInfo(key, len(found[0]), found[1])

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[ObjectInfo]:
        """What begins with the prefix, in the order of the keys."""
        prefix = _check(prefix.rstrip("/")) if prefix else ""
        folder = f"{prefix}/" if prefix else ""
        shown: set[str] = set()
        for key, (content, modified_at) in sorted(self._objects.items()):
            if not key.startswith(folder) and key != prefix:
                continue
            first, separator, _ = key.removeprefix(folder).partition("/")
            if recursive or not separator or key == prefix:
                yield ObjectInfo(key, len(content), modified_at)
            elif (below := f"{folder}{first}/") not in shown:
                shown.add(below)
                yield ObjectInfo(below, 0, 0)

    def delete(self, keys: Iterable[str]) -> None:
        """Forget objects."""
        for key in keys:
            self._objects.pop(_check(key), None)

    def renew(self, key: str) -> bool:
        """Set the time to now."""
        if _check(key) not in self._objects:
            return False
        self._objects[key] = (self._objects[key][0], time.time())
        return True

    def open_log(self, key: str) -> LogWriter:
        """A writer that adds to the object."""
        return _MemoryLog(self, _check(key))

    def stage(self, prefix: str = "") -> StagedObject:
        """Pieces in memory."""
        return _MemoryStaged(self)

    def _content(self, key: str) -> bytes:
        if _check(key) not in self._objects:
            raise KeyNotFound(key, self.root)
        return self._objects[key][0]


def _check(key: str) -> str:
    """``key``, as every datastore takes it."""
    if "\\" in key or "\0" in key or any(part in ("", ".", "..") for part in key.split("/")):
        raise DatastoreError(f"{key!r} can't be an object's key: a part of it could lead out of the root")
    return key


class _MemoryLog(LogWriter):
    def __init__(self, store: MemoryDatastore, key: str) -> None:
        self._store = store
        self._key = key
        self._content = b""

    def append(self, data: bytes) -> None:
        self._content += data
        self._store.put(self._key, [self._content], overwrite=True)

    def close(self) -> None:
        self._content = b""


class _MemoryStaged(StagedObject):
    def __init__(self, store: MemoryDatastore) -> None:
        self._store = store
        self._content = bytearray()

    def write(self, data: Buffer) -> None:
        self._content += as_bytes_view(data)

    def commit(self, key: str) -> bool:
        return self._store.put(key, [self._content])

    def discard(self) -> None:
        self._content = bytearray()
