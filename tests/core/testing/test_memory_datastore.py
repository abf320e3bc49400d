"""The datastore in memory keeps the contract, but for what needs a second process to see it."""

from __future__ import annotations

import time
from pathlib import Path

from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore import DatastoreContract
from flowkit.testing.memory_datastore import MemoryDatastore


class TestMemoryDatastore(DatastoreContract):
    """Raw access is to its dict."""

    def make_store(self, folder: Path) -> Datastore:
        return MemoryDatastore(str(folder))

    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        assert isinstance(store, MemoryDatastore)
        found = store._objects.get(key)
        return None if found is None else found[0]

    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        assert isinstance(store, MemoryDatastore)
        store._objects[key] = (content, time.time())

    def raw_list(self, store: Datastore) -> set[str]:
        assert isinstance(store, MemoryDatastore)
        return set(store._objects)
