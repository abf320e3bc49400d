"""A datastore over a network, but for the requests themselves."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import ClassVar, Self

from flowkit.artifacts.remote.content import Content
from flowkit.artifacts.remote.location import Location
from flowkit.artifacts.remote.log_writer import RemoteLogWriter
from flowkit.artifacts.remote.parallel import map_in_order
from flowkit.artifacts.remote.reading import Ranges, read_all, read_ranges
from flowkit.artifacts.remote.requests import Download, RemoteObject
from flowkit.errors import CorruptedBlobError, DatastoreError, KeyNotFound
from flowkit.interfaces.aside import check_in_time, set_copy_aside
from flowkit.interfaces.datastore import Buffer, Datastore, LogWriter, ObjectInfo, as_bytes_view

__all__ = ["RENEW_AFTER", "RemoteDatastore"]

#: Seconds. An object that is found present is renewed when it is older than this: a request saved for all younger ones.
#: A collector of garbage spares objects for twice that time, so that as much is left to write the manifest that names
#: the object.
RENEW_AFTER = 12 * 3600.0
#: Bytes. From here on it is cheaper to ask whether the object is there than to send it in vain.
_ASK_FIRST = 256 * 1024
#: Objects that are set aside together.
_ASIDE_BATCH = 250
#: How often a write begins anew because another process removed or replaced the object meanwhile.
_ROUNDS = 5


class RemoteDatastore(Datastore):
    """Base of datastores that are reached by requests over a network.

    A subclass sets ``name`` (also the scheme of its roots) and the methods marked abstract, which are one request or
    one page each. They raise FlowKit's errors, are called from several threads, and are repeated by the service's own
    SDK where that helps. Contract: :class:`flowkit.testing.datastore.DatastoreContract`.
    """

    #: Bytes. Larger objects are moved in parts of this size.
    part_size: ClassVar[int] = 16 * 1024 * 1024
    #: How many requests are on their way at once. Of parts, that many times ``part_size`` is the most memory taken.
    workers: ClassVar[int] = 16
    part_workers: ClassVar[int] = 4
    #: How many objects one request can remove.
    names_per_removal: ClassVar[int] = 1
    renew_interval: ClassVar[float] = RENEW_AFTER

    def __init__(self, root: str, *, clock: Callable[[], float] = time.time) -> None:
        self.location = Location.parse(root, self.name)
        self.root = str(self.location)
        self._clock = clock

    @classmethod
    def open(cls, root: str) -> Self:
        """Open the store below ``scheme://bucket/prefix``. Makes no connection."""
        return cls(root)

    # --- what a service does ---------------------------------------------------------------------------------------

    @abstractmethod
    def _head(self, name: str) -> RemoteObject | None:
        """Size and time of an object; None if there is none."""

    @abstractmethod
    def _upload(self, name: str, content: Content, *, create: bool) -> bool:
        """Write an object in one request; with ``create``, False if there is one already."""

    @abstractmethod
    def _upload_parts(self, name: str, content: Content, *, create: bool) -> bool:
        """Write an object of more than ``part_size`` bytes; readers see it when it is whole."""

    @abstractmethod
    def _download(self, name: str, start: int, length: int | None, version: str | None) -> Download | None:
        """Ask for an object from ``start``, ``length`` bytes (more than none) or to the end.

        None if ``start`` isn't within the object. Raises KeyNotFound; ObjectChanged if ``version`` is given and the
        object's is another; ConnectionDropped.
        """

    @abstractmethod
    def _scan(self, prefix: str, *, recursive: bool) -> Iterator[RemoteObject | str]:
        """Objects whose names begin with ``prefix``, page by page.

        Without ``recursive``, of names that have a slash after ``prefix`` only what goes up to it, as text.
        """

    @abstractmethod
    def _remove(self, names: Sequence[str], before_request: Callable[[], None] | None = None) -> None:
        """Remove up to ``names_per_removal`` objects; those that aren't there are passed over.

        Parameters
        ----------
        before_request
            Called just before each request, one that is repeated too; what it raises is raised, and nothing sent.
        """

    @abstractmethod
    def _touch(self, found: RemoteObject) -> bool:
        """Set an object's time to now; False if it isn't there."""

    def _copy(self, found: RemoteObject, target: str) -> bool:
        """Copy an object to another name, on the service's side if it can; False if it isn't there."""
        return super().copy(self._key(found.name), self._key(target))

    # --- writing ---------------------------------------------------------------------------------------------------

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        """Write one object; see the base class. One request, two if a small object is there already."""
        name = self.location.name(key)
        content = Content([as_bytes_view(part) for part in parts])
        if overwrite:
            return self._write(name, content, create=False)
        ask = content.size > _ASK_FIRST
        for _ in range(_ROUNDS):
            if ask:
                found = self._head(name)
                if found is not None and found.size == content.size:
                    if self._renew(found):
                        return False
                    continue  # it was removed meanwhile
                if found is not None:
                    break  # what is there isn't whole, or isn't this
            if self._write(name, content, create=True):
                return True
            ask = True
        return self._write(name, content, create=False)

    def renew(self, key: str) -> bool:
        """Set the object's time to now, if it is older than ``renew_interval``."""
        found = self._head(self.location.name(key))
        return found is not None and self._renew(found)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, several at once."""
        self._delete(keys, None)

    def put_many(self, items: Iterable[tuple[str, Sequence[Buffer]]], *, overwrite: bool = False) -> None:
        """Write several objects at once."""
        for _ in map_in_order(lambda item: self.put(*item, overwrite=overwrite), items, self.workers):
            pass

    def open_log(self, key: str) -> LogWriter:
        """A log that is put as a whole, at growing intervals."""
        name = self.location.name(key)
        return RemoteLogWriter(lambda data: self._write(name, Content([memoryview(data)]), create=False))

    # --- reading ---------------------------------------------------------------------------------------------------

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of the object. One request; more if the connection drops, each for what is left."""
        name = self.location.name(key)
        if length is not None and length <= 0:
            if self._head(name) is None:
                raise KeyNotFound(key, self.root)
            return b""
        return read_all(lambda begin, count, version: self._download(name, begin, count, version), start, length)

    def get_buffer(self, key: str, size: int) -> memoryview:
        """The object in memory of its own: one request, or one for each part, several at once."""
        name = self.location.name(key)
        if size == 0:
            found = self._head(name)
            if found is None:
                raise KeyNotFound(key, self.root)
            total, memory = found.size, bytearray()
        else:
            ranges = Ranges(size, self.part_size, self.part_workers)
            total, memory = read_ranges(lambda *wanted: self._download(name, *wanted), ranges)
        if total != size:
            raise CorruptedBlobError(f"{key} in {self.root} has {total} bytes; {size} were written")
        return memoryview(memory)

    def get_many(self, keys: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents of several objects, in the order asked, fetched several at once."""
        return zip(keys, map_in_order(self._get_or_none, keys, self.workers), strict=True)

    def info(self, key: str) -> ObjectInfo | None:
        """Size and time of an object."""
        found = self._head(self.location.name(key))
        return None if found is None else ObjectInfo(key, found.size, found.modified_at)

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[ObjectInfo]:
        """Objects below ``prefix``, a page at a time; if there are none, the object that has that key."""
        prefix = prefix.rstrip("/")
        begin = f"{self.location.name(prefix)}/" if prefix else self.location.prefix
        is_empty = True
        for found in self._scan(begin, recursive=recursive):
            is_empty = False
            if isinstance(found, str):
                key = self.location.key(found.rstrip("/"))
                if key is not None:
                    yield ObjectInfo(f"{key}/", 0, 0)
            else:
                key = self.location.key(found.name)
                if key is not None:
                    yield ObjectInfo(key, found.size, found.modified_at)
        if is_empty and prefix and (info := self.info(prefix)) is not None:
            yield info

    # --- garbage collection ----------------------------------------------------------------------------------------

    def copy(self, key: str, target: str) -> bool:
        """Copy an object, on the service's side."""
        found = self._head(self.location.name(key))
        return found is not None and self._copy(found, self.location.name(target))

    def set_aside(self, objects: Iterable[ObjectInfo]) -> Iterator[ObjectInfo]:
        """Copy and delete objects, many at once; see the base class."""
        waiting = iter(objects)
        while batch := list(islice(waiting, _ASIDE_BATCH)):
            check = partial(self._check_in_time, self._clock())
            copied = map_in_order(lambda info: set_copy_aside(self, info), batch, self.workers)
            moved = [info for info, is_aside in zip(batch, copied, strict=True) if is_aside]
            self._delete((info.key for info in moved), check)
            try:
                check()
            except DatastoreError:
                # The process slept amid a request: what that removed may be another's by now, and its copy about to go.
                for info in moved:
                    self.restore(info.key)
                raise
            yield from moved

    # --- parts -----------------------------------------------------------------------------------------------------

    def _delete(self, keys: Iterable[str], before_request: Callable[[], None] | None) -> None:
        names = map(self.location.name, keys)
        batches = iter(lambda: list(islice(names, self.names_per_removal)), [])
        for _ in map_in_order(lambda batch: self._remove(batch, before_request), batches, self.workers):
            pass

    def _check_in_time(self, begun: float) -> None:
        check_in_time(begun, self._clock(), self.root)

    def _key(self, name: str) -> str:
        return self.location.key(name) or name

    def _missing(self, name: str) -> KeyNotFound:
        """The error for an object that isn't there."""
        return KeyNotFound(self._key(name), self.root)

    def _write(self, name: str, content: Content, *, create: bool) -> bool:
        content.seek(0)
        send = self._upload if content.size <= self.part_size else self._upload_parts
        return send(name, content, create=create)

    def _renew(self, found: RemoteObject) -> bool:
        """Whether the object is there and young. Raises DatastoreError if it can't be made young."""
        if self._clock() - found.modified_at < RENEW_AFTER:
            return True
        try:
            return self._touch(found)
        except DatastoreError:
            # Services limit how often one object changes, and of several that renew it one is enough.
            latest = self._head(found.name)
            if latest is not None and latest.modified_at <= found.modified_at:
                raise
            return latest is not None

    def _get_or_none(self, key: str) -> bytes | None:
        try:
            return self.get(key)
        except KeyNotFound:
            return None
