"""A store as far away as a remote one, for tests of what is kept of it: nothing is mapped, reads are counted."""

from __future__ import annotations

from collections import Counter

from flowkit.builtin.local_datastore import LocalDatastore

__all__ = ["RemoteLike"]


class RemoteLike(LocalDatastore):
    """A folder, read as a service would be."""

    name = "remote-like"

    def __init__(self, root: str) -> None:
        super().__init__(root, fsync=False)
        #: How often each object was fetched.
        self.fetched: Counter[str] = Counter()

    def get_buffer(self, key: str, size: int) -> memoryview:
        """The object in memory."""
        self.fetched[key] += 1
        return memoryview(bytearray(super().get_buffer(key, size)))

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """A part of the object."""
        self.fetched[key] += 1
        return super().get(key, start, length)

    def local_path(self, key: str) -> None:
        """None: nobody else can open its files."""

    def is_mappable(self) -> bool:
        """No."""
        return False
