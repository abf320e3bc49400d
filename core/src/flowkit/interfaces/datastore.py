"""Where bytes are kept: a key-value store of whole objects."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Self

import attrs

from flowkit.interfaces.aside import check_in_time, list_copies, restore_copy, set_copy_aside
from flowkit.interfaces.staged import SpooledObject, StagedObject

__all__ = ["Buffer", "Datastore", "LogWriter", "ObjectAside", "ObjectInfo", "as_bytes_view"]

#: Anything with the buffer protocol that is contiguous.
Buffer = bytes | bytearray | memoryview


def as_bytes_view(buffer: Buffer) -> memoryview:
    """The buffer's memory as one flat row of bytes, with no copy."""
    view = memoryview(buffer)
    if view.format == "B" and view.ndim == 1:
        return view
    # A view with a zero in its shape can't be cast.
    return view.cast("B") if view.nbytes else memoryview(b"")


@attrs.frozen
class ObjectInfo:
    """What a listing tells of one object."""

    key: str
    #: Bytes.
    size: int
    #: Seconds since the epoch when the object was written or renewed.
    modified_at: float


@attrs.frozen
class ObjectAside(ObjectInfo):
    """What was set aside, under the key that it had."""

    #: Where it waits, as the store names it: each time that an object is set aside, another.
    place: str


class LogWriter(ABC):
    """Takes a task's output while it runs. What was appended is readable soon, and is never lost by ``close``."""

    @abstractmethod
    def append(self, data: bytes) -> None:
        """Add bytes at the end. Raises DatastoreError; what couldn't be stored is tried again by what follows."""

    @abstractmethod
    def close(self) -> None:
        """Make all that was appended readable. Without an ``append``, no object is made.

        Raises
        ------
        DatastoreError
            If something that was appended couldn't be stored.
        """


class Datastore(ABC):
    """A store of immutable objects under ``/``-separated keys.

    Keys come from FlowKit, not from users, but may hold any character that a pathspec component may; an implementation
    must keep every key below its root. Contract: :class:`flowkit.testing.datastore.DatastoreContract`.
    """

    api_version: ClassVar[int] = 1
    #: The provider's name: ``local``, ``s3``.
    name: ClassVar[str]

    #: Seconds: an object that is found present isn't renewed again for so long. A collector of garbage must spare
    #: objects for at least twice that time.
    renew_interval: ClassVar[float] = 0.0

    #: URL or folder that all keys are below.
    root: str

    @classmethod
    @abstractmethod
    def open(cls, root: str) -> Self:
        """Open the store below ``root``. Makes no connection and creates nothing yet."""

    @abstractmethod
    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        """Write one object whose content is ``parts`` in a row, atomically: a reader sees all of it or nothing.

        The parts are written from where they lie, not joined first. With ``overwrite`` false, an object that is there
        already with the same size is left as it is, and its time renewed.

        Returns
        -------
        bool
            Whether bytes were written.

        Raises
        ------
        StorageFull, StorageReadOnly, DatastoreError
        """

    @abstractmethod
    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of the object, from ``start``, ``length`` of them or to the end. Raises KeyNotFound."""

    @abstractmethod
    def get_buffer(self, key: str, size: int) -> memoryview:
        """The object's content as writable memory that is the caller's own (a private mapping, where that is possible).

        Raises KeyNotFound, or CorruptedBlobError if the object hasn't ``size`` bytes.
        """

    @abstractmethod
    def info(self, key: str) -> ObjectInfo | None:
        """Size and time of an object; None if there is none."""

    @abstractmethod
    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[ObjectInfo]:
        """Objects whose keys begin with ``prefix`` (whole components: ``a/b`` doesn't match ``a/bc``), any order.

        Without ``recursive``, those directly in it; deeper ones are shown once, as ``ObjectInfo(key="…/", 0, 0)``.
        """

    @abstractmethod
    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; those that aren't there are passed over."""

    @abstractmethod
    def renew(self, key: str) -> bool:
        """Set the object's time to now; False if it isn't there."""

    @abstractmethod
    def open_log(self, key: str) -> LogWriter:
        """A writer for a log object, from its beginning."""

    def local_path(self, key: str) -> Path | None:
        """The file that holds the object, where there is one on this machine."""
        return None

    def is_mappable(self) -> bool:
        """Whether :meth:`get_buffer` maps rather than reads: then compression costs loading time."""
        return False

    def stage(self, prefix: str = "") -> StagedObject:
        """An object to be written in pieces, whose key (below ``prefix``) is known only at its end.

        Here it is spooled to a file of this machine; a store that can rename, or finish an upload under another name,
        does better.
        """
        return SpooledObject(self.put)

    def remove_leftovers(self, older_than_seconds: float) -> int:
        """Remove what killed writers left behind, if it wasn't written to for that long; how much was removed.

        Leftovers are never listed or read as objects.
        """
        return 0

    def scratch(self) -> Datastore | None:
        """A store of the same kind, empty, in which code can be tried out; ``close`` removes it.

        None where it would need a connection.
        """
        return None

    # --- garbage collection ----------------------------------------------------------------------------------------

    def copy(self, key: str, target: str) -> bool:
        """Write what an object holds under another key too, in place of what is there; False if it isn't there."""
        from flowkit.errors import KeyNotFound

        info = self.info(key)
        try:
            if info is None:
                return False
            self.put(target, [self.get_buffer(key, info.size)], overwrite=True)
        except KeyNotFound:
            return False
        return True

    def set_aside(self, objects: Iterable[ObjectInfo]) -> Iterator[ObjectInfo]:
        """Take objects out of the way of writers, each unless it was written or renewed since it was listed.

        Those that were set aside are given back. They aren't found under their keys any more, and :meth:`restore`
        brings them back, whatever this process did last. Here: a copy is made, then the object is deleted. A writer
        that renews the object between the two is lost sight of, so that the copy must wait for what that writer names:
        see :meth:`list_aside`. Raises DatastoreError if the process slept between the two.
        """
        for info in objects:
            begun = time.time()
            if set_copy_aside(self, info):
                check_in_time(begun, time.time(), self.root)
                self.delete([info.key])
                yield info

    def list_aside(self, prefix: str = "") -> Iterator[ObjectAside]:
        """Objects that were set aside, under the keys that they had; one that several collectors took, several times.

        One may be dropped if nothing names it and its time is longer ago than the grace period: the time is the
        object's own where no renewal can be missed, else when it was set aside.
        """
        for key, copy in list_copies(self, prefix):
            yield ObjectAside(key, copy.size, copy.modified_at, copy.key)

    def restore(self, key: str) -> bool:
        """Bring back an object that was set aside, unless there is one; False if there is none to bring back.

        Any reader or collector may do so, several at once.
        """
        return restore_copy(self, key)

    def drop_aside(self, objects: Iterable[ObjectAside]) -> None:
        """Remove for good what was listed as set aside, and nothing that was set aside since; what isn't there any more
        is passed over.
        """
        self.delete(one.place for one in objects)

    def get_many(self, keys: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents of several whole objects, in the order asked; None for those that aren't there."""
        from flowkit.errors import KeyNotFound

        for key in keys:
            try:
                yield key, self.get(key)
            except KeyNotFound:
                yield key, None

    def put_many(self, items: Iterable[tuple[str, Sequence[Buffer]]], *, overwrite: bool = False) -> None:
        """Write several objects; each is atomic, all together aren't."""
        for key, parts in items:
            self.put(key, parts, overwrite=overwrite)

    def close(self) -> None:
        """Give back connections. A store can be used again after."""
        return
