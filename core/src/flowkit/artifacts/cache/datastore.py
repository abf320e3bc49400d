"""A datastore whose content is fetched once, and read from files of this machine after that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from flowkit.artifacts.cache.content import NamedContent
from flowkit.artifacts.cache.folder import CacheFolder
from flowkit.errors import CorruptedBlobError, InternalError
from flowkit.interfaces.datastore import Buffer, Datastore, LogWriter, ObjectInfo
from flowkit.interfaces.staged import StagedObject

__all__ = ["CachedDatastore"]


class CachedDatastore(Datastore):
    """Another datastore, with a cache of the content that it was asked for.

    What is named by its content (blobs, code) is kept and checked: bytes that don't have that content are never
    returned. All else goes to the store itself, each time.

    Parameters
    ----------
    store
        Where the content is.
    folder
        Where copies are kept.
    """

    name = "cached"

    def __init__(self, store: Datastore, folder: CacheFolder) -> None:
        self.store = store
        self.root = store.root
        self.folder = folder

    @classmethod
    def open(cls, root: str) -> Self:
        """Raises InternalError: it is made around an open store."""
        raise InternalError(f"a cache has no place of its own: {root!r} can't be opened as one")

    # --- content ---------------------------------------------------------------------------------------------------

    def get_buffer(self, key: str, size: int) -> memoryview:
        """The content, from its copy if there is one: mapped, and writable without effect on the copy.

        Raises
        ------
        KeyNotFound
            If there is neither a copy nor the object.
        CorruptedBlobError
            If the object in the store isn't what was written.
        """
        content = NamedContent.of_key(key)
        if content is None:
            return self.store.get_buffer(key, size)
        copy = self.folder.find(content.name, size)
        return copy if copy is not None else self._fetched(key, content, self.store.get_buffer(key, size))

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The object; a part of it comes from the store."""
        content = NamedContent.of_key(key) if not start and length is None else None
        if content is None:
            return self.store.get(key, start, length)
        copy = self.folder.find(content.name)
        if copy is None:
            fetched = self.store.get(key)
            self._fetched(key, content, memoryview(fetched))
            return fetched
        return bytes(copy)

    def _fetched(self, key: str, content: NamedContent, view: memoryview) -> memoryview:
        if not content.is_in(view):
            raise CorruptedBlobError(f"{key} in {self.root} doesn't have the content that was written")
        self.folder.add(content.name, view)
        return view

    def is_mappable(self) -> bool:
        """Yes: copies are mapped, and are checked before they are given out."""
        return True

    # --- what goes to the store ------------------------------------------------------------------------------------

    def get_many(self, keys: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents of several objects, in the order asked."""
        return self.store.get_many(keys)

    def info(self, key: str) -> ObjectInfo | None:
        """Size and time of an object in the store."""
        return self.store.info(key)

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[ObjectInfo]:
        """Objects in the store."""
        return self.store.list(prefix, recursive=recursive)

    def local_path(self, key: str) -> Path | None:
        """The object's file, where the store itself has one."""
        return self.store.local_path(key)

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        """Write one object to the store."""
        return self.store.put(key, parts, overwrite=overwrite)

    def put_many(self, items: Iterable[tuple[str, Sequence[Buffer]]], *, overwrite: bool = False) -> None:
        """Write several objects to the store."""
        self.store.put_many(items, overwrite=overwrite)

    def stage(self, prefix: str = "") -> StagedObject:
        """An object to be written to the store in pieces."""
        return self.store.stage(prefix)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects from the store. Their copies stay until there is no room for them."""
        self.store.delete(keys)

    def renew(self, key: str) -> bool:
        """Set the object's time to now."""
        return self.store.renew(key)

    def open_log(self, key: str) -> LogWriter:
        """A writer for a log in the store."""
        return self.store.open_log(key)

    def remove_leftovers(self, older_than_seconds: float) -> int:
        """Remove what killed writers left behind in the store."""
        return self.store.remove_leftovers(older_than_seconds)

    def close(self) -> None:
        """Give back the store's connections."""
        self.store.close()
